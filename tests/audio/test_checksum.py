"""The checksum of samples: that of libFLAC and hashlib, for every width and block."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from asmrmaster.audio.checksum import Seen


@pytest.mark.parametrize("bits", [8, 16, 20, 24, 32])
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (4, 2), (1001, 2), (4096, 1)])
def test_it_is_that_of_the_samples_as_bytes(bits: int, shape: tuple[int, int]) -> None:
    """RFC 9639 section 8.2: interleaved, signed, little-endian, in whole bytes."""
    highest = 2 ** (bits - 1)
    numbers = np.random.default_rng(bits).integers(-highest, highest, shape)
    numbers[0, 0] = -highest
    width = (bits + 7) // 8
    octets = b"".join(int(one).to_bytes(width, "little", signed=True) for one in numbers.ravel())
    seen = Seen(bits)
    for part in np.array_split(numbers / highest, 3):
        seen.add(np.asfortranarray(part))
    assert seen.md5 == hashlib.md5(octets, usedforsecurity=False).digest()
