"""What travels with a take: texts, cover, chapters, gains, from every kind into every other.

Takes are tagged by mutagen and by ffmpeg, masters are read back by both.
"""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen import flac, id3, mp4

from asmrmaster.audio import Audio, master_format, read, write
from asmrmaster.audio.source import Source
from asmrmaster.audio.tags import Metadata
from tests.media import ffmpeg, ffprobe, wav
from tests.signals import pink

SOUND = pink(-30, 3)
WORDS = {
    "title": ["Régen 雨"], "artist": ["Ida", "Bo"], "albumartist": ["Ida"], "album": ["Nights"],
    "composer": ["Bo"], "genre": ["ASMR"], "date": ["2026-11-25"], "tracknumber": ["3/12"],
    "discnumber": ["1/2"], "comment": ["two mics"], "lyrics": ["la\nla"], "copyright": ["CC BY"],
    "bpm": ["60"], "isrc": ["DEA612600001"], "mood": ["calm"], "take number": ["7"],
}  # fmt: skip
GAINS = {"replaygain_track_gain": ["+12.00 dB"], "replaygain_album_gain": ["+1.00 dB"]}
CHAPTERS = [(0.0, 1.25, "Brushes"), (1.25, 3.0, "Räin")]
KINDS = ("take.flac", "take.ogg", "take.opus", "take.mp3", "take.m4a")
MASTERS = ("m.flac", "m.ogg", "m.opus", "m.mp3", "m.m4a", "m.wav", "m.aiff")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One take of each kind with the same words, cover and chapters, by other programs."""
    folder = tmp_path_factory.mktemp("takes")
    sound = wav(folder / "s.wav", SOUND, subtype="PCM_24")
    chapters = folder / "chapters.txt"
    spans = "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={1000 * start:.0f}\nEND={1000 * end:.0f}\n"
        f"title={title}\n"
        for start, end, title in CHAPTERS
    )
    chapters.write_text(f";FFMETADATA1\n{spans}", encoding="utf-8")
    for name in KINDS:
        path = folder / name
        ffmpeg(
            "-i", sound, "-i", chapters, "-map", "0:a", "-map_chapters", "1", "-b:a", "128k", path
        )
        file: Any = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        _tag(file)
        file.save()
    return folder


def _tag(file: Any) -> None:
    """By hand, not by what is tested."""
    frames: Any = id3
    atoms: Any = mp4
    if isinstance(file.tags, frames.ID3Tags):
        for name, kind in {"title": "TIT2", "artist": "TPE1", "albumartist": "TPE2",
                           "album": "TALB", "composer": "TCOM", "genre": "TCON", "isrc": "TSRC",
                           "date": "TDRC",
                           "tracknumber": "TRCK", "discnumber": "TPOS", "copyright": "TCOP",
                           "bpm": "TBPM", "mood": "TMOO"}.items():  # fmt: skip
            file.tags.setall(kind, [getattr(frames, kind)(encoding=3, text=WORDS[name])])
        file.tags.add(frames.COMM(encoding=3, lang="eng", desc="", text=WORDS["comment"]))
        file.tags.add(frames.USLT(encoding=3, lang="eng", desc="", text=WORDS["lyrics"][0]))
        for name, texts in {"take number": WORDS["take number"], **GAINS}.items():
            file.tags.add(frames.TXXX(encoding=3, desc=name, text=texts))
        file.tags.add(frames.APIC(encoding=3, mime="image/png", type=3, desc="", data=PNG))
    elif isinstance(file.tags, atoms.MP4Tags):
        for name, key in {"title": "\xa9nam", "artist": "\xa9ART", "albumartist": "aART",
                          "album": "\xa9alb", "composer": "\xa9wrt", "genre": "\xa9gen",
                          "date": "\xa9day", "comment": "\xa9cmt", "lyrics": "\xa9lyr",
                          "copyright": "cprt"}.items():  # fmt: skip
            file.tags[key] = WORDS[name]
        file.tags["trkn"], file.tags["disk"], file.tags["tmpo"] = [(3, 12)], [(1, 2)], [60]
        for name, texts in {
            **{n: WORDS[n] for n in ("isrc", "mood", "take number")},
            **GAINS,
        }.items():
            file.tags[f"----:com.apple.iTunes:{name}"] = [texts[0].encode()]
        file.tags["covr"] = [atoms.MP4Cover(PNG, atoms.MP4Cover.FORMAT_PNG)]
    else:
        for name, texts in {**WORDS, **GAINS}.items():
            file.tags[name] = texts
        for name in [key for key, _ in file.tags if key.lower().startswith("chapter")]:
            del file.tags[name]
        for number, (start, _, title) in enumerate(CHAPTERS, 1):
            file.tags[f"CHAPTER{number:03}"] = f"00:00:{start:06.3f}"
            file.tags[f"CHAPTER{number:03}NAME"] = title
        blocks: Any = flac
        picture = blocks.Picture()
        picture.data, picture.mime, picture.type = PNG, "image/png", 3
        if hasattr(file, "add_picture"):
            file.add_picture(picture)
        else:
            file.tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]


def mastered(take: Path, target: Path) -> tuple[str, ...]:
    source = read(take)
    notes = write(source.audio, target, master_format(source.format, target), like=source)
    assert len(read(target).audio.to_array()) == source.audio.frames
    return notes


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("target", MASTERS)
def test_all_that_has_a_place_travels(takes: Path, tmp_path: Path, name: str, target: str) -> None:
    path = tmp_path / target
    notes = mastered(takes / name, path)
    own = Metadata.of(read(path), {})
    for word, texts in WORDS.items():
        assert "; ".join(own.words[word]) == "; ".join(texts), word
    assert [picture.data for picture in own.pictures] == [PNG]
    told = [(round(one.start_s, 2), one.title) for one in own.chapters]
    assert told == [(start, title) for start, _, title in CHAPTERS]
    assert notes == ()


@pytest.mark.parametrize("target", ["m.mp3", "m.m4a", "m.flac", "m.opus"])
def test_ffprobe_finds_it_too(takes: Path, tmp_path: Path, target: str) -> None:
    other = "take.flac" if target == "m.mp3" else "take.mp3"
    path = tmp_path / target
    mastered(takes / other, path)
    told = ffprobe(
        path, "format_tags:stream_tags:stream=codec_name:chapter=start_time:chapter_tags"
    )
    for text in ("=Régen 雨", "calm", "two mics", "CC BY", "DEA612600001"):
        assert text in told, text
    assert "codec_name=png" in told
    assert "start_time=1.250000" in told
    assert "Räin" in told


@pytest.mark.parametrize("target", MASTERS)
def test_gains_stay_with_the_take(takes: Path, tmp_path: Path, target: str) -> None:
    """They are the take's, and the master would play louder than it was measured."""
    for name in KINDS:
        assert read(takes / name).gains == {
            "replaygain_track_gain": 12.0, "replaygain_album_gain": 1.0
        }  # fmt: skip
        path = tmp_path / target
        mastered(takes / name, path)
        assert read(path).gains == {}
        assert b"replaygain" not in path.read_bytes().lower()


