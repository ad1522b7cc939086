"""A page for many reports: what stands out first, each file linked to its own report.

Sorting and filtering need a small script; without it the page is a plain table in the order that
matters: verdict, then how far a file stands apart from the others, then its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from urllib.parse import quote

from asmrmaster.report import Report, Verdict, name_of
from asmrmaster.report.answered import ResultState
from asmrmaster.views import phrases
from asmrmaster.views.page import render as render_page
from asmrmaster.views.text import changed_lines

SHOWN = (
    "integrated_lufs",
    "true_peak_dbtp",
    "max_momentary_above_programme_lu",
    "loudness_range_lu",
    "noise_floor_lufs",
)
"""Quantities with a column, in order."""
VERDICTS: tuple[Verdict, ...] = (
    "does not meet",
    "not assessed",
    "meets with advisories",
    "meets",
)
"""In the order they are counted in."""
STATES: tuple[ResultState, ...] = ("stop", "close", "unknown", "waiting", "finish", "meets")
"""In the order files stand in: what asks for somebody first."""
APART = 3.0
"""A figure stands out from this many robust standard deviations on (median absolute deviation
times 1.4826; B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", 1993) …"""
LEAST_APART = 3.0
"""… and from this many dB or LU, so that a folder of equals has no outliers;"""
ENOUGH = 5
"""and only among this many files or more."""


@dataclass(frozen=True)
class Entry:
    """A report and the path of its page from this one, with slashes; empty where there is none."""

    report: Report
    page: str = ""


@dataclass(frozen=True)
class Cell:
    """A figure: as printed, as sorted, and whether it stands out in this folder."""

    text: str
    value: float | None
    apart: bool


@dataclass(frozen=True)
class Row:
    """One file."""

    name: str
    path: str
    href: str
    verdict: Verdict
    state: ResultState
    decided: str
    limits: str
    duration_s: float
    values: tuple[float | None, ...]


def render(entries: Iterable[Entry], *, title: str = "Reports") -> str:
    """The page. Reports are looked at one after the other and not kept."""
    rows = [_row(entry) for entry in entries]
    middles = [_middle([row.values[k] for row in rows]) for k in range(len(SHOWN))]
    weighed = [(row, _distances(row, middles)) for row in rows]
    weighed.sort(
        key=lambda pair: (
            STATES.index(pair[0].state),
            VERDICTS.index(pair[0].verdict),
            -max(pair[1]),
            pair[0].path,
        )
    )
    counts = Counter(row.verdict for row in rows)
    return render_page(
        "folder.html.j2",
        styles=("page.css", "folder.css"),
        script="folder.js",
        title=title,
        columns=SHOWN,
        counts=[(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]],
        rows=[(row, _cells(row, distances)) for row, distances in weighed],
    )


def _row(entry: Entry) -> Row:
    report = entry.report
    file = phrases.subject(report)
    found = report.answered
    return Row(
        name=phrases.name(file),
        path=file.path,
        href=f"./{quote(entry.page)}" if entry.page else "",  # never taken for a scheme or host
        verdict=report.verdict,
        state=found.state,
        decided=f"{found.headline}.",
        limits=_limits(report),
        duration_s=file.duration_s,
        values=tuple(report.after.values.get(name) for name in SHOWN),
    )


def _limits(report: Report) -> str:
    """Whether limits are the shipped ones; where not, which, and what those say."""
    if report.profile.standing == "shipped":
        return f"{name_of(report.profile)}, limits as shipped."
    return " ".join(line.removeprefix("! ") for line in changed_lines(report))


def _middle(values: list[float | None]) -> tuple[float, float] | None:
    """Median and what counts as apart; None where there are too few."""
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH:
        return None
    centre = median(known)
    deviation = median(abs(value - centre) for value in known)
    return centre, max(1.4826 * deviation * APART, LEAST_APART)


def _distances(row: Row, middles: list[tuple[float, float] | None]) -> tuple[float, ...]:
    """How far each figure lies from the middle of the folder; above 1 is apart."""
    return tuple(
        0.0 if value is None or middle is None else abs(value - middle[0]) / middle[1]
        for value, middle in zip(row.values, middles, strict=True)
    )


def _cells(row: Row, distances: tuple[float, ...]) -> list[Cell]:
    return [
        Cell(phrases.figure(name, value, unit=False), value, distance > 1)
        for name, value, distance in zip(SHOWN, row.values, distances, strict=True)
    ]
