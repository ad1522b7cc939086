"""What the limiter will have to deal with, measured before the gain is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, lcm, log10
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import channel_weights, grid_edges
from asmrmaster.dsp.oversample import CELL, CONTEXT, interpolator
from asmrmaster.dsp.windows import Windows
from asmrmaster.meters.base import HOP_S, Curve, Measurement, Meter, Quantity
from asmrmaster.streams.audio import Block

PARTS = 10
"""Parts of 1 ms that a hop of 10 ms is kept in."""
CREST_DB = 12.0
"""Hops are kept whose peak lies this far above the level of the sound. It is enough wherever the
ceiling lies 15 dB or more above the loudness aimed at; 20 dB and more are usual."""
SLAM_DB = 10.0
"""The mean power of 28 gentle recordings lies up to 3 dB above their mean level, and of speech with
long pauses 9.5 dB; a slam in calm sound lifts it further."""
MOST_HOPS = 500_000
"""Hops kept at most, in 22 MB; where there are more, the half with the lower peaks goes."""
_AUDIBLE = 1e-9  # mean square; what is quieter than −90 dB says nothing about the level


@dataclass(frozen=True, kw_only=True)
class Detail(Curve):
    """A curve with gaps: row i of ``values`` stands for hop ``hops[i]`` of the 10 ms grid.

    Columns: the linked true peak in each millisecond (linear; 0 where it is too low to matter),
    then each millisecond's share of the energy of the hop (unweighted; they sum to 1).
    """

    hops: NDArray[np.int32]


class PeakDetail(Meter):
    """True peaks and energy by the millisecond, where the sound is high enough for a limiter.

    Curve ``peak_detail``, a ``Detail`` in half precision (0.004 dB). The level a peak is compared
    with is the mean power of all stretches of a second or so until now, after a difference over
    2 ms that takes away rumble, as loudness does; but no more than ``SLAM_DB`` above their mean in
    dB, which a slam hardly raises.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._interpolator = interpolator(rate)
        self._weights = channel_weights(channels).astype(np.float32)
        # A window holds whole hops and whole cells, so all windows have the same edges.
        length = lcm(rate // gcd(rate, round(1 / HOP_S)), CONTEXT)
        length *= max(1, round(rate / length))
        self._per_window = round(length / (rate * HOP_S))
        self._windows = Windows(channels, length, CONTEXT, CONTEXT, np.float32)
        edges = grid_edges(0, self._per_window * PARTS - 1, rate, HOP_S / PARTS)
        self._part_edges, self._hop_edges = edges, edges[::PARTS]
        self._part_cells = np.minimum(-(-edges // CELL), length // CELL - 1)
        self._first = 0  # hop at which the next window starts
        self._levels, self._mean_db, self._mean_power = 0, 0.0, 0.0
        self._floor = 0.0  # peaks below this are not kept, for want of room
        self._hops: list[NDArray[np.int32]] = []
        self._rows: list[NDArray[np.float16]] = []
        self._kept = 0

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        for window in self._windows.feed(block):
            self._read(window)

    def _read(self, window: NDArray[np.float32]) -> None:
        samples = window[:, CONTEXT:-CONTEXT]
        threshold = max(self._threshold(samples), self._floor)
        cells = self._interpolator.cell_peaks(window, threshold).max(axis=0)
        if cells.max() > threshold:
            peaks = np.maximum.reduceat(cells, self._part_cells).reshape(-1, PARTS)
            high = np.flatnonzero(peaks.max(axis=1) > threshold)
            powers = np.einsum("c,cf->f", self._weights, np.square(samples))
            energy = np.add.reduceat(powers, self._part_edges).reshape(-1, PARTS)[high]
            shares = energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-30)
            self._keep(high, np.concatenate([peaks[high], shares], axis=1))
        self._first += self._per_window

    def _threshold(self, samples: NDArray[np.float32]) -> float:
        """The lowest peak that is kept, after the level of these samples is taken in."""
        lag = max(1, self.rate // 500)
        change = samples[:, lag:] - samples[:, :-lag]
        power = float(np.vecdot(change, change).sum()) / (2 * change.shape[1])
        if power > _AUDIBLE:
            self._levels += 1
            self._mean_db += (10 * log10(power) - self._mean_db) / self._levels
            self._mean_power += (power - self._mean_power) / self._levels
        elif not self._levels:
            return 0.0
        level_db = min(10 * log10(self._mean_power), self._mean_db + SLAM_DB)
        return float(10 ** ((level_db + CREST_DB) / 20))

    def _keep(self, high: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        self._hops.append((self._first + high).astype(np.int32))
        self._rows.append(rows.astype(np.float16))
        self._kept += len(high)
        if self._kept > MOST_HOPS:
            detail = self._detail()
            peaks = detail.values[:, :PARTS].max(axis=1)
            middle = np.median(peaks)
            higher = peaks > middle
            self._hops, self._rows = [detail.hops[higher]], [detail.values[higher]]
            self._kept, self._floor = int(higher.sum()), float(middle)

    def _detail(self) -> Detail:
        hops = np.concatenate([np.empty(0, np.int32), *self._hops])
        rows = np.concatenate([np.empty((0, 2 * PARTS), np.float16), *self._rows])
        return Detail(values=rows, hop_s=HOP_S, unit="linear, share", hops=hops)

    def result(self) -> Measurement:
        """The curve."""
        for window, _ in self._windows.finish():
            self._read(window)
        return Measurement(curves={"peak_detail": self._detail()})
