"""Drift: whether the loudness wanders from minute to minute, or rises towards the end."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from asmrmaster.dsp.level import loudness
from asmrmaster.meters.base import HOP_S, Measurement, Quantity, Reading
from asmrmaster.meters.loudness import (
    ABSOLUTE_GATE_LUFS,
    GATE_STEP_HOPS,
    S_HOPS,
    short_term,
    weighted,
)

SHORTEST_S = 60.0
"""Shorter sound has no drift to speak of."""
BLOCK_S = 60.0


class Drift(Reading):
    """Medians of short-term loudness, taken every 100 ms, without what is below −70 LUFS."""

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "max_drift_lu", "LU", "drift",
            "Largest distance of a minute's median short-term loudness from that of the whole; a "
            "last minute counts from its half. Not for less than 60 s.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
        Quantity(
            "late_rise_lu", "LU", "rise towards the end",
            "Median short-term loudness of the last third minus that of the first. Not for less "
            "than 60 s.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Both values; None for short or silent sound."""
        k_energy = measured.curves["k_energy"].values
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        if len(k_energy) * HOP_S < SHORTEST_S:
            return Measurement(values)
        energy = short_term(weighted(k_energy, k_energy.shape[1]))
        lufs = loudness(energy[S_HOPS - 1 :: GATE_STEP_HOPS])
        block = round(BLOCK_S / HOP_S / GATE_STEP_HOPS)
        blocks = [lufs[start : start + block] for start in range(0, len(lufs), block)]
        if len(blocks) > 1 and len(blocks[-1]) < block / 2:
            blocks.pop()
        third = len(lufs) // 3
        whole, first, last = (_median(part) for part in (lufs, lufs[:third], lufs[-third:]))
        if whole is not None:
            medians = [_median(part) for part in blocks]
            values["max_drift_lu"] = max(
                (abs(m - whole) for m in medians if m is not None), default=0
            )
        if first is not None and last is not None:
            values["late_rise_lu"] = last - first
        return Measurement(values)


def _median(lufs: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    measured = lufs[lufs > ABSOLUTE_GATE_LUFS]
    return float(np.median(measured)) if measured.size else None
