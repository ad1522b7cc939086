"""Figures at the ear: each beside the level it rests on, and never part of a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.advice import calibration_noise
from asmrmaster.errors import ParameterError
from asmrmaster.presets.recipe import load_profile
from asmrmaster.report.at_ear import Listening, default_scenarios
from tests.signals import pink

RATE = 48_000


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ear") / "take.wav"
    soundfile.write(path, pink(-30, 5), RATE, "PCM_24")
    return path


def test_three_levels_are_assumed_where_nothing_is_said(take: Path) -> None:
    report = engine.check(take)
    assert [(one.basis, one.laeq_at_ear_dba) for one in report.at_ear] == [
        ("assumed", 40.0), ("assumed", 50.0), ("assumed", 60.0),
    ]  # fmt: skip
    assert all(one.sharpness_s5_acum is None for one in report.at_ear)
    assert report.at_ear == default_scenarios(report.after.values)


def test_ten_decibels_more_use_ten_times_the_allowance(take: Path) -> None:
    quiet, middle, loud = engine.check(take).at_ear
    assert loud.weekly_dose_adult_percent == pytest.approx(
        10 * middle.weekly_dose_adult_percent, rel=0.01
    )
    assert loud.lafmax_at_ear_dba - quiet.lafmax_at_ear_dba == pytest.approx(20)


def test_the_noise_itself_is_as_loud_as_it_was_read(tmp_path: Path) -> None:
    noise = calibration_noise.write_noise(tmp_path / "noise.wav")
    (one,) = engine.check(noise, listening=Listening(noise_dba=57.5)).at_ear
    assert one.basis == "calibrated"
    assert one.laeq_at_ear_dba == pytest.approx(57.5, abs=0.1)


def test_sharpness_is_worked_out_where_asked_for_and_says_what_it_assumes(take: Path) -> None:
    report = engine.check(
        take, load_profile("sensory"), listening=Listening(level_dba=45, sharpness=True)
    )
    (one,) = report.at_ear
    assert one.sharpness_s5_acum is not None
    finding = next(f for f in report.findings if f.criterion == "T3")
    assert finding.measured == one.sharpness_s5_acum
    assert "assumed mean level at the ear 45 dB(A)" in finding.why
    without = next(
        f for f in engine.check(take, load_profile("sensory")).findings
        if f.criterion == "T3"
    )  # fmt: skip
    assert (without.measured, without.applies) == (None, False)


def test_the_level_changes_no_verdict(take: Path) -> None:
    one, other = (engine.check(take, listening=Listening(level_dba=level)) for level in (20, 100))
    assert (one.verdict, one.findings) == (other.verdict, other.findings)


@pytest.mark.parametrize(
    "wrong",
    [{"level_dba": 50, "noise_dba": 60}, {"level_dba": -1}, {"noise_dba": 121},
     {"hours_per_week": 169}, {"level_dba": float("nan")}],
)  # fmt: skip
def test_what_nobody_listens_at_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Listening(**wrong)  # type: ignore[arg-type]
