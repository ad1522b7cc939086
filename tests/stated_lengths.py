"""Files whose headers state another length than their sound has, and what may follow it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.media import ffmpeg
from tests.signals import Array

RATE = 16_000

Lie = Callable[[bytearray, float], None]
"""Changes the stated length in the bytes of a file to so many times the true one."""


def _scaled(data: bytearray, at: int, form: str, share: float) -> None:
    (value,) = struct.unpack_from(form, data, at)
    struct.pack_into(form, data, at, int(value * share))


def _chunk(name: bytes, form: str, offset: int) -> Lie:
    return lambda data, share: _scaled(data, data.index(name) + offset, form, share)


def _aiff(data: bytearray, share: float) -> None:
    _scaled(data, data.index(b"SSND") + 4, ">I", share)
    _scaled(data, data.index(b"COMM") + 10, ">I", share)


def flac_length(data: bytearray, share: float) -> None:
    """The count of samples in STREAMINFO: RFC 9639 section 8.2."""
    at = data.index(b"fLaC") + 18
    value = int.from_bytes(data[at : at + 8], "big")
    count = int((value & (1 << 36) - 1) * share)
    data[at : at + 8] = (value >> 36 << 36 | count).to_bytes(8, "big")


def xing_length(data: bytearray, share: float) -> None:
    """The count of frames in a Xing header."""
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8
    _scaled(data, at, ">I", share)


def ogg_page_length(data: bytearray, share: float) -> None:
    """The position of the last page: RFC 3533 section 6."""
    at = data.rindex(b"OggS")
    _scaled(data, at + 6, "<q", share)
    page = data[at:]
    page[22:26] = bytes(4)
    data[at + 22 : at + 26] = _ogg_checksum(page).to_bytes(4, "little")


def _ogg_checksum(page: bytearray) -> int:
    value = 0
    for octet in page:
        value ^= octet << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFF_FFFF
    return value


def _mdhd(data: bytearray, share: float) -> None:
    _scaled(data, data.index(b"mdhd") + 20, ">I", share)


def _mkv(data: bytearray, share: float) -> None:
    at = data.index(b"\x44\x89\x88") + 3  # Duration, eight bytes
    _scaled(data, at, ">d", share)


def _nothing(data: bytearray, share: float) -> None:
    """It states none."""


FORMATS: dict[str, tuple[Lie, tuple[str, ...]]] = {
    "wav": (_chunk(b"data", "<I", 4), ("-c:a", "pcm_s16le")),
    "w64": (_chunk(b"data\xf3\xac\xd3\x11", "<Q", 16), ("-c:a", "pcm_s16le")),
    "aiff": (_aiff, ("-c:a", "pcm_s16be")),
    "caf": (_chunk(b"data", ">q", 4), ("-c:a", "pcm_s16le")),
    "au": (lambda data, share: _scaled(data, 8, ">I", share), ("-c:a", "pcm_s16be")),
    "flac": (flac_length, ("-c:a", "flac")),
    "mp3": (xing_length, ("-c:a", "libmp3lame", "-b:a", "64k")),
    "ogg": (ogg_page_length, ("-c:a", "libvorbis")),
    "opus": (ogg_page_length, ("-c:a", "libopus", "-b:a", "64k")),
    "m4a": (_mdhd, ("-c:a", "aac")),
    "mka": (_mkv, ("-c:a", "libopus")),
    "aac": (_nothing, ("-c:a", "aac")),
    "wv": (lambda data, share: _scaled(data, 12, "<I", share), ("-c:a", "wavpack")),
}
"""End of the name → how its header lies, and what ffmpeg encodes it with."""

BEHIND: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda whole: b"",
    "sound": lambda whole: whole[len(whole) // 2 :],
    "file": lambda whole: whole,
    "silence": lambda whole: bytes(20_000),
    "tag": lambda whole: b"TAG".ljust(128, b"\0"),
    "junk": lambda whole: np.random.default_rng(1).bytes(3_000),
}
"""What follows the sound."""


def encoded(folder: Path, end: str, sound: Array, rate: int = RATE) -> bytes:
    """The bytes of this sound as a file whose name ends so."""
    wave, path = folder / "plain.wav", folder / f"whole.{end}"
    soundfile.write(wave, sound, rate, subtype="PCM_16")
    ffmpeg("-i", wave, *FORMATS[end][1], path)
    return path.read_bytes()


def lying(folder: Path, end: str, whole: bytes, share: float, behind: str) -> Path:
    """That file, with another length stated and something behind it."""
    data = bytearray(whole)
    FORMATS[end][0](data, share)
    path = folder / f"{share:g}-{behind}.{end}"
    path.write_bytes(bytes(data) + BEHIND[behind](whole))
    return path
