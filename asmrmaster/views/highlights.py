"""Where to listen: the places that findings name, each once, with all that is found there.

One slammed door fails several criteria; a reader wants to hear it once and know why it is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asmrmaster.report import Finding, Report
from asmrmaster.views import phrases

GATHER_S = 1.0
"""Events this near to each other are heard as one moment."""
MOST = 8
LONGEST_S = 10.0
"""A moment grows by what joins it up to this; a stretch that is longer stays by itself."""


@dataclass(frozen=True)
class Moment:
    """A place in the file and the findings that name it, the heaviest first."""

    start_s: float
    end_s: float
    findings: tuple[Finding, ...]

    @property
    def fails(self) -> int:
        """How many of the findings are failures."""
        return sum(finding.state == "fail" for finding in self.findings)


def moments(report: Report, most: int = MOST) -> list[Moment]:
    """The moments most is wrong with, at most so many, in the order of how much that is."""
    found = [_moment(group) for group in _gathered(_named(report))]
    found.sort(key=lambda m: (-m.fails, -len(m.findings), m.start_s))
    return found[:most]


Named = tuple[float, float, Finding]


def _named(report: Report) -> Iterable[Named]:
    for finding in report.findings:
        if finding.applies and finding.state in ("fail", "advisory"):
            for event in finding.events:
                yield event.start_s, event.end_s, finding


def _gathered(named: Iterable[Named]) -> Iterable[list[Named]]:
    """Groups of what lies together in time."""
    group: list[Named] = []
    for start_s, end_s, finding in sorted(named, key=lambda one: one[:2]):
        reached_s = max((end for _, end, _ in group), default=start_s)
        first_s = group[0][0] if group else start_s
        if group and (start_s > reached_s + GATHER_S or end_s - first_s > LONGEST_S):
            yield group
            group = []
        group.append((start_s, end_s, finding))
    if group:
        yield group


def _moment(group: list[Named]) -> Moment:
    unique = {finding.criterion: finding for _, _, finding in group}
    ordered = sorted(unique.values(), key=lambda f: phrases.ORDER.index(f.state))
    return Moment(group[0][0], max(end for _, end, _ in group), tuple(ordered))
