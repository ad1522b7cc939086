"""A mastered sound put back beside its picture: the rest untouched, in step to the sample."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio.container import open_source, prove_sync, remux
from asmrmaster.audio.container.decode import find_track
from asmrmaster.audio.source import Format
from asmrmaster.errors import InputError, OutputError
from asmrmaster.streams.audio import Audio
from tests import signals
from tests.media import error_db, ffmpeg, ffprobe, lag_frames, right_left_mov, wav

RATE = 48_000
SECONDS = 3
CLAP_S = 1.5

PICTURE = f"testsrc=duration={SECONDS}:size=64x48:rate=25"
WORDS = (
    "stream=codec_type,codec_name,start_time:"
    "stream_disposition=default,comment,forced,attached_pic:"
    "stream_tags=language,title,filename,mimetype,timecode:"
    "stream_side_data=rotation:chapter=start_time,end_time:chapter_tags=title"
)
"""What ffprobe is asked for: all that a remux has to keep."""


def clap() -> signals.Array:
    """Quiet noise with one loud sample at CLAP_S, in both channels."""
    sound = signals.noise(-50.0, SECONDS)
    sound[round(CLAP_S * RATE)] = 0.9
    return sound


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos in several containers, of all kinds of streams each can hold."""
    folder = tmp_path_factory.mktemp("films")
    main = wav(folder / "main.wav", clap())
    other = wav(folder / "other.wav", signals.pink(-30.0, SECONDS, rate=44_100, channels=1), 44_100)
    (folder / "words.srt").write_text("1\n00:00:00,500 --> 00:00:02,000\nHello\n\n")
    (folder / "about.txt").write_text(
        ";FFMETADATA1\ntitle=My Take\nartist=Someone\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=Rain\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=3000\ntitle=Taps\n"
    )
    ffmpeg("-f", "lavfi", "-i", PICTURE, "-frames:v", 1, folder / "cover.jpg")
    ffmpeg("-f", "lavfi", "-i", PICTURE, "-c:v", "libx264", "-preset", "ultrafast", "-bf", 2,
           "-g", 25, folder / "picture.mp4")  # fmt: skip
    inputs = ("-i", folder / "picture.mp4", "-i", main, "-i", other, "-i", folder / "words.srt",
              "-i", folder / "about.txt")  # fmt: skip
    described = (
        "-map_metadata", 4, "-map_chapters", 4, "-metadata:s:a:0", "language=eng",
        "-metadata:s:a:0", "title=Main", "-metadata:s:a:1", "language=deu", "-metadata:s:s:0",
        "language=fra", "-disposition:a:0", "default", "-disposition:a:1", "comment",
    )  # fmt: skip
    tracks = ("-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s")
    ffmpeg(*inputs, "-i", folder / "cover.jpg", *tracks, "-map", "5:v", *described, "-c:v", "copy",
           "-disposition:v:1", "attached_pic", "-c:a", "aac", "-b:a", "192k", "-c:s", "mov_text",
           folder / "full.mp4")  # fmt: skip
    ffmpeg(*inputs, *tracks, *described, "-c:v", "copy", "-c:a", "flac", "-c:s", "srt", "-attach",
           folder / "words.srt", "-metadata:s:t:0", "mimetype=text/plain", "-attach",
           folder / "cover.jpg", "-metadata:s:t:1", "mimetype=image/jpeg",
           folder / "full.mkv")  # fmt: skip
    plain = ("-i", folder / "picture.mp4", "-i", main, "-map", "0:v", "-map", "1:a")
    ffmpeg(*plain, "-c:v", "copy", "-c:a", "aac", "-b:a", "192k", folder / "plain.ts",
           "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", folder / "plain.flv",
           "-map", "0:v", "-map", "1:a", "-c:v", "mpeg4", "-c:a", "pcm_s16le", folder / "plain.avi",
           "-map", "0:v", "-map", "1:a", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
           "log-level=error", "-tag:v", "hvc1", "-timecode", "01:00:00:00", "-c:a", "pcm_s24le",
           folder / "timecode.mov",
           "-map", "0:v", "-map", "1:a", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used",
           8, "-c:a", "libopus", folder / "plain.webm")  # fmt: skip
    ffmpeg("-i", folder / "plain.ts", "-c", "copy", "-metadata:s:v", "rotate=90",
           folder / "turned.mp4")  # fmt: skip
    ffmpeg("-i", folder / "picture.mp4", "-itsoffset", "0.7", "-i", main, "-map", "0:v", "-map",
           "1:a", "-c:v", "copy", "-c:a", "aac", "-t", SECONDS, folder / "late.mp4")  # fmt: skip
    ffmpeg("-i", main, "-i", folder / "cover.jpg", "-map", 0, "-map", 1, "-c:a", "alac", "-c:v",
           "copy", "-disposition:v", "attached_pic", folder / "cover.m4a")  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def masters(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each film remuxed with a quieter sound."""
    folder = tmp_path_factory.mktemp("masters")
    for name in FILMS:
        assert remux(films / name, quieter(films / name), folder / name) == ()
    return folder


FILMS = ("full.mp4", "full.mkv", "timecode.mov", "plain.webm", "plain.ts", "plain.flv",
         "plain.avi", "turned.mp4", "late.mp4", "cover.m4a")  # fmt: skip


def quieter(path: Path, stream: int | str | None = None) -> Audio:
    """Its sound, 6 dB down: a very simple master."""
    audio = open_source(path, stream=stream).audio
    return replace(audio, open=lambda: (0.5 * block for block in audio.open()))


def hashes(path: Path) -> list[str]:
    """A line for each stream: its kind and a hash of its packets."""
    return ffmpeg("-i", path, "-map", 0, "-c", "copy", "-f", "streamhash", "-").decode().split()


def clap_s(path: Path) -> float:
    """When the clap comes after the first picture, in ffmpeg's own account of the file."""
    said = ffprobe(path, "stream=codec_type,start_time:format=start_time").split()
    starts = [line.split("|") for line in said]
    video_s = next((float(x[2][11:]) for x in starts if x[1:2] == ["codec_type=video"]), 0.0)
    whole_s = float(starts[-1][1][11:])
    raw = ffmpeg("-i", path, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", 1,
                 "-ar", RATE, "-f", "f64le", "-c:a", "pcm_f64le", "-")  # fmt: skip
    return int(np.abs(np.frombuffer(raw)).argmax()) / RATE - (video_s - whole_s)


@pytest.mark.parametrize("name", FILMS)
def test_only_the_chosen_sound_changes(films: Path, masters: Path, name: str) -> None:
    take, new = films / name, masters / name
    before_hashes, after_hashes = hashes(take), hashes(new)
    replaced = next(i for i, line in enumerate(before_hashes) if ",a," in line)
    del before_hashes[replaced], after_hashes[replaced]
    assert after_hashes == before_hashes
    before, after = open_source(take), open_source(new)
    assert {**after.tags, "software": ""} == {**before.tags, "software": ""}
    measured, sound = after.audio.to_array(), before.audio.to_array()
    assert 20 * np.log10(np.abs(measured).max() / np.abs(sound).max()) == pytest.approx(-6, abs=1.5)


@pytest.mark.parametrize("name", FILMS)
def test_what_is_said_about_the_streams_stays(films: Path, masters: Path, name: str) -> None:
    before, after = (
        [
            line
            for line in ffprobe(path, WORDS).splitlines()
            if "chapter|" in line or "default=" in line
        ]
        for path in (films / name, masters / name)
    )
    assert len(before) == len(after)
    for old_line, new_line in zip(before, after, strict=True):
        if "codec_type=audio" in old_line:  # codec and first packet may differ, not the rest
            old_line, new_line = (line.split("|disposition")[1] for line in (old_line, new_line))
        assert new_line == old_line


@pytest.mark.parametrize("name", FILMS)
def test_the_sound_stays_in_step(films: Path, masters: Path, name: str) -> None:
    take, new = films / name, masters / name
    result = prove_sync(take, new)
    assert result.in_step, result
    rounding_ms = 0.55 if name == "plain.flv" else 0.05  # FLV counts in whole milliseconds
    assert all(abs(point.lag_ms or 0.0) < rounding_ms for point in result.points)
    assert result.drift_ms == pytest.approx(0, abs=0.05)
    wanted_s = clap_s(take)
    assert wanted_s == pytest.approx(CLAP_S + 0.7 * (name == "late.mp4"), abs=0.01)
    assert clap_s(new) == pytest.approx(wanted_s, abs=0.0011)  # Matroska counts in 1 ms


@pytest.mark.parametrize("name", ["full.mp4", "full.mkv"])
def test_another_stream_than_the_first_is_replaced_in_its_place(
    films: Path, tmp_path: Path, name: str
) -> None:
    take, new = films / name, tmp_path / name
    remux(take, quieter(take, "deu"), new, stream="deu")
    changed = [a for a, b in zip(hashes(take), hashes(new), strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0].startswith("2,a,")
    assert prove_sync(take, new, stream=1).in_step
    assert find_track(new, stream="deu").rate == 44_100


@pytest.mark.parametrize(("name", "out"), [
    ("plain.ts", "out.mp4"), ("plain.avi", "out.mkv"), ("plain.webm", "out.mkv"),
    ("late.mp4", "out.mkv"), ("turned.mp4", "out.ts"), ("late.mp4", "out.mov"),
])  # fmt: skip
def test_the_container_may_change(films: Path, tmp_path: Path, name: str, out: str) -> None:
    take, new = films / name, tmp_path / out
    remux(take, quieter(take), new)
    assert prove_sync(take, new).in_step
    assert clap_s(new) == pytest.approx(clap_s(take), abs=0.002)


def test_what_the_container_cannot_hold_is_refused_by_name(films: Path, tmp_path: Path) -> None:
    take = films / "full.mp4"
    with pytest.raises(OutputError, match=r"MKV cannot hold stream 3 \(subtitle: mov_text, fra\)"):
        remux(take, quieter(take), tmp_path / "out.mkv")
    assert not (tmp_path / "out.mkv").exists() or not (tmp_path / "out.mkv").stat().st_size


def test_the_refusal_names_what_would_hold_it(tmp_path: Path) -> None:
    """Windows Media Video: MKV and MP4 do not know it here, a transport stream would garble it."""
    take = tmp_path / "take.avi"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2",
           "-c:v", "wmv2", "-c:a", "pcm_s16le", take)  # fmt: skip
    audio = open_source(take).audio
    for name in ("x.mkv", "x.ts"):
        with pytest.raises(OutputError, match=r"wmv2\) of the take\. End the name in \.avi, or"):
            remux(take, audio, tmp_path / name)


def test_an_attachment_that_cannot_come_along_is_named(films: Path, tmp_path: Path) -> None:
    ffmpeg("-i", films / "full.mkv", "-map", 0, "-map", "-0:s", "-c", "copy", films / "font.mkv")
    notes = remux(films / "font.mkv", quieter(films / "font.mkv"), tmp_path / "out.mp4")
    assert any("attachment" in note and "left out" in note for note in notes)


def test_tags_of_a_phone_are_kept(films: Path, tmp_path: Path) -> None:
    take, new = films / "phone.mov", tmp_path / "phone.mov"
    place = "com.apple.quicktime.location.ISO6709"
    ffmpeg("-i", films / "plain.ts", "-c", "copy", "-movflags", "use_metadata_tags", "-metadata",
           f"{place}=+48.1+011.5/", take)  # fmt: skip
    remux(take, quieter(take), new)
    assert f"tag:{place}=+48.1+011.5/" in ffprobe(new, "format_tags")


def test_a_take_whose_clock_runs_slow_stays_in_step(films: Path, tmp_path: Path) -> None:
    """Stamps that run 0.2 % slow: after three seconds the sound is due 6 ms later than counted."""
    take, new = tmp_path / "take.mp4", tmp_path / "new.mp4"
    ffmpeg("-i", films / "plain.ts", "-c", "copy", "-bsf:a", "setts=ts='PTS*1.002'", take)
    stretched = find_track(take).frames / find_track(films / "plain.ts").frames
    assert stretched == pytest.approx(1.002, abs=0.001)
    remux(take, quieter(take), new)
    assert prove_sync(take, new).in_step


def test_resampled_sound_stays_in_step(films: Path, tmp_path: Path) -> None:
    take, new = tmp_path / "take.mkv", tmp_path / "new.webm"
    ffmpeg("-i", films / "plain.webm", "-c:v", "copy", "-c:a", "flac", "-ar", 44_100, take)
    notes = remux(take, quieter(take), new)
    assert "stored at 48000 Hz" in notes[0]
    assert prove_sync(take, new).in_step


def test_the_codec_asked_for_is_used(films: Path, tmp_path: Path) -> None:
    take, new = films / "turned.mp4", tmp_path / "out.mp4"
    audio = quieter(take)
    remux(take, audio, new, Format("MP4", "ALAC_24", 24))
    assert open_source(new).format.codec == "ALAC_24"
    assert error_db(audio.to_array(), open_source(new).audio.to_array()) < -90
    assert lag_frames(audio.to_array(), open_source(new).audio.to_array()) == 0


def test_a_take_is_never_written_over(films: Path) -> None:
    take = films / "plain.ts"
    before = take.read_bytes()
    with pytest.raises(OutputError, match="never written over"):
        remux(take, quieter(take), take)
    assert take.read_bytes() == before


def test_an_uncommon_channel_order_becomes_a_common_one(tmp_path: Path) -> None:
    take = right_left_mov(tmp_path, np.array([-0.5, 0.25]) * np.ones((RATE, 1)))
    remux(take, quieter(take), tmp_path / "new.mov")
    measured = open_source(tmp_path / "new.mov").audio.to_array()
    np.testing.assert_allclose(measured, np.array([[0.125, -0.25]] * RATE), atol=1e-4)


def with_sound(films: Path, sound: signals.Array, path: Path) -> Path:
    """The plain film with another sound, by ffmpeg."""
    take = wav(path.with_suffix(".wav"), sound)
    ffmpeg("-i", films / "picture.mp4", "-i", take, "-map", "0:v", "-map", "1:a", "-c:v", "copy",
           "-c:a", "flac", path)  # fmt: skip
    return path


SOUND = signals.pink(-30.0, SECONDS)


def test_a_stream_in_an_uncommon_order_is_copied_in_one_piece(tmp_path: Path) -> None:
    """In a process of its own: PyAV frees such a layout twice, which ends the process later."""
    odd = right_left_mov(tmp_path, signals.noise(-30, 2, channels=2))
    both = tmp_path / "both.mov"
    plain = tmp_path / "plain.wav"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2", "-i", plain, "-i", odd,
           "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264", "-c:a", "copy",
           both)  # fmt: skip
    program = (
        "import gc, sys\n"
        "from pathlib import Path\n"
        "from asmrmaster.audio.container import open_source, prove_sync, remux\n"
        "take, new = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "for stream in (0, 1):\n"
        "    remux(take, open_source(take, stream=stream).audio, new, stream=stream)\n"
        "    assert prove_sync(take, new, stream=stream).in_step\n"
        "gc.collect()\n"
    )
    words = [sys.executable, "-c", program, str(both), str(tmp_path / "new.mov")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("other", "words"), [
    (np.concatenate([np.zeros((96, 2)), SOUND[:-96]]), r"the sound is 2\.0 ms late"),
    (np.concatenate([SOUND[150:], np.zeros((150, 2))]), r"the sound is 3\.1 ms early"),
    (SOUND[:-2_400], r"ends 50\.0 ms too early"),
    (signals.pink(-30.0, SECONDS, seed=9), "not that of the take"),
    (np.concatenate([SOUND[:60_000], np.zeros((72, 2)), SOUND[60_000:-72]]), r"1\.5 ms late"),
    (SOUND[::-1], "not that of the take"),
])  # fmt: skip
def test_sound_out_of_step_is_found(
    films: Path, tmp_path: Path, other: signals.Array, words: str
) -> None:
    take = with_sound(films, SOUND, tmp_path / "take.mkv")
    new = with_sound(films, other, tmp_path / "new.mkv")
    result = prove_sync(take, new)
    assert not result.in_step
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(result.problem)


