"""The main job: one take in, one measured, judged and explained master out."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import asmrmaster
from asmrmaster import engine
from asmrmaster.audio.source import Source
from asmrmaster.demo import RATE_HZ, take
from asmrmaster.errors import InputError, OutputError
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report, rescore
from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio, Block
from tests.media import wav
from tests.signals import Array, noise, pink, silence

PLAIN = {"highpass.cutoff_hz": 10}


@pytest.fixture(scope="module")
def flawed(demo_take: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(demo_take, tmp_path_factory.mktemp("take")))


@pytest.fixture(scope="module")
def mastered(flawed: Path) -> Report:
    """The master of the flawed take, which is seen not to change on the way."""
    before = digest(flawed), flawed.stat().st_mtime_ns
    recipe = load_recipe("whisper")
    report = engine.master(flawed, flawed.with_name("master.wav"), recipe=recipe)
    assert (digest(flawed), flawed.stat().st_mtime_ns) == before
    return report


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def calm(seconds: float = 40.0) -> Array:
    """A take that needs nothing but gain: steady, faded, in the middle of every limit."""
    x = noise(-30, seconds)
    fade = np.minimum(1, np.arange(len(x)) / (4 * RATE_HZ))
    faded: Array = x * (fade * fade[::-1])[:, None]
    return faded


def written(path: Path, samples: np.ndarray, rate: int = RATE_HZ, subtype: str = "PCM_24") -> Path:
    soundfile.write(path, samples, rate, subtype)
    return path


def test_the_flawed_take_meets_after_mastering_and_not_before(
    flawed: Path, mastered: Report
) -> None:
    assert engine.check(flawed).verdict == "does not meet"
    assert mastered.verdict.startswith("meets")
    assert mastered.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    peak = mastered.after.values["true_peak_dbtp"]
    assert peak is not None
    assert peak <= -2.0


def test_both_planted_faults_are_lifted_with_a_reason(mastered: Report) -> None:
    assert mastered.ride is not None
    assert not mastered.ride.dips
    door, knock = (edit for edit in mastered.edits if edit.stage == "lift")
    assert door.start_s < 32.5
    assert door.end_s > 32
    assert knock.start_s < 52.5
    assert knock.end_s > 52
    assert door.reason
    assert knock.reason


def test_without_lifts_they_are_dipped_slowly_and_with_a_reason(
    flawed: Path, tmp_path: Path
) -> None:
    recipe = load_recipe("gentle", settings={"lift": "off"})
    report = engine.master(flawed, tmp_path / "m.wav", recipe=recipe)
    assert report.ride is not None
    door, knock = report.ride.dips
    assert door.start_s < 32 < door.end_s
    assert knock.start_s < 52 < knock.end_s
    assert door.reason
    assert report.ride.max_fall_db_per_s <= 150
    assert report.ride.max_rise_db_per_s <= 30.1


def test_the_forecast_is_what_is_measured(mastered: Report) -> None:
    assert mastered.ride is not None
    for name in ("integrated_lufs", "max_momentary_lufs", "max_level_novelty_lu"):
        forecast, measured = mastered.ride.forecast[name], mastered.after.values[name]
        assert forecast == pytest.approx(measured, abs=0.1), name


def test_the_check_of_the_master_says_the_same(mastered: Report) -> None:
    assert mastered.output is not None
    checked = engine.check(mastered.output.path)
    assert checked.after.values == mastered.after.values
    assert checked.findings == mastered.findings
    assert checked.input.sha256 == mastered.output.sha256 == digest(Path(mastered.output.path))


def test_length_rate_channels_and_depth_are_kept(flawed: Path, mastered: Report) -> None:
    assert mastered.output is not None
    before, after = soundfile.info(flawed), soundfile.info(mastered.output.path)
    assert (after.frames, after.samplerate) == (before.frames, before.samplerate)
    assert (after.channels, after.subtype) == (before.channels, before.subtype)


def test_the_take_is_not_touched(flawed: Path, mastered: Report, demo_take: Path) -> None:
    assert digest(flawed) == digest(demo_take) == mastered.input.sha256


def test_the_same_take_gives_the_same_bytes_at_any_block_size(
    flawed: Path, mastered: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(path: Path) -> Source:
        source = asmrmaster.read(path)

        def blocks() -> Iterator[Block]:
            for block in source.audio.open():
                for start in range(0, len(block), 7919):
                    yield block[start : start + 7919]

        audio = source.audio
        return Source(
            source.path, Audio(audio.rate, audio.channels, audio.frames, blocks), source.format
        )

    monkeypatch.setattr("asmrmaster.engine.prepare.read", cut)
    other = engine.master(flawed, tmp_path / "m.wav", recipe=load_recipe("whisper"))
    assert mastered.output is not None
    assert other.output is not None
    assert other.output.sha256 == mastered.output.sha256


def test_a_take_that_needs_nothing_gets_nothing_but_gain(tmp_path: Path) -> None:
    source = written(tmp_path / "calm.wav", calm())
    recipe = load_recipe("gentle", settings={"stages": {}})
    report = engine.master(source, tmp_path / "m.wav", recipe=recipe)
    assert report.verdict == "meets"
    assert report.ride is not None
    assert report.ride.dips == ()
    assert (report.ride.fade_in_s, report.ride.fade_out_s) == (0, 0)
    x, y = soundfile.read(source)[0], soundfile.read(tmp_path / "m.wav")[0]
    residual = y - x * np.sum(x * y) / np.sum(x * x)
    assert 20 * np.log10(np.abs(residual).max()) < -100


def test_hiss_is_not_lifted_past_its_bound(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = noise(-62, 45, seed=1)
    for start in np.arange(2, 42, 4.0):
        first = round(start * RATE_HZ)
        x[first : first + 2 * RATE_HZ] += 0.01 * rng.standard_normal((2 * RATE_HZ, 2))
    source = written(tmp_path / "hiss.wav", x)
    report = engine.master(source, tmp_path / "m.wav")
    assert report.ride is not None
    assert "noise" in report.ride.target_reason
    assert report.ride.target_lufs == pytest.approx(-29.7, abs=0.1), "the lowest that is accepted"
    assert report.next is None, "it meets, and says of itself that it is softer"


def test_a_master_that_does_not_meet_says_so_in_its_name(tmp_path: Path) -> None:
    x = calm()
    x[:, 1] *= 0.2
    source = written(tmp_path / "lopsided.wav", x)
    report = engine.master(source, tmp_path / "m.wav")
    assert report.verdict == "does not meet"
    assert not (tmp_path / "m.wav").exists()
    assert (tmp_path / "m.does-not-meet.wav").exists()
    assert report.output is not None
    assert report.output.path.endswith("m.does-not-meet.wav")


def test_a_dry_run_writes_nothing_and_forecasts(flawed: Path, tmp_path: Path) -> None:
    recipe = load_recipe("whisper")
    plan = engine.master(flawed, tmp_path / "m.wav", recipe=recipe, dry_run=True)
    assert list(tmp_path.iterdir()) == []
    assert plan.output is None
    assert plan.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    assert plan.verdict.startswith("meets")


def test_nothing_is_overwritten_unasked(flawed: Path, tmp_path: Path) -> None:
    target = tmp_path / "m.wav"
    target.write_bytes(b"mine")
    with pytest.raises(OutputError, match="--force"):
        engine.master(flawed, target)
    assert target.read_bytes() == b"mine"
    with pytest.raises(OutputError):
        engine.master(flawed, flawed, force=True)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (silence(2), "silent"),
        (noise(-90, 2), "silent"),
        (noise(-20, 0.399), "too short"),
        (np.zeros((0, 2)), ""),
    ],
)
def test_what_has_no_loudness_is_told_and_nothing_is_left(
    samples: np.ndarray, words: str, tmp_path: Path
) -> None:
    source = written(tmp_path / "take.wav", samples)
    for work in (engine.check, engine.master):
        with pytest.raises(InputError) as error:
            work(source)
        assert words in str(error.value)
        assert "take.wav" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_an_interrupted_render_leaves_nothing(
    flawed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def interrupted(audio: Audio, amplitude: np.ndarray) -> Audio:
        def blocks() -> Iterator[Block]:
            for number, block in enumerate(apply_gain(audio, amplitude).open()):
                if number == 2:
                    raise KeyboardInterrupt
                yield block

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    monkeypatch.setattr("asmrmaster.engine.render.apply_gain", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.master(flawed, tmp_path / "m.wav")
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    source = written(tmp_path / "calm.wav", calm(10))
    engine.master(source, tmp_path / "m.wav", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rate", "channels"),
    [(8_000, 1), (8_000, 6), (22_050, 2), (44_100, 1), (44_100, 6), (96_000, 2)],
)
def test_rates_and_channels(rate: int, channels: int, tmp_path: Path) -> None:
    x = pink(-35, 38, rate, channels, seed=3)
    x[round(20 * rate) : round(20.3 * rate)] *= 8
    source = written(tmp_path / "take.wav", x, rate)
    report = engine.master(source, tmp_path / "m.wav")
    assert report.output is not None
    assert report.output.frames == len(x)
    assert report.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    assert report.verdict.startswith("meets"), [f.why for f in report.findings if f.state == "fail"]


def test_judging_a_report_again_is_judging_the_file_again(flawed: Path, tmp_path: Path) -> None:
    report = engine.check(flawed, asmrmaster.Profile.load("general"))
    again = rescore(Report.from_json(report.to_json()), asmrmaster.Profile.load("sleep"))
    fresh = engine.check(flawed, asmrmaster.Profile.load("sleep"))
    assert again.to_json() == fresh.to_json()


def test_the_demo_take_is_the_same_every_time() -> None:
    np.testing.assert_array_equal(take(3), take(3))


def test_a_fade_is_long_enough_where_the_limiter_works(tmp_path: Path) -> None:
    """Loud taps that a limiter holds down, but not in the fade: there they stand out for longer."""
    take = tmp_path / "taps.wav"
    samples = noise(-50, 90)
    for at_s in np.arange(0.5, 89.5, 2.9):
        first = round(at_s * 48_000)
        samples[first : first + 48] += noise(-3, 0.001, seed=first)
    soundfile.write(take, np.clip(samples, -1, 1), 48_000, "PCM_24")
    report = engine.master(take, tmp_path / "m.wav", recipe=load_recipe("whisper", "sleep"))
    states = {f.criterion: f.state for f in report.findings}
    assert {states[c] for c in ("E1", "E3a", "E3b", "E4a", "E4b")} == {"pass"}


def test_a_short_take_is_not_turned_down_for_what_lies_in_its_beginning(tmp_path: Path) -> None:
    """The first 15 s are judged against the rest from 30 s on; a second of rest is none."""
    take = tmp_path / "take.wav"
    samples = pink(-40, 16)
    samples[5 * 48_000 : 6 * 48_000] *= 8
    soundfile.write(take, samples, 48_000, "PCM_24")
    report = engine.master(take, tmp_path / "m.wav")
    assert report.ride is not None
    assert sum(dip.end_s - dip.start_s for dip in report.ride.dips) < 5
    assert report.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.5)


def test_an_edit_is_logged_once_where_a_later_stage_finds_nothing_to_go_by(tmp_path: Path) -> None:
    """A take of 6 s has no balance for de-essing; what comes before must not run for it again."""
    samples = pink(-50, 6.0)
    samples[3 * RATE_HZ : 3 * RATE_HZ + 2] += 0.5
    recipe = load_recipe("gentle", settings={"declick": "on", "deess": "on"})
    report = engine.master(written(tmp_path / "take.wav", samples), recipe=recipe, dry_run=True)
    ids = [edit.id for edit in report.edits if edit.stage == "declick"]
    assert ids
    assert len(ids) == len(set(ids))


def test_what_is_too_distorted_to_be_rebuilt_is_named(tmp_path: Path) -> None:
    """Flat tops longer than can be rebuilt: a master all the same, and a note."""
    sound = np.clip(100 * pink(-30, 20), -0.9, 0.9)
    report = engine.master(wav(tmp_path / "take.wav", sound), tmp_path / "m.wav")
    assert report.output is not None
    assert any(note.startswith("Distorted in the take") for note in report.input.notes)
