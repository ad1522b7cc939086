"""Presets, EQ curves and profiles: data files, loaded and checked before any sound is touched.

A *preset* says how to make a master, a *profile* what is accepted; an *EQ curve* is a named gentle
tone curve a preset refers to. All three are TOML, shipped or the user's own, and an unknown key or
a value out of range is an error that names the key, the range and the likely meaning.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    model_validator,
)

from asmrmaster.errors import PresetError
from asmrmaster.meters import QUANTITIES
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Stage
from asmrmaster.stages.equalize import Equalize
from asmrmaster.stages.limit import Limit

_HERE = Path(__file__).resolve().parent
SHIPPED = _HERE / "data" if (_HERE / "data").is_dir() else _HERE.parent / "presets"
"""Where the shipped data lies: inside an installed package, or beside it in a checkout."""


class Document(BaseModel):
    """What every data file starts with."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    folder: ClassVar[str]
    """Folder of the shipped ones, below ``presets/``."""
    kind: ClassVar[str]
    """What it is called in messages."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", description="short name")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$", description="semantic version")]
    title: Annotated[str, Field(description="a few plain words")]
    when: Annotated[str, Field(description="one sentence on when to use it")]
    sha256: Annotated[str, Field(description="hash of the resolved data")] = ""

    def reference(self) -> dict[str, str]:
        """What a report says of it: id, version and hash."""
        return {"id": self.id, "version": self.version, "sha256": self.sha256}


# --- how a master is made -------------------------------------------------------------------------


class EqCurve(Document):
    """A named gentle tone curve."""

    folder: ClassVar[str] = "eq"
    kind: ClassVar[str] = "EQ curve"

    equalize: Annotated[Equalize, Field(description="the bands")]


class Target(BaseModel):
    """Where the programme should sit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    integrated_lufs: Annotated[
        float, Field(ge=-40, le=-14, description="loudness the master aims for")
    ]
    max_floor_lufs: Annotated[
        float,
        Field(ge=-90, le=-30, description="a take with pauses is not raised past this noise floor"),
    ] = -55.0
    max_reduction_db: Annotated[
        float, Field(ge=0, le=20, description="rather than limit deeper, the target gives way")
    ] = 6.0
    most_reduction_db: Annotated[
        float,
        Field(ge=0, le=20, description="deeper still, where the profile accepts no lower loudness"),
    ] = 15.0
    max_peak_height_lu: Annotated[
        float, Field(ge=6, le=40, description="tallest peak above programme loudness")
    ] = 26.0


class RideParameters(BaseModel):
    """How the gain curve may move."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    lookahead_ms: Annotated[
        float, Field(ge=50, le=1000, description="time a dip takes to go down, before the event")
    ] = 250.0
    release_db_per_s: Annotated[
        float, Field(ge=5, le=30, description="speed at which a dip recovers")
    ] = 30.0
    max_dip_db: Annotated[
        float, Field(ge=0, le=40, description="deepest a dip may be; 0 turns dips off")
    ] = 24.0
    level_max_db: Annotated[
        float,
        Field(ge=0, le=10, description="slow levelling: most it lifts or lowers; 0 turns it off"),
    ] = 0.0
    level_most_db: Annotated[
        float,
        Field(ge=0, le=10, description="more still, where the profile accepts no such drift"),
    ] = 8.0
    fade_in_s: Annotated[
        float, Field(ge=0.01, le=30, description="shortest fade-in, where one is needed")
    ] = 3.0
    fade_out_s: Annotated[
        float, Field(ge=0.01, le=60, description="shortest fade-out, where one is needed")
    ] = 5.0


class Bounds(BaseModel):
    """How far a master may be from its take; beyond, it is not published."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    edited_percent: Annotated[
        float, Field(ge=0, le=100, description="the share of the take that was repaired, in %")
    ] = 10.0
    max_gain_move_db: Annotated[
        float, Field(ge=0, le=60, description="the largest movement of the ride, in dB")
    ] = 40.0
    level_change_lu: Annotated[
        float,
        Field(ge=0, le=40, description="the change of level outside all edits, the ride aside"),
    ] = 6.0
    channel_level_change_db: Annotated[
        float, Field(ge=0, le=40, description="the change of level between the channels, in dB")
    ] = 3.0
    correlation_change: Annotated[
        float, Field(ge=0, le=2, description="the change of the correlation of left and right")
    ] = 0.3


