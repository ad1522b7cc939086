"""Frames of a FLAC, counted from their heads: whether its header tells of all of them.

A decoder that believes the header stops at the count it states; others play on to the end of the
file. Heads are found by their synchronisation code and CRC-8; nothing is decoded.

Source: RFC 9639 sections 8.2 (STREAMINFO) and 9.1 (frame header).
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from asmrmaster.audio.id3 import after_id3

_SIZES_AND_RATES = bytes(b for b in range(256) if b >> 4 and b & 15 != 15)  # none reserved
_CHANNELS_AND_BITS = bytes(b for b in range(256) if b >> 4 < 11 and not b & 1 and b & 14 != 6)
_HEAD = re.compile(
    rb"\xff[\xf8\xf9]["
    + re.escape(_SIZES_AND_RATES)
    + rb"]["
    + re.escape(_CHANNELS_AND_BITS)
    + rb"]"
)
_LONGEST_HEAD = 16
_STRIDE = 1 << 18
_ALONE_BYTES = 1 << 18
"""One head alone tells of sound where so few bytes follow; among more it may be an accident."""


def _crc_8_table() -> bytes:
    """For the polynomial x^8 + x^2 + x + 1."""
    table = bytearray()
    for value in range(256):
        for _ in range(8):
            value = value << 1 ^ (0x107 if value & 0x80 else 0)
        table.append(value)
    return bytes(table)


_CRC_8 = _crc_8_table()


class FlacFrames(NamedTuple):
    """stated: frames of sound the header counts, 0 where it leaves that open. found: those that
    follow each other from the first one on. goes_on: whether others come behind them. md5: of the
    samples, as the header has it, b"" where it has none.
    """

    stated: int
    found: int
    goes_on: bool
    md5: bytes

    @property
    def surplus(self) -> bool:
        """Whether there is sound that the header does not count."""
        return 0 < self.stated < self.found or (self.stated == self.found and self.goes_on)


class _Frame(NamedTuple):
    """number: of its first sample if ``varying``, else of the frame."""

    position: int
    number: int
    size: int
    varying: bool

    @property
    def following(self) -> int:
        return self.number + (self.size if self.varying else 1)


def flac_frames(path: Path) -> FlacFrames | None:
    """What the heads of a FLAC tell; None for other files. Raises OSError."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = after_id3(data)
        info = data[start + 8 : start + 42]
        if data[start : start + 4] != b"fLaC" or len(info) < 34 or data[start + 4] & 0x7F:
            return None
        stated = int.from_bytes(info[13:18], "big") & 0xF_FFFF_FFFF
        found, goes_on = _count(data, _after_blocks(data, start + 4))
        md5 = bytes(info[18:34])
        return FlacFrames(stated, found, goes_on, md5 if any(md5) else b"")


def _after_blocks(data: mmap.mmap, position: int) -> int:
    """The byte after the metadata blocks, the first of which has its head at ``position``."""
    last = False
    while not last and position + 4 <= len(data):
        last = bool(data[position] & 0x80)
        position += 4 + int.from_bytes(data[position + 1 : position + 4], "big")
    return position


def _count(data: mmap.mmap, first: int) -> tuple[int, bool]:
    """Sound in the frames that follow each other from this byte on; whether others come behind.

    A FLAC joined to it, or frames cut from elsewhere, do not go on with the same numbers: where
    those of some frames rise all the way, only the last stretch is walked frame by frame.
    """
    known = next(_heads(data, first), None)
    if known is None:
        return 0, False
    numbers = 0
    for position in range(first + _STRIDE, len(data) - _STRIDE, _STRIDE):
        frame = next(_heads(data, position), None)
        if frame is None or frame.number <= numbers:
            return _walk(data, first, 0, 0)
        known, numbers = frame, frame.number
    found = known.number * (1 if known.varying else known.size)
    total, goes_on = _walk(data, known.position, known.number, found)
    return _walk(data, first, 0, 0) if goes_on else (total, goes_on)


def _walk(data: mmap.mmap, position: int, number: int, found: int) -> tuple[int, bool]:
    """The same, looking for each frame. number, found: of the first one, and before it."""
    while True:
        frame = next((f for f in _heads(data, position) if f.number == number), None)
        if frame is None:
            return found, _sound_in(data, position)
        found, number, position = found + frame.size, frame.following, frame.position + 1


def _sound_in(data: mmap.mmap, position: int) -> bool:
    """Whether there are frames from this byte on: two that belong together, or one near by."""
    before: _Frame | None = None
    for frame in _heads(data, position):
        if before is not None and before.following == frame.number:
            return True
        before = frame
    return before is not None and len(data) - position < _ALONE_BYTES


def _heads(data: mmap.mmap, position: int) -> Iterator[_Frame]:
    """All that look like the head of a frame: of bytes drawn at random one in 30 million does."""
    for match in _HEAD.finditer(data, position):
        at = match.start()
        if frame := _frame(data[at : at + _LONGEST_HEAD], at):
            yield frame


def _frame(head: bytes, position: int) -> _Frame | None:
    """The head of a frame; None where these bytes are none."""
    if len(head) < 6:
        return None
    octets = (head[4] ^ 0xFF).bit_length()  # the number is coded as UTF-8 is: leading ones
    octets = 1 if octets == 8 else 8 - octets
    if octets == 8 or (octets == 1 and head[4] & 0x80):
        return None
    number = head[4] & (0x7F if octets == 1 else 0x7F >> octets)
    for octet in head[5 : 4 + octets]:
        if octet & 0xC0 != 0x80:
            return None
        number = number << 6 | octet & 0x3F
    at = 4 + octets
    code, rate = head[2] >> 4, head[2] & 15
    if code == 1:
        size = 192
    elif code < 6:
        size = 144 << code
    elif code < 8:
        size = int.from_bytes(head[at : at + code - 5], "big") + 1
        at += code - 5
    else:
        size = 1 << code
    at += (0, 1, 2, 2)[max(0, rate - 11)]
    crc = 0
    for octet in head[:at]:
        crc = _CRC_8[crc ^ octet]
    if at >= len(head) or crc != head[at]:
        return None
    return _Frame(position, number, size, bool(head[1] & 1))
