"""The parts of a file, read from their heads."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.audio import read
from asmrmaster.audio.chunks import Chunks, scan
from asmrmaster.audio.riff_metadata import pack
from asmrmaster.errors import InputError
from tests.signals import noise

FMT = b"\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0"


def scanned(path: Path, content: bytes) -> Chunks | None:
    path.write_bytes(content)
    return scan(path)


def riff(body: bytes, magic: bytes = b"RIFF") -> bytes:
    return magic + (len(body) + 4).to_bytes(4, "little") + b"WAVE" + body


@pytest.mark.parametrize(
    ("container", "magic"),
    [("WAV", b"RIFF"), ("WAVEX", b"RIFF"), ("RF64", b"RF64"), ("W64", b"riff"),
     ("AIFF", b"FORM"), ("CAF", b"caff")],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2])
def test_the_sound_is_found_in_every_kind_of_file(
    tmp_path: Path, container: str, magic: bytes, channels: int
) -> None:
    frames = 1_001 if container != "AIFF" else 1_002  # where libsndfile counts padding as sound
    path = tmp_path / "a"
    sf.write(path, noise(-20, 1, channels=channels)[:frames], 48_000, "PCM_24", format=container)
    chunks = scan(path)
    assert chunks
    assert chunks.magic == magic
    assert chunks.sound
    assert chunks.sound.size == chunks.promised == frames * channels * 3
    end = chunks.sound.start + chunks.sound.size
    assert path.stat().st_size - end < 8, "it ends with the file, but for padding"
    path.write_bytes(path.read_bytes()[: end - 1])
    chunks = scan(path)
    assert chunks
    assert chunks.sound
    assert chunks.sound.size == frames * channels * 3 - 1
    assert chunks.promised == frames * channels * 3


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", riff(b"")[:11], b"RIFF\0\0\0\0AVI LIST", b"OggS" * 9, b"FORM\0\0\0\0ILBM1234"],
)
def test_what_is_not_made_of_chunks_has_none(tmp_path: Path, content: bytes) -> None:
    assert scanned(tmp_path / "a", content) is None


def test_parts_before_and_after_the_sound_are_found(tmp_path: Path) -> None:
    parts = [(b"fmt ", FMT), (b"odd ", b"123"), (b"data", bytes(101)), (b"LIST", b"INFO")]
    chunks = scanned(tmp_path / "a", riff(b"".join(pack(*part) for part in parts)))
    assert chunks
    assert [(part.id, chunks.content(part)) for part in chunks.parts] == parts
    assert chunks.first(b"odd ") == b"123"
    assert chunks.first(b"none") == b""


def test_an_rf64_takes_the_size_of_its_sound_from_ds64(tmp_path: Path) -> None:
    ds64 = pack(b"ds64", bytes(8) + (40).to_bytes(8, "little") + bytes(12))
    body = ds64 + pack(b"fmt ", FMT) + b"data\xff\xff\xff\xff" + bytes(40) + pack(b"iXML", b"<>")
    chunks = scanned(tmp_path / "a", riff(body, b"RF64"))
    assert chunks
    assert chunks.promised == 40
    assert chunks.first(b"iXML") == b"<>"


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF, 0x80000000])
def test_a_stand_in_for_the_size_is_no_promise(tmp_path: Path, size: int) -> None:
    sound = np.random.default_rng(0).bytes(500)
    head = pack(b"fmt ", FMT) + b"data" + size.to_bytes(4, "little")
    chunks = scanned(tmp_path / "a", riff(head + sound))
    assert chunks
    assert chunks.sound
    assert chunks.promised is None
    assert chunks.content(chunks.sound) == sound


@pytest.mark.parametrize("size", [501, 10_000, 0x7FFF0000, 0xFFFF0000])
def test_any_other_size_is_one(tmp_path: Path, size: int) -> None:
    head = pack(b"fmt ", FMT) + b"data" + size.to_bytes(4, "little")
    chunks = scanned(tmp_path / "a", riff(head + bytes(500)))
    assert chunks
    assert chunks.sound
    assert (chunks.sound.size, chunks.promised) == (500, size)


def test_digital_silence_of_unknown_length_is_not_taken_for_chunks(tmp_path: Path) -> None:
    chunks = scanned(tmp_path / "a", riff(pack(b"fmt ", FMT) + b"data\0\0\0\0" + bytes(800)))
    assert chunks
    assert chunks.promised is None
    assert chunks.sound
    assert chunks.sound.size == 800


@settings(max_examples=200, deadline=None)
@given(
    magic=st.sampled_from([b"RIFF", b"RF64", b"RIFX", b"FORM", b"caff", b"riff"]),
    rest=st.lists(
        st.one_of(
            st.sampled_from([b"WAVE", b"AIFF", b"data", b"SSND", b"ds64", b"fmt ", b"\xff" * 8]),
            st.binary(max_size=24),
        ),
        max_size=12,
    ),
)
def test_any_bytes_are_survived(
    tmp_path_factory: pytest.TempPathFactory, magic: bytes, rest: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    content = magic + b"".join(rest)
    chunks = scanned(path, content)
    for part in chunks.parts if chunks else ():
        assert part.size >= 0
        assert part.size == 0 or part.start + part.size <= len(content)
        assert chunks
        assert len(chunks.content(part)) == part.size


def test_millions_of_empty_chunks_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    chunks = pack(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16))
    chunks += pack(b"none", b"") * 2_000_000
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    began = time.process_time()
    with pytest.raises(InputError, match="more than 10000 parts"):
        scan(path)
    assert time.process_time() - began < 2
    with pytest.raises(InputError):
        read(path)
    assert time.process_time() - began < 10
