"""What tells of a person stays behind: no output of any kind gives it away, and notes name it.

Takes are tagged by mutagen and ffmpeg and by hand, and masters read back by both.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen import flac, id3, mp4

from asmrmaster.audio import read, write
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.riff_metadata import pack
from asmrmaster.audio.tags.personal import is_personal, looks_like_a_clients, without_exif
from asmrmaster.delivery.output import delivery
from tests.media import ffmpeg, ffprobe, wav
from tests.signals import pink

SECRETS = ("48.2082", "16.3738", "SN-77", "Zoom H6", "ZOOM", "iPhone", "Anna's laptop", "USID9")
KINDS = ("t.flac", "t.ogg", "t.mp3", "t.m4a", "t.wav", "t.mov", "t.mkv")
PAIRS = [
    *(("t.wav", "m.wav"), ("t.flac", "m.flac"), ("t.mp3", "m.mp3"), ("t.m4a", "m.m4a")),
    *(("t.ogg", "m.ogg"), ("t.ogg", "m.opus"), ("t.wav", "m.flac"), ("t.flac", "m.mp3")),
    *(("t.mp3", "m.wav"), ("t.mov", "m.aiff"), ("t.m4a", "m.mka"), ("t.flac", "m.caf")),
]
"""Every format a master is written to, from a take of its own kind and of others."""
SOUND = pink(-30, 0.5)
PLACE = "+48.2082+016.3738/"
EXIF = b"\xff\xe1" + struct.pack(">H", 40) + b"Exif\0\0GPS 48.2082 iPhone".ljust(38, b"\0")
JPEG = b"\xff\xd8" + EXIF + b"\xff\xdb\0\4ab" + b"\xff\xda\0\2picture\xff\xd9"
WORDS = {
    "title": "Rain", "location": PLACE, "make": "ZOOM", "model": "Zoom H6",
    "serial_number": "SN-77", "com.apple.quicktime.model": "iPhone", "encoded_by": "Anna's laptop",
    "comment": "Session with Frau K., client no. 12",
}  # fmt: skip


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personal")
    sound = wav(folder / "s.wav", SOUND, subtype="PCM_24")
    tags = [part for name, text in WORDS.items() for part in ("-metadata", f"{name}={text}")]
    for name in KINDS:
        path = folder / name
        film = name in ("t.mov", "t.mkv")
        picture = ("-f", "lavfi", "-i", "color=size=32x32:duration=0.5:rate=10") if film else ()
        more = ("-shortest", "-c:v", "mpeg4") if film else ()
        flags = ("-movflags", "use_metadata_tags") if name == "t.mov" else ()
        ffmpeg("-i", sound, *picture, *more, *tags, *flags, path)
        _by_hand(path)
    return folder


def _by_hand(path: Path) -> None:
    if path.suffix == ".wav":
        bext = bytearray(602) + b"A=PCM,F=48000,T=Zoom H6 SN-77\r\n"
        bext[256:263], bext[288:293] = b"Zoom H6", b"USID9"
        with path.open("r+b") as file:
            file.seek(0, 2)
            file.write(pack(b"bext", bytes(bext)))
            file.write(pack(b"iXML", b"<BWFXML><LOCATION_GPS>48.2082</LOCATION_GPS></BWFXML>"))
            file.write(
                pack(b"LIST", b"INFO" + pack(b"ISFT", b"Zoom H6\0") + pack(b"INAM", b"Rain"))
            )
            size = file.tell() - 8
            file.seek(4)
            file.write(struct.pack("<I", size))
    frames: Any = id3
    atoms: Any = mp4
    if path.suffix in (".mkv", ".mov"):
        return
    opened: Any = mutagen.File(path)
    if opened.tags is None:
        opened.add_tags()
    if isinstance(opened.tags, frames.ID3Tags):
        opened.tags.add(frames.TXXX(encoding=3, desc="GPS", text=[PLACE]))
        opened.tags.add(frames.PRIV(owner="x", data=b"SN-77"))
        opened.tags.add(frames.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=JPEG))
        opened.tags.add(frames.COMM(encoding=3, lang="eng", desc="", text=WORDS["comment"]))
    elif isinstance(opened.tags, atoms.MP4Tags):
        opened.tags["\xa9xyz"] = [PLACE]
        opened.tags["----:com.apple.iTunes:DeviceSerial"] = [b"SN-77"]
        opened.tags["covr"] = [atoms.MP4Cover(JPEG, atoms.MP4Cover.FORMAT_JPEG)]
    else:
        opened.tags["GPSLocation"] = [PLACE]
    blocks: Any = flac
    if isinstance(opened, blocks.FLAC):
        picture = blocks.Picture()
        picture.data, picture.mime, picture.type = JPEG, "image/jpeg", 3
        opened.add_picture(picture)
        block = blocks.MetadataBlock(b"ZOOM SN-77")
        block.code = 2
        opened.metadata_blocks.append(block)
    opened.save()


def mastered(take: Path, target: Path, keeping: Keeping) -> tuple[str, ...]:
    source = read(take)
    return delivery(source, target, keeping=keeping).write(source.audio, target)


def told(path: Path) -> str:
    """All that ffprobe, mutagen and the bytes of a file say."""
    found: Any = mutagen.File(path)
    words = ffprobe(path, "format_tags:stream_tags:chapter_tags")
    texts = found.tags.pprint() if found is not None and found.tags is not None else ""
    return words + texts + path.read_bytes().decode("latin-1")


@pytest.mark.parametrize(("take", "target"), PAIRS)
def test_no_output_of_any_format_gives_a_person_away(
    takes: Path, tmp_path: Path, take: str, target: str
) -> None:
    path = tmp_path / target
    notes = mastered(takes / take, path, "public")
    there = told(path)
    assert [secret for secret in SECRETS if secret in there] == []
    assert "Rain" in there
    said = " ".join(notes)
    assert "tell" in said
    assert "location" in said or "bext" in said, said


@pytest.mark.parametrize(("take", "target"), [("t.mov", "m.mov"), ("t.mov", "m.mkv"),
                                              ("t.mkv", "m.mkv"), ("t.mkv", "m.mp4")])  # fmt: skip
def test_no_film_does(takes: Path, tmp_path: Path, take: str, target: str) -> None:
    path = tmp_path / target
    notes = " ".join(mastered(takes / take, path, "public"))
    there = told(path)
    assert [secret for secret in SECRETS if secret in there] == []
    assert "Rain" in there
    assert "location" in notes
    assert "model" in notes
    assert "48.2082" in told(takes / take)


@pytest.mark.parametrize(("take", "target"), [("t.flac", "m.flac"), ("t.mp3", "m.mp3"),
                                              ("t.wav", "m.wav"), ("t.mov", "m.mov")])  # fmt: skip
def test_who_wants_all_has_all(takes: Path, tmp_path: Path, take: str, target: str) -> None:
    path = tmp_path / target
    mastered(takes / take, path, "all")
    there = told(path)
    assert "48.2082" in there
    assert "SN-77" in there


@pytest.mark.parametrize(("take", "target"), [("t.mp3", "m.flac"), ("t.flac", "m.mp3"),
                                              ("t.wav", "m.wav"), ("t.mkv", "m.mkv")])  # fmt: skip
def test_who_wants_none_has_none(takes: Path, tmp_path: Path, take: str, target: str) -> None:
    path = tmp_path / target
    notes = mastered(takes / take, path, "none")
    there = told(path)
    assert [one for one in (*SECRETS, "Rain", "Frau K") if one in there] == []
    assert any("left out, as was asked" in note for note in notes)


@pytest.mark.parametrize("take", ["t.flac", "t.mp3", "t.mov"])
def test_a_comment_that_looks_like_a_clients_data_is_named(
    takes: Path, tmp_path: Path, take: str
) -> None:
    notes = mastered(takes / take, tmp_path / "m.flac", "public")
    assert any(re.match("The (comment|description) looks like a client's data", n) for n in notes)


def test_what_looks_like_a_clients_and_what_does_not() -> None:
    for text in ("anna@example.org", "Klient: B.", "born 3 May", "+43 660 1234567", "for Mrs Hall"):
        assert looks_like_a_clients({"comment": [text]}) == ["comment"], text
    for text in ("two mics, 2026-11-25", "Rain on a tent", "48000 Hz, 24 bit", "1:02:03 brushes"):
        assert looks_like_a_clients({"comment": [text]}) == [], text
    assert looks_like_a_clients({"isrc": ["DEA612600001"]}) == []


def test_names_that_tell_and_names_that_do_not() -> None:
    for name in ("location-eng", "GPSLatitude", "make", "com.apple.quicktime.make", "DeviceModel",
                 "serial", "originator_reference", "\xa9xyz", "owner"):  # fmt: skip
        assert is_personal(name), name
    for name in ("title", "artist", "mood", "take number", "media", "language", "remixer", "date"):
        assert not is_personal(name), name
    assert is_personal("anything", [PLACE])
    assert not is_personal("replaygain_track_gain", ["+12.00 dB"])


def test_a_picture_keeps_its_picture() -> None:
    assert without_exif(JPEG) == b"\xff\xd8\xff\xdb\0\4ab\xff\xda\0\2picture\xff\xd9"
    plain = b"\x89PNG\r\n\x1a\n" + bytes(3) + b"\1IHDRxcrcc" + bytes(3) + b"\1eXIfscrcc"
    assert without_exif(plain) == plain[:21]
    for damaged in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\xff\xff", b"GIF89a", b""):
        assert without_exif(damaged) is not None


def test_the_take_is_not_touched(takes: Path, tmp_path: Path) -> None:
    before = (takes / "t.flac").read_bytes()
    source = read(takes / "t.flac")
    write(source.audio, tmp_path / "m.flac", source.format, like=source, keeping="public")
    assert (takes / "t.flac").read_bytes() == before
