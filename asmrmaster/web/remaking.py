"""A master made again: with what its report advises, or without what a person takes back.

The earlier master and its report stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from asmrmaster.errors import ParameterError
from asmrmaster.presets.mastering import Mendable
from asmrmaster.report import EditData, Report
from asmrmaster.stages import STAGES
from asmrmaster.stages.repair import Repair
from asmrmaster.web.job_files import JobRequest

MOST_OFFERED = 40
"""The largest edits, which are those one hears."""
Otherwise = dict[str, object]
NOTHING: Otherwise = {
    "settings": {},
    "loop_s": None,
    "start_s": None,
    "undo": (),
    "protect": (),
    "after": "",
}
"""For a master that is made as its preset has it, whatever was asked of its take before."""


def offered(report: Report) -> list[EditData]:
    """The edits that can be taken back, in order of time; of very many the largest."""
    found = [one for one in report.edits if one.id and _can_be_undone(one.stage)]
    largest = sorted(found, key=lambda one: -abs(one.amount_db))[:MOST_OFFERED]
    return sorted(largest, key=lambda one: one.start_s)


def _can_be_undone(stage: str) -> bool:
    known = STAGES.get(stage)
    return stage in get_args(Mendable) or (known is not None and issubclass(known, Repair))


def advised(report: Report, job: JobRequest) -> Otherwise | None:
    """What of a job its report would have otherwise; None where there is nothing that can be set.

    What was tried already is not advised again.
    """
    step = report.next
    if job.kind != "master" or step is None or not (step.settings or step.loop_s or step.start_s):
        return None
    wanted = {**job.settings, **step.settings}
    otherwise: Otherwise = {
        "settings": wanted,
        "loop_s": step.loop_s or job.loop_s,
        "start_s": step.start_s or job.start_s,
    }
    if all(getattr(job, name) == value for name, value in otherwise.items()):
        return None
    return otherwise


def taken_back(report: Report, job: JobRequest, form: Mapping[str, Sequence[str]]) -> Otherwise:
    """A job with edits taken back and spans protected, beside those of before.

    form: ids of edits under ``undo`` and ``protect``. Raises ParameterError where none is chosen or
    one is not of this report.
    """
    edits = {one.id: one for one in offered(report)}
    undo, protect = form.get("undo", ()), form.get("protect", ())
    if not undo and not protect:
        raise ParameterError("choose at least one change to take back or to protect")
    if strange := {*undo, *protect} - edits.keys():
        raise ParameterError(f"is no change of this master: {min(strange)[:40]}")
    spans = [(edits[one].start_s, edits[one].end_s) for one in protect]
    return {
        "undo": tuple(sorted({*job.undo, *undo})),
        "protect": tuple(sorted({*job.protect, *spans})),
    }