@pytest.mark.parametrize("sound", [
    SOUND, -SOUND[:, ::-1] * 0 + signals.sine(440.0, -20.0, SECONDS),
    np.concatenate([SOUND[: 2 * RATE], np.zeros((RATE, 2))]),
], ids=["noise", "tone", "a third of it silent"])  # fmt: skip
def test_sound_in_step_is_accepted(films: Path, tmp_path: Path, sound: signals.Array) -> None:
    take = with_sound(films, sound, tmp_path / "take.mkv")
    new = with_sound(films, 0.3 * sound, tmp_path / "new.mkv")
    assert prove_sync(take, new).problem == ""


def test_silence_proves_nothing(films: Path, tmp_path: Path) -> None:
    take = with_sound(films, signals.silence(SECONDS), tmp_path / "take.mkv")
    assert "nothing to compare" in prove_sync(take, take).problem


def test_sub_sample_lags_are_measured(tmp_path: Path) -> None:
    """A tenth of a millisecond is 4.8 frames at 48 kHz."""
    spectrum = np.fft.rfft(SOUND, axis=0)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(len(SOUND), 1 / RATE) * 1e-4)
    later = np.fft.irfft(spectrum * turn[:, None], len(SOUND), axis=0)
    ffmpeg("-i", wav(tmp_path / "a.wav", SOUND), "-c:a", "flac", tmp_path / "a.mkv")
    ffmpeg("-i", wav(tmp_path / "b.wav", later), "-c:a", "flac", tmp_path / "b.mkv")
    for point in prove_sync(tmp_path / "a.mkv", tmp_path / "b.mkv").points:
        assert point.lag_ms == pytest.approx(0.1, abs=0.005)


def test_a_video_without_sound_cannot_be_remuxed(films: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the video has no sound"):
        remux(films / "picture.mp4", Audio.from_array(SOUND, RATE), tmp_path / "out.mp4")
