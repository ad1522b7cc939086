"""How heavily each finding weighs, and what the findings of a question amount to.

A finding's grade comes from its state, its role and by how much it misses: see docs/verdict.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from asmrmaster.presets import Group, shipped_criterion
from asmrmaster.report.answered import AnswerState, Grade, Place
from asmrmaster.report.facts import Finding

LEVEL_UNITS = ("LU", "dB")
"""Only of these can a miss be small against what is known about the limit."""
OFTEN = 2
"""Fewer new moments than this in a file are not many, whatever their rate."""
HEAVIEST: tuple[Grade, ...] = ("bad", "close", "hint", "unknown", "fix")
ANSWERS: Mapping[Grade, AnswerState] = {
    "bad": "not_fine",
    "close": "look",
    "hint": "look",
    "unknown": "not_known",
    "fix": "fix",
}
NEAR_S = 0.5
"""A loud passage this near to a sudden moment is that moment."""


def placed(finding: Finding) -> Finding:
    """The finding with its question, role and margin; of one from before version 2 of reports
    they are those of the shipped criterion of its id."""
    if finding.group is not None:
        return finding
    known = shipped_criterion(finding.criterion)
    if known is None:
        return finding.model_copy(update={"group": "damage", "role": "decides"})
    update = {"group": known.group, "role": known.role, "close": known.close}
    return finding.model_copy(update=update)


def excess(finding: Finding) -> float:
    """By how much a finding misses its limit, in its unit; 0 where it does not."""
    value, limit = finding.measured, finding.limit
    if value is None:
        return 0.0
    over = 0.0 if limit.max is None else value - limit.max
    under = 0.0 if limit.min is None else limit.min - value
    return max(over, under, 0.0)


def grade(finding: Finding) -> Grade | None:
    """The grade of a placed finding; None where it says nothing against the file."""
    if not finding.applies or finding.state == "pass":
        return None
    if finding.state == "not assessed":
        return "unknown" if finding.requirement == "required" else None
    if finding.state == "advisory":
        rare = finding.criterion == "O1c" and len(finding.events) < OFTEN
        return None if rare else "hint"
    if finding.role == "finish" or (finding.role == "person" and not finding.vetoed):
        return "fix"
    level = finding.role != "person" and finding.unit in LEVEL_UNITS
    # The measured value and the margin are decimals; their difference in binary is not.
    return "close" if level and round(excess(finding), 6) <= finding.close else "bad"


def of_group(findings: Iterable[Finding], group: Group) -> list[tuple[Finding, Grade | None]]:
    """The findings of a question with their grades, the heaviest first."""
    found = [(f, grade(f)) for f in findings if f.group == group and f.applies]
    return sorted(found, key=lambda pair: weight(pair[1]))


def weight(found: Grade | None) -> int:
    """Where a grade stands among all, the heaviest first."""
    return len(HEAVIEST) if found is None else HEAVIEST.index(found)


def heaviest(graded: Sequence[tuple[Finding, Grade | None]]) -> Grade | None:
    """The heaviest grade of findings in order."""
    return graded[0][1] if graded else None


def only_the_sudden_sound(
    graded: Sequence[tuple[Finding, Grade | None]], moments: Iterable[Place], sudden: bool
) -> bool:
    """Whether all that is wrong with the level is a passage that is a sudden sound itself.

    sudden: whether the question of sudden sounds holds a failure of its own, so that the passage
    is not forgotten by leaving it to that.
    """
    wrong = [f for f, g in graded if g in ("bad", "close")]
    if not sudden or [f.criterion for f in wrong] != ["L3"] or not wrong[0].events:
        return False
    spans = [(m.start_s - NEAR_S, m.end_s + NEAR_S) for m in moments if m.sudden]
    return all(
        any(event.start_s <= end and event.end_s >= start for start, end in spans)
        for event in wrong[0].events
    )
