"""The report: everything known of one file, as data; and the judging that gives its verdict.

``judge`` is pure: the same values, events and profile give the same findings, whether they were
measured a moment ago or years before (``rescore``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from asmrmaster.errors import ReportError
from asmrmaster.meters import QUANTITIES
from asmrmaster.meters.base import Event, Measurement
from asmrmaster.meters.declared import DECLARED
from asmrmaster.pictures import Picture, pictures
from asmrmaster.presets import Criterion, Grades, Profile

SCHEMA = "asmrmaster.report/1"

NOTICE = (
    "This is an engineering screening of sound against the named profile, not a medical device "
    "and no promise of how anyone will feel. It measures levels relative to the file itself: it "
    "does not know how loud it is played, and it does not hear meaning. A sound no louder than "
    "its surroundings passes every level limit and can still be unwelcome; listen to the moments "
    "named here before handing the file on."
)

State = Literal["pass", "not assessed", "advisory", "fail"]
Verdict = Literal["meets", "meets with advisories", "does not meet", "not assessed"]

DECIMALS = 4
"""Values are rounded to this before they are judged, so a saved report judges the same."""
CURVE_POINTS = 2000
"""Curves are kept at up to this many points: enough for any picture, small at any length."""
SHOWN_CURVES = ("momentary_lufs", "short_term_lufs")
"""Curves a report keeps."""
FINDING_EVENTS = 20
"""A finding names this many of its largest events; all of them stand in the measurement."""
LARGEST = 1e15
"""Beyond every number of frames, and every other number of a report."""


_DECLARED = frozenset(quantity.name for quantity in DECLARED)


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Reference(_Data):
    """Which preset or profile, in which version, with which content."""

    id: str
    version: str
    sha256: str


class FileFacts(_Data):
    """One file, as it was read."""

    path: str
    sha256: str
    format: str
    rate_hz: int
    channels: int
    frames: int
    duration_s: float
    notes: tuple[str, ...] = ()


class Moment(_Data):
    """An event of a measurement."""

    quantity: str
    start_s: float
    end_s: float
    size: float
    channel: int | None = None


class CurveData(_Data):
    """A curve thinned for pictures: the largest value of each stretch."""

    hop_s: float
    unit: str
    values: tuple[float | None, ...]


class Heard(_Data):
    """A measurement as data."""

    values: dict[str, float | None]
    curves: dict[str, CurveData] = {}
    events: tuple[Moment, ...] = ()
    pictures: dict[str, Picture] = {}


class Limits(_Data):
    """The limit a finding was judged by."""

    min: float | None = None
    max: float | None = None


class Finding(_Data):
    """One criterion judged."""

    criterion: str
    title: str
    requirement: str
    state: State
    applies: Annotated[bool, Field(description="false where the criterion has nothing to judge")]
    quantity: str
    unit: str
    measured: float | None
    limit: Limits
    events: tuple[Moment, ...] = ()
    why: str
    advice: str = ""
    grades: Grades
    protects: str = ""
    rationale: str = ""
    source: str = ""


class Dip(_Data):
    """A stretch where the ride goes down, and why."""

    start_s: float
    end_s: float
    depth_db: float
    reason: str


class ReviewPoint(_Data):
    """A moment a person should listen to: where it is, and how new by both measures."""

    start_s: float
    end_s: float
    level_novelty_lu: float
    band_novelty_lu: float


class Declared(_Data):
    """What a person declared of the content, and who listened to the review points."""

    title: str = ""
    tags: tuple[str, ...] | None = None
    forewarning: str | None = None
    reviewed_by: str = ""


class RideFacts(_Data):
    """The gain curve in figures, and where the target was left for a reason."""

    static_gain_db: float
    min_db: float
    max_db: float
    max_fall_db_per_s: float
    max_rise_db_per_s: float
    level_min_db: float = 0.0
    level_max_db: float = 0.0
    level_max_db_per_s: float = 0.0
    level_reason: str = ""
    fade_in_s: float
    fade_out_s: float
    ceiling_dbtp: float
    wanted_lufs: float
    target_lufs: float
    target_reason: str
    forecast: dict[str, float | None]
    dips: tuple[Dip, ...]
    curve: CurveData | None = None
    renders: int = 1
    rendered_dbtp: Annotated[
        float | None, Field(description="true peak before a lossy codec; after it, see the values")
    ] = None


class EditData(_Data):
    """A logged change; ``id`` is the same on every render of the take by the same stage."""

    id: str = ""
    stage: str
    start_s: float
    end_s: float
    channel: int | None
    amount_db: float
    reason: str
    evidence: dict[str, float] = {}


class Change(_Data):
    """How far the master is from the take, measured on both.

    level_change_lu: K-weighted level outside all edits, dips and fades, after minus before minus
    the ride. channel_level_change_db: largest change of one channel's level against all.
    correlation_change: of left and right. None where there is nothing to compare.
    """

    edited_s: float
    edited_percent: float
    max_gain_move_db: float
    level_change_lu: float | None
    channel_level_change_db: float | None
    correlation_change: float | None


class StageData(_Data):
    """One stage of the chain with every parameter resolved."""

    stage: str
    parameters: dict[str, Any]


class Requirement(_Data):
    """One thing a destination asks for, and what the file made for it has."""

    quantity: str
    measured: float | None
    limit: Limits
    met: bool


class DeliveryFacts(_Data):
    """A file made from the master for one destination, measured as it was written."""

    target: Reference
    file: FileFacts
    gain_db: float
    requirements: tuple[Requirement, ...]
    met: bool


class Report(_Data):
    """Everything about one file."""

    schema_id: Annotated[str, Field(alias="schema")] = SCHEMA
    verdict: Verdict
    profile: Reference
    preset: Reference | None = None
    input: FileFacts
    output: FileFacts | None = None
    before: Heard | None = None
    after: Heard
    findings: tuple[Finding, ...]
    review: Annotated[
        tuple[ReviewPoint, ...], Field(description="newest moments first, for a person to hear")
    ] = ()
    declared: Declared | None = None
    at_source: Annotated[
        tuple[str, ...], Field(description="advice on the recording itself, where asked for")
    ] = ()
    chain: tuple[StageData, ...] = ()
    ride: RideFacts | None = None
    change: Change | None = None
    edits: tuple[EditData, ...] = ()
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
    def load(cls, path: Path) -> Report:
        """A saved report; ReportError where it cannot be read."""
        try:
            text = path.read_bytes()
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            raise ReportError(reason, subject=path) from None
        return cls.from_json(text, subject=path)


def _number(text: str) -> float | int:
    """A number of a report in JSON; ValueError beyond all that can be measured."""
    value = float(text)
    if not abs(value) <= LARGEST:
        raise ValueError(f"{text[:24]} is no number that can be measured")
    return int(text) if text.lstrip("-").isdigit() else value


# --- from measurement to data ---------------------------------------------------------------------


def as_data(heard: Measurement, curves: Iterable[str] = ()) -> Heard:
    """A measurement as plain data, rounded once, with the named curves thinned for pictures."""
    return Heard(
        values={name: _rounded(value) for name, value in heard.values.items()},
        curves={
            name: thin(curve.values, curve.hop_s, curve.unit)
            for name in curves
            if (curve := heard.curves.get(name)) is not None and curve.values.ndim == 1
        },
        events=tuple(_moment(event) for event in heard.events),
        pictures=pictures(heard),
    )


def thin(
    values: np.ndarray[Any, Any], hop_s: float, unit: str, *, lowest: bool = False
) -> CurveData:
    """A curve at no more than CURVE_POINTS points, keeping the extreme of each stretch."""
    step = max(1, -(-len(values) // CURVE_POINTS))
    pick = np.minimum if lowest else np.maximum
    kept = pick.reduceat(values, np.arange(0, len(values), step)) if len(values) else values
    shown = tuple(round(float(v), 2) if np.isfinite(v) else None for v in kept)
    return CurveData(hop_s=hop_s * step, unit=unit, values=shown)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)


def _moment(event: Event) -> Moment:
    return Moment(
        quantity=event.quantity,
        start_s=round(event.start_s, 3),
        end_s=round(event.end_s, 3),
        size=round(event.size, DECIMALS),
        channel=event.channel,
    )


# --- judging --------------------------------------------------------------------------------------


def judge(heard: Heard, facts: FileFacts, profile: Profile) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict of a profile on a measurement, and a finding for each criterion."""
    findings = tuple(_find(key, c, heard, facts) for key, c in profile.criteria.items())
    return _verdict(findings), findings


