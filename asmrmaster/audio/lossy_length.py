"""Whether a compressed file says how long it is, where libsndfile would guess, or stop early.

Sources: ISO/IEC 11172-3 and 13818-3 (MPEG audio frame header); Xing header as LAME writes it;
RFC 3533 section 6 (Ogg pages).
"""

from __future__ import annotations

import mmap
import re
from enum import Enum
from pathlib import Path

_KBIT_S = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2, and 2.5
}
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_PROOF_FRAMES = 3  # so many in a row are no accident


class Mp3Length(Enum):
    """How the length of an MP3 can be known."""

    STATED = "a header counts the frames"
    CONSTANT = "all frames are alike: it follows from the size of the file, nearly"
    UNKNOWN = "only decoding to the end tells"


def mp3_length(path: Path) -> Mp3Length:
    """How the length of this MP3 can be known; reads frame headers only.

    A Xing header is not believed where more sound follows than it counts (joined files).
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        position = _after_id3(data)
        match = re.compile(rb"\xff[\xe2-\xff]").search(data, position)
        position = match.start() if match else position
        xing = re.search(rb"(?:Xing|Info)(....)(....)(....)", data[position : position + 64], re.S)
        if xing:
            flags, _, size = (int.from_bytes(field, "big") for field in xing.groups())
            joined = flags & 2 and _goes_on(data, position + size)
            if flags & 1:
                return Mp3Length.UNKNOWN if joined else Mp3Length.STATED
        rates: set[int] = set()
        while (frame := _frame(data[position : position + 4])) and len(rates) < 2:
            rates.add(frame[0])
            position += frame[1]
    return Mp3Length.CONSTANT if len(rates) == 1 else Mp3Length.UNKNOWN


def _goes_on(data: mmap.mmap, position: int) -> bool:
    """Whether more frames of sound follow from this byte on, after tags."""
    position = _after_id3(data, position)
    for _ in range(_PROOF_FRAMES):
        if not (frame := _frame(data[position : position + 4])):
            return False
        position += frame[1]
    return True


def _after_id3(data: mmap.mmap, position: int = 0) -> int:
    """The byte after the ID3v2 tags there."""
    while data[position : position + 3] == b"ID3" and len(data) >= position + 10:
        size = 0
        for octet in data[position + 6 : position + 10]:
            size = size << 7 | octet & 0x7F
        position += 10 + size + (10 if data[position + 5] & 0x10 else 0)
    return position


def _frame(head: bytes) -> tuple[int, int] | None:
    """Bit rate in kbit/s and length in bytes of a layer III frame; None for other bytes."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, kind = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3 or kind in (0, 15):
        return None
    kbit_s = _KBIT_S[3 if version == 3 else 2][kind]
    slots = (144_000 if version == 3 else 72_000) * kbit_s // _RATES_HZ[version][rate]
    return kbit_s, slots + (head[2] >> 1 & 1)


def ogg_is_whole(path: Path) -> bool:
    """Whether the last page is complete and marked as the end of its stream."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 2 * 65_307))  # twice the longest page
        tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if page[:4] != b"OggS" or len(page) < 27:
        return False
    segments = page[27 : 27 + page[26]]
    return bool(page[5] & 4) and len(page) >= 27 + page[26] + sum(segments)
