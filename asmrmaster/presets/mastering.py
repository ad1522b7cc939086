"""Presets and EQ curves: how a master is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializeAsAny,
    model_validator,
)

from asmrmaster.presets.documents import Document
from asmrmaster.presets.validation import unknown, validate
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Stage
from asmrmaster.stages.equalize import Equalize
from asmrmaster.stages.limiter import Limiter


class EqCurve(Document):
    """A named gentle tone curve."""

    folder: ClassVar[str] = "eq"
    kind: ClassVar[str] = "EQ curve"

    equalize: Annotated[Equalize, Field(description="the bands")]


class Target(BaseModel):
    """Where the programme should sit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    integrated_lufs: Annotated[
        float, Field(ge=-40, le=-14, description="loudness the master aims for")
    ]
    max_floor_lufs: Annotated[
        float,
        Field(ge=-90, le=-30, description="noise under the sound is not raised past this"),
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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

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


Mendable = Literal["declip", "hum", "deplosive", "denoise"]
"""Repairs that a planner can choose from what was measured, in the order they run."""


class Mending(BaseModel):
    """What may be mended unasked, and what loudness gives way to."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    repairs: Annotated[
        tuple[Mendable, ...],
        Field(description="repairs that are made where what was measured asks for them"),
    ] = ("declip",)
    gives_way_to: Annotated[
        Literal["any floor", "noise", "nothing"],
        Field(description="what is not lifted past the highest floor: any, or only steady noise"),
    ] = "noise"
    needs_voice: Annotated[
        bool, Field(description="refuse a take in which steady noise buries the sound")
    ] = False


class Bounds(BaseModel):
    """How far a master may be from its take; beyond, it is not published."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    edited_percent: Annotated[
        float, Field(ge=0, le=100, description="the share of the take that was rebuilt, in %")
    ] = 10.0
    lowered_percent: Annotated[
        float,
        Field(ge=0, le=100, description="the share in which bumps or sibilants were lowered, in %"),
    ] = 33.0
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
    limiter: Annotated[Limiter, Field(description="the limiter; its ceiling is set by the profile")]
    bounds: Bounds = Bounds()
    mend: Mending = Mending()
    off: Annotated[
        frozenset[str],
        PlainSerializer(sorted, return_type=list[str]),
        Field(description="repairs that were turned off and are not to be chosen"),
    ] = frozenset()
    stages: Annotated[
        dict[str, SerializeAsAny[Stage]],
        Field(default_factory=dict, description="repair and tone stages, by name"),
    ]

    @model_validator(mode="before")
    @classmethod
    def _resolve_stages(cls, data: Any) -> Any:
        """Turn each table under ``stages`` into the registered stage of that name.

        Instead of a table, on (or true) stands for its defaults, and off (or false) for no stage.
        """
        if not isinstance(data, Mapping):
            return data
        tables = data.get("stages", {})
        if not isinstance(tables, Mapping):
            raise ValueError("stages must be a table")
        stages: dict[str, Stage] = {}
        off = set(data.get("off", ()))
        for name, table in tables.items():
            if isinstance(table, Stage):
                stages[name] = table
                continue
            if name not in STAGES:
                raise ValueError(unknown("stage", str(name), STAGES))
            if table in (False, "off"):
                off.add(name)
                continue
            table = {} if table in (True, "on") else table
            stages[name] = validate(STAGES[name], table, where=f"[stages.{name}]")
        ordered = {name: stages[name] for name in STAGES if name in stages}
        return {**data, "stages": ordered, "off": frozenset(off)}
