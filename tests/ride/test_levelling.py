"""Levelling: slow passages come closer, pauses are held, what is steady is not touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from asmrmaster import engine
from asmrmaster.dsp.level import loudness
from asmrmaster.meters.base import HOP_S
from asmrmaster.meters.loudness import integrated
from asmrmaster.presets import Preset, Profile, load
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.ride import levelling
from tests.signals import pink

Array = NDArray[np.float64]
STEPS_DB = (0.0, 5.0, -4.0, 3.0, -6.0)
STEP_S = 30
GENERAL = load(Profile, "general")
STRICT = GENERAL.model_copy(
    update={
        "criteria": {
            "L6": GENERAL.criteria["L6"].model_copy(update={"requirement": "required"}),
            "L7": GENERAL.criteria["L6"].model_copy(
                update={"requirement": "required", "quantity": "late_rise_lu", "max": 3.0}
            ),
        }
    }
)
"""A profile that requires a steady level and no rise towards the end."""


def preset(**ride: float) -> Preset:
    settings: dict[str, object] = {"level_max_db": 4.0, **ride}
    return load(Preset, "gentle", {f"ride.{name}": value for name, value in settings.items()})


def energy_of(levels_db: Array, level_lufs: float = -40.0, seed: int = 0) -> Array:
    """Energy per 10 ms hop of a lively sound whose level follows this curve."""
    life_db = np.random.default_rng(seed).normal(0, 1.5, len(levels_db))
    result: Array = 10 ** ((level_lufs + levels_db + life_db) / 10)
    return result


def steps() -> Array:
    return np.repeat(STEPS_DB, round(STEP_S / HOP_S))


def worst_block_lu(energy: Array) -> float:
    """Largest distance of a 30 s block's loudness from the median of the blocks."""
    blocks = loudness(energy.reshape(-1, round(STEP_S / HOP_S)).mean(axis=1))
    return float(np.abs(blocks - np.median(blocks)).max())


def levelled(energy: Array, preset: Preset, profile: Profile = GENERAL) -> Array:
    gain_db = levelling.plan(energy, preset, profile).gain_db
    result: Array = energy * 10 ** (gain_db / 10)
    return result


def test_planted_steps_are_at_least_halved() -> None:
    energy = energy_of(steps())
    assert worst_block_lu(energy) == pytest.approx(6, abs=0.3)
    assert worst_block_lu(levelled(energy, preset())) <= 3
    assert worst_block_lu(levelled(energy, preset(level_max_db=1))) > 4.5, "the bound is a bound"


def test_it_is_slow_and_bounded() -> None:
    plan = levelling.plan(energy_of(steps()), preset(), GENERAL)
    assert 3.5 <= plan.gain_db.max() <= 4
    assert -4 <= plan.gain_db.min() <= -3
    assert 0.3 < plan.max_slope_db_per_s <= 0.6
    assert plan.reason == ""


@pytest.mark.parametrize("drift_db", [0.0, 1.0])
def test_what_is_steady_is_not_touched_at_all(drift_db: float) -> None:
    slow = drift_db * np.sin(2 * np.pi * np.arange(18_000) / 9_000)
    assert not levelling.plan(energy_of(slow), preset(), GENERAL).gain_db.any()


def test_it_is_off_unless_asked_for() -> None:
    assert not levelling.plan(energy_of(steps()), preset(level_max_db=0), GENERAL).gain_db.any()


def test_a_slam_does_not_look_like_a_loud_passage() -> None:
    energy = energy_of(np.zeros(9_000))
    energy[4_500:4_600] *= 10**2.5
    assert not levelling.plan(energy, preset(), GENERAL).gain_db.any()


def paused(every_s: float, pause_s: float, below_lu: float) -> tuple[Array, NDArray[np.bool_]]:
    """The steps with pauses in them, and where those are."""
    levels = steps()
    phase = np.arange(len(levels)) * HOP_S % every_s
    quiet = phase >= every_s - pause_s
    floor = -below_lu + np.zeros(len(levels))
    return energy_of(np.where(quiet, floor, levels)), quiet


def test_the_gain_is_held_through_pauses() -> None:
    energy, quiet = paused(every_s=6, pause_s=1.5, below_lu=40)
    gain_db = levelling.plan(energy, preset(), GENERAL).gain_db
    assert np.ptp(gain_db) > 5
    middle = quiet & np.roll(quiet, 30) & np.roll(quiet, -30)
    pauses = np.split(np.flatnonzero(middle), np.flatnonzero(np.diff(np.flatnonzero(middle)) > 1))
    assert len(pauses) > 20
    assert max(np.ptp(gain_db[pause[1:]]) for pause in pauses) == 0


