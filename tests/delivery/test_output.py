"""Masters of videos and lossy files: the picture untouched, the sound in step, the peak held."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest

from asmrmaster import engine
from asmrmaster.audio import Audio, read
from asmrmaster.audio.container import decode, prove_sync
from asmrmaster.audio.container.decode import Track
from asmrmaster.audio.source import Format
from asmrmaster.delivery.codec_check import codec_format
from asmrmaster.delivery.output import Delivery, default_output, delivery
from asmrmaster.errors import InputError, OutputError, ParameterError
from asmrmaster.presets import Profile, load
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report
from asmrmaster.streams.audio import Block
from tests.media import ffmpeg, ffprobe, wav
from tests.signals import Array, pink

SECONDS = 16
PICTURE = f"testsrc=duration={SECONDS}:size=64x48:rate=5"
TAP_S = 12.0


def sound(seed: int = 0, seconds: float = SECONDS) -> Array:
    """Fading noise with a tap in it."""
    x = pink(-34, seconds, seed=seed)
    t = np.arange(len(x)) / 48_000
    x *= (np.minimum(1, t / 4) * np.minimum(1, t[::-1] / 4))[:, None]
    tap = np.exp(-np.arange(2400) / 400) * np.sin(np.arange(2400) * 0.4)
    x[round(TAP_S * 48_000) :][: len(tap)] += 0.2 * tap[:, None]
    return x


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos: two sound streams in MP4 and MKV, one in MOV and WebM, and the sound alone."""
    folder = tmp_path_factory.mktemp("films")
    first, second = wav(folder / "1.wav", sound()), wav(folder / "2.wav", sound(1) * 0.5)
    ffmpeg("-f", "lavfi", "-i", PICTURE, "-i", first, "-i", second, "-map", "0:v", "-map", "1:a",
           "-map", "2:a", "-c:v", "libx264", "-preset", "ultrafast", "-bf", 2, "-c:a", "aac",
           "-b:a", "192k", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu",
           "-metadata", "title=Rain", folder / "take.mp4")  # fmt: skip
    for name in ("take.mkv", "take.mov"):
        ffmpeg("-i", folder / "take.mp4", "-map", "0:v", "-map", "0:a:0", "-c", "copy",
               folder / name)  # fmt: skip
    ffmpeg("-f", "lavfi", "-i", PICTURE, "-i", first, "-c:v", "libvpx", "-deadline", "realtime",
           "-cpu-used", 8, "-c:a", "libopus", folder / "take.webm")  # fmt: skip
    return folder


def pictures(path: Path) -> list[tuple[int, str]]:
    """Time since the first, in units of the file, and hash of each packet of the picture."""
    text = ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "framehash", "-").decode()
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    return [(int(row[2]) - int(rows[0][2]), row[-1].strip()) for row in rows]


def peak(report: Report) -> float:
    value = report.after.values["true_peak_dbtp"]
    assert value is not None
    return value


@pytest.mark.parametrize("name", ["take.mp4", "take.mkv", "take.mov", "take.webm"])
def test_a_video_stays_one_and_only_its_sound_is_new(
    name: str, films: Path, tmp_path: Path
) -> None:
    take = films / name
    before = hashlib.sha256(take.read_bytes()).hexdigest()
    report = engine.master(take, tmp_path / name)
    assert report.output is not None
    master = Path(report.output.path)
    assert pictures(master) == pictures(take)
    assert len(pictures(take)) == SECONDS * 5
    assert report.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    assert peak(report) <= -2.0
    step = prove_sync(take, master)
    assert step.in_step
    assert all(abs(point.lag_ms or 0) < 0.1 for point in step.points)
    assert hashlib.sha256(take.read_bytes()).hexdigest() == before
    checked = engine.check(master, stream=report.output.stream or 0)
    assert checked.after.values == report.after.values


def test_a_master_is_named_after_its_video_and_the_picture_can_be_left(
    films: Path, tmp_path: Path
) -> None:
    source = read(films / "take.mp4")
    assert source.picture
    assert default_output(source).name == "take.master.mp4"
    assert not read(films / "1.wav").picture
    report = engine.master(films / "take.mp4", tmp_path / "m.wav")
    assert report.output is not None
    assert "The picture of the take was left out." in report.output.notes
    assert report.output.format == "WAV/PCM_24"


