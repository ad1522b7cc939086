"""The cases of ../shared/cases: small inputs that were answered wrongly once, each with its kind.

They are made anew where they are not stored, because encoders differ between versions.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.audio import master_format, read, write
from asmrmaster.audio.tags import Metadata
from asmrmaster.errors import InputError
from asmrmaster.presets.recipe import load_profile
from asmrmaster.report import Report
from tests.media import decoded_by_ffmpeg

CASES = Path(__file__).parents[2] / "shared" / "cases"
SLEEP = load_profile("sleep")
NOVELTY = ("max_level_novelty_lu", "max_band_novelty_lu")
GOES_ON = "sound goes on after its stated end"


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of them."""
    script = CASES / "make_cases.py"
    if not script.is_file():
        pytest.skip("../shared/cases is not here")
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    return folder


def fails_as_sudden(report: Report) -> bool:
    return any(f.state == "fail" and f.quantity in NOVELTY for f in report.findings)


def said(report: Report) -> str:
    return " ".join(report.input.notes)


@pytest.mark.parametrize("name", [
    "short-streaminfo.flac", "joined.flac", "short-granule.ogg", "short-granule.opus",
])  # fmt: skip
def test_sound_behind_the_stated_end_of_a_format_with_players_that_differ(
    cases: Path, name: str
) -> None:
    with pytest.raises(InputError, match=GOES_ON):
        engine.check(cases / name, SLEEP)


def test_sound_behind_the_stated_end_that_all_decoders_play(cases: Path) -> None:
    report = engine.check(cases / "short-xing.mp3", SLEEP)
    assert report.input.duration_s == pytest.approx(120, abs=0.2)
    assert fails_as_sudden(report)


@pytest.mark.parametrize("name", ["mp3-xing-too-few.mp3", "mp3-xing-zero.mp3"])
def test_a_count_of_frames_that_is_wrong_hides_nothing(cases: Path, name: str) -> None:
    source = read(cases / name)
    theirs = len(decoded_by_ffmpeg(cases / name, source.audio.channels))
    assert source.audio.duration_s > 39.9
    assert source.audio.frames >= theirs - 2 * 1152
    rate = 8 * (cases / name).stat().st_size / source.audio.duration_s
    assert source.format.bitrate_bps == pytest.approx(rate, rel=0.02)


def test_two_parts_with_sound_are_named_and_refused(cases: Path) -> None:
    with pytest.raises(InputError, match="2 parts with sound"):
        read(cases / "wav-two-data.wav")


@pytest.mark.parametrize("name", ["wav-open-length-then-list.wav", "caf-open-length.caf"])
def test_a_length_left_open_is_read_to_the_end_of_the_sound(cases: Path, name: str) -> None:
    source = read(cases / name)
    assert source.audio.duration_s == pytest.approx(6, abs=0.001)
    assert "does not say how long" in source.notes[0]


def test_a_checksum_that_does_not_fit_is_said(cases: Path) -> None:
    assert "MD5" in said(engine.check(cases / "flac-wrong-md5.flac", SLEEP))


@pytest.mark.parametrize(("name", "gain_db"), [("replaygain+18.flac", 18), ("r128+12.opus", 12)])
def test_a_gain_that_players_apply_is_judged(cases: Path, name: str, gain_db: float) -> None:
    report = engine.check(cases / name, SLEEP)
    stored = report.after.values["integrated_lufs"]
    assert stored is not None
    assert report.input.player_gain_db == gain_db
    assert f"{stored + gain_db:.1f} LUFS" in said(report)
    loudness = next(f for f in report.findings if f.quantity == "integrated_lufs")
    assert loudness.state == "fail"
    assert loudness.measured == pytest.approx(stored + gain_db)


def test_a_slam_in_the_low_frequency_channel_alone_is_heard(cases: Path) -> None:
    assert fails_as_sudden(engine.check(cases / "lfe-slam.wav", SLEEP))


def test_every_stream_a_player_may_choose_is_heard(cases: Path) -> None:
    report = engine.check(cases / "two-streams.mkv", SLEEP)
    assert report.input.stream == 1
    assert fails_as_sudden(report)


def test_left_and_right_in_two_streams_are_stereo(cases: Path) -> None:
    assert read(cases / "film-left-right-two-streams.mov").audio.channels == 2


@pytest.mark.parametrize(("name", "note"), [
    ("film-lost-packets.mp4", "silence"), ("film-clock-100ppm.mp4", "ppm slower"),
    ("film-apac-stream.mov", "left out"), ("film-opus-8khz.mkv", ""),
])  # fmt: skip
def test_the_master_of_a_film_is_in_step_with_it(
    cases: Path, tmp_path: Path, name: str, note: str
) -> None:
    """Packets lost, a slow clock, a stream that cannot be copied, a codec at 8 kHz."""
    report = engine.master(cases / name, tmp_path / f"m{Path(name).suffix}")
    assert report.output is not None
    notes = " ".join((*report.input.notes, *report.output.notes))
    assert "In step with the film" in notes
    assert note in notes


def test_silence_before_the_programme_is_nothing_to_get_used_to(
    cases: Path, tmp_path: Path
) -> None:
    report = engine.master(cases / "lead-silence-20s.flac", tmp_path / "m.wav")
    assert "--start" in said(report)


def cover(path: Path, _: tuple[str, ...]) -> None:
    assert [one.mime for one in Metadata.of(read(path), {}).pictures] == ["image/jpeg"]


def chapters(path: Path, notes: tuple[str, ...]) -> None:
    assert max(one.end_s for one in Metadata.of(read(path), {}).chapters) < 40.1
    assert "behind the end" in notes[0]


def id3v1(path: Path, notes: tuple[str, ...]) -> None:
    assert Metadata.of(read(path), {}).words["title"] == ["Rain on tent"]
    assert notes == ()


@pytest.mark.parametrize(("name", "target", "holds"), [
    ("mp3-cover-image-jpg.mp3", "m.m4a", cover), ("mp3-chapter-beyond-end.mp3", "m.m4a", chapters),
    ("wav-id3v1-behind.wav", "m.wav", id3v1),
])  # fmt: skip
def test_what_travels_with_a_take_is_kept_and_put_right(
    cases: Path, tmp_path: Path, name: str, target: str,
    holds: Callable[[Path, tuple[str, ...]], None],
) -> None:  # fmt: skip
    source, path = read(cases / name), tmp_path / target
    assert not path.exists()
    holds(path, write(source.audio, path, master_format(source.format, path), like=source))
