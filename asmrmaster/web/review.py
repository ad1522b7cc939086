"""Listening to the moments a report names, and who has done so."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from asmrmaster.errors import ParameterError
from asmrmaster.presets import Profile
from asmrmaster.report import Declared, Report, rescore
from asmrmaster.report.declared import REVIEW_POINTS
from asmrmaster.web.job_files import write_whole

LISTENED = "listened.json"
NAME_CHARACTERS = 80


class Listened(BaseModel):
    """A record: who listened to which review points (counted from 1) of which file, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    by: str
    at: str
    sha256: str
    points: tuple[int, ...]
    times_s: tuple[float, ...]


def record(folder: Path, report: Report, by: str, points: Collection[int]) -> Listened:
    """Keep who listened to what. ParameterError where a name or the points are missing."""
    name = " ".join(by.split())
    if not name or len(name) > NAME_CHARACTERS:
        raise ParameterError(f"give your name, in up to {NAME_CHARACTERS} characters")
    known = sorted(k for k in set(points) if 1 <= k <= len(report.review))
    if not known:
        raise ParameterError("mark the moments you have listened to")
    judged = report.output or report.input
    listened = Listened(
        by=name,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=judged.sha256,
        points=tuple(known),
        times_s=tuple(report.review[k - 1].start_s for k in known),
    )
    write_whole(folder / LISTENED, listened.model_dump_json(indent=2))
    return listened


def recorded(folder: Path) -> Listened | None:
    """The record in a job's folder, None where nobody has listened yet."""
    path = folder / LISTENED
    return Listened.model_validate(json.loads(path.read_bytes())) if path.is_file() else None


def with_listener(report: Report, listened: Listened | None, profile: Profile) -> Report:
    """The report judged by ``profile``, and by what was listened to: the same figures as
    ``--reviewed-by`` gives where all points were heard."""
    if listened is not None:
        measured = len(listened.points)
        confirmed = REVIEW_POINTS if measured >= len(report.review) else measured
        values = {**report.after.values, "review_points_confirmed": float(confirmed)}
        declared = report.declared or Declared()
        report = report.model_copy(
            update={
                "after": report.after.model_copy(update={"values": values}),
                "declared": declared.model_copy(update={"reviewed_by": listened.by}),
            }
        )
    return rescore(report, profile)