def test_what_only_id3_holds_goes_from_mp3_to_mp3_and_is_named_elsewhere(
    takes: Path, tmp_path: Path
) -> None:
    frames: Any = id3
    take = tmp_path / "take.mp3"
    take.write_bytes((takes / "take.mp3").read_bytes())
    file: Any = mutagen.File(take)
    lyrics = frames.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("la", 100)])
    file.tags.add(lyrics)
    file.tags.add(frames.PRIV(owner="us", data=b"\0\1"))
    file.tags.add(frames.RVA2(desc="track", channel=1, gain=3.0, peak=1.0))
    file.save()
    assert mastered(take, tmp_path / "m.mp3") == ()
    kept: Any = mutagen.File(tmp_path / "m.mp3")
    assert kept.tags.getall("SYLT") == [lyrics]
    assert kept.tags.getall("PRIV")[0].data == b"\0\1"
    (note,) = mastered(take, tmp_path / "m.flac")
    assert note.endswith("does not keep these tags: private data, timed lyrics.")


def test_cue_points_of_a_wav_become_chapters(tmp_path: Path) -> None:
    take = wav(tmp_path / "take.wav", SOUND, subtype="PCM_24")
    points = ((1, 0, b"Brushes"), (2, 60_000, "Räin".encode()))
    cue = struct.pack("<I", len(points)) + b"".join(
        struct.pack("<II4sIII", number, frame, b"data", 0, 0, frame) for number, frame, _ in points
    )
    labels = b"adtl"
    for number, _, text in points:
        body = struct.pack("<I", number) + text + b"\0"
        labels += struct.pack("<4sI", b"labl", len(body)) + body + b"\0" * (len(body) % 2)
    chunks = b"".join(
        struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)
        for name, body in ((b"cue ", cue), (b"LIST", labels))
    )
    data = take.read_bytes() + chunks
    take.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    for target in ("m.mp3", "m.m4a", "m.ogg"):
        mastered(take, tmp_path / target)
        own = Metadata.of(read(tmp_path / target), {})
        told = [(round(one.start_s, 2), one.title) for one in own.chapters]
        assert told == [(0.0, "Brushes"), (1.25, "Räin")]
    mastered(take, tmp_path / "m.wav")
    assert cue in (tmp_path / "m.wav").read_bytes()