def _verdict(findings: Iterable[Finding]) -> Verdict:
    """Failing a required criterion decides; then what had to be measured and was not."""
    applying = [f for f in findings if f.applies]
    if any(f.state == "fail" for f in applying):
        return "does not meet"
    if any(f.state == "not assessed" and f.requirement == "required" for f in applying):
        return "not assessed"
    if any(f.state == "advisory" for f in applying):
        return "meets with advisories"
    return "meets"


def _find(key: str, c: Criterion, heard: Heard, facts: FileFacts) -> Finding:
    quantity = QUANTITIES[c.quantity]
    measured = heard.values.get(c.quantity)
    over = 0.0 if measured is None or c.max is None else measured - c.max
    under = 0.0 if measured is None or c.min is None else c.min - measured
    events: tuple[Moment, ...] = ()
    advice = ""
    applies = facts.channels == 2 or not c.stereo_only
    state: State
    if not applies:
        state, why = "not assessed", "does not apply: the file is not stereo"
    elif facts.duration_s < c.min_duration_s:
        state = "not assessed"
        why = f"not assessed: shorter than {c.min_duration_s:g} s"
    elif measured is None:
        state, applies = "not assessed", not c.if_present
        why = _unmeasured(c)
    else:
        shown = f"{measured:.{quantity.decimals}f}"
        why = f"{shown} {quantity.unit}".rstrip() + f"; accepted {c.limit} {quantity.unit}".rstrip()
        state = "pass"
        if c.requirement == "report":
            why = f"{shown} {quantity.unit}".rstrip() + ", reported only"
        elif max(over, under) > c.tolerance:
            state = "fail" if c.requirement == "required" else "advisory"
            events = _events_beyond(c, heard.events)
            advice = _advice(c, over, under, quantity.decimals)
            if events:
                why += f"; at {', '.join(clock(e.start_s) for e in events[:5])}"
    return Finding(
        criterion=key,
        title=c.title,
        requirement=c.requirement,
        state=state,
        applies=applies,
        quantity=c.quantity,
        unit=quantity.unit,
        measured=measured,
        limit=Limits(min=c.min, max=c.max),
        events=events,
        why=why,
        advice=advice,
        grades=c.grades,
        protects=c.protects,
        rationale=c.rationale,
        source=c.source,
    )


