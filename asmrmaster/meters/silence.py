"""Silence: how much of the sound is none."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from asmrmaster.meters.base import Measurement, Quantity, Reading
from asmrmaster.streams.curves import piecewise

FAINTEST = 10 ** (-90 / 10)
"""Just above one step of 16 bit."""


class Silence(Reading):
    """Hops in which no channel reaches −90 dBFS RMS, unweighted."""

    needs = ("energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "silent_share_percent", "%", "share of silence",
            "Share of the 10 ms stretches in which no channel reaches -90 dBFS RMS, one step of "
            "16 bit.",
            "asmrmaster",
            0,
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The share; None for sound shorter than 10 ms."""
        energy = measured.curves["energy"].values
        silent = piecewise(lambda sides: sides.max(axis=1) < FAINTEST, energy)
        share = 100 * float(np.mean(silent)) if len(energy) else None
        return Measurement({"silent_share_percent": share})