@pytest.mark.parametrize("stated", ["image/jpg", "", "image/jpeg", "text/plain"])
@pytest.mark.parametrize("target", ["m.m4a", "m.flac", "m.mp3", "m.opus"])
def test_the_bytes_of_a_cover_decide_what_it_is(
    takes: Path, tmp_path: Path, target: str, stated: str
) -> None:
    """The cover is a PNG, whatever its media type says."""
    take = tmp_path / "take.mp3"
    take.write_bytes((takes / "take.mp3").read_bytes())
    file: Any = mutagen.File(take)
    file.tags.getall("APIC")[0].mime = stated
    file.save()
    assert not any("cover" in note for note in mastered(take, tmp_path / target))
    (picture,) = Metadata.of(read(tmp_path / target), {}).pictures
    assert (picture.mime, picture.data) == ("image/png", PNG)


@pytest.mark.parametrize("target", ["m.m4a", "m.flac", "m.mp3", "m.mka", "m.wav"])
def test_chapters_end_with_the_sound(takes: Path, tmp_path: Path, target: str) -> None:
    """One goes on far behind the end, another begins there."""
    frames: Any = id3
    take = tmp_path / "take.mp3"
    take.write_bytes((takes / "take.mp3").read_bytes())
    file: Any = mutagen.File(take)
    (last,) = [one for one in file.tags.getall("CHAP") if one.start_time]
    last.end_time = 200_000
    file.tags.add(frames.CHAP(element_id="late", start_time=200_000, end_time=210_000))
    file.save()
    notes = mastered(take, tmp_path / target)
    assert notes[0] == "Chapters behind the end of the sound were cut off there."
    own = Metadata.of(read(tmp_path / target), {})
    assert [one.title for one in own.chapters] == ["Brushes", "Räin"]
    assert own.chapters[-1].end_s == pytest.approx(3, abs=0.05)
    assert float(ffprobe(tmp_path / target, "format=duration").split("=")[-1]) < 3.2


@pytest.mark.parametrize("target", ["m.wav", "m.flac", "m.mp3"])
def test_an_id3v1_tag_behind_a_wav_is_carried(tmp_path: Path, target: str) -> None:
    take = wav(tmp_path / "take.wav", SOUND, subtype="PCM_24")
    tag = b"TAG" + b"Rain on tent".ljust(30, b"\0") + "Béa".encode("latin-1").ljust(30)
    tag += b"Nights".ljust(30, b"\0") + b"2026" + b"two mics".ljust(28, b"\0") + b"\0\7\xff"
    take.write_bytes(take.read_bytes() + tag)
    assert mastered(take, tmp_path / target) == ()
    words = Metadata.of(read(tmp_path / target), {}).words
    told = {
        "title": ["Rain on tent"], "artist": ["Béa"], "album": ["Nights"], "date": ["2026"],
        "comment": ["two mics"], "tracknumber": ["7"],
    }  # fmt: skip
    assert words.items() >= told.items()


def test_a_cut_takes_no_moments_along(takes: Path, tmp_path: Path) -> None:
    source = read(takes / "take.mp3")
    path = tmp_path / "m.mp3"
    audio = Audio.from_array(SOUND[:48_000], 48_000)
    write(audio, path, master_format(source.format, path), like=source, moments=False)
    own = Metadata.of(read(path), {})
    assert own.chapters == ()
    assert own.words["title"] == WORDS["title"]


def test_a_container_without_a_place_says_what_is_lost(takes: Path, tmp_path: Path) -> None:
    (note,) = mastered(takes / "take.mp3", tmp_path / "m.caf")
    for word in ("chapters", "cover", "mood", "take number"):
        assert word in note
    assert "title" not in note.split(": ")[1].split(", ")


def test_matroska_gets_words_and_chapters(takes: Path, tmp_path: Path) -> None:
    assert mastered(takes / "take.mp3", tmp_path / "m.mka") == ()
    told = ffprobe(tmp_path / "m.mka", "format_tags:chapter=start_time:chapter_tags")
    assert "=calm" in told
    assert "start_time=1.250000" in told
    assert "codec_name=png" in ffprobe(tmp_path / "m.mka", "stream=codec_name")
    assert len(read(tmp_path / "m.mka").audio.to_array()) == len(SOUND)


def test_damaged_tags_do_not_stop_a_take(takes: Path, tmp_path: Path) -> None:
    """Sound is what matters: tags that cannot be read are as if there were none."""
    rng = np.random.default_rng(0)
    for name in KINDS:
        clean = (takes / name).read_bytes()
        for _ in range(40):
            data = bytearray(clean)
            for place in rng.integers(0, 3_000, 30):
                data[place] ^= 1 << int(rng.integers(0, 8))
            path = tmp_path / name
            path.write_bytes(data)
            source = Source(path, Audio.from_array(SOUND[:480], 48_000), read(takes / name).format)
            own = Metadata.of(source, {})
            master = tmp_path / "m.flac"
            soundfile.write(master, SOUND[:480], 48_000, "PCM_24")
            own.put_into(master)
            assert all(note.isprintable() for note in own.notes(master, "FLAC", {}))
            assert soundfile.info(master).frames == 480
