"""Steady noise under the programme, in every take, whether it has pauses or not."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from asmrmaster.dsp import noise_floor
from asmrmaster.meters.base import Curve, Measurement, Quantity, Reading

_SOURCE = "asmrmaster, dsp.noise_floor; A weighting IEC 61672-1:2013"
PROGRAMME, AT_MOST, NOISE = 0.0, 1.0, 2.0
"""Values of ``noise_answer``."""

FLOOR = Quantity(
    "noise_floor_a_dbfs", "dBFS(A)", "steady noise",
    "A-weighted level of the lowest level at which each band dwells as noise of one level does, "
    "channels added; of the loudest 30 s in which that is noise. Where it is not, the noise is at "
    "most that loud.",
    _SOURCE,
)  # fmt: skip
ABOVE = Quantity(
    "programme_above_noise_db", "dB", "sound above its noise",
    "95th percentile of the A-weighted level of 0.2 s minus the steady noise; at least that much "
    "where the noise is at most that loud.",
    _SOURCE,
    bound_unless=("noise_answer", NOISE),
)  # fmt: skip
CONFIDENCE = Quantity(
    "noise_confidence", "", "how surely that is noise",
    "From 0 to 1: how well the bands dwell at the floor as noise would, and flicker no more.",
    _SOURCE,
    2,
)  # fmt: skip
ANSWER = Quantity(
    "noise_answer", "", "what the floor is",
    "2: steady noise under the sound. 1: quieter noise cannot be told from the sound. 0: nothing "
    "stands above the floor, so it is the sound itself, or has buried it.",
    _SOURCE,
    0,
)  # fmt: skip


class Noise(Reading):
    """The floor of the take; None only where it is silent or shorter than 0.2 s.

    Curve ``noise_floor`` on a grid of 30 s, dBFS(A); silence reads −200.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = (FLOOR, ABOVE, CONFIDENCE, ANSWER)
    needs: ClassVar[tuple[str, ...]] = ("noise_band_energy",)

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The values, and the floor over time."""
        energies = measured.curves["noise_band_energy"].values
        rate_hz = nominal_rate(energies.shape[1])
        whole = noise_floor.estimate(energies, rate_hz)
        parts = noise_floor.segments(energies, rate_hz)
        counts = noise_floor.loudest(whole, parts)
        if whole is None or counts is None:
            return Measurement({quantity.name: None for quantity in cls.quantities})
        above_db = min(whole.above_db + whole.a_db - counts.a_db, 200.0)
        levels = np.array([-200.0 if part is None else part.a_db for part in parts])
        return Measurement(
            {
                FLOOR.name: counts.a_db,
                ABOVE.name: above_db,
                CONFIDENCE.name: counts.confidence,
                ANSWER.name: answer(above_db, counts.confidence),
            },
            curves={"noise_floor": Curve(levels, noise_floor.SEGMENT_S, "dBFS(A)")},
        )


def answer(above_db: float, confidence: float) -> float:
    """What a floor so far below the sound, so surely noise, is."""
    if above_db < noise_floor.FLAT_DB:
        return PROGRAMME
    noise = above_db >= noise_floor.NOISE_FROM_DB and confidence >= noise_floor.BELIEVED
    return NOISE if noise else AT_MOST


def nominal_rate(bands: int) -> int:
    """A rate at which there are so many bands: only the width of the last one depends on it."""
    return round(2 * noise_floor.EDGES_HZ[bands])
