"""The parts of a report on a master that say how it was made: chain, ride and edits."""

from __future__ import annotations

from collections.abc import Sequence

from asmrmaster.dsp.novelty import WINDOW_S
from asmrmaster.engine.job import Job
from asmrmaster.mend.lifts import Left
from asmrmaster.mend.repairs import Mended
from asmrmaster.meters.base import HOP_S
from asmrmaster.presets.recipe import Recipe
from asmrmaster.report import Dip, EditData, RepairChoice, RideFacts, StageData, as_data, thin
from asmrmaster.ride import Ride
from asmrmaster.stages.base import Edit, Stage, edit_id
from asmrmaster.streams.curves import extremes


def chain(recipe: Recipe, ride: Ride) -> tuple[StageData, ...]:
    """The stages in the order they ran, every parameter resolved."""
    preset = recipe.preset
    limiter = preset.limiter.model_copy(update={"ceiling_dbtp": round(ride.ceiling_dbtp, 4)})
    moved = StageData(stage="ride", parameters=preset.ride.model_dump(mode="json"))
    return (*(_stage_data(stage) for stage in recipe.stages), moved, _stage_data(limiter))


def repair_choices(job: Job) -> tuple[RepairChoice, ...]:
    """The repairs that the take's figures ask for: made, or left to be asked for."""
    found = []
    for one in job.mended:
        found.append(
            RepairChoice(stage=one.name, made=True, why=one.why, command=f"--set {one.name}=off")
        )
    for one in job.advised:
        found.append(RepairChoice(stage=one.name, made=False, why=one.why, command=setting(one)))
    return tuple(found)


def setting(one: Mended) -> str:
    """What is typed to have a repair made as deep as the take asks."""
    depth = getattr(one.stage, "reduction_db", None)
    if depth is None:
        return f"--set {one.name}=on"
    return f"--set {one.name}.reduction_db={depth:g}"


def _stage_data(stage: Stage) -> StageData:
    return StageData(stage=stage.name, parameters=stage.model_dump(mode="json"))


def edit_data(edit: Edit, rate_hz: int) -> EditData:
    """A logged change as data."""
    frame = round(edit.start_s * rate_hz) if edit.first_frame is None else edit.first_frame
    return EditData(
        id=edit_id(edit.stage, edit.channel, frame),
        stage=edit.stage,
        start_s=round(edit.start_s, 4),
        end_s=round(edit.end_s, 4),
        channel=edit.channel,
        amount_db=round(edit.amount_db, 2),
        reason=edit.reason,
        evidence=dict(edit.evidence),
    )


def _dip_reason(reason: str, start_s: float, end_s: float, left: Sequence[Left]) -> str:
    """Why a moment is dipped, and why it was not lifted, where that was considered."""
    whys = [
        one.why
        for one in left
        if one.over.first * HOP_S > start_s and one.over.last * HOP_S < end_s + WINDOW_S
    ]
    return f"{reason}; not lifted, because {whys[0]}" if whys else reason


def ride_facts(
    plan: Ride, renders: int, rendered_dbtp: float | None, left: Sequence[Left] = ()
) -> RideFacts:
    """The gain curve in figures. left: what was not lifted, and why."""
    moved_db = plan.moved_db
    lowest_db, highest_db = extremes(moved_db)
    level_db = extremes(plan.level.gain_db)
    return RideFacts(
        static_gain_db=round(plan.static_gain_db, 3),
        min_db=round(lowest_db, 2),
        max_db=round(highest_db, 2),
        max_fall_db_per_s=round(plan.max_fall_db_per_s, 1),
        max_rise_db_per_s=round(plan.max_rise_db_per_s, 1),
        level_min_db=round(level_db[0], 2),
        level_max_db=round(level_db[1], 2),
        level_max_db_per_s=round(plan.level.max_slope_db_per_s, 2),
        level_reason=plan.level.reason,
        fade_in_s=round(plan.fade_in_s, 2),
        fade_out_s=round(plan.fade_out_s, 2),
        ceiling_dbtp=round(plan.ceiling_dbtp, 3),
        wanted_lufs=plan.wanted_lufs,
        target_lufs=round(plan.target_lufs, 3),
        target_reason=plan.target_reason,
        forecast=as_data(plan.forecast).values,
        dips=tuple(
            Dip(
                start_s=round(dip.start_s, 2),
                end_s=round(dip.end_s, 2),
                depth_db=round(dip.depth_db, 2),
                reason=_dip_reason(dip.reason, dip.start_s, dip.end_s, left),
            )
            for dip in plan.dips
        ),
        curve=thin(moved_db, HOP_S, "dB", lowest=True),
        renders=renders,
        rendered_dbtp=None if rendered_dbtp is None else round(rendered_dbtp, 3),
    )