class Preset(Document):
    """How to make a master: tone, target, ride and limiter.

    ``stages`` holds only the stages that are on; they run in the order of the registry.
    """

    folder: ClassVar[str] = "mastering"
    kind: ClassVar[str] = "preset"

    profile: Annotated[str, Field(description="profile to judge by unless another is asked for")]
    eq: Annotated[str, Field(description="EQ curve to use unless another is asked for")] = "flat"
    target: Target
    ride: RideParameters = RideParameters()
    limit: Annotated[Limit, Field(description="the limiter; its ceiling is set by the profile")]
    bounds: Bounds = Bounds()
    stages: Annotated[
        dict[str, SerializeAsAny[Stage]], Field(description="repair and tone stages, by name")
    ] = {}

    @model_validator(mode="before")
    @classmethod
    def _resolve_stages(cls, data: Any) -> Any:
        """Turn each table under ``stages`` into the registered stage of that name."""
        if not isinstance(data, Mapping):
            return data
        tables = data.get("stages", {})
        if not isinstance(tables, Mapping):
            raise ValueError("stages must be a table")
        stages: dict[str, Stage] = {}
        for name, table in tables.items():
            if isinstance(table, Stage):
                stages[name] = table
                continue
            if name not in STAGES:
                raise ValueError(unknown("stage", str(name), STAGES))
            stages[name] = validate(STAGES[name], table, where=f"[stages.{name}]")
        ordered = {name: stages[name] for name in STAGES if name in stages}
        return {**data, "stages": ordered}


# --- what is accepted -----------------------------------------------------------------------------

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
        if self.min is not None and self.max is not None:
            return f"{self.min:g} to {self.max:g}"
        if self.max is not None:
            return f"at most {self.max:g}"
        return f"at least {self.min:g}" if self.min is not None else "reported only"


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


# --- where it goes --------------------------------------------------------------------------------


class Window(BaseModel):
    """What a destination takes of one quantity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

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


# --- loading --------------------------------------------------------------------------------------

D = TypeVar("D", bound=Document)
M = TypeVar("M", bound=BaseModel)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence on an unknown name, with the nearest known one."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return f"unknown {what} {name!r}; {hint}"


def validate(model: type[M], data: object, *, where: str, subject: object = "") -> M:
    """``data`` as ``model``; the first thing wrong with it raises PresetError in plain words."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A misspelt key is the cause where a key is also missing, so it is told first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        path = ".".join(str(part) for part in first["loc"])
        raise PresetError(_explain(model, first, path, where), subject=subject) from None


def _explain(model: type[BaseModel], error: Any, path: str, where: str) -> str:
    """One sentence for one validation error."""
    place = f"{where} {path}".strip()
    if error["type"] == "extra_forbidden":
        owner: Any = model
        for part in error["loc"][:-1]:
            owner = _inner_model(owner, str(part)) or owner
        return f"{where}: " + unknown("key", str(error["loc"][-1]), owner.model_fields)
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"] == "value_error":
        return f"{place}: {error['ctx']['error']}".strip()
    given = error.get("input")
    shown = f" = {given!r}" if isinstance(given, (int, float, str, bool)) else ""
    return f"{place}{shown}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _inner_model(owner: type[BaseModel], field: str) -> type[BaseModel] | None:
    """The model a field holds, directly or as the values of a dict or tuple."""
    info = owner.model_fields.get(field)
    if info is None:
        return None
    found = [info.annotation, *getattr(info.annotation, "__args__", ())]
    for candidate in found:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def shipped(kind: type[D]) -> list[str]:
    """Names of the shipped documents of a kind, in alphabetical order."""
    return sorted(path.stem for path in (SHIPPED / kind.folder).glob("*.toml"))


def load(kind: type[D], name: str | Path, overrides: Mapping[str, object] | None = None) -> D:
    """A document by shipped name or path, with values replaced by dotted key.

    Raises PresetError naming the file and key when it does not exist or is wrong.
    """
    path = _locate(kind, name)
    data = _parse(path)
    data = _inherit(kind, data, path)
    for key, value in (overrides or {}).items():
        _replace(data, key, value)
    resolved = validate(kind, data, where="", subject=path.name)
    canonical = resolved.model_dump_json(exclude={"sha256"})
    return resolved.model_copy(update={"sha256": hashlib.sha256(canonical.encode()).hexdigest()})


