"""Dropouts: sound that stops at once and comes back at once."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import Hops, db, hop_sums
from asmrmaster.meters.base import Event, Measurement, Meter, Quantity, Reading
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]
Places = NDArray[np.int64]

STEP_S = 0.001
"""Energies are looked at every millisecond; all lengths below are in milliseconds."""
LEVEL_MS = 5
WITHIN_MS = 10
FALL, RISE = 10 ** (40 / 10), 10 ** (30 / 10)
LONGEST_DIP_MS = 500
SHORTEST_ZEROS_MS = 10
SIDE_MS = 50
CONTEXT_MS = SIDE_MS + WITHIN_MS + LEVEL_MS
MOST_EVENTS = 10_000
PROGRAMME_LU = -20.0


class Gaps(Meter):
    """Places where sound stops and returns abruptly, wanted or not.

    Two kinds: the level of 5 ms of a channel falls by more than 40 dB within 10 ms and, 500 ms
    later at most, rises by more than 30 dB within 10 ms; or all channels are exactly zero for ten
    whole milliseconds or more. An event's size is the RMS level over 50 ms of the sound before or
    after it, whichever is quieter. Only the 10 000 loudest events are kept.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "gaps", "", "gaps",
            "Falls of more than 40 dB within 10 ms in a channel that return by more than 30 dB "
            "within 10 ms inside 500 ms, and exact zeros in all channels for 10 ms or more "
            "between sounds; the pauses of a gated voice count. An event's size is the level of "
            "its quieter side in dBFS.",
            "asmrmaster",
            0,
        ),
    )  # fmt: skip

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._hops = Hops(rate, channels, STEP_S)
        # Energy of each millisecond in each channel; before the sound lies silence.
        self._energy = np.zeros((channels, CONTEXT_MS))
        self._start = -CONTEXT_MS  # the millisecond of its first column
        self._dips = [_Gap() for _ in range(channels)]
        self._zeros = _Gap()

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._hops.cut(block.T)
        self._judge(hop_sums(samples, samples, edges) / (self.rate * STEP_S))

    def result(self) -> Measurement:
        """The count, and the events."""
        self._judge(np.zeros((self.channels, CONTEXT_MS)))
        events = self._zeros.events(None, None)
        for channel, dips in enumerate(self._dips):
            events += dips.events(channel if self.channels > 1 else None, LONGEST_DIP_MS)
        events = _united(events)
        loudest = sorted(events, key=lambda event: -event.size)[:MOST_EVENTS]
        loudest.sort(key=lambda event: event.start_s)
        return Measurement({"gaps": len(events)}, events=tuple(loudest))

    def _judge(self, energy: Array) -> None:
        """Look at each millisecond k that now has enough around it.

        A gap starts at k when k is its first millisecond, and ends at k when k is the first one
        after it.
        """
        e = np.concatenate([self._energy, energy], axis=1)
        count = e.shape[1] - 2 * CONTEXT_MS
        if count <= 0:
            self._energy = e
            return
        now, before = slice(CONTEXT_MS, -CONTEXT_MS), CONTEXT_MS - WITHIN_MS
        level = np.add.reduce([e[:, i : i + before + WITHIN_MS + count] for i in range(LEVEL_MS)])
        low, high = level[:, now.start :], level[:, before : before + count]
        for dips, mine, fall, rise in zip(
            self._dips, e, high > FALL * low, low > RISE * high, strict=True
        ):
            dips.note(mine, np.flatnonzero(fall), np.flatnonzero(rise), self._start)
        total = e.sum(axis=0)
        sounding = np.append(0, np.cumsum(total > 0))  # milliseconds before k
        k = np.arange(CONTEXT_MS, CONTEXT_MS + count)
        starts = (sounding[k + SHORTEST_ZEROS_MS] == sounding[k]) & (total[k - 1] > 0)
        stops = (sounding[k] == sounding[k - SHORTEST_ZEROS_MS]) & (total[k] > 0)
        self._zeros.note(total, np.flatnonzero(starts), np.flatnonzero(stops), self._start)
        self._start += count
        self._energy = e[:, count:]


class _Gap:
    """Milliseconds at which gaps of one kind start and end, and the energy of the sound beside."""

    def __init__(self) -> None:
        self._starts = [(np.empty(0, dtype=np.int64), np.empty(0))]
        self._stops = [(np.empty(0, dtype=np.int64), np.empty(0))]

    def note(self, energy: Array, starts: Places, stops: Places, offset: int) -> None:
        """Starts and stops, counted from ``CONTEXT_MS`` in ``energy``, which begins at offset."""
        for found, at, side in (
            (self._starts, starts + CONTEXT_MS, -SIDE_MS),
            (self._stops, stops + CONTEXT_MS, 0),
        ):
            if len(at):
                beside = energy[at[:, None] + np.arange(side, side + SIDE_MS)].mean(axis=1)
                found.append((at + offset, beside))

    def events(self, channel: int | None, longest_ms: int | None) -> list[Event]:
        """Each start with the first end after it, if that comes in time."""
        starts, before = (np.concatenate(part) for part in zip(*self._starts, strict=True))
        stops, after = (np.concatenate(part) for part in zip(*self._stops, strict=True))
        following = np.searchsorted(stops, starts, side="right")
        paired = following < len(stops)
        starts, before, following = starts[paired], before[paired], following[paired]
        stops, sizes = stops[following], db(np.minimum(before, after[following]))
        return [
            Event("gaps", float(start) * STEP_S, float(stop) * STEP_S, float(size), channel)
            for start, stop, size in zip(starts, stops, sizes, strict=True)
            if longest_ms is None or stop - start <= longest_ms
        ]


def _united(events: list[Event]) -> list[Event]:
    """One event for those that overlap, with the louder of their sides."""
    united: list[Event] = []
    for event in sorted(events, key=lambda event: event.start_s):
        if united and event.start_s < united[-1].end_s:
            last = united.pop()
            end_s, size = max(last.end_s, event.end_s), max(last.size, event.size)
            channel = last.channel if last.channel == event.channel else None
            event = Event(event.quantity, last.start_s, end_s, size, channel)
        united.append(event)
    return united


class Dropouts(Reading):
    """Gaps in the midst of the programme."""

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "dropouts", "", "dropouts",
            "Gaps with sound on both sides: their 50 ms before and after are louder than 20 LU "
            "below programme loudness.",
            "asmrmaster",
            0,
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The count, and its events; None without a programme or where gaps were not measured."""
        programme, count = measured.values["integrated_lufs"], measured.values.get("gaps")
        gaps = [event for event in measured.events if event.quantity == "gaps"]
        if programme is None or count is None or len(gaps) < min(count, MOST_EVENTS):
            return Measurement({"dropouts": None})
        events = tuple(
            replace(event, quantity="dropouts")
            for event in gaps
            if event.size > programme + PROGRAMME_LU
        )
        return Measurement({"dropouts": len(events)}, events=events)
