"""A measurement as plain data: rounded once, its curves thinned for pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from asmrmaster.meters.base import Event, Measurement
from asmrmaster.report.facts import CurveData, MeasurementData, Moment
from asmrmaster.report.overviews import pictures
from asmrmaster.streams.curves import drop_pages

DECIMALS = 4
"""Values are rounded to this before they are judged, so a saved report judges the same."""
CURVE_POINTS = 2000
"""Curves are kept at up to this many points: enough for any picture, small at any length."""
SHOWN_CURVES = ("momentary_lufs", "short_term_lufs")
"""Curves a report keeps."""


def as_data(measured: Measurement, curves: Iterable[str] = ()) -> MeasurementData:
    """A measurement as plain data, rounded once, with the named curves thinned for pictures."""
    return MeasurementData(
        values={name: _rounded(value) for name, value in measured.values.items()},
        curves={
            name: thin(curve.values, curve.hop_s, curve.unit)
            for name in curves
            if (curve := measured.curves.get(name)) is not None and curve.values.ndim == 1
        },
        events=tuple(_moment(event) for event in measured.events),
        pictures=pictures(measured),
    )


def thin(
    values: np.ndarray[Any, Any], hop_s: float, unit: str, *, lowest: bool = False
) -> CurveData:
    """A curve at no more than CURVE_POINTS points, keeping the extreme of each stretch."""
    step = max(1, -(-len(values) // CURVE_POINTS))
    pick = np.minimum if lowest else np.maximum
    kept = pick.reduceat(values, np.arange(0, len(values), step)) if len(values) else values
    shown = tuple(round(float(v), 2) if np.isfinite(v) else None for v in kept)
    drop_pages()
    return CurveData(hop_s=hop_s * step, unit=unit, values=shown)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)


def _moment(event: Event) -> Moment:
    return Moment(
        quantity=event.quantity,
        start_s=round(event.start_s, 3),
        end_s=round(event.end_s, 3),
        size=round(event.size, DECIMALS),
        channel=event.channel,
    )
