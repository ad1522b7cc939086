"""Curves are thinned to their extremes."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.report import (
    CURVE_POINTS,
    as_data,
    thin,
)


def test_curves_are_thinned_to_their_extremes() -> None:
    values = np.zeros(10_001, dtype=np.float32)
    values[5000] = 3
    data = thin(values, 0.01, "LU")
    assert len(data.values) <= CURVE_POINTS
    assert max(v for v in data.values if v is not None) == 3
    assert data.hop_s * len(data.values) == pytest.approx(100.01, rel=0.01)
    assert thin(np.array([np.nan, 1.0]), 0.01, "LU").values == (None, 1.0)
    assert thin(np.empty(0), 0.01, "LU").values == ()
    assert as_data(
        Measurement({}, {"a": Curve(values, 0.01, "LU")}, ()), ["a", "b"]
    ).curves.keys() == {"a"}
