"""From seconds and decibels to places in a drawing: scales, round ticks, paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from asmrmaster.report import CurveData, clock

_TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_DAY_STEP_S = 7200


@dataclass(frozen=True)
class Scale:
    """A straight scale from values [low, high] to places [start, end]; values beyond are held."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


def ticks(scale: Scale, most: int = 6) -> list[Tick]:
    """Round values along a scale, no more than ``most``."""
    span = scale.high - scale.low
    power = 10.0 ** floor(log10(span / most))
    step = next(s * power for s in (1, 2, 5, 10, 20) if span / (s * power) <= most)
    first, last = ceil(scale.low / step - 1e-9), floor(scale.high / step + 1e-9)
    values = [k * step for k in range(first, last + 1)]
    return [Tick(scale(v), f"{v:g}".replace("-", "\N{MINUS SIGN}")) for v in values]


def time_ticks(scale: Scale, most: int = 10) -> list[Tick]:
    """Round times along a scale in seconds: 0:30, 1:00, or 1:00:00 where hours are in it."""
    fitting = (s for s in _TIME_STEPS_S if scale.high / s <= most)
    step = next(fitting, _DAY_STEP_S * ceil(scale.high / _DAY_STEP_S / most))
    count = floor(scale.high / step + 1e-9)
    return [Tick(scale(k * step), clock(k * step, int(step < 1))) for k in range(count + 1)]


def path(curve: CurveData, x: Scale, y: Scale) -> str:
    """SVG path data of a curve: each value where its stretch ends, gaps where there is none."""
    parts, pen = [], "M"
    for k, value in enumerate(curve.values):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{_short(x((k + 1) * curve.hop_s))} {_short(y(value))}")
        pen = "L"
    return "".join(parts)


def area(curve: CurveData, x: Scale, y: Scale, base: float) -> str:
    """SVG path data of what lies between a curve and ``base``; silence counts as base."""
    if not curve.values:
        return ""
    inner = "".join(
        f"L{_short(x((k + 1) * curve.hop_s))} {_short(y(base if value is None else value))}"
        for k, value in enumerate(curve.values)
    )
    end = _short(x(len(curve.values) * curve.hop_s))
    return f"M{_short(x(0))} {_short(y(base))}{inner}L{end} {_short(y(base))}Z"


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places, in order, moved as little as need be to lie ``gap`` apart in [low, high]."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    moved = [places[k] for k in order]
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + gap)
    if moved and moved[-1] > high:
        moved[-1] = high
        for k in reversed(range(len(moved) - 1)):
            moved[k] = min(moved[k], moved[k + 1] - gap)
    result = [0.0] * len(places)
    for place, k in zip(moved, order, strict=True):
        result[k] = max(place, low)
    return result


def merged(spans: Iterable[tuple[float, float]], smallest: float) -> list[tuple[float, float]]:
    """Spans (start, end) made at least ``smallest`` wide, overlapping ones joined, in order.

    However many there are, no more come back than fit beside each other in the drawing.
    """
    joined: list[tuple[float, float]] = []
    for start, end in sorted((s, max(e, s + smallest)) for s, e in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    return joined
