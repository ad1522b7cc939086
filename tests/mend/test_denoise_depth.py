"""Denoise that the profile asks for: as deep as its limit on the noise floor needs, and said so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.edits.corrections import Corrections
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report
from asmrmaster.stages.denoise import USUAL_DB
from asmrmaster.views import text
from tests.signals import pink

RATE = 48_000
LIMITS = {
    "noise_floor_lufs": ("N1", "max"),
    "noise_floor_dbfs": ("N1", "max"),
    "programme_above_floor_lu": ("N1", "min"),
}


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phrases of 2 s with pauses of 1 s, 26 dB over a steady floor."""
    seconds = 30.0
    time = np.arange(round(seconds * RATE)) / RATE
    gate = np.convolve((time % 3.0) < 2.0, np.hanning(480) / 240, "same")[:, None]
    samples = pink(-34, seconds, seed=2) * gate + pink(-60, seconds, seed=3)
    path = tmp_path_factory.mktemp("denoising") / "take.wav"
    soundfile.write(path, samples, RATE, "PCM_24")
    return path


def profile(folder: Path, quantity: str, limit: float) -> Path:
    """A clinician's own: general, with a required limit on the floor."""
    _, side = LIMITS[quantity]
    path = folder / "quiet.toml"
    path.write_text(
        'id = "quiet"\nversion = "1.0.0"\ndate = 2026-11-25\nstatus = "test"\nextends = "general"\n'
        'title = "Quiet"\nwhen = "For tests."\ntext = "A limit on the floor."\n[override.N1]\n'
        f'requirement = "required"\nquantity = "{quantity}"\n{side} = {limit}\n'
        'reason = "hiss is a sound"\n'
    )
    return path


def mastered(
    take: Path,
    folder: Path,
    quantity: str,
    limit: float,
    corrections: Corrections | None = None,
    **settings: Any,
) -> Report:
    recipe = load_recipe(
        "whisper", profile(folder, quantity, limit), settings={"declick": "off", **settings}
    )
    return engine.master(
        take,
        folder / "m.wav",
        recipe=recipe,
        corrections=corrections or Corrections(),
        mend="none",
        force=True,
    )


def denoise_db(report: Report) -> float:
    stages = [stage for stage in report.chain if stage.stage == "denoise"]
    return float(stages[0].parameters["reduction_db"]) if stages else 0.0


def finding(report: Report) -> str:
    return next(f.state for f in report.findings if f.criterion == "N1")


@pytest.fixture(scope="module")
def plain(take: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Mastered where the limit is met anyhow."""
    return mastered(take, tmp_path_factory.mktemp("plain"), "noise_floor_lufs", -30.0)


def test_where_the_limit_is_met_nothing_is_lowered(plain: Report) -> None:
    assert denoise_db(plain) == 0
    assert finding(plain) == "pass"
    assert not [edit for edit in plain.edits if edit.stage == "denoise"]


@pytest.mark.parametrize("quantity", LIMITS)
def test_the_floor_goes_down_as_far_as_the_limit_asks(
    quantity: str, take: Path, plain: Report, tmp_path: Path
) -> None:
    floor = plain.after.values[quantity]
    assert floor is not None
    asked = floor + 4 if LIMITS[quantity][1] == "min" else floor - 4
    report = mastered(take, tmp_path, quantity, round(asked, 1))
    assert finding(report) == "pass"
    assert denoise_db(report) == pytest.approx(4.2, abs=0.5), "what is needed, and no more"
    loudness, was = (r.after.values["integrated_lufs"] for r in (report, plain))
    assert loudness == pytest.approx(was, abs=0.15), "the sound itself is as loud as without"
    (edit,) = (edit for edit in report.edits if edit.stage == "denoise")
    assert "profile's limit (Noise floor) asks for" in edit.reason
    said = " ".join(text.render(report, full=True).split())
    assert f"denoise: everywhere, by up to {-edit.amount_db:.1f} dB: {edit.reason}." in said


def test_what_denoise_cannot_reach_loudness_gives_way_for(take: Path, tmp_path: Path) -> None:
    loud: dict[str, Any] = {
        "target.max_floor_lufs": -40.0
    }  # so that the preset itself gives way to no noise
    before = mastered(take, tmp_path, "noise_floor_lufs", -30.0, **loud)
    floor = before.after.values["noise_floor_lufs"]
    assert floor is not None
    report = mastered(take, tmp_path, "noise_floor_lufs", floor - 12.6, **loud)
    assert denoise_db(report) == USUAL_DB
    assert finding(report) == "pass"
    assert report.ride is not None
    assert before.ride is not None
    assert report.ride.target_lufs < before.ride.target_lufs - 0.5
    assert "noise floor" in report.ride.target_reason


def test_what_neither_can_reach_fails_and_is_said(
    take: Path, plain: Report, tmp_path: Path
) -> None:
    report = mastered(take, tmp_path, "noise_floor_lufs", -85.0)
    assert denoise_db(report) == USUAL_DB
    assert finding(report) == "fail"
    assert report.verdict == "does not meet"
    (edit,) = (edit for edit in report.edits if edit.stage == "denoise")
    assert edit.amount_db == -USUAL_DB
    needed_db = float(edit.reason.split()[-2])
    assert needed_db > USUAL_DB


def test_the_creator_can_keep_it_off(take: Path, plain: Report, tmp_path: Path) -> None:
    undone = Corrections(undo=frozenset({"denoise-0-0000000"}))
    settings: dict[str, Any] = {"denoise.reduction_db": 0}
    for folder, corrections, given in (("a", undone, {}), ("b", Corrections(), settings)):
        (tmp_path / folder).mkdir()
        report = mastered(take, tmp_path / folder, "noise_floor_lufs", -60.0, corrections, **given)
        assert denoise_db(report) == 0
        assert finding(report) == "fail"


def test_protected_spans_stay(take: Path, plain: Report, tmp_path: Path) -> None:
    floor = plain.after.values["noise_floor_lufs"]
    assert floor is not None
    corrections = Corrections(protect=((2.2, 2.8),))
    report = mastered(take, tmp_path, "noise_floor_lufs", floor - 3, corrections)
    (stage,) = (stage for stage in report.chain if stage.stage == "denoise")
    assert stage.parameters["protect"] == [[2.2, 2.8]]
