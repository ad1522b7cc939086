"""Pops: plosives and bumps, told by a burst of bass that outweighs everything else."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import Filter, highpass, lowpass
from asmrmaster.dsp.level import db
from asmrmaster.dsp.steps import Steps, step_frames
from asmrmaster.meters.base import Curve, Event, Measurement, Meter, Quantity, Reading
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

BASS_HZ = (20.0, 120.0)
HOP_MS = 50
USUAL_HOPS = 20
"""What is usual: the median of the second before."""
RISE_DB, SHARE_DB, ACTIVE_DB = 15.0, -6.0, -20.0
JOIN_HOPS = 2
SHORTEST_S = 5.0
_ROWS = 20_000


class Bass(Meter):
    """Energy of 20 to 120 Hz beside that of all, every 50 ms or so, channels added.

    Means over a millisecond are the sound at about 1 kHz, which an ordinary filter then divides;
    what lies within 120 Hz of 1 kHz folds into the band 18 dB or more down.

    Curve: ``bass_energy``, mean squares, shape (hops, 2): the band, and all but a constant offset.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._step = step_frames(rate)
        self._steps = Steps(channels, self._step)
        self._ones = np.ones(self._step)
        slow = rate / self._step
        band = [highpass(BASS_HZ[0], slow), lowpass(BASS_HZ[1], slow, 4)]
        self._filter = Filter(np.concatenate(band), channels)
        self._hops = Steps(3 * channels, HOP_MS)
        self._parts: list[NDArray[np.float32]] = [np.empty((0, 2), dtype=np.float32)]

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        for steps in self._steps.cut(block):
            means = np.vecdot(steps, self._ones) / self._step
            energy = np.vecdot(steps, steps) / self._step
            bass = self._filter(means.T).T
            for hops in self._hops.cut(np.concatenate([bass * bass, energy, means]).T):
                low, total, offset = hops.mean(axis=2).reshape(3, self.channels, -1)
                total = np.maximum(total - offset * offset, 0.0)
                self._parts.append(np.stack([low, total]).sum(axis=1).T.astype(np.float32))

    def result(self) -> Measurement:
        """The curve; a last hop that the sound does not fill is left out."""
        hop_s = HOP_MS * self._step / self.rate
        return Measurement(
            curves={"bass_energy": Curve(np.concatenate(self._parts), hop_s, "mean square")}
        )


class Pops(Reading):
    """Bursts of bass; footsteps, thumps and taps on a table are low bumps, too."""

    needs = ("bass_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "pops_per_min", "/min", "pops and bumps",
            "Stretches of 50 ms in which 20 to 120 Hz rise 15 dB or more above their median of the "
            "second before and make up a quarter or more of the energy, and which are no more than "
            "20 dB quieter than the mean of all; those within 100 ms count once.",
            "asmrmaster",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The rate and an event for each, its size the rise in dB; None for less than 5 s."""
        name = cls.quantities[0].name
        curve = measured.curves["bass_energy"]
        low, total = curve.values.T.astype(np.float64)
        duration_s = len(low) * curve.hop_s
        if duration_s < SHORTEST_S or measured.values["integrated_lufs"] is None:
            return Measurement({name: None})
        events = [
            Event(name, float(first * curve.hop_s), float(last * curve.hop_s), size)
            for first, last, size in find_pops(low, total)
        ]
        return Measurement({name: len(events) * 60 / duration_s}, events=tuple(events))


def find_pops(low: Array, total: Array) -> list[tuple[int, int, float]]:
    """First and one-past-last hop of each pop and its rise in dB; mean squares, shape (hops,).

    From the second second on.
    """
    windows = np.lib.stride_tricks.sliding_window_view(low, USUAL_HOPS)[:-1]
    usual = np.empty(len(windows))
    for start in range(0, len(windows), _ROWS):  # in pieces, so that long curves need little memory
        usual[start : start + _ROWS] = np.median(windows[start : start + _ROWS], axis=1)
    low, level = low[USUAL_HOPS:], total[USUAL_HOPS:]
    rise = db(low) - db(np.maximum(usual, total.mean() * 1e-6))
    pops = (rise >= RISE_DB) & (low >= level * 10 ** (SHARE_DB / 10))
    pops &= level >= total.mean() * 10 ** (ACTIVE_DB / 10)
    at = np.flatnonzero(pops)
    if not len(at):
        return []
    first = np.append(0, np.flatnonzero(np.diff(at) > JOIN_HOPS) + 1)
    last = np.append(first[1:], len(at)) - 1
    sizes = np.maximum.reduceat(rise[at], first)
    return [
        (int(at[a]) + USUAL_HOPS, int(at[b]) + USUAL_HOPS + 1, float(size))
        for a, b, size in zip(first, last, sizes, strict=True)
    ]