def test_a_stream_is_chosen_by_number_or_language(films: Path, tmp_path: Path) -> None:
    take, master = films / "take.mp4", tmp_path / "m.mp4"
    levels = [
        engine.check(take, stream=stream).after.values["integrated_lufs"]
        for stream in (None, "0", "deu", 1)
    ]
    assert levels[0] == levels[1]
    assert levels[2] == levels[3]
    assert levels[2] != pytest.approx(levels[0], abs=5)
    with pytest.raises(InputError, match=r"1 \(aac, deu\)"):
        engine.check(take, stream="fra")
    report = engine.master(take, master, stream="deu")
    assert report.after.values["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    master = Path(report.output.path) if report.output else master
    assert engine.check(master, stream=0).after.values["integrated_lufs"] == pytest.approx(
        levels[0], abs=0.01
    )
    assert "language=deu" in ffprobe(master, "stream_tags=language")


@pytest.mark.parametrize("overheard", [False, True])
def test_sound_out_of_step_is_not_published(films: Path, tmp_path: Path, overheard: bool) -> None:
    take, new = films / "take.mp4", tmp_path / "m.mp4"
    made = delivery(read(take), new)
    measured = read(take).audio
    sound = (made.watched(measured) if overheard else measured).to_array()
    late = np.concatenate([np.zeros((96, 2)), sound[:-96]])
    made.write(Audio.from_array(late, measured.rate), new)
    if overheard:
        made.watched_new(made.read(new).audio, new).to_array()
        assert made.proof
        assert made.proof.result() == prove_sync(take, new)
    with pytest.raises(OutputError, match=r"2\.0 ms late"):
        made.prove(new)


def test_a_film_is_decoded_no_more_often_than_needed(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The take to hear it and to render it, the master to hear it; and seconds to try AAC on."""
    told, whole = tmp_path / "passes.txt", decode._blocks

    def counted(track: Track) -> Iterator[Block]:
        tried = track.path.name == "coded.m4a"
        name = "tried" if tried else "take" if track.path == films / "take.mp4" else "master"
        with told.open("a") as file:  # by whichever process
            file.write(f"{name}\n")
        yield from whole(track)

    monkeypatch.setattr(decode, "_blocks", counted)
    report = engine.master(films / "take.mp4", tmp_path / "m.mp4")
    assert report.ride
    renders = report.ride.renders
    passes = Counter(told.read_text().split())
    assert passes == {"take": 1 + renders, "tried": 1, "master": renders}


def test_nothing_is_left_where_proof_fails(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Delivery, draft: Path) -> None:
        raise OutputError("not in step", subject=draft)

    monkeypatch.setattr(Delivery, "prove", refuse)
    with pytest.raises(OutputError, match="not in step"):
        engine.master(films / "take.mp4", tmp_path / "m.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["m.mp3", "m.opus", "m.ogg"])
def test_the_peak_of_a_lossy_master_is_the_delivered_one(name: str, tmp_path: Path) -> None:
    """Noise limited at the ceiling: encoders overshoot it, and the ceiling gives way."""
    settings = {"target.integrated_lufs": -18, "target.max_floor_lufs": -30}
    settings |= {"target.max_peak_height_lu": 10}
    take = wav(tmp_path / "take.wav", pink(-30, 8))
    first = engine.master(
        take, tmp_path / "m.wav", recipe=load_recipe("tactile", settings=settings)
    )
    assert first.ride is not None
    ceiling_dbtp = first.ride.ceiling_dbtp
    assert ceiling_dbtp - 0.1 < peak(first) <= ceiling_dbtp
    report = engine.master(take, tmp_path / name, recipe=load_recipe("tactile", settings=settings))
    assert report.ride is not None
    assert report.ride.rendered_dbtp is not None
    assert report.ride.renders in (2, 3)
    assert report.ride.rendered_dbtp < ceiling_dbtp - 0.05
    assert ceiling_dbtp - 0.7 < peak(report) <= ceiling_dbtp + 0.01


def test_a_lossless_master_has_no_peak_before_the_codec(films: Path, tmp_path: Path) -> None:
    report = engine.master(films / "1.wav", tmp_path / "m.flac")
    assert report.ride is not None
    assert report.ride.rendered_dbtp is None


# --- codec round trip -----------------------------------------------------------------------------

NAMES = ("codec_true_peak_dbtp", "codec_momentary_change_lu", "codec_novelty_change_lu")


@pytest.mark.parametrize("codec", ["aac:160k", "opus", "mp3:160k"])
def test_a_codec_is_heard_where_asked(codec: str, tmp_path: Path) -> None:
    report = engine.check(wav(tmp_path / "long.wav", sound(seconds=37)), codec=codec)
    changed, momentary, novelty = (report.after.values[name] for name in NAMES)
    assert changed == pytest.approx(peak(report), abs=2.0)
    assert momentary == pytest.approx(0, abs=0.8)
    assert novelty == pytest.approx(0, abs=0.5)
    states = {f.criterion: f.state for f in report.findings}
    assert [states[name] for name in ("N7a", "N7b", "N7c")] == ["pass"] * 3
    assert f"Also heard as {codec}." in report.input.notes


def test_without_asking_nothing_is_encoded(films: Path) -> None:
    report = engine.check(films / "1.wav")
    assert not set(NAMES) & set(report.after.values)
    asked = [f for f in report.findings if f.criterion.startswith("N7")]
    assert len(asked) == 3
    assert not any(f.applies for f in asked)


def test_a_peak_the_codec_raises_is_told(tmp_path: Path) -> None:
    square = 0.88 * np.sign(np.sin(2 * np.pi * 441 * np.arange(96_000) / 48_000))
    path = wav(tmp_path / "hot.wav", np.stack([square, square], axis=1))
    report = engine.check(path, load(Profile, "general"), codec="mp3:64k")
    finding = next(f for f in report.findings if f.criterion == "N7a")
    assert finding.state == "fail"


@pytest.mark.parametrize("text", ["flac", "aac:", "aac:160", "aac:1k", "opus:9000k", ""])
def test_a_codec_that_is_none_is_refused(text: str) -> None:
    if text == "aac:":
        assert codec_format(text)[1] == Format("M4A", "AAC", lossless=False)
        return
    with pytest.raises(ParameterError):
        codec_format(text)


def test_what_the_film_is_called_and_its_own_atoms_stay(tmp_path: Path) -> None:
    """Atoms that FFmpeg does not write are kept; gains for players are not."""
    film = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=3", "-f", "lavfi", "-i",
           "anoisesrc=c=pink:a=0.1:d=3", "-shortest", "-c:a", "aac", "-metadata", "title=Rain",
           film)  # fmt: skip
    tags: Any = mutagen.File(film)
    tags["----:com.apple.iTunes:mood"] = [b"calm"]
    tags["----:com.apple.iTunes:replaygain_track_gain"] = [b"+99.00 dB"]
    tags.save()
    report = engine.master(film, tmp_path / "m.mp4")
    assert report.output is not None
    kept: Any = mutagen.File(report.output.path)
    assert kept["\xa9nam"] == ["Rain"]
    assert bytes(kept["----:com.apple.iTunes:mood"][0]) == b"calm"
    assert "----:com.apple.iTunes:replaygain_track_gain" not in kept
    assert report.input.player_gain_db == 99
    assert report.output.player_gain_db == 0
    before, after = (ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "framemd5", "-")
                     for path in (film, Path(report.output.path)))  # fmt: skip
    assert before == after


def test_a_film_without_a_place_for_its_words_names_them(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2", "-f", "lavfi", "-i",
           "anoisesrc=c=pink:a=0.1:d=2", "-shortest", "-c:v", "libx264", "-c:a", "aac",
           "-metadata", "title=Rain", film)  # fmt: skip
    for name, kept in (("m.mkv", True), ("m.ts", False)):
        report = engine.master(film, tmp_path / name)
        assert report.output is not None
        said = any("does not keep these tags: title" in note for note in report.output.notes)
        assert said != kept


@pytest.mark.parametrize(("name", "taken_db", "renders"), [
    ("m.m4a", 0.05, 1), ("m.m4a", 0.2, 2), ("m.wav", 0.05, 1), ("m.wav", 0.2, 2),
])  # fmt: skip
def test_what_is_missing_is_put_back_where_it_is_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, taken_db: float, renders: int
) -> None:
    take = wav(tmp_path / "take.wav", sound())
    monkeypatch.setattr(Delivery, "read", quieter(Delivery.read, taken_db))
    report = engine.master(take, tmp_path / name)
    assert report.ride is not None
    assert report.ride.renders == renders


def quieter(read_back: Any, by_db: float) -> Any:
    """Reading a master back as if its encoder had taken so much off."""

    def read_quieter(self: Delivery, path: Path) -> Any:
        source = read_back(self, path)
        audio = source.audio

        def blocks() -> Iterator[Block]:
            return (block * 10 ** (-by_db / 20) for block in audio.open())

        return replace(source, audio=Audio(audio.rate, audio.channels, audio.frames, blocks))

    return read_quieter
