"""Shape the tone: a few gentle bells and shelves."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from asmrmaster.dsp.filters import Sos, bell, response, shelf
from asmrmaster.dsp.level import db
from asmrmaster.stages.filtering import Filtering

HIGHEST_SHARE = 0.45
"""A band at more than this share of the sampling rate has no room to act, and is left out."""
STEEPEST_SHELF_Q = 1.0
"""Above this a shelf grows a hump of more than a tenth of its gain beside its slope."""


class Band(BaseModel):
    """One bell or shelf (R. Bristow-Johnson's sections)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    kind: Annotated[
        Literal["bell", "low_shelf", "high_shelf"],
        Field(description="bell: around a frequency; shelf: everything below or above it"),
    ]
    freq_hz: Annotated[
        float, Field(ge=20, le=20_000, description="middle of a bell, half-way point of a shelf")
    ]
    gain_db: Annotated[float, Field(ge=-6, le=6, description="level change")]
    q: Annotated[
        float, Field(ge=0.3, le=2, description="narrowness; a shelf goes to 1 at most")
    ] = 0.7

    @model_validator(mode="after")
    def _shelves_are_smooth(self) -> Self:
        if self.kind != "bell" and self.q > STEEPEST_SHELF_Q:
            raise ValueError(f"q of a shelf is {self.q:g}, and may be 0.3 to {STEEPEST_SHELF_Q:g}")
        return self

    def section(self, rate_hz: float) -> Sos:
        """The band as one filter section, shape (1, 6)."""
        if self.kind == "bell":
            return bell(self.freq_hz, self.gain_db, self.q, rate_hz)
        return shelf(self.freq_hz, self.gain_db, self.q, rate_hz, high=self.kind == "high_shelf")


class Equalize(Filtering):
    """Bells and shelves one after the other, the same for every channel; minimum phase."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bands": [
                        {"kind": "low_shelf", "freq_hz": 160, "gain_db": -3, "q": 0.7},
                        {"kind": "bell", "freq_hz": 2600, "gain_db": 2, "q": 0.8},
                        {"kind": "high_shelf", "freq_hz": 7000, "gain_db": -2, "q": 0.7},
                    ]
                }
            ]
        }
    )

    name: ClassVar[str] = "equalize"
    title: ClassVar[str] = "Equaliser"

    bands: Annotated[
        tuple[Band, ...], Field(max_length=12, description="bells and shelves, in any order")
    ] = ()

    def response_db(self, rate: float, freqs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Level change in dB at these frequencies in Hz, for sound of this sampling rate."""
        return db(response(self.sections(rate), rate, freqs))

    def sections(self, rate_hz: float) -> Sos:
        """The bands that change anything at this rate."""
        acting = (b for b in self.bands if b.gain_db and b.freq_hz <= HIGHEST_SHARE * rate_hz)
        return np.concatenate([np.empty((0, 6)), *(band.section(rate_hz) for band in acting)])
