"""The report: everything known of one file, as data that is saved and read again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from asmrmaster.errors import OutputError, ReportError
from asmrmaster.report import card
from asmrmaster.report.facts import (
    AtEar,
    Change,
    Data,
    Declared,
    DeliveryFacts,
    EditData,
    FileFacts,
    Finding,
    MeasurementData,
    Next,
    Reference,
    RepairChoice,
    ReviewPoint,
    RideFacts,
    StageData,
    Verdict,
)

SCHEMA = "asmrmaster.report/1"

NOTICE = (
    "This is an engineering screening of sound against the named profile, not a medical device "
    "and no promise of how anyone will feel. It measures levels relative to the file itself: it "
    "does not know how loud it is played, and it does not hear meaning. A sound no louder than "
    "its surroundings passes every level limit and can still be unwelcome; listen to the moments "
    "named here before handing the file on."
)
LARGEST = 1e15
"""Beyond every number of frames, and every other number of a report."""


class Report(Data):
    """Everything about one file."""

    schema_id: Annotated[str, Field(alias="schema")] = SCHEMA
    verdict: Verdict
    profile: Reference
    preset: Reference | None = None
    input: FileFacts
    output: FileFacts | None = None
    before: MeasurementData | None = None
    after: MeasurementData
    findings: tuple[Finding, ...]
    review: Annotated[
        tuple[ReviewPoint, ...], Field(description="newest moments first, for a person to hear")
    ] = ()
    declared: Declared | None = None
    at_source: Annotated[
        tuple[str, ...], Field(description="advice on the recording itself, where asked for")
    ] = ()
    at_ear: Annotated[
        tuple[AtEar, ...], Field(description="scenarios, each under its own assumed level")
    ] = ()
    chain: tuple[StageData, ...] = ()
    ride: RideFacts | None = None
    change: Change | None = None
    edits: tuple[EditData, ...] = ()
    repairs: Annotated[
        tuple[RepairChoice, ...], Field(description="repairs that what was measured asks for")
    ] = ()
    next: Annotated[
        Next | None, Field(description="what would change the verdict, or the loudness it has")
    ] = None
    deliveries: tuple[DeliveryFacts, ...] = ()
    versions: dict[str, str]
    notice: str = NOTICE

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )

    def to_dict(self) -> dict[str, Any]:
        """Plain data of this report, ready for JSON."""
        return self.model_dump(mode="json", by_alias=True)

    def to_json(self) -> str:
        """This report as JSON text."""
        return self.model_dump_json(by_alias=True, indent=2)

    @classmethod
    def from_dict(cls, data: object, *, subject: object = "") -> Report:
        """A report from plain data; ReportError where it is none."""
        try:
            report = cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ReportError(
                f"is not an asmrmaster report: {place}: {first['msg'].lower()}", subject=subject
            ) from None
        if report.schema_id != SCHEMA:
            raise ReportError(
                f"has schema {report.schema_id!r}, this version reads {SCHEMA!r}", subject=subject
            )
        return report

    @classmethod
    def from_json(cls, text: str | bytes, *, subject: object = "") -> Report:
        """A report from JSON text; ReportError where it is none."""
        import json

        try:
            data = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_number)
        except (ValueError, RecursionError) as error:
            raise ReportError(f"is not JSON: {error}", subject=subject) from None
        return cls.from_dict(data, subject=subject)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Report:
        """A saved report; ReportError where it cannot be read."""
        try:
            text = Path(path).read_bytes()
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            raise ReportError(reason, subject=path) from None
        return cls.from_json(text, subject=path)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write this report as JSON, over what is there; OutputError where that cannot be.

        Examples
        --------
        >>> import numpy as np
        >>> from asmrmaster import Report, check
        >>> report = check(0.05 * np.random.default_rng(0).standard_normal(48_000), 48_000)
        >>> report.save("noise.report.json")
        >>> Report.load("noise.report.json") == report
        True
        """
        try:
            Path(path).write_text(self.to_json(), encoding="utf-8")
        except OSError as error:
            reason = f"cannot be written: {error.strerror or error}"
            raise OutputError(reason, subject=path) from None

    def __repr__(self) -> str:
        return f"<Report {card.line(self)}>"

    def __str__(self) -> str:
        return card.line(self)

    def _repr_html_(self) -> str:
        """A card for a notebook."""
        return card.html(self)


def _number(text: str) -> float | int:
    """A number of a report in JSON; ValueError beyond all that can be measured."""
    value = float(text)
    if not abs(value) <= LARGEST:
        raise ValueError(f"{text[:24]} is no number that can be measured")
    return int(text) if text.lstrip("-").isdigit() else value


def versions() -> Mapping[str, str]:
    """Versions of everything a figure depends on."""
    import platform
    from importlib.metadata import version

    packages = ("asmrmaster", "numpy", "scipy", "soundfile", "pydantic")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
