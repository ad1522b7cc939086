"""What a drawing over time consists of: lines, rules, words and marks, at places on the page.

The drawing itself is a template (``templates/plot.html.j2``) and its colours are in the style
sheet, so that one drawing serves light, dark and print. All are WIDTH units wide and share their
time axis; each says in ``summary`` what it shows, for those who do not see it.
"""

from __future__ import annotations

from dataclasses import dataclass

from asmrmaster.report import Report
from asmrmaster.views import phrases
from asmrmaster.views.scales import Scale, Tick

WIDTH, LEFT, RIGHT, TOP, FOOT = 920, 54, 168, 24, 26
"""Width of a drawing, and the margins around what is drawn."""
LINE = 14
"""Height of a line of text."""


@dataclass(frozen=True)
class Stroke:
    """A line or area: what it is (a class of the style sheet) and its path data."""

    kind: str
    d: str


@dataclass(frozen=True)
class Rule:
    """A horizontal line with its words at the right."""

    kind: str
    y: float
    text: str
    text_y: float


@dataclass(frozen=True)
class Note:
    """Words at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Row:
    """A row of marks with its title above: marks are (x, width)."""

    kind: str
    y: float
    title: str
    marks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plot:
    """One drawing. ``key`` is unique on a page; ``legend`` holds (kind, words). told: whether the
    summary stands on the page for all, or only for those who cannot see the drawing."""

    key: str
    title: str
    summary: str
    height: int
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    unit: str = ""
    told: bool = True
    strokes: tuple[Stroke, ...] = ()
    rules: tuple[Rule, ...] = ()
    notes: tuple[Note, ...] = ()
    rows: tuple[Row, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP

    @property
    def bottom(self) -> float:
        """Where the time axis lies."""
        return self.height - FOOT


def time_scale(report: Report) -> Scale:
    """The time axis of all drawings of this report."""
    return Scale(0, max(phrases.subject(report).duration_s, 1e-3), LEFT, WIDTH - RIGHT)
