"""What single samples tell: damage, offset, and how the file begins and ends."""

from __future__ import annotations

from math import log10
from typing import ClassVar

import numpy as np

from asmrmaster.meters.base import Measurement, Meter, Quantity
from asmrmaster.meters.passes import LOUDEST, finite
from asmrmaster.meters.stretches import Stretches
from asmrmaster.streams.audio import Block


class Samples(Meter):
    """Counts damaged samples, averages the rest, and keeps the first and the last."""

    raw = True
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "non_finite_samples", "", "damaged samples",
            "Samples that are NaN, infinite or beyond 180 dBFS, over all channels.",
            "IEEE 754",
            0,
        ),
        Quantity(
            "dc_offset_dbfs", "dBFS", "DC offset",
            "Mean of all samples of the channel where it is farthest from zero; exactly 0 reads "
            "-200.",
            "asmrmaster",
        ),
        Quantity(
            "first_sample_dbfs", "dBFS", "first sample",
            "Largest first sample of any channel; 0 reads -200. A step here is a click.",
            "asmrmaster",
        ),
        Quantity(
            "last_sample_dbfs", "dBFS", "last sample",
            "Largest last sample of any channel; 0 reads -200. A step here is a click.",
            "asmrmaster",
        ),
    )  # fmt: skip

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._frames = 0
        self._damaged = 0
        self._damage = Stretches("non_finite_samples")
        self._sum = np.zeros(channels)
        self._first = self._last = np.zeros(channels)

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        if not len(block):
            return
        clean = finite(block)
        if clean is not block:
            bad = np.count_nonzero(~(np.abs(block) <= LOUDEST), axis=1)
            where = np.flatnonzero(bad)
            times = (self._frames + where) / self.rate
            self._damaged += int(bad.sum())
            self._damage.extend(times, times + 1 / self.rate, bad[where].astype(np.float64))
        if not self._frames:
            self._first = clean[0].copy()
        self._last = clean[-1].copy()
        self._sum += clean.sum(axis=0, dtype=np.float64)
        self._frames += len(block)

    def result(self) -> Measurement:
        """The values; None for no sound at all, where only the count of damage is known."""
        values: dict[str, float | None] = {quantity.name: None for quantity in self.quantities}
        values["non_finite_samples"] = self._damaged
        if self._frames:
            values["dc_offset_dbfs"] = _dbfs(self._sum / self._frames)
            values["first_sample_dbfs"] = _dbfs(self._first)
            values["last_sample_dbfs"] = _dbfs(self._last)
        return Measurement(values, events=self._damage.events)


def _dbfs(samples: Block) -> float:
    return 20 * log10(max(float(np.abs(samples).max()), 1e-10))
