"""The shape of a file over time: momentary loudness, what one is used to, and its moments.

It is a drawing, a slider and a player in one; large on a report, small in a row of a comparison.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from asmrmaster.report import CurveData, Place, Report
from asmrmaster.report.sentences import minute
from asmrmaster.views.scales import Scale, Tick, time_ticks

WIDTH, HEIGHT = 1000, 150
COLUMNS = 500
BELOW_LU, ABOVE_LU = -24.0, 18.0
TWICE_LU = 10.0
USED_TO_S, USED_FLOOR_LU = 30.0, -6.0
EARLY_S = 15.0
"""Before this it is too early to tell what is sudden."""
PAD_S = 0.3
MOST_TICKS, NEAR = 5, 0.12


@dataclass(frozen=True)
class Shape:
    """Path data and places in a drawing of ``width`` by ``height``.

    wave: the area under the loudness. used: what one is used to. spans: (x, width) of the moments.
    early: where it stops being too early to tell. usual, twice: heights of the two lines. label:
    where the words on what one is used to fit, in shares of width and height.
    """

    width: int
    height: int
    wave: str
    used: str
    spans: tuple[tuple[float, float], ...]
    early: float
    usual: float
    twice: float
    ticks: tuple[Tick, ...]
    label: tuple[float, float] | None


def shape(
    report: Report, moments: Sequence[Place], width: int = WIDTH, height: int = HEIGHT
) -> Shape | None:
    """The shape of a report's file; None where its loudness is not known."""
    curve = report.after.curves.get("momentary_lufs")
    usual = report.after.values.get("integrated_lufs")
    duration_s = (report.output or report.input).duration_s
    if curve is None or usual is None or not curve.values or duration_s <= 0:
        return None
    x = Scale(0.0, duration_s, 0.0, float(width))
    y = Scale(usual + BELOW_LU, usual + ABOVE_LU, float(height), 0.0)
    columns = _columns(curve, min(COLUMNS, width))
    step_s = duration_s / len(columns)
    low = usual + BELOW_LU
    points = [
        f"L{_at((k + 0.5) * step_s, x)} {_short(y(low if v is None else v))}"
        for k, v in enumerate(columns)
    ]
    wave = f"M0 {height}{''.join(points)}L{width} {height}Z"
    levels = _used_to(columns, step_s, usual)
    used = "".join(
        f"{'M' if k == 0 else 'L'}{_at(time, x)} {_short(y(level))}"
        for k, (time, level) in enumerate(levels)
    )
    spans = tuple(
        (
            round(x(m.start_s - PAD_S), 1),
            round(max(4.0, x(m.end_s + PAD_S) - x(m.start_s - PAD_S)), 1),
        )
        for m in moments
    )
    ends = time_ticks(x, MOST_TICKS)
    ticks = (*(t for t in ends if t.at < width * (1 - NEAR)), Tick(width, minute(duration_s)))
    return Shape(
        width=width,
        height=height,
        wave=wave,
        used=used,
        spans=spans,
        early=round(x(min(EARLY_S, duration_s)), 1),
        usual=round(y(usual), 1),
        twice=round(y(usual + TWICE_LU), 1),
        ticks=ticks,
        label=_label(levels, duration_s, y, height),
    )


def _columns(curve: CurveData, count: int) -> list[float | None]:
    """The highest value of each of ``count`` columns, or fewer where there are fewer values."""
    values = curve.values
    count = min(count, len(values))
    found: list[float | None] = []
    for k in range(count):
        first, last = k * len(values) // count, (k + 1) * len(values) // count
        known = [v for v in values[first:last] if v is not None]
        found.append(max(known) if known else None)
    return found


def _used_to(
    columns: Sequence[float | None], step_s: float, usual: float
) -> list[tuple[float, float]]:
    """Time and level of what one is used to, from 15 s on: the loudest of the 30 s before."""
    floor = usual + USED_FLOOR_LU
    recent: deque[tuple[int, float]] = deque()
    reach = max(1, round(USED_TO_S / step_s))
    found = []
    for k, value in enumerate(columns):
        while recent and recent[0][0] < k - reach:
            recent.popleft()
        if k * step_s >= EARLY_S:
            found.append((k * step_s, max(floor, recent[0][1]) if recent else floor))
        if value is not None:
            while recent and recent[-1][1] <= value:
                recent.pop()
            recent.append((k, value))
    return found


def _label(
    levels: Sequence[tuple[float, float]], duration_s: float, y: Scale, height: int
) -> tuple[float, float] | None:
    if not levels or duration_s < 2 * EARLY_S:
        return None
    wanted = max(0.22 * duration_s, EARLY_S)
    level = next((level for time, level in levels if time >= wanted), levels[-1][1])
    return round(min(wanted / duration_s, 0.6), 3), round(y(level) / height, 3)


def _at(seconds: float, x: Scale) -> str:
    return _short(x(seconds))


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
