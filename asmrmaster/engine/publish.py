"""Publish: the master under a name that tells its verdict, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from asmrmaster.audio import check_target
from asmrmaster.audio.names import beside
from asmrmaster.edits.delta import write_removed
from asmrmaster.engine.job import Job


def publish(job: Job) -> Job:
    """The job with its master where its report says it is. Raises OutputError."""
    request, report = job.request, job.report
    final = named_by_verdict(job.target, report.verdict)
    if final != job.target:
        check_target(final, (request.path,), request.force)
    if request.removed is not None:
        stages = job.recipe.after(job.edits).stages
        write_removed(request.removed, job.source, stages, job.edits, request.force)
    job.draft.publish(final, force=request.force)
    assert report.output is not None
    named = report.output.model_copy(update={"path": str(final)})
    return replace(job, report=report.model_copy(update={"output": named}))


def named_by_verdict(target: Path, verdict: str) -> Path:
    """The name a master goes out under: one that does not meet its profile says so."""
    if verdict.startswith("meets"):
        return target
    return beside(target, f".{verdict.replace(' ', '-')}{target.suffix}")
