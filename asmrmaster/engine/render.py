"""Render: stages, ride, limiter and encoder into a draft, block by block, and measure the draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from asmrmaster.audio.source import Source
from asmrmaster.audio.tags import finish
from asmrmaster.engine.file_facts import hashing
from asmrmaster.engine.job import Job, telling
from asmrmaster.meters import METERS, Tap, measure, read_curves, run_each, share
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.peaks import Peaks
from asmrmaster.stages.base import Edit
from asmrmaster.stages.chain import light, through
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio
from asmrmaster.streams.curves import drop_pages
from asmrmaster.streams.follow import GrowingFile
from asmrmaster.streams.prefetch import prefetched
from asmrmaster.streams.runner import HERE

RENDER_NS = 13.0
"""Processor time of a light render, for each sample; see ``share``."""


def passes(job: Job) -> int:
    """Passes over the sound from the take to a master that was measured; one for a forecast."""
    if job.request.dry_run:
        return 1
    return 2 if _at_once(job) else 3


def _at_once(job: Job) -> bool:
    """Whether the draft is measured in another process while it is written."""
    return job.delivery.grows and job.runner.splits


def render(job: Job) -> Job:
    """The job with its draft written and measured. Raises OutputError and InputError."""
    drop_pages()  # of the curves that were planned on
    recipe, ride, runner = job.recipe, job.ride, job.runner
    limiter = recipe.preset.limiter.model_copy(update={"ceiling_dbtp": ride.ceiling_dbtp})
    limited: list[Edit] = []
    toned = through(job.source.audio, recipe.after(job.edits).stages)
    ridden = prefetched(apply_gain(toned, ride.amplitude), runner)
    rendered = prefetched(limiter(ridden, limited.append), runner)
    rendered = telling(rendered, job.part(1, passes(job)))
    peaks = None if job.delivery.format.lossless else Tap(rendered, (Peaks,))
    write = _measured_meanwhile if _at_once(job) else _measured_after
    written, sha256, after = write(job, peaks.audio if peaks else rendered)
    return replace(
        job,
        written=written,
        sha256=sha256,
        after=after,
        limited=tuple(limited),
        renders=job.renders + 1,
        rendered_dbtp=peaks.measured().values["true_peak_dbtp"] if peaks else None,
    )


def complete(job: Job) -> Job:
    """The job with its draft proven to be in step, if a film's, and its loudness written into it.

    Raises OutputError.
    """
    draft: Path = job.draft.path
    found = job.delivery.prove(draft)
    if found and job.written is not None:
        notes = (*job.written.notes, *found)
        job = replace(job, written=replace(job.written, notes=notes))
    if not finish(draft, job.after.values):
        return job
    with hashing(draft, job.runner) as digest:
        return replace(job, sha256=digest())


_Written = tuple[Source, str, Measurement]
"""The file as its header describes it, with the notes of its writer; its hash; what it measures."""


def _measured_after(job: Job, audio: Audio) -> _Written:
    """Write, then measure what is on disk."""
    draft: Path = job.draft.path
    notes = job.delivery.write(audio, draft)
    written = job.delivery.read(draft)
    with hashing(draft, job.runner, flush=True) as digest:
        after = measure(
            written.audio,
            progress=job.part(2, passes(job)),
            watched=lambda new: job.delivery.watched_new(new, draft),
            runner=job.runner,
        )
        return replace(written, notes=notes), digest(), after


def _measured_meanwhile(job: Job, audio: Audio) -> _Written:
    """Another process measures what is on disk while this one writes on.

    A light render ends before that: what is left of the time goes to a share of the meters.
    """
    draft: Path = job.draft.path
    growing = GrowingFile()
    mine = share(METERS, RENDER_NS) if light(job.recipe.stages) else ()
    theirs = [meter for meter in METERS if meter not in mine]

    def follow() -> dict[type[Meter], Measurement]:
        growing.wait()
        return run_each(growing.following(job.delivery.read(draft).audio), theirs)

    with job.runner.beside(follow) as following:
        try:
            notes = job.delivery.write(growing.counting(audio), draft)
        except BaseException:
            growing.give_up()  # a thread, in place of a process, would be waited for
            raise
        written = job.delivery.read(draft)
        with hashing(draft, job.runner, flush=True) as digest:
            measured = run_each(written.audio, mine, runner=HERE) if mine else {}
            measured |= following()
            after = read_curves(Measurement.merge(measured[meter] for meter in METERS))
            return replace(written, notes=notes), digest(), after
