"""Take away rumble below the sound: a gentle high-pass."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from asmrmaster.dsp.filters import Sos, highpass
from asmrmaster.stages.filtering import Filtering


class HighPass(Filtering):
    """Butterworth high-pass, the same for every channel; rings in from rest."""

    name: ClassVar[str] = "highpass"
    title: ClassVar[str] = "High-pass"

    cutoff_hz: Annotated[
        float, Field(ge=10, le=120, description="frequency that comes out 3 dB quieter")
    ] = 25.0
    order: Annotated[
        Literal[2, 4], Field(description="steepness: 2 falls 12 dB per octave, 4 falls 24")
    ] = 2

    def sections(self, rate_hz: float) -> Sos:
        """The high-pass at this rate."""
        return highpass(self.cutoff_hz, rate_hz, self.order)
