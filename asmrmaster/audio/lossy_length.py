"""Whether an MP3 says how long it is, where libsndfile would guess, or stop early.

Sources: ISO/IEC 11172-3 and 13818-3 (MPEG audio frame header); Xing header as LAME writes it.
"""

from __future__ import annotations

import mmap
import re
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from asmrmaster.audio.id3 import after_id3

_KBIT_S = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1 layer III
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2, and 2.5
}
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_PROOF_FRAMES = 3  # so many in a row are no accident
_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_XING = re.compile(rb"(?:Xing|Info)(....)(....)", re.S)


class Mp3Length(Enum):
    """How the length of an MP3 can be known."""

    STATED = "a header counts the frames"
    CONSTANT = "all frames are alike: it follows from the size of the file, nearly"
    UNKNOWN = "only decoding to the end tells"


class Mp3Frames(NamedTuple):
    """What the heads of all frames tell. stated: frames the header counts, None where there is
    none. found: frames of sound up to the end of the file. rates: different bit rates among the
    first ones. resumed: whether other bytes lie between them. joined: headers behind the first.
    """

    stated: int | None
    found: int
    rates: int
    resumed: bool
    joined: int

    @property
    def length(self) -> Mp3Length:
        """A header is not believed where there are more frames than it counts."""
        if self.resumed or self.joined or (self.stated or self.found) < self.found:
            return Mp3Length.UNKNOWN
        if self.stated:
            return Mp3Length.STATED
        alike = self.stated is None and self.rates == 1
        return Mp3Length.CONSTANT if alike else Mp3Length.UNKNOWN

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what the header does not tell."""
        if self.joined:
            return (JOINED.format(self.joined + 1),)
        if self.stated is not None and self.stated < self.found:
            return (
                f"Its header counts {self.stated} of {self.found} frames; all of them were read,"
                " as most players do.",
            )
        return ()


JOINED = "{} files were joined in it; all of them were read."


def mp3_frames(path: Path) -> Mp3Frames:
    """All frames of an MP3, by their heads. Raises OSError."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        position = after_id3(data)
        match = _SYNC.search(data, position)
        position = match.start() if match else position
        stated = _count_in(data, position)
        if _is_header(data, position) and (head := _frame(data[position : position + 4])):
            position += head[1]
        rates: set[int] = set()
        found = joined = 0
        resumed = False
        while True:
            while frame := _frame(data[position : position + 4]):
                if found and _is_header(data, position):
                    joined += 1
                else:
                    found += 1
                    rates.add(frame[0])
                position += frame[1]
            again = _next_run(data, position)
            if again is None:
                return Mp3Frames(stated, found, len(rates), resumed, joined)
            resumed, position = True, again


def _is_header(data: mmap.mmap, position: int) -> bool:
    """Whether a frame is a Xing, LAME or Info header and holds no sound."""
    return _XING.search(data[position + 4 : position + 64]) is not None


def _count_in(data: mmap.mmap, position: int) -> int | None:
    """Frames that the Xing header of the first frame counts; None where it has none."""
    xing = _XING.search(data[position : position + 64])
    if not xing:
        return None
    flags, count = (int.from_bytes(field, "big") for field in xing.groups())
    return count if flags & 1 else None


def _next_run(data: mmap.mmap, position: int) -> int | None:
    """Where frames go on behind tags and other bytes; None where they do not."""
    for match in _SYNC.finditer(data, after_id3(data, position)):
        at = match.start()
        for _ in range(_PROOF_FRAMES):
            frame = _frame(data[at : at + 4])
            if not frame:
                break
            at += frame[1]
        else:
            return match.start()
    return None


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
