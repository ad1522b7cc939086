"""Pages of an Ogg file: the serial number of its stream, made to follow from what it holds.

Encoders draw that number at random, so that streams can be joined in one file. A number taken
from the sound serves that as well, and the same master is the same bytes every time.

Source: RFC 3533 section 6 (page header; checksum with polynomial 0x04c11db7).
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path

HEAD = 27  # bytes of a page before its table of segments
_SERIAL, _CHECKSUM = slice(14, 18), slice(22, 26)
_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def settle_serial(path: Path) -> None:
    """Renumber the one stream of a whole file in place. Raises OSError."""
    with path.open("rb+") as file, mmap.mmap(file.fileno(), 0) as data:
        found = list(pages(data))
        serial = 0
        for start, end in found:
            serial = zlib.crc32(data[start + HEAD : end], serial)
        for start, end in found:
            page = bytearray(data[start:end])
            page[_SERIAL] = serial.to_bytes(4, "little")
            page[_CHECKSUM] = bytes(4)
            page[_CHECKSUM] = _checksum(page)
            data[start:end] = bytes(page)


def pages(data: mmap.mmap, start: int = 0) -> Iterator[tuple[int, int]]:
    """The first byte of each page up to the first other bytes, and the one after its last."""
    while data[start : start + 4] == b"OggS" and start + HEAD <= len(data):
        segments = data[start + HEAD : start + HEAD + data[start + 26]]
        end = start + HEAD + len(segments) + sum(segments)
        yield start, end
        start = end


def _checksum(page: bytearray) -> bytes:
    """Ogg's checksum is zlib's with bits the other way round, and starts and ends as it is."""
    turned = zlib.crc32(page.translate(_REVERSED), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return turned.to_bytes(4, "big").translate(_REVERSED)
