"""A row of marks for each kind of moment: what fails, what was changed, what else was noticed."""

from __future__ import annotations

from collections.abc import Iterable

from asmrmaster.report import Moment, Report, clock
from asmrmaster.views import phrases
from asmrmaster.views.scales import merged, time_ticks
from asmrmaster.views.svg import FOOT, LINE, Plot, Row, time_scale

MOST_ROWS = 8
Spans = list[tuple[float, float]]


def happened(report: Report) -> Plot | None:
    """A row of marks for each kind of moment: what fails, what was noticed, what was changed."""
    x = time_scale(report)
    found = [row for row in _groups(report) if row[2]][:MOST_ROWS]
    if not found:
        return None
    step = 2 * LINE + 8
    rows = []
    for k, (kind, title, spans) in enumerate(found):
        marks = merged(((x(s), x(e)) for s, e in spans), 3.0)
        shown = tuple((round(a, 1), round(b - a, 1)) for a, b in marks)
        rows.append(Row(kind, k * step + LINE + 4, f"{title} ({len(spans)})", shown))
    words = [
        f"{title}: {len(spans)} {'place' if len(spans) == 1 else 'places'}, {_times(spans)}."
        for _, title, spans in found
    ]
    return Plot(
        key="moments",
        title="What happened when",
        summary=" ".join(words),
        height=len(rows) * step + 8 + FOOT,
        x_ticks=time_ticks(x),
        y_ticks=[],
        told=False,
        rows=tuple(rows),
    )


def _groups(report: Report) -> Iterable[tuple[str, str, Spans]]:
    """Kind, title and spans of each row, what matters most first."""
    judged = set()
    for state in ("fail", "advisory"):
        for finding in report.findings:
            if finding.state == state and finding.events:
                judged.add(finding.quantity)
                words = phrases.WORDS[finding.state]
                yield finding.state, f"{finding.title}: {words}", _spans(finding.events)
    if report.before is not None:
        yield "before", "Noticed in the take", _spans(report.before.events)
    stages: dict[str, Spans] = {}
    for edit in report.edits:
        stages.setdefault(edit.stage, []).append((edit.start_s, edit.end_s))
    for stage, spans in stages.items():
        yield "edit", f"Changed: {phrases.inside(phrases.stage(stage))}", spans
    rest: dict[str, Spans] = {}
    for moment in reversed(report.after.events):  # intrusions are read last and shown first
        if moment.quantity not in judged:
            rest.setdefault(moment.quantity, []).append((moment.start_s, moment.end_s))
    for name, spans in rest.items():
        yield "noticed", phrases.title(name), spans


def _spans(moments: Iterable[Moment]) -> Spans:
    return [(moment.start_s, moment.end_s) for moment in moments]


def _times(spans: Spans, most: int = 5) -> str:
    starts = list(dict.fromkeys(clock(start) for start, _ in sorted(spans)))
    return f"at {', '.join(starts[:most])}" + (" and later" if len(starts) > most else "")
