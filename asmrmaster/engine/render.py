"""Render: stages, ride, limiter and encoder into a draft, block by block, and measure the draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from asmrmaster.audio.source import Source
from asmrmaster.audio.tags import finish
from asmrmaster.engine.file_facts import hashing
from asmrmaster.engine.job import Job, telling
from asmrmaster.meters import Tap, measure
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.peaks import Peaks
from asmrmaster.stages.base import Edit
from asmrmaster.stages.chain import through
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio
from asmrmaster.streams.curves import drop_pages


def passes(job: Job) -> int:
    """Passes over the sound from the take to a master that was measured; one for a forecast."""
    return 1 if job.request.dry_run else 3


def render(job: Job) -> Job:
    """The job with its draft written and measured. Raises OutputError and InputError."""
    drop_pages()  # of the curves that were planned on
    recipe, ride = job.recipe, job.ride
    limiter = recipe.preset.limiter.model_copy(update={"ceiling_dbtp": ride.ceiling_dbtp})
    limited: list[Edit] = []
    toned = through(job.source.audio, recipe.after(job.edits).stages)
    rendered = limiter(apply_gain(toned, ride.amplitude), limited.append)
    rendered = telling(rendered, job.part(1, passes(job)))
    peaks = None if job.delivery.format.lossless else Tap(rendered, (Peaks,))
    written, sha256, after = _written(job, peaks.audio if peaks else rendered)
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


def _written(job: Job, audio: Audio) -> tuple[Source, str, Measurement]:
    """Write, then measure what is on disk.

    The file as its header describes it, with the notes of its writer; its hash; what it measures.
    """
    draft: Path = job.draft.path
    notes = job.delivery.write(audio, draft)
    written = job.delivery.read(draft)
    with hashing(draft, job.runner, flush=True) as digest:
        heard = job.delivery.watched_new(written.audio, draft)
        after = measure(heard, progress=job.part(2, passes(job)), runner=job.runner)
        return replace(written, notes=notes), digest(), after