def _locate(kind: type[Document], name: str | Path) -> Path:
    given = Path(name)
    inside = SHIPPED / kind.folder / f"{name}.toml"
    try:
        if given.suffix != ".toml" and given.name == str(name) and inside.is_file():
            return inside
        if given.is_file():
            return given
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise PresetError(f"cannot be read: {error.strerror}", subject=name) from None
    if given.suffix == ".toml" or given.name != str(name):
        raise PresetError(f"there is no such {kind.kind} file", subject=name)
    raise PresetError(unknown(kind.kind, str(name), shipped(kind)))


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # damaged, not UTF-8, absurd numbers, too deep
        raise PresetError(f"is not readable TOML: {error}", subject=path.name) from None
    except OSError as error:
        raise PresetError(f"cannot be read: {error.strerror}", subject=path) from None


def _inherit(
    kind: type[Document], data: dict[str, Any], path: Path, below: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Lay ``data`` over the document it extends. An override of a criterion states a reason.

    below: the documents that extend this one, so that a circle is seen.
    """
    if "extends" not in data:
        return data
    name = data.pop("extends")
    if not isinstance(name, str):
        raise PresetError("extends must be a name or a path", subject=path.name)
    base_path = _locate(kind, name)
    if base_path.resolve() in (*below, path.resolve()):
        raise PresetError(f"extends {name}, which leads back to itself", subject=path.name)
    base = _inherit(kind, _parse(base_path), base_path, (*below, path.resolve()))
    criteria = _table(base, "criteria", base_path)
    dropped = data.pop("drop", [])
    if not isinstance(dropped, list):
        raise PresetError("drop must be a list of criteria", subject=path.name)
    for key in map(str, dropped):
        if key not in criteria:
            raise PresetError(f"drop: {unknown('criterion', key, criteria)}", subject=path.name)
        del criteria[key]
    overrides = _table(data, "override", path)
    data.pop("override", None)
    for key in overrides:
        if key not in criteria:
            raise PresetError(unknown("criterion", key, criteria), subject=path.name)
        changed = {**_table(criteria, key, base_path), **_table(overrides, key, path)}
        reason = changed.pop("reason", "")
        if not reason:
            raise PresetError(f"override {key} must state a reason", subject=path.name)
        changed["rationale"] = f"{changed.get('rationale', '')} Here: {reason}"
        criteria[key] = changed
    criteria = {**criteria, **_table(data, "criteria", path)}
    merged = {**base, **data}
    if criteria:
        merged["criteria"] = criteria
    return merged


def _table(data: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    """The table of this name, empty where there is none; PresetError where it is something else."""
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise PresetError(f"{key} must be a table", subject=path.name)
    return dict(found)


def _replace(data: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key (``limit.hold_ms``, ``highpass.cutoff_hz``) in nested tables."""
    parts = key.split(".")
    if parts[0] in STAGES:
        parts = ["stages", *parts]
    for part in parts[:-1]:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise PresetError(f"--set {key}: {part} has no parameters")
    data[parts[-1]] = value


def write_copy(kind: type[Document], base: str, name: str, path: Path) -> Path:
    """Write a copy of a shipped document under a new id, to start one's own from.

    Raises PresetError where the file exists or the id is not a plain name.
    """
    lines = _locate(kind, base).read_text(encoding="utf-8").splitlines(keepends=True)
    copied = "".join(f'id = "{name}"\n' if x.startswith("id =") else x for x in lines)
    return write_new(kind, copied, path)


def write_new(kind: type[Document], text: str, path: Path) -> Path:
    """Write a new document, checked first; PresetError where it is wrong or the file exists."""
    validate(kind, _inherit(kind, tomllib.loads(text), path), where="", subject=path.name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise PresetError("exists already", subject=path, hint="Choose another name") from None
    except OSError as error:
        raise PresetError(f"cannot be written: {error.strerror}", subject=path) from None
    return path
