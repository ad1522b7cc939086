"""Gains that tags ask players for: found in every kind of tag, judged, and no part of a master."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mutagen
import pytest
import soundfile
from mutagen import apev2, id3

from asmrmaster import engine
from asmrmaster.audio import master_format, read, write
from asmrmaster.presets.recipe import load_profile
from tests.media import ffmpeg, wav
from tests.signals import pink

FRAMES: Any = id3
APE: Any = apev2.APEv2
SOUND_CHECK = " 00000010 00000020" + " 00000000" * 8


def tagged(path: Path, kind: str, text: str, seconds: float = 2) -> Path:
    """A file with one gain, in the kind of tag that is named."""
    plain = wav(path.with_suffix(".plain.wav"), pink(-30, seconds), subtype="PCM_24")
    ffmpeg("-i", plain, "-b:a", "128k", path)
    if kind == "APE":
        tag = APE()
        tag["REPLAYGAIN_TRACK_GAIN"] = text
        tag.save(path)
        return path
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    frames: type[Any] = FRAMES.ID3Tags
    if kind == "RVA2":
        file.tags.add(FRAMES.RVA2(desc="track", channel=1, gain=float(text), peak=1.0))
    elif kind == "iTunNORM" and path.suffix == ".mp3":
        file.tags.add(FRAMES.COMM(encoding=0, lang="eng", desc=kind, text=text))
    elif isinstance(file.tags, frames):
        file.tags.add(FRAMES.TXXX(encoding=1, desc=kind, text=text))
    elif path.suffix == ".m4a":
        file.tags[f"----:com.apple.iTunes:{kind}"] = [text.encode()]
    else:
        file.tags[kind] = text
    file.save()
    return path


@pytest.mark.parametrize(("name", "kind", "text", "gain_db"), [
    ("a.flac", "REPLAYGAIN_TRACK_GAIN", "+18.00 dB", 18),
    ("a.ogg", "replaygain_album_gain", "-3,5 dB", -3.5),
    ("a.opus", "R128_TRACK_GAIN", "3072", 12),
    ("a.opus", "R128_ALBUM_GAIN", "-256", -1),
    ("a.mp3", "replaygain_track_gain", "7.25 dB", 7.25),
    ("a.mp3", "RVA2", "6.5", 6.5),
    ("a.mp3", "APE", "+9.00 dB", 9),
    ("a.mp3", "iTunNORM", SOUND_CHECK, 14.95),
    ("a.m4a", "iTunNORM", SOUND_CHECK, 14.95),
    ("a.m4a", "replaygain_track_gain", "+4 dB", 4),
    ("a.wav", "replaygain_track_gain", "+5 dB", 5),
    ("a.aiff", "replaygain_track_gain", "+5 dB", 5),
])  # fmt: skip
def test_a_gain_is_found_in_every_kind_of_tag(
    tmp_path: Path, name: str, kind: str, text: str, gain_db: float
) -> None:
    path = tagged(tmp_path / name, kind, text)
    (found,) = read(path).gains.values()
    assert found == pytest.approx(gain_db, abs=0.01)
    source = read(path)
    for target in (tmp_path / "m.wav", tmp_path / f"m{path.suffix}"):
        write(source.audio, target, master_format(source.format, target), like=source)
        assert read(target).gains == {}


def test_a_master_says_that_it_carries_no_gain(tmp_path: Path) -> None:
    report = engine.master(
        tagged(tmp_path / "a.flac", "R128_TRACK_GAIN", "256"), tmp_path / "m.wav"
    )
    assert report.output is not None
    assert report.input.player_gain_db == 1
    assert report.output.player_gain_db == 0
    assert "those gains are left out" in " ".join(report.input.notes)


def test_a_gain_in_matroska_is_found(tmp_path: Path) -> None:
    plain = wav(tmp_path / "p.wav", pink(-30, 2), subtype="PCM_24")
    for place in ("-metadata", "-metadata:s:a:0"):
        path = tmp_path / "a.mka"
        ffmpeg("-y", "-i", plain, place, "REPLAYGAIN_TRACK_GAIN=+8.00 dB", "-c:a", "flac", path)
        assert read(path).gains == {"replaygain_track_gain": 8.0}


@pytest.mark.parametrize(("kind", "text"), [
    ("replaygain_track_peak", "0.5"), ("replaygain_track_gain", "loud"), ("r128_track_gain", ""),
    ("iTunNORM", "zz zz"), ("iTunNORM", "0 0"), ("mp3gain_undo", "+003,+003,N"),
])  # fmt: skip
def test_what_asks_for_no_gain_is_none(tmp_path: Path, kind: str, text: str) -> None:
    assert read(tagged(tmp_path / "a.flac", kind, text)).gains == {}


def test_levels_are_judged_at_the_louder_of_the_two(tmp_path: Path) -> None:
    """A file of -26 LUFS is played at -8 by who honours the tag, and at -26 by all others."""
    profile = load_profile("general")
    found: dict[str | None, tuple[float | None, float | None]] = {}
    for gain in ("+18.00 dB", "-18.00 dB", None):
        path = tmp_path / f"{gain}.flac"
        if gain:
            tagged(path, "REPLAYGAIN_TRACK_GAIN", gain, seconds=30)
        else:
            soundfile.write(path, pink(-30, 30), 48_000, "PCM_24")
        report = engine.check(path, profile)
        loudness = next(f for f in report.findings if f.quantity == "integrated_lufs")
        relative = next(f for f in report.findings if f.quantity == "max_level_novelty_lu")
        found[gain] = loudness.measured, relative.measured
        stored = report.after.values["integrated_lufs"]
        assert stored is not None
        assert stored == pytest.approx(-26.16, abs=0.1)
        if gain:
            assert f"{stored + float(gain[:-3]):.1f} LUFS" in " ".join(report.input.notes)
        assert not engine.verification.verify(report, path).differences
        assert report.rederived().findings == report.findings
    assert found["+18.00 dB"][0] == pytest.approx(-8.16, abs=0.1)
    assert found["-18.00 dB"][0] == pytest.approx(-26.16, abs=0.1)
    assert found[None][0] == pytest.approx(-26.16, abs=0.1)
    assert found["+18.00 dB"][1] == pytest.approx(found[None][1], abs=0.05)


def test_a_report_that_hides_a_gain_is_found_out(tmp_path: Path) -> None:
    path = tagged(tmp_path / "a.flac", "REPLAYGAIN_TRACK_GAIN", "+18.00 dB", seconds=5)
    report = engine.check(path)
    quiet = report.model_copy(update={"input": report.input.model_copy(
        update={"player_gain_db": 0.0})}).rederived()  # fmt: skip
    differences = engine.verification.verify(quiet, path).differences
    assert any("player gain" in one for one in differences)
