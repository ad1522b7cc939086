"""Several tracks side by side: the same eight questions in fixed columns, and a filter by what a
client avoids over what was declared. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asmrmaster.presets import GROUPS
from asmrmaster.report import Answer, Report, limits_in_words, name_of
from asmrmaster.report.answered import ResultState
from asmrmaster.report.sentences import capital, counted, minute
from asmrmaster.views import phrases
from asmrmaster.views.page import Page
from asmrmaster.views.page import render as render_page
from asmrmaster.views.shape import Shape, shape
from asmrmaster.views.text import shipped_sentence

RANK: Mapping[ResultState, int] = {
    "meets": 0,
    "waiting": 1,
    "finish": 2,
    "close": 3,
    "unknown": 4,
    "stop": 5,
}
"""Order of the rows. Up to ``finish`` a track fits where it declares none of what is avoided."""
UNDECLARED = "?"
WIDTH, HEIGHT = 200, 40


@dataclass(frozen=True)
class Entry:
    """A report, and where its own page lies; empty where there is none."""

    report: Report
    page: str = ""


@dataclass(frozen=True)
class Row:
    """One track. tags: ids separated by bars, ``?`` where nothing was declared."""

    name: str
    href: str
    length: str
    headline: str
    limits: str
    state: ResultState
    rank: int
    tags: str
    answers: tuple[Answer, ...]
    shape: Shape | None


def render(entries: Sequence[Entry], *, unread: Sequence[str] = (), served: bool = False) -> Page:
    """The page. unread: sentences on what could not be compared."""
    order = entries[0].report.profile.order if entries else GROUPS
    names = list(dict.fromkeys(name_of(one.report.profile) for one in entries))
    same = len({one.report.profile.sha256 for one in entries}) == 1
    rows = sorted(
        (_row(one, order, named=len(names) > 1, strip=not same) for one in entries),
        key=lambda row: (row.rank, row.name),
    )
    strips = []
    lede = f"Judged for {' and for '.join(names)}."
    if same and entries:
        head, changed = limits_in_words(entries[0].report.profile)
        lede = f"Judged for {names[0]}, {head}."
        if changed:
            strips.append((capital(head), changed if changed[:1] in ",: " else f". {changed}"))
    number = len(rows)
    return render_page(
        "compare.html.j2",
        styles=("verdict.css", "compare.css"),
        script="compare.js",
        served=served,
        heading=f"{capital(counted(number))} {'track' if number == 1 else 'tracks'} side by side",
        lede=lede,
        strips=strips,
        order=order,
        rows=rows,
        unread=unread,
    )


def _row(entry: Entry, order: Sequence[str], *, named: bool, strip: bool) -> Row:
    report = entry.report
    found = report.answered
    file = phrases.subject(report)
    tags = report.declared.tags if report.declared else None
    head, changed = limits_in_words(report.profile)
    limits = shipped_sentence(report)
    if strip and changed:
        text = f"{capital(head)}{changed if changed[:1] in ',: ' else '. ' + changed}"
        limits = f"{text} {limits}".strip()
    if named:
        limits = f"For {name_of(report.profile)}. {limits}".strip()
    by = {answer.question: answer for answer in found.answers}
    return Row(
        name=phrases.name(file),
        href=entry.page,
        length=minute(file.duration_s),
        headline=found.headline,
        limits=limits,
        state=found.state,
        rank=RANK[found.state],
        tags=UNDECLARED if tags is None else "|".join(tags),
        answers=tuple(by[group] for group in order if group in by),
        shape=shape(report, found.moments, WIDTH, HEIGHT),
    )
