"""A take with a slam in it becomes a master without it, and what its creator says is kept to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.edits.corrections import Corrections
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report
from tests.signals import Array, noise, pink
from tests.stages.test_lift import put

RATE, AT_S = 24_000, (24.0, 33.0)


@pytest.fixture(scope="module")
def bed() -> Array:
    return pink(-38, 50.0, RATE, seed=11)


@pytest.fixture(scope="module")
def take(bed: Array, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two slams 18 dB over a bed of noise."""
    slam = noise(-18, 0.4, RATE, seed=5)
    samples = bed + sum(put(bed, slam, at) for at in AT_S)
    path = tmp_path_factory.mktemp("lifts") / "take.wav"
    soundfile.write(path, samples, RATE, "PCM_24")
    return path


def mastered(take: Path, folder: Path, **told: object) -> tuple[Report, Array]:
    report = engine.master(take, folder / "master.wav", force=True, **told)  # type: ignore[arg-type]
    assert report.output is not None
    return report, soundfile.read(report.output.path, always_2d=True)[0]


def test_it_is_lifted_by_default_logged_and_heard_in_what_was_removed(
    take: Path, bed: Array, tmp_path: Path
) -> None:
    removed = tmp_path / "removed.wav"
    report, samples = mastered(take, tmp_path, removed=removed)
    assert report.verdict.startswith("meets")
    assert report.ride is not None
    assert report.ride.dips == ()
    lifts = [edit for edit in report.edits if edit.stage == "lift"]
    assert len(lifts) == 2
    assert all(abs(e.start_s - at) < 0.5 for e, at in zip(lifts, AT_S, strict=True))
    assert all("before" in e.reason and e.evidence["high_hz"] > 1000 for e in lifts)
    gain = 10 ** (report.ride.static_gain_db / 20)
    for at in AT_S:
        part = slice(round(at * RATE), round((at + 0.4) * RATE))
        assert abs(20 * np.log10(np.std(samples[part]) / np.std(bed[part] * gain))) < 1.0
    taken, _ = soundfile.read(removed, always_2d=True)
    assert np.std(taken[round(24.0 * RATE) : round(24.3 * RATE)]) > 5 * np.std(bed)
    assert np.abs(taken[: round(23 * RATE)]).max() == 0


def test_an_undone_lift_is_neither_made_again_nor_dipped(take: Path, tmp_path: Path) -> None:
    report, _ = mastered(take, tmp_path)
    first = next(edit.id for edit in report.edits if edit.stage == "lift")
    again, _ = mastered(take, tmp_path, corrections=Corrections(undo=frozenset({first})))
    left = [edit for edit in again.edits if edit.stage == "lift"]
    assert len(left) == 1
    assert abs(left[0].start_s - AT_S[1]) < 0.5
    assert again.ride is not None
    assert not [dip for dip in again.ride.dips if dip.start_s < 26]
    assert again.verdict == "does not meet"


def test_what_is_protected_is_judged_as_it_is(take: Path, tmp_path: Path) -> None:
    report, _ = mastered(take, tmp_path, corrections=Corrections(protect=((23.0, 25.0),)))
    assert report.ride is not None
    assert not [dip for dip in report.ride.dips if dip.start_s < 26]
    assert len([edit for edit in report.edits if edit.stage == "lift"]) == 1
    assert report.verdict == "does not meet"


def test_without_lifts_the_ride_dips(take: Path, tmp_path: Path) -> None:
    recipe = load_recipe(settings={"lift": "off"})
    report, _ = mastered(take, tmp_path, recipe=recipe)
    assert report.ride is not None
    assert len(report.ride.dips) == 2
    assert not [edit for edit in report.edits if edit.stage == "lift"]
