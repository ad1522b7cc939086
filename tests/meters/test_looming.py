"""Looming: swells that rise faster than they fall."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.looming import Looming, find_swells
from asmrmaster.meters.loudness import Loudness
from tests.signals import Array


def levels(*parts: tuple[float, float]) -> Array:
    """Level in LU every 10 ms, in straight lines: (seconds, level to reach)."""
    result, level = [np.empty(0)], 0.0
    for seconds, target in parts:
        result.append(np.linspace(level, target, round(seconds * 100), endpoint=False))
        level = target
    return np.concatenate(result)


def swell(rise_s: float, fall_s: float, height_lu: float = 15.0) -> Array:
    return levels((30, 0), (rise_s, height_lu), (fall_s, 0), (20, 0))


def read(level_lu: Array) -> Measurement:
    curve = Curve(10 ** ((level_lu[:, None] - 40) / 10), 0.01, "mean square")
    return read_curves(Measurement(curves={"k_energy": curve}), (Loudness, Looming))


def count(level_lu: Array) -> int:
    return len([e for e in read(level_lu).events if e.quantity == "looming_per_10_min"])


def test_a_swell_that_rises_fast_and_falls_slowly_looms() -> None:
    measured = read(swell(3, 9))
    seconds = 30 + 3 + 9 + 20
    assert measured.values["looming_per_10_min"] == pytest.approx(600 / (seconds - 15), rel=0.01)
    (event,) = (e for e in measured.events if e.quantity == "looming_per_10_min")
    assert event.size == pytest.approx(2.0, abs=0.2)  # 10 of 15 LU in 3 s
    assert 30 < event.start_s < event.end_s < 33.5


@pytest.mark.parametrize(
    ("rise_s", "fall_s", "looms"),
    [
        (3, 5, False),  # falls less than twice as slowly
        (3, 7, True),
        (1.2, 9, False),  # 10 LU in 0.8 s: an onset, not an approach
        (1.8, 9, True),
        (5.6, 20, True),
        (6.6, 20, False),  # 10 LU in 4.4 s
    ],
)
def test_speed_of_rise_and_fall(rise_s: float, fall_s: float, looms: bool) -> None:
    assert count(swell(rise_s, fall_s)) == looms


@pytest.mark.parametrize(("height_lu", "looms"), [(10.5, False), (12, True)])
def test_ten_lu_below_the_rippled_top_are_needed(height_lu: float, looms: bool) -> None:
    assert count(swell(2.5, 12, height_lu)) == looms


def test_what_stays_up_has_come_near_too() -> None:
    assert count(levels((30, 0), (3, 15), (30, 15))) == 1


def test_ripple_at_the_top_does_not_hide_a_swell() -> None:
    level = swell(3, 12)
    level += 0.4 * np.sin(np.arange(len(level)))
    assert count(level) == 1


def test_a_swell_to_what_one_is_used_to_does_not_loom() -> None:
    """The half minute before was as loud for a tenth of the time, so it is not above it."""
    before = levels((10, 0), (0.01, 16), (4, 16), (0.01, 0), (10, 0))
    level = np.concatenate([levels((15, 0)), before, swell(3, 12)[3000:]])
    assert count(level) == 0


def test_a_quiet_swell_does_not_loom() -> None:
    """The same swell 40 LU below a loud part of the programme."""
    assert count(np.concatenate([swell(3, 9), np.full(6000, 50.0)])) == 0


def test_fades_are_none() -> None:
    assert count(levels((3, 15), (60, 15), (3, -40))) == 0


def test_short_and_silent_sound_has_no_value() -> None:
    assert read(np.zeros(3590)).values["looming_per_10_min"] is None
    assert read(np.zeros(3610)).values["looming_per_10_min"] == 0
    assert read(np.full(6000, -90.0)).values["looming_per_10_min"] is None
    assert find_swells(np.zeros(20, dtype=np.float32), 0.0) == []
