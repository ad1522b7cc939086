"""Silence and room tone before the programme: no history, no programme, and said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.presets.recipe import load_profile
from asmrmaster.views import sheet, text
from asmrmaster.views.html import render as page
from tests.page_reader import Page
from tests.signals import Array, concat, noise, pink, silence

RATE = 16_000


def gentle(seconds: float, level_dbfs: float = -30.0) -> Array:
    sound = pink(level_dbfs, seconds, RATE)
    fade = np.clip((seconds - np.arange(len(sound)) / RATE) / 8, 0, 1)
    return sound * (fade**2)[:, None]


def written(path: Path, sound: Array) -> Path:
    soundfile.write(path, sound, RATE, subtype="PCM_24")
    return path


@pytest.mark.parametrize("seconds", [15.0, 31.0, 70.0])
def test_silence_before_a_take_does_not_count(tmp_path: Path, seconds: float) -> None:
    sound = gentle(40)
    take = written(tmp_path / "take.wav", concat(silence(seconds, RATE), sound))
    report = engine.master(take, tmp_path / "m.wav")
    bare = engine.check(written(tmp_path / "bare.wav", sound))
    assert report.ride is not None
    assert report.ride.dips == ()
    assert report.change is not None
    assert abs(report.change.level_change_lu or 0.0) < 0.1
    made, _ = soundfile.read(tmp_path / "m.wav")
    whole = concat(silence(seconds, RATE), sound) * 10 ** (report.ride.static_gain_db / 20)
    middle = slice(round((seconds + 5) * RATE), round((seconds + 30) * RATE))
    ratio = np.std(made[middle]) / np.std(whole[middle])
    assert abs(20 * np.log10(ratio)) < 0.5, "the programme as it is"
    found = engine.check(take).after.values
    for name in ("max_band_novelty_lu", "max_level_novelty_lu"):
        assert found[name] == pytest.approx(bare.after.values[name], abs=0.3), name
    start = f"0:{seconds:02.0f}" if seconds < 60 else "1:10"
    for shown in (text.render(report), Page(page(report)).text, Page(sheet.render(report)).text):
        assert f"{start} of silence lie before the programme; --start {start}" in shown


def test_a_slam_behind_silence_is_heard(tmp_path: Path) -> None:
    sound = gentle(60)
    sound[30 * RATE : 30 * RATE + 4_800] += noise(-12, 0.3, RATE)
    take = written(tmp_path / "take.wav", concat(silence(20, RATE), sound))
    report = engine.check(take, load_profile("general"))
    assert report.verdict == "does not meet"
    assert (report.after.values["max_level_novelty_lu"] or 0) > 5
    # … and so is one after silence in the middle
    take = written(tmp_path / "b.wav", concat(gentle(40), silence(40, RATE), sound[30 * RATE :]))
    assert (engine.check(take).after.values["max_level_novelty_lu"] or 0) > 4


def test_room_tone_leaves_the_programme_as_it_is(tmp_path: Path) -> None:
    tone = noise(-75, 100, RATE)
    tone[-round(59.6 * RATE) :] += gentle(59.6)
    take = written(tmp_path / "take.wav", tone)
    report = engine.master(take, tmp_path / "m.wav")
    assert report.ride is not None
    assert report.ride.dips == ()
    assert any("--start 0:40" in note for note in report.input.notes)
    assert report.verdict == "does not meet", "it is judged as it is heard"
