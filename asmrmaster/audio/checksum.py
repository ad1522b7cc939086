"""The checksum a FLAC has of its own samples, held against those that were decoded.

Source: RFC 9639 section 8.2 (MD5 of the samples, interleaved, signed, little-endian).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from asmrmaster.streams.audio import Block


class Checksum:
    """md5: as the header has it. bits: of a sample."""

    def __init__(self, md5: bytes, bits: int) -> None:
        self._md5, self._bits = md5, bits
        self._differs = False

    def begin(self) -> Seen:
        """What a pass over all samples adds to."""
        return Seen(self._bits)

    def compare(self, seen: Seen) -> None:
        """At the end of a pass: write down whether it is the same."""
        self._differs = seen.md5 != self._md5

    def notes(self) -> tuple[str, ...]:
        """A plain sentence where the last pass found another."""
        if not self._differs:
            return ()
        return (
            "Its samples are not those its own checksum (MD5) was taken of: they were changed or"
            " damaged after it was encoded, or the checksum was.",
        )


class Seen:
    """The checksum of samples as they come."""

    def __init__(self, bits: int) -> None:
        self._hash = hashlib.md5(usedforsecurity=False)
        self._bits, self._width = bits, (bits + 7) // 8

    def add(self, block: Block) -> None:
        """The next samples, of shape (frames, channels), exact multiples of a step."""
        numbers = np.empty(block.shape, "<i2" if self._width == 2 else "<i4")  # interleaved
        np.multiply(block, 2.0 ** (self._bits - 1), out=numbers, casting="unsafe")
        if self._width == numbers.itemsize:
            self._hash.update(numbers.data)
            return
        if self._width == 3 and not numbers.size % 4:
            self._hash.update(_packed(numbers).data)
            return
        octets = numbers.view(np.uint8).reshape(*block.shape, 4)[..., : self._width]
        self._hash.update(np.ascontiguousarray(octets).data)

    @property
    def md5(self) -> bytes:
        """Of all samples so far."""
        return self._hash.digest()


def _packed(numbers: NDArray[np.int32]) -> NDArray[np.uint32]:
    """The three lower bytes of each, four numbers in three words: much faster than byte by byte."""
    first, second, third, fourth = (numbers.view("<u4").reshape(-1, 4)[:, k] for k in range(4))
    packed = np.empty((numbers.size // 4, 3), "<u4")
    packed[:, 0] = first & 0xFFFFFF | second << 24
    packed[:, 1] = second >> 8 & 0xFFFF | third << 16
    packed[:, 2] = third >> 16 & 0xFF | fourth << 8
    return packed
