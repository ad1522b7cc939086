"""Mean level and the silence at both ends, as delivery specifications ask for them."""

from __future__ import annotations

import numpy as np

from asmrmaster.dsp.level import db
from asmrmaster.meters.base import HOP_S, Measurement, Quantity, Reading

SILENT_DBFS = -60.0
"""Quieter than this is room tone: the noise floor ACX allows."""

_ACX = "ACX audio submission requirements"


class EndLevels(Reading):
    """Level over everything, and how long it takes until there is something to hear."""

    quantities = (
        Quantity(
            "rms_dbfs", "dBFS", "mean level",
            "Root mean square of all samples of all channels.", _ACX,
        ),
        Quantity(
            "head_silence_s", "s", "quiet at the beginning",
            f"Time until 10 ms first reach {SILENT_DBFS:g} dBFS.", _ACX, 2,
        ),
        Quantity(
            "tail_silence_s", "s", "quiet at the end",
            f"Time after the last 10 ms that reach {SILENT_DBFS:g} dBFS.", _ACX, 2,
        ),
    )  # fmt: skip
    needs = ("energy",)

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        energy = measured.curves["energy"].values
        mean = energy.reshape(len(energy), -1).mean(axis=1, dtype=np.float64)
        loud = np.flatnonzero(db(mean) >= SILENT_DBFS)
        if not len(loud):
            return Measurement({quantity.name: None for quantity in cls.quantities})
        return Measurement({
            "rms_dbfs": float(db(float(mean.mean()))),
            "head_silence_s": float(loud[0] * HOP_S),
            "tail_silence_s": float((len(mean) - 1 - loud[-1]) * HOP_S),
        })  # fmt: skip
