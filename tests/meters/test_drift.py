"""Drift from minute to minute and the rise towards the end."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.drift import Drift
from tests.meters.test_loudness import energy


def read(*parts: tuple[float, float]) -> dict[str, float | None]:
    curve = Curve(energy(*parts)[:, None].astype(np.float32), 0.01, "mean square")
    return dict(Drift.read(Measurement(curves={"k_energy": curve})).values)


def test_a_louder_minute_stands_out_by_its_distance() -> None:
    values = read((120, -23), (60, -17), (120, -23))
    assert values["max_drift_lu"] == pytest.approx(6, abs=0.01)
    assert values["late_rise_lu"] == pytest.approx(0, abs=0.01)


def test_a_quieter_minute_counts_as_much() -> None:
    assert read((120, -23), (60, -30), (120, -23))["max_drift_lu"] == pytest.approx(7, abs=0.01)


def test_a_rise_is_positive_and_a_fall_negative() -> None:
    assert read((60, -30), (60, -26), (60, -20))["late_rise_lu"] == pytest.approx(10, abs=0.01)
    assert read((60, -20), (60, -26), (60, -30))["late_rise_lu"] == pytest.approx(-10, abs=0.01)


def test_pauses_do_not_pull_the_median() -> None:
    steady = [(20.0, -23.0), (15.0, -80.0)] * 6
    assert read(*steady)["max_drift_lu"] == pytest.approx(0, abs=0.5)


def test_a_short_last_block_counts_from_half_a_minute() -> None:
    """Windows are 3 s, so blocks begin with the first whole one."""
    assert read((120, -23), (25, -10))["max_drift_lu"] == pytest.approx(0, abs=0.01)
    assert read((120, -23), (40, -10))["max_drift_lu"] == pytest.approx(13, abs=0.01)


@pytest.mark.parametrize("parts", [(), ((0.5, -20),), ((59.99, -20),), ((90, -200),)])
def test_short_or_silent_sound_has_none(parts: tuple[tuple[float, float], ...]) -> None:
    values = read(*parts) if parts else read((0, -20))
    assert values == {"max_drift_lu": None, "late_rise_lu": None}