def _unmeasured(c: Criterion) -> str:
    """Why there is no figure to judge."""
    if c.quantity in _DECLARED:
        return "not assessed: not declared; see asmrmaster content new"
    if c.if_present:
        return "does not apply: nothing of the kind in this file"
    return "not assessed: it could not be measured in this file"


def _events_beyond(c: Criterion, events: Iterable[Moment]) -> tuple[Moment, ...]:
    """The largest events of this quantity beyond the limit, in order of time.

    Where the events of another quantity locate it, their sizes say nothing of this limit.
    """
    own = [e for e in events if e.quantity == (c.located_by or c.quantity)]
    if not c.located_by and c.max is not None:
        own = [e for e in own if e.size > c.max]
    largest = sorted(own, key=lambda e: -e.size)[:FINDING_EVENTS]
    return tuple(sorted(largest, key=lambda e: e.start_s))


def _advice(c: Criterion, over: float, under: float, decimals: int) -> str:
    text, excess = (c.too_high, over) if over > under else (c.too_low, under)
    return text.replace("{excess}", f"{excess:.{max(decimals, 1)}f}")


def clock(seconds: float) -> str:
    """A time as people write it: 0:41.2 or 1:02:03.4."""
    tenths = round(seconds * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    tail = f"{minutes:02d}" if hours else f"{minutes}"
    return (f"{hours}:" if hours else "") + f"{tail}:{tenths // 10:02d}.{tenths % 10}"


def inside(title: str) -> str:
    """A title as it is written inside a sentence: "New sound" as "new sound", "DC offset" as is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def rescore(report: Report, profile: Profile) -> Report:
    """An old measurement judged by another profile, without the sound."""
    facts = report.output or report.input
    verdict, findings = judge(report.after, facts, profile)
    reference = Reference.model_validate(profile.reference())
    return report.model_copy(
        update={"verdict": verdict, "findings": findings, "profile": reference}
    )


def versions() -> Mapping[str, str]:
    """Versions of everything a figure depends on."""
    import platform
    from importlib.metadata import version

    packages = ("asmrmaster", "numpy", "scipy", "soundfile", "pydantic")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
