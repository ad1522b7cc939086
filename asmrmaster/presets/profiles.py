"""Profiles: what is accepted, criterion by criterion, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets.documents import Document, load, shipped
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


Group = Literal["sudden", "level", "damage", "harsh", "sides", "content", "heard", "finish"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""The questions a person asks of a recording, in the order of general screening."""
Role = Literal["decides", "finish", "person", "hint"]
"""What failing a criterion amounts to: the sound itself, what a fade or a volume control cures,
what only somebody can supply, or something to look at."""


class Loosest(BaseModel):
    """How far a limit may be moved before it says nothing any more."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    min: float | None = None
    max: float | None = None


class Grades(BaseModel):
    """Evidence, kept apart for the method, the direction and the number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    method: Grade
    direction: Grade
    limit: Grade


class Criterion(BaseModel):
    """One thing a profile asks of a file: a quantity, its limits and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

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
    group: Annotated[Group, Field(description="the question it belongs to")] = "damage"
    role: Annotated[Role, Field(description="what failing it amounts to")] = "decides"
    close: Annotated[
        float, Field(ge=0, description="missed by no more than this, it is a close call")
    ] = 0.0
    loosest: Annotated[Loosest, Field(description="no limit may be looser than this")] = Loosest()
    vetoed_by: Annotated[
        str, Field(description="a count that fails it above zero; below its own limit it waits")
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
        if self.vetoed_by and self.vetoed_by not in QUANTITIES:
            raise ValueError(unknown("quantity", self.vetoed_by, QUANTITIES))
        if self.requirement != "report" and self.min is None and self.max is None:
            raise ValueError("a required or advisory criterion needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self

    def beyond(self, loosest: Loosest) -> bool:
        """Whether a limit of this criterion is looser than the loosest."""
        low, high = loosest.min, loosest.max
        return (low is not None and (self.min is None or self.min < low)) or (
            high is not None and (self.max is None or self.max > high)
        )

    @property
    def limit(self) -> str:
        """The limit in words, without its unit."""
        return in_words(self)


BASE = "general"
"""The profile the other shipped ones extend."""


class Profile(Document):
    """What is accepted: criteria with limits, owned by the clinician."""

    folder: ClassVar[str] = "profiles"
    kind: ClassVar[str] = "profile"

    date: Annotated[date, Field(description="date of this version")]
    status: Annotated[str, Field(description="how far it can be relied on")]
    text: Annotated[str, Field(description="what it is for and what it leaves open")]
    order: Annotated[
        tuple[Group, ...], Field(description="questions in the order in which they matter here")
    ] = GROUPS
    criteria: Annotated[dict[str, Criterion], Field(description="criteria by id", min_length=1)]

    @field_validator("order")
    @classmethod
    def _complete(cls, order: tuple[Group, ...]) -> tuple[Group, ...]:
        if sorted(order) != sorted(GROUPS):
            raise ValueError(f"order must name each question once: {', '.join(GROUPS)}")
        return order

    @cached_property
    def _by_quantity(self) -> dict[str, Criterion]:
        return {c.quantity: c for c in self.criteria.values() if c.requirement == "required"}

    def required(self, quantity: str) -> Criterion | None:
        """The required criterion on this quantity, if there is one."""
        return self._by_quantity.get(quantity)


@cache
def shipped_profile(name: str) -> Profile | None:
    """The shipped profile of this id, None where there is none."""
    return load(Profile, name) if name in shipped(Profile) else None


@cache
def shipped_criterion(key: str) -> Criterion | None:
    """The criterion of this id in the shipped profiles; limits may differ between them."""
    for name in (BASE, *shipped(Profile)):  # most are there, and reading the others takes time
        profile = shipped_profile(name)
        if profile is not None and key in profile.criteria:
            return profile.criteria[key]
    return None
