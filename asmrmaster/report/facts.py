"""What a report is made of: each part as plain, frozen data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from asmrmaster.presets import GROUPS, Grades, Group, Profile, Role
from asmrmaster.report.answered import NAME_CHARACTERS, ChangedLimit
from asmrmaster.report.former_names import EditId, StageName
from asmrmaster.report.overviews import Picture
from asmrmaster.report.plain import Data

State = Literal["pass", "not assessed", "advisory", "fail"]
Verdict = Literal["meets", "meets with advisories", "does not meet", "not assessed"]


class Reference(Data):
    """Which preset or profile, in which version, with which content."""

    id: str
    version: str
    sha256: str


class JudgedBy(Reference):
    """The profile a file was judged by, whole, so that anyone can judge again.

    standing: whether its limits are those that are shipped under its id, changed ones, or those of
    somebody's own profile; ``unknown`` of an earlier version. changes: what differs from the
    shipped one, and by whom and when, as far as that was said.
    """

    title: str = ""
    order: tuple[Group, ...] = GROUPS
    standing: Literal["shipped", "changed", "own", "unknown"] = "unknown"
    changes: tuple[ChangedLimit, ...] = ()
    changed_by: str = ""
    changed_on: str = ""
    whole: Profile | None = None


class Made(Data):
    """When a report was made, and by which version."""

    version: str
    when: str


MOST_SIGNATURES = 100


class Signature(Data):
    """One person's signature of a report: who stands behind it, not that it is true.

    name: as the signer wrote it. key: of Ed25519, 64 hexadecimal digits. on: the day, ISO 8601.
    judgements: how many of those in the report it covers. heard: places heard and moments judged
    unwelcome, as they were then. signature: 64 bytes in base64.
    """

    name: Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS)]
    key: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    on: Annotated[str, Field(max_length=40)]
    judgements: Annotated[int, Field(ge=0)]
    heard: tuple[float | None, float | None]
    verdict: Verdict
    signature: Annotated[str, Field(max_length=100)]


class FileFacts(Data):
    """One file, as it was read."""

    path: str
    sha256: str
    format: str
    rate_hz: int
    channels: int
    frames: int
    duration_s: float
    notes: tuple[str, ...] = ()
    stream: Annotated[
        int | None,
        Field(description="which of several sound streams, from 0; None for the only one"),
    ] = None
    player_gain_db: Annotated[
        float, Field(description="the largest gain its tags ask players for; levels are judged so")
    ] = 0.0


class Moment(Data):
    """An event of a measurement."""

    quantity: str
    start_s: float
    end_s: float
    size: float
    channel: int | None = None


class CurveData(Data):
    """A curve thinned for pictures: the largest value of each stretch."""

    hop_s: float
    unit: str
    values: tuple[float | None, ...]


class MeasurementData(Data):
    """A measurement as data."""

    values: dict[str, float | None]
    curves: dict[str, CurveData] = Field(default_factory=dict)
    events: tuple[Moment, ...] = ()
    pictures: dict[str, Picture] = Field(default_factory=dict)


class Limits(Data):
    """The limit a finding was judged by."""

    min: float | None = None
    max: float | None = None


class Finding(Data):
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
    group: Annotated[Group | None, Field(description="its question; None before report/2")] = None
    role: Role | None = None
    close: float = 0.0
    vetoed: Annotated[bool, Field(description="a person judged a moment unwelcome")] = False
    beyond: Annotated[bool, Field(description="its limit is looser than the loosest")] = False


class Dip(Data):
    """A stretch where the ride goes down, and why."""

    start_s: float
    end_s: float
    depth_db: float
    reason: str


class ReviewPoint(Data):
    """A moment a person should listen to: where it is, and how new by both measures."""

    start_s: float
    end_s: float
    level_novelty_lu: float
    band_novelty_lu: float


class Declared(Data):
    """What a person declared of the content, and who listened to the review points.

    declared_by, declared_as, declared_on: who declared it, in which role, and when. claims: phrases
    of title and description that promise a health effect, as they stand there.
    """

    title: str = ""
    tags: tuple[str, ...] | None = None
    forewarning: str | None = None
    reviewed_by: str = ""
    declared_by: str = ""
    declared_as: Literal["", "maker", "checker"] = ""
    declared_on: str = ""
    claims: tuple[str, ...] = ()


class AtEar(Data):
    """What the file is at an ear if its mean level there is this; never part of a verdict.

    basis: whether the level is assumed or from the user's calibration. Sharpness and loudness are
    None unless asked for.
    """

    basis: Literal["assumed", "calibrated"]
    laeq_at_ear_dba: float
    lafmax_at_ear_dba: float
    hours_per_week: float
    weekly_dose_adult_percent: float
    weekly_dose_sensitive_percent: float
    laeq_above_bedroom_noise_db: float
    lafmax_above_bedroom_noise_db: float
    sharpness_s5_acum: float | None = None
    loudness_n5_sone: float | None = None
    loudness_n50_sone: float | None = None


class RideFacts(Data):
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


class EditData(Data):
    """A logged change; ``id`` is the same on every render of the take by the same stage."""

    id: EditId = ""
    stage: StageName
    start_s: float
    end_s: float
    channel: int | None
    amount_db: float
    reason: str
    evidence: dict[str, float] = Field(default_factory=dict)


class RepairChoice(Data):
    """A repair that was chosen for what the take measures, or could be.

    command: what turns it off where it was made, and on where it was not.
    """

    stage: str
    made: bool
    why: str
    command: str


class Next(Data):
    """The one thing to do next, and why: a reason in words, and a command or none.

    settings, loop_s, start_s: what the command asks of another master; so a page can do it.
    """

    reason: str
    advice: str
    command: str = ""
    settings: dict[str, float | str] = Field(default_factory=dict)
    loop_s: float | None = None
    start_s: float | None = None


class Change(Data):
    """How far the master is from the take, measured on both.

    edited: what repairs rebuilt. lowered: where a repair turned a part of the spectrum down for a
    while. What runs all the time, as a hum filter does, is in neither. stages_percent: share of
    the take per stage. level_change_lu: K-weighted level outside all edits, dips and fades, after
    minus before minus the ride. channel_level_change_db: largest change of one channel's level
    against all. correlation_change: of left and right. None where there is nothing to compare.
    """

    edited_s: float
    edited_percent: float
    lowered_s: float = 0.0
    lowered_percent: float = 0.0
    stages_percent: dict[StageName, float] = Field(default_factory=dict)
    max_gain_move_db: float
    level_change_lu: float | None
    channel_level_change_db: float | None
    correlation_change: float | None


class StageData(Data):
    """One stage of the chain with every parameter resolved."""

    stage: StageName
    parameters: dict[str, Any]


class Requirement(Data):
    """One thing a destination asks for, and what the file made for it has."""

    quantity: str
    measured: float | None
    limit: Limits
    met: bool


class DeliveryFacts(Data):
    """A file made from the master for one destination, measured as it was written."""

    target: Reference
    file: FileFacts
    gain_db: float
    requirements: tuple[Requirement, ...]
    met: bool
