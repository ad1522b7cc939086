"""Prepare: read the file and settle what will be made of it. Bad data ends here."""

from __future__ import annotations

from dataclasses import replace

from asmrmaster.audio import check_target, read
from asmrmaster.audio.source import Source
from asmrmaster.delivery.length import prescribed
from asmrmaster.delivery.output import default_output, delivery
from asmrmaster.edits.delta import check_removed
from asmrmaster.engine.job import Job
from asmrmaster.errors import InputError

SHORTEST_S = 0.4
"""One momentary window of BS.1770-5; shorter sound has no loudness."""


def prepare(job: Job) -> Job:
    """The job with its sound opened and, for a master, its name, format and fitted recipe known.

    Raises InputError for what cannot be measured, OutputError for a name that cannot be written to,
    ParameterError for corrections or a length that do not fit this take.
    """
    request = job.request
    source = _source(job)
    if request.recipe is None:
        return replace(job, source=source)
    target = request.output or default_output(source)
    whole = request.length is None
    output = delivery(
        source, target, stream=request.stream, same_length=whole, keeping=request.tags
    )
    if request.length is not None:
        audio, said = prescribed(source.audio, request.length)
        source = replace(source, audio=audio, notes=(*source.notes, said))
        _measurable(source)
    recipe = request.recipe
    if request.corrections:
        request.corrections.check(source.audio.duration_s, request.path)
        recipe = replace(recipe, preset=request.corrections.on(recipe.preset))
    if not request.dry_run:
        check_target(target, (request.path,), request.force)
        if request.removed is not None:
            check_removed(request.removed, source, target, request.force)
    recipe = recipe.fitted(source.audio)
    return replace(job, source=source, target=target, delivery=output, recipe=recipe)


def _source(job: Job) -> Source:
    path, stream = job.request.path, job.request.stream
    source = read(path) if stream is None else read(path, stream=stream)
    _measurable(source)
    return source


def _measurable(source: Source) -> None:
    if source.audio.duration_s < SHORTEST_S:
        raise InputError(
            f"is {source.audio.duration_s * 1000:.0f} ms long, too short to have a loudness",
            subject=source.path,
            hint="At least 400 ms are needed",
        )
