"""A file with several sound streams: a player may choose any of them, so that all are heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from asmrmaster.presets.words import words
from asmrmaster.report import Report
from asmrmaster.report.answered import ResultState
from asmrmaster.report.judging import DECIDES

NOT_HEARD = "What a player may choose besides was not heard: see --stream."
_STATES: Sequence[str] = get_args(ResultState)  # the worst first


def worst_of(reports: Sequence[Report], unheard: Sequence[str] = ()) -> Report:
    """The report on the stream that fares worst, which says how the others do.

    reports: of one file, in the order of choice: among equals the first. unheard: sentences on
    streams that could not be measured.
    """
    verdicts = (*DECIDES, "meets")
    worst = min(
        reports, key=lambda one: (_STATES.index(one.answered.state), verdicts.index(one.verdict))
    )
    others = tuple(_heard(one) for one in reports if one is not worst)
    return with_notes(worst, (*others, *unheard))


def with_notes(report: Report, notes: Sequence[str]) -> Report:
    """The report with more notes on its file."""
    if not notes:
        return report
    facts = report.input.model_copy(update={"notes": (*report.input.notes, *notes)})
    return report.model_copy(update={"input": facts})


def _heard(report: Report) -> str:
    found = report.answered
    state = words().states[found.state]
    return f"Also heard: stream {report.input.stream}, {state.lower()}: {found.headline}."
