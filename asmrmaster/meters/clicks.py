"""Clicks: single milliseconds that stand alone."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.steps import Steps, step_frames
from asmrmaster.meters.base import Measurement, Meter, Quantity
from asmrmaster.meters.stretches import Stretches
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

NEAR = (2, 3)
"""A click is compared with these milliseconds before and after it; it may lie across two."""
AROUND = max(NEAR)
RISE = 10 ** (15 / 10)
FAINTEST = 6 * 10 ** (-80 / 10)
"""Energy of the second difference of a single sample at −80 dBFS: 1, −2, 1."""
SHORTEST_S = 5.0


class Clicks(Meter):
    """A cheap stand-in for a click detector, for a first impression of a file.

    It looks at the energy of the second difference, which is all treble, in every millisecond of
    every channel. A digital click is over within one; the crispest tap rings on for several. So a
    millisecond counts if it has 15 dB more than each of the second and third before and after it.
    Repair needs more than that: a model of the sound, see ``dsp.impulses``. Neither can tell a
    click from a trigger that happens to be as short.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "isolated_clicks_per_10_min", "/10 min", "isolated clicks",
            "Milliseconds whose treble (second difference) has 15 dB more energy than each of the "
            "second and third before and after them, per 10 min; not for less than 5 s. Counts "
            "crackling and dripping, too.",
            "asmrmaster",
            0,
        ),
    )  # fmt: skip

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._step = step_frames(rate)
        self._steps = Steps(channels, self._step, before=2)
        self._energy = np.full((channels, 2 * AROUND), np.inf)  # how a file starts is no click
        self._judged = -AROUND  # the next millisecond to judge
        self._frames = 0
        self._count = 0
        self._events = Stretches(self.quantities[0].name)

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        self._frames += len(block)
        for steps in self._steps.cut(block):
            self._judge(second_difference_energy(steps))

    def result(self) -> Measurement:
        """The rate, and an event per stretch of clicks, its size their count."""
        self._judge(np.full((self.channels, AROUND), np.inf))
        duration_s = self._frames / self.rate
        value = self._count * 600 / duration_s if duration_s >= SHORTEST_S else None
        return Measurement({self.quantities[0].name: value}, events=self._events.events)

    def _judge(self, energy: Array) -> None:
        energy = np.concatenate([self._energy, energy], axis=1)
        here = energy[:, AROUND:-AROUND]
        count = here.shape[1]
        usual = np.full(here.shape, FAINTEST / RISE)
        for far in NEAR:
            for start in (AROUND - far, AROUND + far):
                np.maximum(usual, energy[:, start : start + count], out=usual)
        stands_out = here >= RISE * usual
        stands_out &= here > energy[:, AROUND - 1 : AROUND - 1 + count]  # the larger of two
        stands_out &= here >= energy[:, AROUND + 1 : AROUND + 1 + count]
        at = np.flatnonzero(stands_out.any(axis=0)) + self._judged
        step_s = self._step / self.rate
        times = at.astype(np.float64) * step_s
        self._events.extend(times, times + step_s, np.ones(len(at)))
        self._count += len(at)
        self._judged += count
        self._energy = energy[:, count:]


def second_difference_energy(steps: Array) -> Array:
    """Sum of (x[n] − 2x[n−1] + x[n−2])² over each step; (rows, steps, 2 + frames) → (rows, steps).

    Worked out from three sums of products, which are far cheaper than the differences themselves:
    multiplied out, the square has 6 x[n]², −8 x[n] x[n−1] and 2 x[n] x[n−2], but for the ends.
    """
    now = steps[..., :-2]
    same, next_, second = (np.vecdot(steps[..., k : k - 2 or None], now) for k in range(3))
    ends = _end(steps[..., -2], steps[..., -1]) - _end(steps[..., 0], steps[..., 1])
    result: Array = 6 * same - 8 * next_ + 2 * second + ends
    return result


def _end(a: Array, b: Array) -> Array:
    return a * a + (2 * a - b) ** 2
