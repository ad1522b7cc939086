"""Moments over the limits of a profile, one after the other: what there is to lift or to dip.

They are found by the rules of the ride (``ride.rules``), which use the functions that screen
(``dsp.novelty``), so what is planned and what is judged afterwards cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp import novelty, startle
from asmrmaster.dsp.lift import EARLY_S
from asmrmaster.meters import read_curves
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.meters.startle import Startle
from asmrmaster.ride import rules
from asmrmaster.ride.dips import GAP_HOPS, HISTORY_HOPS
from asmrmaster.ride.rules import FREEZE_HOPS, Rule, Stretch

Curve = NDArray[np.floating]

OUTLIER, TONE = "max_outlier_lu", "max_new_tone_lu"
LIFTED = (*rules.SUDDEN, OUTLIER)
"""Limits that a lift can bring a moment inside of, on the curves of energy alone."""
CHUNK_HOPS = 6000


@dataclass(frozen=True)
class Over:
    """Windows over a limit: hops in which the first and the last of them end, by how much, why.

    name: the quantity whose limit it is. shape: see ``every_over``.
    """

    first: int
    last: int
    excess_db: float
    reason: str
    name: str
    shape: tuple[float, ...] = ()


def every_over(
    energy: Curve, bands: Curve, limits: Mapping[str, float], programme_lufs: float
) -> list[Over]:
    """All events over a limit as they stand, each with its shape: levels of its bands in dB."""
    found, here = [], 0
    while (over := first_over(energy, bands, limits, programme_lufs, here)) is not None:
        first = max(0, (over.first - round(novelty.WINDOW_S / HOP_S)) // 2)
        there = bands[first : over.last // 2].mean(axis=0, dtype=np.float64)
        before = bands[max(0, first - HISTORY_HOPS // 2) : max(1, first)].mean(axis=0)
        shape = np.maximum(10 * np.log10((there + 1e-12) / (before + 1e-12)), 0.0)
        found.append(replace(over, shape=tuple(shape.tolist())))
        here = over.last
    return found


def first_over(
    energy: Curve, bands: Curve, limits: Mapping[str, float], programme_lufs: float, here: int
) -> Over | None:
    """The earliest event over a limit from hop ``here`` on, None where there is none.

    energy: weighted K energy on the 10 ms grid; bands: on the 20 ms grid. An event runs from its
    first window over the limit on, held against what was usual at its beginning, to the last one
    that no gap of 0.6 s parts from it.
    """
    for start in range(here, len(energy), CHUNK_HOPS):
        first = max(0, start - HISTORY_HOPS) // 2 * 2
        last = min(len(energy), start + CHUNK_HOPS + FREEZE_HOPS)
        stretch = Stretch(first, energy[first:last], bands[first // 2 : last // 2], programme_lufs)
        found = [
            over
            for name, rule in zip(_named(limits), rules.rules_for(limits), strict=True)
            if (over := _first_event(rule, stretch, start, name)) is not None
            and over.first < start + CHUNK_HOPS
        ]
        if OUTLIER in limits:
            found += _outliers(energy, limits[OUTLIER], programme_lufs, start)
        if found:
            return min(found, key=lambda one: one.first)
    return None


def _outliers(energy: Curve, limit_lu: float, programme_lufs: float, start: int) -> list[Over]:
    """The first moment of a chunk that stands out of what is usual around it, if there is one."""
    around = round(startle.AROUND_S / HOP_S)
    first = max(0, start - around)
    part = energy[first : start + CHUNK_HOPS + around]
    moments = startle.levels_of(part, startle.MOMENT_S)
    over = startle.above_usual(moments, startle.MOMENT_SHARE, programme_lufs) - limit_lu
    hot = np.flatnonzero(over[start - first : start - first + CHUNK_HOPS] > 0) + start
    if not len(hot):
        return []
    breaks = np.flatnonzero(np.diff(hot) > GAP_HOPS)
    last = int(hot[breaks[0]] if len(breaks) else hot[-1])
    size = float(over[hot[0] - first : last - first + 1].max())
    reason = f"{limit_lu + size:.1f} LU above what is usual in the minute around it"
    return [Over(int(hot[0]) + 1, last + 1, size, reason, OUTLIER)]


def new_tones(measured: Measurement, limit_lu: float) -> list[Over]:
    """Beeps and alarms over a limit, as the meters of ``measured`` find them."""
    found = read_curves(measured, (Startle,)).events
    window = round(startle.TONE_HOPS * startle.TONE_HOP_S / HOP_S)
    return [
        Over(
            round(event.start_s / HOP_S) + novelty.hops(novelty.WINDOW_S) * 2 - window,
            round(event.end_s / HOP_S),
            event.size - limit_lu,
            f"a tone of an alarm, {event.size:.1f} LU over what would be lost in the rest",
            TONE,
        )
        for event in found
        if event.quantity == TONE and event.size > limit_lu
    ]


def _named(limits: Mapping[str, float]) -> list[str]:
    return [name for name in rules.SUDDEN if name in limits]


def _first_event(rule: Rule, stretch: Stretch, start: int, name: str) -> Over | None:
    value, reference = rule.levels(stretch)
    freeze, gap = FREEZE_HOPS // rule.step, GAP_HOPS // rule.step
    here = max(0, -(-(start - stretch.start) // rule.step))
    hot = np.flatnonzero(rule.excess(value[here:], reference[here:]) > 0)
    if not len(hot):
        return None
    first = here + int(hot[0])
    held = np.minimum(reference[first : first + freeze], reference[first])
    excess = rule.excess(value[first : first + freeze], held)
    inside = np.flatnonzero(excess > 0)
    breaks = np.flatnonzero(np.diff(inside) > gap)
    last = first + int(inside[breaks[0]] if len(breaks) else inside[-1])
    size = float(excess[: last - first + 1].max())
    begin, end = (stretch.start + (k + 1) * rule.step for k in (first, last))
    return Over(begin, end, size, rule.reason(size), name)


def first_early(energy: Curve, limits: Mapping[str, float], programme_lufs: float) -> Over | None:
    """The latest event of the first 15 s that stands out of what *follows* it.

    There is no past to be used to yet, so the question is asked backwards in time: level novelty
    of the reversed curve, which has half a minute of history there.
    """
    limit = limits.get("max_level_novelty_lu")
    hops = min(len(energy), round((EARLY_S + novelty.HISTORY_S + 1.0) / HOP_S)) // 2 * 2
    early = round(EARLY_S / HOP_S)
    if limit is None or hops < round(novelty.SHORTEST_S / HOP_S):
        return None
    backwards = np.ascontiguousarray(energy[:hops][::-1])
    over = _first_event(
        rules.louder_than_before(limit),
        Stretch(0, backwards, None, programme_lufs),
        hops - early,
        "max_level_novelty_lu",
    )
    if over is None:
        return None
    window = round(novelty.WINDOW_S / HOP_S)
    first, last = hops - over.last + window, hops - over.first + window
    reason = f"{limit + over.excess_db:.1f} LU louder than anything in the 30 s after"
    return Over(first, last, over.excess_db, reason, over.name)
