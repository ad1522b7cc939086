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
SHORTEST_SILENCE_MS = 10
SILENT = ((0.0, -200.0), (10 ** (-88 / 10), -50.0))
"""Mean square of all channels up to which sound is as good as none, and the level beside it, dBFS,
from which on that counts: nothing at all; and what 16 bit dither, 8 dB lower, leaves of silence,
where the sound is loud enough not to have such pauses of itself."""
SIDE_MS = 50
EDGE_MS = 10
"""What breaks off is loud up to its last moment; what has died away is not."""
CONTEXT_MS = SIDE_MS + WITHIN_MS + LEVEL_MS
MOST_EVENTS = 10_000
PROGRAMME_LU = -20.0


class Gaps(Meter):
    """Places where sound stops and returns abruptly, wanted or not.

    Two kinds: the level of 5 ms of a channel falls by more than 40 dB within 10 ms and, 500 ms
    later at most, rises by more than 30 dB within 10 ms; or all channels are silent, or hold no
    more than the dither of 16 bit, for ten whole milliseconds or more. An event's size is the RMS
    level of the sound before or after it, whichever is quieter: over 50 ms, and beside silence,
    into which sound may also die away, over 10 ms if that is less. Only the 10 000 loudest events
    are kept.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "gaps", "", "gaps",
            "Falls of more than 40 dB within 10 ms in a channel that return by more than 30 dB "
            "within 10 ms inside 500 ms, and all channels silent, below -88 dBFS, for 10 ms or "
            "more between sounds. An event's size is the level of its quieter side in dBFS, over "
            "50 ms, beside silence over 10 ms if that is less: what dies away is no gap.",
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
        self._silences = [_Gap(EDGE_MS) for _ in SILENT]

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._hops.cut(block.T)
        self._judge(hop_sums(samples, samples, edges) / (self.rate * STEP_S))

    def result(self) -> Measurement:
        """The count, and the events."""
        self._judge(np.zeros((self.channels, CONTEXT_MS)))
        events: list[Event] = []
        for silences, (_, least_dbfs) in zip(self._silences, SILENT, strict=True):
            events += [one for one in silences.events(None, None) if one.size > least_dbfs]
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
        k = np.arange(CONTEXT_MS, CONTEXT_MS + count)
        for silences, (most, _) in zip(self._silences, SILENT, strict=True):
            loud = total > most * self.channels
            sounding = np.append(0, np.cumsum(loud))  # milliseconds before k
            starts = (sounding[k + SHORTEST_SILENCE_MS] == sounding[k]) & loud[k - 1]
            stops = (sounding[k] == sounding[k - SHORTEST_SILENCE_MS]) & loud[k]
            silences.note(total, np.flatnonzero(starts), np.flatnonzero(stops), self._start)
        self._start += count
        self._energy = e[:, count:]


class _Gap:
    """Milliseconds at which gaps of one kind start and end, and the energy of the sound beside."""

    def __init__(self, edge_ms: int = SIDE_MS) -> None:
        self._edge_ms = edge_ms
        self._starts = [(np.empty(0, dtype=np.int64), np.empty(0))]
        self._stops = [(np.empty(0, dtype=np.int64), np.empty(0))]

    def note(self, energy: Array, starts: Places, stops: Places, offset: int) -> None:
        """Starts and stops, counted from ``CONTEXT_MS`` in ``energy``, which begins at offset."""
        for found, places, way in ((self._starts, starts, -1), (self._stops, stops, 1)):
            if len(places):
                at = places + CONTEXT_MS
                away = way * np.arange(SIDE_MS) - (way < 0)  # the nearest millisecond first
                side = energy[at[:, None] + away]
                edge = side[:, : self._edge_ms].mean(axis=1)
                found.append((at + offset, np.minimum(edge, side.mean(axis=1))))

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
            "Gaps with sound on both sides: what is beside them is louder than 20 LU below "
            "programme loudness.",
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
