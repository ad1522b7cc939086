"""Delivery targets: what a destination asks of a file made for it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets.documents import Document
from asmrmaster.presets.validation import unknown


class Window(BaseModel):
    """What a destination takes of one quantity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    min: Annotated[float | None, Field(description="at least")] = None
    max: Annotated[float | None, Field(description="at most")] = None
    source: Annotated[str, Field(description="who asks for it, and where that is written")] = ""
    read: Annotated[date | None, Field(description="when that was last looked at")] = None
    confirmed: Annotated[
        Literal["at its source", "by others who quote it", "no"],
        Field(description="where the number was found on that day"),
    ] = "no"


class DeliveryTarget(Document):
    """What a destination asks of a file made for it: format, rate and limits."""

    folder: ClassVar[str] = "delivery"
    kind: ClassVar[str] = "delivery target"

    date: Annotated[date, Field(description="when its sources were read")]
    source: Annotated[str, Field(description="who says so")]
    text: Annotated[str, Field(description="what to know of it")]
    suffix: Annotated[str, Field(pattern=r"^\.[a-z0-9]+$", description="end of the name")]
    film_suffix: Annotated[
        str, Field(description="end of the name where the master has a picture it may keep")
    ] = ""
    codec: Annotated[str, Field(description="how the sound is stored: AAC, OPUS, PCM_24 …")]
    bitrate_kbit_s: Annotated[
        int | None, Field(ge=16, le=512, description="for lossy codecs; the usual one if left out")
    ] = None
    rate_hz: Annotated[
        int | None, Field(ge=8_000, le=192_000, description="the master's own if left out")
    ] = None
    moved: Annotated[
        str, Field(description="the quantity that a gain brings within its limits")
    ] = "integrated_lufs"
    limits: Annotated[dict[str, Window], Field(description="what is accepted, by quantity")]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in (self.moved, *self.limits):
            if name not in QUANTITIES:
                raise ValueError(unknown("quantity", name, QUANTITIES))
        return self
