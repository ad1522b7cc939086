"""Judge: what was measured of a file, or is forecast of a master, against its profile."""

from __future__ import annotations

from dataclasses import replace

from asmrmaster.engine import comparison
from asmrmaster.engine.file_facts import file_facts
from asmrmaster.engine.job import Job
from asmrmaster.engine.report_parts import chain, edit_data, repair_choices, ride_facts
from asmrmaster.engine.take_notes import remedies
from asmrmaster.meters import run_meters
from asmrmaster.meters.sharpness import ThirdOctaves
from asmrmaster.report import (
    SHOWN_CURVES,
    Change,
    FileFacts,
    Reference,
    Report,
    as_data,
    judged_by,
    versions,
)
from asmrmaster.report import judge as judged
from asmrmaster.report.at_ear import at_ear, default_scenarios
from asmrmaster.report.declared import declare
from asmrmaster.report.next_step import next_for_master
from asmrmaster.stages.base import Edit
from asmrmaster.stages.channels import Channels


def judge(job: Job) -> Job:
    """The job with its report: of the file, of the written master, or of the forecast of one.

    Raises PresetError or InputError where a declaration is wrong or does not fit the file.
    """
    return replace(job, report=_of_file(job) if job.request.recipe is None else _of_master(job))


def _of_file(job: Job) -> Report:
    request, profile = job.request, job.request.profile
    bands = None
    if request.listening.sharpness:
        bands = run_meters(job.source.audio, (ThirdOctaves,), runner=job.runner)
    after, scenarios = at_ear(job.after, request.listening, bands)
    declared = declare(after, job.source, request.content, request.reviewed_by)
    measured = as_data(declared.measured, SHOWN_CURVES)
    verdict, findings = judged(measured, job.facts, profile)
    return Report(
        verdict=verdict,
        profile=judged_by(profile),
        input=job.facts,
        after=measured,
        findings=findings,
        review=declared.review,
        declared=declared.declared,
        at_ear=scenarios,
        versions=versions(),
    )


def _of_master(job: Job) -> Report:
    """The report on a master that was written, or on a plan where nothing was."""
    request, recipe, given = job.request, job.recipe, job.facts
    output = _output(job)
    after = job.ride.forecast if output is None else job.after
    declared = declare(after, job.source, request.content, request.reviewed_by)
    measured = as_data(declared.measured, SHOWN_CURVES)
    verdict, findings = judged(measured, output or given, recipe.profile)
    profile = judged_by(recipe.profile)
    edits = (*job.edits, *job.limited)
    change = None
    if output is not None:
        change = _compared(job, edits)
    return Report(
        verdict=verdict,
        profile=profile,
        preset=Reference.model_validate(recipe.preset.reference()),
        input=given,
        output=output,
        before=job.before,
        after=measured,
        findings=findings,
        review=declared.review,
        declared=declared.declared,
        at_ear=default_scenarios(declared.measured.values),
        chain=chain(recipe, job.ride),
        ride=ride_facts(job.ride, job.renders, job.rendered_dbtp, job.left),
        change=change,
        edits=tuple(edit_data(edit, given.rate_hz) for edit in edits),
        repairs=repair_choices(job),
        next=next_for_master(
            findings, measured, recipe.preset.id, profile, given.path, remedies(job.toned)
        ),
        versions=versions(),
    )


def _compared(job: Job, edits: tuple[Edit, ...]) -> Change:
    """How far the master is from its take. Raises OutputError beyond the bounds of the preset."""
    stage = job.recipe.preset.stages.get(Channels.name)
    asked = comparison.IMAGE if stage is not None and not stage.idle else ()
    own = [edit for edit in edits if edit.stage != Channels.name]
    change = comparison.compare(job.compared, job.after, job.ride, own, job.facts.duration_s)
    comparison.check(change, job.recipe.preset.bounds, job.target, asked)
    return change


def _output(job: Job) -> FileFacts | None:
    if job.written is None:
        return None
    return file_facts(replace(job.written, path=job.target), job.sha256)
