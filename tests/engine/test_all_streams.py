"""Several sound streams: all that a player may choose are heard, and the worst one decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.presets.recipe import load_profile
from asmrmaster.views.advice import next_step
from tests.media import ffmpeg, ffprobe, wav
from tests.signals import Array, pink

RATE = 16_000
SLEEP = load_profile("sleep")


def quiet(seconds: float = 60.0, seed: int = 0) -> Array:
    return pink(-30, seconds, rate=RATE, seed=seed)


def with_slam() -> Array:
    sound = quiet()
    rng = np.random.default_rng(1)
    frames = int(0.3 * RATE)
    fall = np.exp(-np.arange(frames) / RATE / 0.05)[:, None]
    sound[40 * RATE : 40 * RATE + frames] += 0.5 * rng.standard_normal((frames, 1)) * fall
    clipped: Array = np.clip(sound, -0.99, 0.99)
    return clipped


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three streams: quiet, with a slam, silent."""
    folder = tmp_path_factory.mktemp("streams")
    sounds = (quiet(), with_slam(), np.zeros_like(quiet()))
    inputs: list[object] = []
    for number, sound in enumerate(sounds):
        inputs += ["-i", wav(folder / f"{number}.wav", sound, RATE, "PCM_24")]
    path = folder / "streams.mkv"
    ffmpeg(*inputs, "-map", "0:a", "-map", "1:a", "-map", "2:a", "-c:a", "flac", path)
    return path


def test_the_stream_that_fails_is_the_one_reported(streams: Path) -> None:
    report = engine.check(streams, SLEEP)
    notes = " ".join(report.input.notes)
    assert report.input.stream == 1
    assert "3 sound streams; this is stream 1" in notes
    assert "Also heard: stream 0," in notes
    assert "Also there: stream 2, which could not be judged: is silent" in notes
    assert next(f for f in report.findings if f.quantity == "max_level_novelty_lu").state == "fail"
    assert next_step(report)[1].endswith("--stream 1")
    assert not engine.verification.verify(report, streams).differences


def test_a_stream_asked_for_is_heard_alone_and_the_report_says_so(streams: Path) -> None:
    report = engine.check(streams, SLEEP, stream=0)
    assert report.input.stream == 0
    assert "What a player may choose besides was not heard: see --stream." in report.input.notes
    assert not any("Also" in note for note in report.input.notes)


def test_a_master_says_that_the_other_streams_were_not_heard(streams: Path, tmp_path: Path) -> None:
    report = engine.master(streams, tmp_path / "m.wav")
    assert any("are left out, and were not heard" in note for note in report.input.notes)


def film(path: Path, left: str, right: str, *, late_s: float = 0.0) -> Path:
    """A film with two streams of one channel each, placed as these layouts say."""
    left_wav = wav(path.with_name("l.wav"), quiet(4, seed=1), RATE, "PCM_24")
    right_wav = wav(path.with_name("r.wav"), quiet(3.5, seed=2), RATE, "PCM_24")
    ffmpeg("-y", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=4", "-i", left_wav,
           "-itsoffset", late_s, "-i", right_wav,
           "-filter_complex", f"[1:a]pan={left}|c0=c0[l];[2:a]pan={right}|c0=c0[r]",
           "-map", "0:v", "-map", "[l]", "-map", "[r]", "-c:a", "pcm_s24le", path)  # fmt: skip
    return path


def test_left_and_right_in_two_streams_are_stereo(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mov", "FL", "FR")
    source = read(path)
    assert (source.audio.channels, source.others, source.stream) == (2, (), None)
    both = source.audio.to_array()
    left, right = (read(path, stream=number).audio.to_array() for number in (0, 1))
    assert np.array_equal(both[:, :1], left)
    assert np.array_equal(both[: len(right), 1:], right)
    assert not both[len(right) :, 1].any()
    assert "taken as the stereo they are" in source.notes[0]
    report = engine.master(path, tmp_path / "m.mov")
    assert report.output is not None
    assert report.output.channels == 2
    told = ffprobe(Path(report.output.path), "stream=codec_type,channels")
    assert told.count("codec_type=audio") == told.count("channels=2") == 1
    assert "codec_type=video" in told
    assert any("In step with the film" in note for note in report.output.notes)


@pytest.mark.parametrize(("left", "right", "late_s"), [
    ("mono", "mono", 0.0), ("FL", "FL", 0.0), ("FR", "FL", 0.0), ("FL", "FR", 0.5),
])  # fmt: skip
def test_what_is_not_named_left_and_right_or_apart_stays_two(
    tmp_path: Path, left: str, right: str, late_s: float
) -> None:
    source = read(film(tmp_path / "film.mov", left, right, late_s=late_s))
    assert (source.audio.channels, source.others) == (1, (1,))
