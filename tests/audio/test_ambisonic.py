"""Ambisonic sound is refused by its name, wherever a file says what it is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from asmrmaster.audio import read
from asmrmaster.errors import InputError
from tests.media import ffmpeg, wav
from tests.signals import noise


def four(path: Path, codec: str, *options: object) -> Path:
    """Four channels in a layout of their own."""
    source = wav(path.with_name("four.wav"), noise(-30, 1, channels=4), 48_000, "PCM_16")
    ffmpeg("-y", "-i", source, "-c:a", codec, *options, path)
    return path


def renamed(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


def ogg_crc(page: bytes) -> int:
    """RFC 3533 section 6: CRC-32 with polynomial 0x04c11db7, without reflection."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


@pytest.mark.parametrize("family", [2, 3])
@pytest.mark.parametrize("suffix", ["opus", "mka"])
def test_opus_of_an_ambisonic_family(tmp_path: Path, suffix: str, family: int) -> None:
    path = four(tmp_path / f"a.{suffix}", "libopus", "-mapping_family", 255)
    data = bytearray(path.read_bytes())
    data[data.index(b"OpusHead") + 18] = family
    if suffix == "opus":
        size = 27 + data[26] + sum(data[27 : 27 + data[26]])
        data[22:26] = bytes(4)
        data[22:26] = struct.pack("<I", ogg_crc(bytes(data[:size])))
    path.write_bytes(data)
    with pytest.raises(InputError, match="ambisonic"):
        read(path)


def test_a_wav_of_the_amb_kind(tmp_path: Path) -> None:
    path = four(tmp_path / "a.wav", "pcm_s24le")
    usual = bytes.fromhex("000010008000 00aa00389b71".replace(" ", ""))
    renamed(path, usual, bytes.fromhex("2107d3118644c8c1ca000000"))
    with pytest.raises(InputError, match=r"a\.wav: its sound is ambisonic"):
        read(path)


def test_four_channels_without_a_word_are_no_ambisonics(tmp_path: Path) -> None:
    path = four(tmp_path / "a.opus", "libopus", "-mapping_family", 255)
    assert read(path).audio.channels == 4
