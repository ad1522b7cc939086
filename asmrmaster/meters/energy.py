"""Energy over time, weighted and not: the curves most readings are worked out from."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.blocked import UNIT, Blocked
from asmrmaster.dsp.filters import k_weighting
from asmrmaster.dsp.level import Hops, channel_weights, hop_sums
from asmrmaster.dsp.windows import Windows
from asmrmaster.meters.base import HOP_S, Curve, Measurement, Meter, Quantity
from asmrmaster.streams.audio import Block
from asmrmaster.streams.curves import Store

_WINDOW = 300 * UNIT  # 6 s at 48 kHz: whole hops, and a block of stereo


class KEnergy(Meter):
    """K-weighted mean squares on the 10 ms grid (BS.1770-5 Annex 1, stages 1 and 2).

    Curves: ``k_energy``, shape (hops, channels), not weighted by channel yet, LFE included; in
    stereo also ``k_cross``, shape (hops,), the mean product of left and right, from which the
    loudness of any mix of the two and their correlation follow. A last hop that the sound does not
    fill is left out. Sums are divided by the nominal length of a hop, so that windows of many hops
    are exact at rates that 100 does not divide. Kept as float32: an error below 10⁻⁶ LU.

    Raises InputError for a count of channels that has no loudness weights.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        channel_weights(channels)
        self._filter = Blocked(k_weighting(rate), channels)
        self._windows = Windows(channels, _WINDOW, 0, 0, np.float32)
        self._hops = Hops(rate, channels)
        self._energy = _Column(rate, channels)
        self._cross = _Column(rate, 1)

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        for window in self._windows.feed(block):
            self._take(self._filter(window))

    def _take(self, samples: NDArray[np.float32]) -> None:
        samples, edges = self._hops.cut(samples)
        self._energy.extend(hop_sums(samples, samples, edges))
        if self.channels == 2:
            self._cross.extend(hop_sums(samples[:1], samples[1:], edges))

    def result(self) -> Measurement:
        """The curves."""
        for window, frames in self._windows.finish():
            self._take(self._filter(window)[:, :frames])
        curves = {"k_energy": self._energy.curve()}
        if self.channels == 2:
            cross = self._cross.curve()
            curves["k_cross"] = Curve(cross.values[:, 0], cross.hop_s, cross.unit)
        return Measurement(curves=curves)


class Energy(Meter):
    """Unweighted mean squares on the 10 ms grid.

    Curve: ``energy``, shape (hops, channels); the level in dBFS RMS of each hop.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._hops = Hops(rate, channels)
        self._energy = _Column(rate, channels)

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._hops.cut(block.T)
        self._energy.extend(hop_sums(samples, samples, edges))

    def result(self) -> Measurement:
        """The curve."""
        return Measurement(curves={"energy": self._energy.curve()})


class _Column:
    """Grows a curve of mean squares from sums of shape (columns, hops)."""

    def __init__(self, rate: int, columns: int) -> None:
        self._hop = rate * HOP_S
        self._rows = Store(columns)

    def extend(self, sums: NDArray[np.floating[Any]]) -> None:
        self._rows.extend(sums.T / self._hop)

    def curve(self) -> Curve:
        return Curve(self._rows.array(), HOP_S, "mean square")
