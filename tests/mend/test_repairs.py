"""Repairs chosen from figures: which, how deep, and who may keep them out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.edits.corrections import Corrections
from asmrmaster.errors import InputError
from asmrmaster.mend import repairs
from asmrmaster.mend.buried import check_voice
from asmrmaster.meters import read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.noise import AT_MOST, NOISE, PROGRAMME, Noise
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.stages.denoise import USUAL_DB, Denoise
from asmrmaster.streams.audio import Audio
from asmrmaster.views import text
from tests.signals import Array, noise, sine

RATE = 16_000


def words(seconds: float, level_dbfs: float = -34.0) -> Array:
    """Whispered words with pauses, over nothing."""
    from scipy.signal import butter, sosfilt

    rng, frames = np.random.default_rng(4), round(seconds * RATE)
    band = butter(2, [900, 5000], "bandpass", fs=RATE, output="sos")
    gate = np.zeros(frames)
    place = RATE // 4
    while place < frames - RATE:
        length = int(rng.uniform(0.3, 0.7) * RATE)
        gate[place : place + length] = np.hanning(length) * rng.uniform(0.6, 1)
        place += length + int(rng.uniform(0.2, 0.7) * RATE)
    wave = sosfilt(band, rng.standard_normal(frames)) * gate
    wave *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave[gate > 0.5] ** 2))
    return np.repeat(wave[:, None], 2, axis=1)


def measured(samples: Array) -> Measurement:
    audio = Audio.from_array(samples, RATE)
    return read_curves(run_meters(audio, (Spectrum, KEnergy, Energy)), (Loudness, Noise))


def chosen(samples: Array, clipped: float | None = 0.0) -> dict[str, str]:
    audio = Audio.from_array(samples, RATE)
    found = repairs.before_ride(measured(samples), clipped, lambda: audio)
    return {one.name: one.why for one in found}


def figures(above_db: float, answer: float = NOISE, confidence: float = 1.0) -> Measurement:
    return Measurement(
        {
            "programme_above_noise_db": above_db,
            "noise_answer": answer,
            "noise_confidence": confidence,
        }
    )


def depth_db(one: repairs.Mended | None) -> float:
    if one is None:
        return 0.0
    assert isinstance(one.stage, Denoise)
    return one.stage.reduction_db


def test_a_clean_take_asks_for_nothing() -> None:
    assert chosen(words(20.0) + noise(-75, 20.0, RATE)) == {}


def test_each_fault_asks_for_its_repair() -> None:
    clean = words(20.0) + noise(-75, 20.0, RATE)
    assert set(chosen(clean, clipped=3.0)) == {"declip"}
    hum = sine(50, -40, 20.0, RATE) + sine(150, -46, 20.0, RATE)
    assert "mains hum at 50 Hz" in chosen(clean + hum)["hum"]
    bumped = clean.copy()
    bump = 0.3 * np.sin(2 * np.pi * 45 * np.arange(2000) / RATE) * np.hanning(2000)
    for start in (5 * RATE, 11 * RATE):
        bumped[start : start + 2000] += bump[:, None]
    assert set(chosen(bumped)) == {"deplosive"}


def test_noise_is_lowered_as_deep_as_asked_and_no_deeper() -> None:
    depths = [depth_db(repairs.denoised(figures(30), excess)) for excess in np.arange(0, 20, 0.5)]
    assert depths[0] == 0
    assert depths[4] == pytest.approx(2.3)
    assert max(depths) == USUAL_DB
    assert max(np.diff(depths[1:])) <= 0.5 + 1e-9, "at most 1 dB for each dB of noise"
    deeper = repairs.denoised(figures(30), 1.0, done_db=6.0)
    assert depth_db(deeper) == pytest.approx(7.3)
    assert repairs.denoised(figures(30), 0.3, done_db=6.0) is None, "near enough"
    assert repairs.denoised(figures(30), 5.0, done_db=USUAL_DB) is None


@pytest.mark.parametrize("answer", [AT_MOST, PROGRAMME])
def test_what_is_no_sure_noise_is_never_lowered(answer: float) -> None:
    assert repairs.denoised(figures(30, answer), 10.0) is None
    assert repairs.denoised(figures(30, NOISE, confidence=0.6), 10.0) is None


def test_preset_switch_and_undo_keep_a_repair_out() -> None:
    found = [repairs.Mended(Denoise(), "noise")]
    whisper = load_recipe("whisper")
    assert repairs.allowed(found, whisper, Corrections()) == found
    assert not repairs.allowed(found, load_recipe("gentle"), Corrections())
    off = load_recipe("whisper", settings={"denoise": "off"})
    assert not repairs.allowed(found, off, Corrections())
    own = load_recipe("whisper", settings={"denoise.reduction_db": 3})
    assert not repairs.allowed(found, own, Corrections()), "the depth that was set stays"
    undone = Corrections(undo=frozenset({"denoise-0-0000000"}))
    assert not repairs.allowed(found, whisper, undone)
    protected = Corrections(protect=((1.0, 2.0),))
    stage = repairs.with_repairs(whisper, found, protected).preset.stages["denoise"]
    assert isinstance(stage, Denoise)
    assert stage.protect == ((1.0, 2.0),)


@pytest.mark.parametrize(
    ("above_db", "answer", "confidence", "refused"),
    [
        (9.0, NOISE, 1.0, True),
        (4.0, PROGRAMME, 1.0, True),
        (13.0, NOISE, 1.0, False),
        (9.0, AT_MOST, 0.2, False),
        (4.0, PROGRAMME, 0.2, False),
    ],
)
def test_a_buried_voice_is_refused_by_name(
    above_db: float, answer: float, confidence: float, refused: bool
) -> None:
    values = figures(above_db, answer, confidence)
    check_voice(values, load_recipe("gentle").preset, "take.wav")
    if not refused:
        check_voice(values, load_recipe("whisper").preset, "take.wav")
        return
    with pytest.raises(InputError, match="buried in steady noise") as refusal:
        check_voice(values, load_recipe("whisper").preset, "take.wav")
    assert "--preset gentle" in refusal.value.hint


@pytest.fixture(scope="module")
def hissy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hissy") / "take.wav"
    soundfile.write(path, words(20.0) + noise(-62, 20.0, RATE), RATE, "PCM_24")
    return path


def test_a_hissy_whisper_comes_out_and_says_how(hissy: Path, tmp_path: Path) -> None:
    report = engine.master(hissy, tmp_path / "m.wav", recipe=load_recipe("whisper"))
    (one,) = report.repairs
    assert (one.stage, one.made, one.command) == ("denoise", True, "--set denoise=off")
    assert report.before is not None
    before, after = (m.values["programme_above_noise_db"] for m in (report.before, report.after))
    (stage,) = (stage for stage in report.chain if stage.stage == "denoise")
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(stage.parameters["reduction_db"], abs=1.0)
    assert any(edit.id == "denoise-0-0000000" for edit in report.edits)
    assert "--set denoise=off" in " ".join(text.render(report, full=True).split())


def test_advice_names_the_repair_and_makes_none(hissy: Path) -> None:
    report = engine.master(hissy, recipe=load_recipe("gentle"), dry_run=True, mend="advise")
    (one,) = report.repairs
    assert (one.stage, one.made) == ("denoise", False)
    assert one.command.startswith("--set denoise.reduction_db=")
    assert not any(stage.stage == "denoise" for stage in report.chain)
    key, value = one.command.removeprefix("--set ").split("=")
    recipe = load_recipe("gentle", settings={key: float(value)})
    mended = engine.master(hissy, recipe=recipe, dry_run=True)
    assert mended.ride is not None
    assert report.ride is not None
    assert mended.ride.target_lufs > report.ride.target_lufs, "the command does what it says"
    none = engine.master(hissy, recipe=load_recipe("whisper"), dry_run=True, mend="none")
    assert none.repairs == ()


def test_more_hiss_never_gets_more_gain_nor_a_better_verdict(tmp_path: Path) -> None:
    order = ["meets", "meets with advisories", "not assessed", "does not meet", "refused"]
    rank, gain_db = 0, 99.0
    for level in (-74, -66, -58, -50, -42):
        take = tmp_path / f"{level}.wav"
        soundfile.write(take, words(20.0) + noise(level, 20.0, RATE), RATE, "PCM_24")
        try:
            report = engine.master(take, recipe=load_recipe("whisper"), dry_run=True)
        except InputError:
            rank = order.index("refused")
            continue
        assert order.index(report.verdict) >= rank
        assert report.ride is not None
        assert report.ride.static_gain_db <= gain_db + 0.1
        assert report.after.values["programme_above_noise_db"] is not None
        rank, gain_db = order.index(report.verdict), report.ride.static_gain_db


def test_recipes_are_left_alone_by_a_plan() -> None:
    recipe = load_recipe("whisper")
    repairs.with_repairs(recipe, [repairs.Mended(Denoise(), "")], Corrections())
    assert "denoise" not in recipe.preset.stages
    assert replace(recipe) == recipe
