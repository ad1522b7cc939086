"""Master a take, check a file: the steps in their order, and nothing else.

    take → prepare → measure → plan → render ⟲ → judge → publish → master
    file → prepare → measure ─────────────────→ judge

Everything that judges a file, whoever asks, comes through here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from asmrmaster.audio import Draft
from asmrmaster.audio.keeping import Keeping
from asmrmaster.declarations.content import Content
from asmrmaster.delivery.length import Length
from asmrmaster.delivery.output import Stream
from asmrmaster.edits.corrections import Corrections
from asmrmaster.engine.all_streams import NOT_HEARD, with_notes, worst_of
from asmrmaster.engine.job import Job, Mend, Progress, Request
from asmrmaster.engine.judge import judge
from asmrmaster.engine.measure import measure_file, measure_take
from asmrmaster.engine.plan import plan, replan
from asmrmaster.engine.prepare import prepare
from asmrmaster.engine.publish import publish
from asmrmaster.engine.render import complete, render
from asmrmaster.errors import InputError
from asmrmaster.presets import Profile
from asmrmaster.presets.recipe import Recipe, load_profile, load_recipe
from asmrmaster.report import Report
from asmrmaster.report.at_ear import Listening
from asmrmaster.runtime.threads import Threads
from asmrmaster.streams.runner import Runner


def check(
    path: str | Path,
    profile: Profile | None = None,
    *,
    stream: Stream = None,
    codec: str = "",
    listening: Listening | None = None,
    content: Path | Content | None = None,
    reviewed_by: str = "",
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Report:
    """Judge one file by a profile, see ``Request``; InputError where it cannot be measured."""
    request = Request(
        Path(path),
        profile or load_profile(),
        stream=stream,
        codec=codec,
        listening=listening or Listening(),
        content=content,
        reviewed_by=reviewed_by,
    )
    return checked(Job(request, runner or Threads.default(), progress))


def master(
    take: str | Path,
    output: str | Path | None = None,
    *,
    recipe: Recipe | None = None,
    force: bool = False,
    dry_run: bool = False,
    stream: Stream = None,
    length: Length | None = None,
    corrections: Corrections | None = None,
    mend: Mend = "auto",
    removed: Path | None = None,
    content: Path | Content | None = None,
    reviewed_by: str = "",
    tags: Keeping = "public",
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Report:
    """Turn a take into a master, judge the written file, publish it under a name that tells.

    See ``Request``. InputError, OutputError, ParameterError or PresetError: nothing is published.
    """
    recipe = recipe or load_recipe()
    request = Request(
        Path(take),
        recipe.profile,
        recipe,
        Path(output) if output is not None else None,
        force=force,
        dry_run=dry_run,
        stream=stream,
        length=length,
        corrections=corrections or Corrections(),
        mend=mend,
        removed=removed,
        content=content,
        reviewed_by=reviewed_by,
        tags=tags,
    )
    return run(Job(request, runner or Threads.default(), progress))


def checked(job: Job) -> Report:
    """Take the job of a check through all its steps; of several sound streams the worst decides.

    Where one is asked for by number or language, it alone is heard.
    """
    job = prepare(job)
    asked, others = job.request.stream, job.source.others
    first = judge(measure_file(job)).report
    if asked is not None:
        return with_notes(first, (NOT_HEARD,) if others else ())
    reports, unheard = [first], []
    for number in others:
        request = replace(job.request, stream=number)
        try:
            other = prepare(Job(request, job.runner, job.progress))
            reports.append(judge(measure_file(other)).report)
        except InputError as error:
            unheard.append(
                f"Also there: stream {number}, which could not be judged: {error.message}."
            )
    return worst_of(reports, unheard)


def run(job: Job) -> Report:
    """Take the job of a master through all its steps."""
    if job.request.dry_run:
        return forecast(job).report
    job = plan(measure_take(prepare(job)))
    with Draft(job.target) as draft:
        job = render(replace(job, draft=draft))
        while (better := replan(job)) is not None:
            job = render(better)
        return publish(judge(complete(job))).report


def forecast(job: Job) -> Job:
    """The job of a master taken as far as its plan, with the report that is expected of it."""
    return judge(plan(measure_take(prepare(job))))
