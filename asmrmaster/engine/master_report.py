"""The account of a master: the report on how a take was rendered and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from asmrmaster.declarations.apply import Attested
from asmrmaster.engine import comparison
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.presets.recipe import Recipe
from asmrmaster.report import (
    SHOWN_CURVES,
    Dip,
    EditData,
    FileFacts,
    Heard,
    Reference,
    Report,
    RideFacts,
    StageData,
    as_data,
    judge,
    thin,
    versions,
)
from asmrmaster.report.at_ear import usual
from asmrmaster.ride import Ride
from asmrmaster.stages.base import Edit, Stage, edit_id
from asmrmaster.streams.curves import extremes


@dataclass(frozen=True)
class Account:
    """What is the same in every report on one take.

    before: the take as it came, as data. compared: its curves that a master is compared with.
    """

    made_by: Recipe
    before: Heard
    compared: Measurement
    attest: Callable[[Measurement], Attested]

    @classmethod
    def of(
        cls,
        made_by: Recipe,
        before: Measurement,
        attest: Callable[[Measurement], Attested],
    ) -> Account:
        """The account of a take, heard; of its curves only a few are kept, for the memory."""
        kept = {name: before.curves[name] for name in comparison.CURVES if name in before.curves}
        return cls(made_by, as_data(before, SHOWN_CURVES), Measurement(curves=kept), attest)

    def report(
        self,
        given: FileFacts,
        plan: Ride,
        after: Measurement,
        edits: list[Edit],
        output: FileFacts | None,
        renders: int = 0,
        rendered_dbtp: float | None = None,
    ) -> Report:
        """The report on a render of ``given``, or on a plan where there is no ``output``."""
        attested = self.attest(after)
        measured = as_data(attested.heard, SHOWN_CURVES)
        verdict, findings = judge(measured, output or given, self.made_by.profile)
        duration_s, rate = given.duration_s, given.rate_hz
        changed = (
            comparison.measure(self.compared, after, plan, edits, duration_s) if output else None
        )
        return Report(
            verdict=verdict,
            profile=Reference.model_validate(self.made_by.profile.reference()),
            preset=Reference.model_validate(self.made_by.preset.reference()),
            input=given,
            output=output,
            before=self.before,
            after=measured,
            findings=findings,
            review=attested.review,
            declared=attested.declared,
            at_ear=usual(attested.heard.values),
            chain=self._chain(plan),
            ride=_ride_facts(plan, renders, rendered_dbtp),
            change=changed,
            edits=tuple(_edit_data(edit, rate) for edit in edits),
            versions=versions(),
        )

    def _chain(self, plan: Ride) -> tuple[StageData, ...]:
        preset = self.made_by.preset
        limit = preset.limit.model_copy(update={"ceiling_dbtp": round(plan.ceiling_dbtp, 4)})
        ride = StageData(stage="ride", parameters=preset.ride.model_dump(mode="json"))
        done = [_stage_data(stage) for stage in self.made_by.stages]
        return (*done, ride, _stage_data(limit))


def _stage_data(stage: Stage) -> StageData:
    return StageData(stage=stage.name, parameters=stage.model_dump(mode="json"))


def _edit_data(edit: Edit, rate_hz: int) -> EditData:
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


def _ride_facts(plan: Ride, renders: int, rendered_dbtp: float | None) -> RideFacts:
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
                reason=dip.reason,
            )
            for dip in plan.dips
        ),
        curve=thin(moved_db, HOP_S, "dB", lowest=True),
        renders=renders,
        rendered_dbtp=None if rendered_dbtp is None else round(rendered_dbtp, 3),
    )
