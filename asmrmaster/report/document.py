"""The report: everything known of one file, as data that is saved and read again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from asmrmaster import __version__
from asmrmaster.audio.regular import read_regular
from asmrmaster.errors import AlteredReportError, OutputError, ReportError
from asmrmaster.presets import Profile, shipped_profile
from asmrmaster.report import card, saved_page
from asmrmaster.report.answered import Answered, Headline, Judgement
from asmrmaster.report.answers import Known, answered
from asmrmaster.report.changed_limits import judged_by
from asmrmaster.report.facts import (
    MOST_SIGNATURES,
    AtEar,
    Change,
    Declared,
    DeliveryFacts,
    EditData,
    FileFacts,
    Finding,
    JudgedBy,
    Made,
    MeasurementData,
    Next,
    Reference,
    RepairChoice,
    ReviewPoint,
    RideFacts,
    Signature,
    StageData,
    Verdict,
)
from asmrmaster.report.judging import judge, verdict_of
from asmrmaster.report.plain import Data

SCHEMA = "asmrmaster.report/2"
READ = (SCHEMA, "asmrmaster.report/1")
"""Schemas that are read."""
DERIVED = (
    "state",
    "headline",
    "second_line",
    "answers",
    "moments",
    "changed_limits",
    "shipped_result",
)
"""What a saved report holds for other programs and is worked out anew when it is read."""

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
    profile: JudgedBy
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
    judgements: Annotated[
        tuple[Judgement, ...], Field(description="what people who listened say, side by side")
    ] = ()
    notes: Annotated[tuple[str, ...], Field(description="what somebody wrote beside it")] = ()
    made: Annotated[Made | None, Field(description="when and by which version")] = None
    signatures: Annotated[
        tuple[Signature, ...],
        Field(description="who stands behind it, side by side", max_length=MOST_SIGNATURES),
    ] = ()
    versions: dict[str, str]
    notice: str = NOTICE

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )

    @property
    def answered(self) -> Answered:
        """State, headline, answers and moments, derived from findings and judgements."""
        return answered(
            Known(
                self.verdict,
                self.findings,
                self.after,
                self.review,
                self.judgements,
                self.declared,
                self.profile.order,
            )
        )

    @property
    def shipped_result(self) -> Headline | None:
        """What the shipped limits say of this file, where it was judged by changed ones."""
        shipped = shipped_profile(self.profile.id)
        if self.profile.standing != "changed" or shipped is None:
            return None
        verdict, findings = judge(self.after, self.output or self.input, shipped)
        by_shipped = self.model_copy(
            update={"verdict": verdict, "findings": findings, "profile": judged_by(shipped)}
        ).answered
        return Headline(
            state=by_shipped.state, text=by_shipped.headline, second_line=by_shipped.second_line
        )

    def derived(self) -> dict[str, Any]:
        """What readers of the JSON are spared to work out."""
        found, shipped = self.answered, self.shipped_result
        return {
            "state": found.state,
            "headline": found.headline,
            "second_line": found.second_line,
            "answers": [one.model_dump(mode="json") for one in found.answers],
            "moments": [one.model_dump(mode="json") for one in found.places],
            "changed_limits": [one.model_dump(mode="json") for one in self.profile.changes],
            "shipped_result": shipped.model_dump(mode="json") if shipped else None,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data of this report, ready for JSON."""
        data = self.model_dump(mode="json", by_alias=True)
        return {"schema": data.pop("schema"), "verdict": data.pop("verdict"), **self.derived(),
                **data}  # fmt: skip

    def to_json(self) -> str:
        """This report as JSON text."""
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, data: object, *, subject: object = "") -> Report:
        """A report from plain data; ReportError where it is none, or contradicts its own values."""
        said: dict[str, Any] = {}
        if isinstance(data, dict):
            if data.get("schema", SCHEMA) not in READ:
                raise ReportError(
                    f"has schema {data['schema']!r}, this version reads {SCHEMA!r} and before",
                    subject=subject,
                )
            said = {name: data[name] for name in DERIVED if name in data}
            data = {name: value for name, value in data.items() if name not in DERIVED}
        try:
            report = cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ReportError(
                f"is not an asmrmaster report: {place}: {first['msg'].lower()}", subject=subject
            ) from None
        profile = report.profile
        if profile.whole is None and (known := shipped_profile(profile.id)) is not None:
            # Version 1 named its profile only; the order of questions decides nothing.
            profile = profile.model_copy(update={"title": known.title, "order": known.order})
        report = report.model_copy(update={"schema_id": SCHEMA, "profile": profile})
        true = report.rederived()
        if altered := report.altered(true, said):
            raise AlteredReportError(f"this report was altered: {altered}", subject=subject)
        return true

    def rederived(self) -> Report:
        """This report with all that follows from its values and its profile worked out anew.

        Where it does not hold its profile (version 1), findings and verdict stay as they are, and
        its limits count as not compared.
        """
        report = self.model_copy(update={"notice": NOTICE})
        whole = self.limits
        if whole is None:
            profile = self.profile.model_copy(update={"standing": "unknown", "changes": ()})
            verdict, findings = verdict_of(self.findings), self.findings
        else:
            profile = judged_by(whole, self.profile.changed_by, self.profile.changed_on)
            verdict, findings = judge(self.after, self.output or self.input, whole)
        return report.model_copy(
            update={"verdict": verdict, "findings": findings, "profile": profile}
        )

    @property
    def limits(self) -> Profile | None:
        """The profile this report judges by: the one inside, or the shipped one of its hash."""
        if self.profile.whole is not None:
            return self.profile.whole.hashed()
        shipped = shipped_profile(self.profile.id)
        return shipped if shipped and shipped.sha256 == self.profile.sha256 else None

    def without_places(self) -> Report:
        """This report with names of files, and not where they lie on a machine; to hand on."""
        return self.model_copy(
            update={
                "input": _named(self.input),
                "output": _named(self.output) if self.output else None,
                "deliveries": tuple(
                    made.model_copy(update={"file": _named(made.file)}) for made in self.deliveries
                ),
                "chain": tuple(_without_path(stage) for stage in self.chain),
                "next": self._named_next(),
            }
        )

    def _named_next(self) -> Next | None:
        """The next step, whose command names the take."""
        if self.next is None:
            return None
        at = Path(self.input.path)
        where = shlex.quote(str(at)), shlex.quote(at.name)
        return self.next.model_copy(update={"command": self.next.command.replace(*where)})

    def stamped(self, when: str) -> Report:
        """This report with when it was made, ISO 8601, and by which version."""
        made = Made(version=self.versions.get("asmrmaster", ""), when=when)
        return self.model_copy(update={"made": self.made or made})

    def altered(self, true: Report, said: Mapping[str, Any]) -> str:
        """What of this report, or of what was ``said`` to follow from it, is not so.

        true: this report with all that follows worked out anew. Empty where nothing is wrong.
        """
        stated, now = self.profile, true.profile
        if (now.id, now.version, now.sha256) != (stated.id, stated.version, stated.sha256):
            return "its limits are not those its profile's hash stands for"
        if stated.standing == "shipped" and now.standing == "changed":
            shipped = shipped_profile(now.id)
            if shipped is None or shipped.version == now.version:
                return f"its limits are not those shipped as {now.id} {now.version}"
        if true.verdict != self.verdict:
            return f"it says {self.verdict!r}, and its values give {true.verdict!r}"
        if [f.criterion for f in true.findings] != [f.criterion for f in self.findings]:
            return "its findings are not those its profile asks for"
        for was, is_ in zip(self.findings, true.findings, strict=True):
            if _decided(was) != _decided(is_):
                return f"{was.criterion} is not what its values give"
        derived = true.derived()
        # Another version may put the same in other words, but never come to another state.
        same = self.limits is not None and self.versions.get("asmrmaster") == __version__
        for name in DERIVED if same else ("state",):
            if said.get(name, derived[name]) != derived[name]:
                return f"its {name.replace('_', ' ')} is not what its values give"
        return ""

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
        """A saved report, as JSON or inside a saved page; ReportError where it cannot be read."""
        try:
            text = read_regular(path)
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            raise ReportError(reason, subject=path) from None
        if saved_page.is_page(text):
            return cls.from_json(saved_page.report_json(text, path), subject=path)
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


def _named(file: FileFacts) -> FileFacts:
    return file.model_copy(update={"path": Path(file.path).name})


def _without_path(stage: StageData) -> StageData:
    """A stage with the name of its plugin, and not where that lies."""
    place = stage.parameters.get("path")
    if not isinstance(place, str) or not place:
        return stage
    parameters = {**stage.parameters, "path": Path(place).name}
    return stage.model_copy(update={"parameters": parameters})


def _decided(finding: Finding) -> tuple[object, ...]:
    """What of a finding its words follow from."""
    return (
        finding.quantity, finding.measured, finding.state, finding.applies, finding.requirement,
        finding.limit, finding.events,
    )  # fmt: skip


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