def test_no_pause_is_lifted_past_the_bound_on_the_noise_floor() -> None:
    energy, quiet = paused(every_s=8, pause_s=2, below_lu=31)
    energy *= 10 ** ((-24 - (integrated(energy) or 0)) / 10)
    middle = quiet & np.roll(quiet, 50) & np.roll(quiet, -50)

    def lifted_lu(max_floor_lufs: float) -> float:
        asked = load(
            Preset, "gentle", {"ride.level_max_db": 4, "target.max_floor_lufs": max_floor_lufs}
        )
        return float(levelling.plan(energy, asked, GENERAL).gain_db[middle].max())

    floor_lufs = float(np.median(loudness(energy[middle])))
    assert lifted_lu(floor_lufs + 10) > 2
    assert lifted_lu(floor_lufs + 1) == pytest.approx(1, abs=1)
    assert lifted_lu(floor_lufs - 5) == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-20, 20), min_size=3, max_size=12),
    st.floats(0.5, 10),
    st.integers(0, 10),
)
def test_whatever_the_take_it_stays_slow_and_bounded(
    levels: list[float], most_db: float, seed: int
) -> None:
    energy = energy_of(np.repeat(levels, 1_500), seed=seed)
    plan = levelling.plan(energy, preset(level_max_db=most_db), GENERAL)
    assert np.abs(plan.gain_db).max() <= most_db + 1e-4
    assert plan.max_slope_db_per_s <= 0.6


@pytest.mark.parametrize(
    ("minutes_db", "reason"),
    [
        ((5.7, 0.0, 0.0, 0.0, 0.0, 0.0), "drifts 5.6 LU, and the profile accepts 4"),
        ((0.0, 0.0, 0.0, 4.7), "rises towards the end by 4.7 LU, and the profile accepts 3"),
    ],
)
def test_a_profile_that_wants_consistency_gets_just_enough(
    minutes_db: tuple[float, ...], reason: str
) -> None:
    energy = energy_of(np.repeat(minutes_db, round(60 / HOP_S)))
    off = preset(level_max_db=0)
    assert not levelling.plan(energy, off, GENERAL).gain_db.any(), "not required there"
    plan = levelling.plan(energy, off, STRICT)
    assert reason in plan.reason
    assert np.abs(plan.gain_db).max() == 2.0, "1.5 would not be enough"
    never = levelling.plan(energy, preset(level_max_db=0, level_most_db=0), STRICT)
    assert not never.gain_db.any()


def test_a_take_inside_the_profile_is_left_alone() -> None:
    drift = np.repeat([3.0, 0.0, 0.0, 0.0, 2.5], round(60 / HOP_S))
    assert not levelling.plan(energy_of(drift), preset(level_max_db=0), STRICT).gain_db.any()


def test_a_rendered_take_is_as_planned(tmp_path: Path) -> None:
    rate = 8_000
    x = pink(-32, STEP_S * len(STEPS_DB), rate, channels=1, seed=4)
    x *= 10 ** (np.repeat(STEPS_DB, STEP_S * rate)[:, None] / 20)
    soundfile.write(tmp_path / "take.wav", x, rate, "PCM_24")
    recipe = load_recipe("roleplay", settings={"mend.needs_voice": False})
    take = tmp_path / "take.wav"
    report = engine.master(take, tmp_path / "m.wav", recipe=recipe, mend="none")
    assert report.ride is not None
    assert 3 <= report.ride.level_max_db <= 4
    assert -4 <= report.ride.level_min_db <= -3
    assert 0.3 < report.ride.level_max_db_per_s <= 0.6
    y = soundfile.read(tmp_path / "m.wav")[0][:, None]
    inner = slice(8 * rate, -10 * rate)  # without the fades
    before, after = (np.square(z[inner]).reshape(-1, rate).mean(axis=1).reshape(-1) for z in (x, y))
    blocks = [
        10 * np.log10([part.mean() for part in np.array_split(level, [22, 52, 82, 112])])
        for level in (before, after)
    ]
    worst = [float(np.abs(one - np.median(one)).max()) for one in blocks]
    assert worst[0] > 5.5
    assert worst[1] <= worst[0] / 2
    for name in ("integrated_lufs", "max_drift_lu"):
        forecast = report.ride.forecast[name]
        assert forecast == pytest.approx(report.after.values[name], abs=0.1), name
