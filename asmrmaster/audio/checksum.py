"""The checksum a FLAC has of its own samples, held against those that were decoded.

Source: RFC 9639 section 8.2 (MD5 of the samples, interleaved, signed, little-endian).
"""

from __future__ import annotations

import hashlib

import numpy as np

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
        numbers = np.empty(block.shape, "<i4")  # interleaved
        np.multiply(block, 2.0 ** (self._bits - 1), out=numbers, casting="unsafe")
        octets = numbers.view(np.uint8).reshape(*block.shape, 4)[..., : self._width]
        self._hash.update(np.ascontiguousarray(octets).data)

    @property
    def md5(self) -> bytes:
        """Of all samples so far."""
        return self._hash.digest()
