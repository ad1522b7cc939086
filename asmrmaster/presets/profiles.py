"""Profiles: what is accepted, criterion by criterion, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets.documents import Document
from asmrmaster.presets.limits import in_words
from asmrmaster.presets.validation import unknown

Grade = Literal["S", "C", "P", "E+", "E", "none"]
GRADES: Mapping[str, str] = {
    "S": "a standard or Recommendation says it",
    "C": "a platform or industry specification says it",
    "P": "a peer-reviewed study supports it",
    "E+": "engineering judgement, set from a small calibration on real recordings",
    "E": "engineering judgement only",
    "none": "no limit is claimed",
}
"""What an evidence grade means."""


class Grades(BaseModel):
    """Evidence, kept apart for the method, the direction and the number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    method: Grade
    direction: Grade
    limit: Grade


class Criterion(BaseModel):
    """One thing a profile asks of a file: a quantity, its limits and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: Annotated[str, Field(description="plain words")]
    protects: Annotated[str, Field(description="what it protects a listener from")]
    quantity: Annotated[str, Field(description="name of the measured quantity")]
    requirement: Annotated[
        Literal["required", "advisory", "report"],
        Field(description="failing it fails the profile, gives an advisory, or is only reported"),
    ]
    min: Annotated[float | None, Field(description="lowest accepted value")] = None
    max: Annotated[float | None, Field(description="highest accepted value")] = None
    tolerance: Annotated[float, Field(ge=0, description="allowance for the measurement")] = 0.0
    min_duration_s: Annotated[float, Field(ge=0, description="shorter files are not assessed")] = (
        0.0
    )
    stereo_only: Annotated[bool, Field(description="does not apply to mono or surround sound")] = (
        False
    )
    if_present: Annotated[
        bool, Field(description="does not apply where there is nothing of the kind to measure")
    ] = False
    located_by: Annotated[
        str, Field(description="quantity whose events say where it is, if not its own")
    ] = ""
    grades: Grades
    rationale: Annotated[str, Field(description="why this limit")]
    source: Annotated[str, Field(description="standard, study or calibration")]
    too_high: Annotated[str, Field(description="advice when above the limit")] = ""
    too_low: Annotated[str, Field(description="advice when below the limit")] = ""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.quantity not in QUANTITIES:
            raise ValueError(unknown("quantity", self.quantity, QUANTITIES))
        if self.located_by and self.located_by not in QUANTITIES:
            raise ValueError(unknown("quantity", self.located_by, QUANTITIES))
        if self.requirement != "report" and self.min is None and self.max is None:
            raise ValueError("a required or advisory criterion needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self

    @property
    def limit(self) -> str:
        """The limit in words, without its unit."""
        return in_words(self)


class Profile(Document):
    """What is accepted: criteria with limits, owned by the clinician."""

    folder: ClassVar[str] = "profiles"
    kind: ClassVar[str] = "profile"

    date: Annotated[date, Field(description="date of this version")]
    status: Annotated[str, Field(description="how far it can be relied on")]
    text: Annotated[str, Field(description="what it is for and what it leaves open")]
    criteria: Annotated[dict[str, Criterion], Field(description="criteria by id", min_length=1)]

    @cached_property
    def _by_quantity(self) -> dict[str, Criterion]:
        return {c.quantity: c for c in self.criteria.values() if c.requirement == "required"}

    def required(self, quantity: str) -> Criterion | None:
        """The required criterion on this quantity, if there is one."""
        return self._by_quantity.get(quantity)
