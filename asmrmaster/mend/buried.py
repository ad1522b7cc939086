"""Takes in which noise has buried what a preset is for: named and refused, not turned up."""

from __future__ import annotations

from asmrmaster.dsp.noise_floor import BELIEVED
from asmrmaster.errors import InputError
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.noise import ABOVE, ANSWER, AT_MOST, CONFIDENCE
from asmrmaster.presets import Preset

LEAST_DB = 12.0
"""What stands less above steady noise, by the loudest twentieth of it, denoise would take along."""
OTHER = "gentle"
"""The preset that masters it as it is."""


def check_voice(measured: Measurement, preset: Preset, take: object) -> None:
    """InputError where the preset needs a voice and steady noise has buried it.

    measured: of the take with its hum and bumps mended, but not denoised.
    """
    above, answer, confidence = (
        measured.values.get(quantity.name) for quantity in (ABOVE, ANSWER, CONFIDENCE)
    )
    if not preset.mend.needs_voice or above is None or confidence is None or answer is None:
        return
    if above >= LEAST_DB or confidence < BELIEVED or answer == AT_MOST:
        return
    raise InputError(
        f"is buried in steady noise: nothing stands further than {above:.0f} dB above it, and a "
        f"voice needs {LEAST_DB:.0f}",
        subject=take,
        hint="Record closer, half the distance gains 6 dB; or master it as it is: "
        f"--preset {OTHER}",
    )
