"""Voice over bed: how far a voice stands above its background, where both are given."""

from __future__ import annotations

import numpy as np

from asmrmaster.dsp.level import loudness
from asmrmaster.meters.base import Measurement, Quantity
from asmrmaster.meters.loudness import ABSOLUTE_GATE_LUFS, gated, weighted

VOICE_OVER_BED = Quantity(
    "voice_over_bed_db",
    "dB",
    "voice above background",
    "Programme loudness of the voice stem minus loudness of the background stem while the voice is "
    "above its own gates; a background below -70 LUFS counts as -70.",
    "W3C WCAG 2.1 SC 1.4.7; ITU-R BS.1770-5 Annex 1",
)


def voice_over_bed_db(voice: Measurement, bed: Measurement) -> float | None:
    """How far the voice lies above the bed while it speaks, in dB; None where it never does.

    Both must hold the curve ``k_energy``. A bed that ends before the voice is silent from there on.
    """
    voices, beds = (
        weighted(curve, curve.shape[1])
        for curve in (stem.curves["k_energy"].values for stem in (voice, bed))
    )
    speaking, _ = gated(voices)
    if not len(speaking):
        return None
    beds = np.concatenate([beds, np.zeros(max(0, len(voices) - len(beds)))])[: len(voices)]
    speaks = voices >= speaking.min() * (1 - 1e-9)  # a mean may be rounded up
    measured = float(loudness(beds[speaks].mean()))  # by 10 ms: music may swell between words
    return float(loudness(speaking.mean())) - max(measured, ABSOLUTE_GATE_LUFS)
