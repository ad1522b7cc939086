"""Verify: measure the file of a report again, and tell what the report states that is not so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asmrmaster.advice import second_meter
from asmrmaster.delivery.output import Stream
from asmrmaster.engine.job import Job, Progress, Request
from asmrmaster.engine.measure import measure_file
from asmrmaster.engine.prepare import prepare
from asmrmaster.errors import InputError, ReportError
from asmrmaster.presets import Profile
from asmrmaster.report import SHOWN_CURVES, Report, as_data
from asmrmaster.report.declared import review_points
from asmrmaster.report.verification import Comparison, Fresh, compare
from asmrmaster.runtime.threads import Threads
from asmrmaster.streams.runner import Runner

METERS_AGREE_LU = 0.1
"""Two meters of BS.1770 may differ by this (EBU Tech 3341, 2023: ±0.1 LU)."""


@dataclass(frozen=True)
class Verification:
    """What came of it. differences: what the report states and is not so; none where it agrees.

    compared: how many values were measured again. unchecked: what this file cannot show. second:
    what the independent meter says, in words. profile: by which was judged, in words.
    """

    path: Path
    sha256: str
    differences: tuple[str, ...]
    compared: int
    unchecked: tuple[str, ...]
    second: str

    @property
    def agrees(self) -> bool:
        """Whether everything that could be checked is as the report says."""
        return not self.differences


def verify(
    report: Report,
    path: str | Path,
    *,
    stream: Stream = None,
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Verification:
    """Measure ``path`` again and compare it with what ``report`` says of its file.

    Raises InputError where the file cannot be measured, ReportError where the report does not say
    by which limits it judges.
    """
    profile = _judging(report)
    if stream is None:
        stream = (report.output or report.input).stream
    request = Request(Path(path), profile, stream=stream)
    job = measure_file(prepare(Job(request, runner or Threads.default(), progress)))
    fresh = Fresh(job.facts, as_data(job.after, SHOWN_CURVES), review_points(job.after))
    found = compare(report, fresh, profile)
    second, apart = _second(job, stream)
    differences = _own_take(report, fresh, found)
    return Verification(
        job.source.path,
        fresh.facts.sha256,
        (*differences, *([second] if apart else [])),
        found.compared,
        found.unchecked,
        "" if apart else second,
    )


def _judging(report: Report) -> Profile:
    """The profile a report judges by."""
    if report.limits is None:
        raise ReportError(
            f"names {report.profile.id} {report.profile.version} and does not hold its limits",
            hint="It is of an earlier version; check the file again",
        )
    return report.limits


def _own_take(report: Report, fresh: Fresh, found: Comparison) -> tuple[str, ...]:
    """What differs; of the take of a master that it is the take, which explains all the rest."""
    if report.output is not None and fresh.facts.sha256 == report.input.sha256:
        return ("this is the take, and the report is on the master made from it",)
    return found.differences


def _second(job: Job, stream: Stream) -> tuple[str, bool]:
    """What an independent meter says of the loudness, and whether it contradicts ours."""
    ours = job.after.values["integrated_lufs"]
    try:
        theirs = second_meter.integrated_lufs(
            job.source.path, None if stream is None else str(stream)
        )
    except InputError as error:
        return f"no second meter: the file {error.message}", False
    assert ours is not None
    apart = abs(ours - theirs)
    if apart > METERS_AGREE_LU:
        return f"a second meter measures {theirs:.2f} LUFS, not {ours:.2f}", True
    return f"two meters agree within {max(0.01, -(-apart * 100 // 1) / 100):.2f} LU", False
