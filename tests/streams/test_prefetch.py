"""Working ahead changes when blocks are made, never what they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from asmrmaster.runtime.threads import Threads
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.prefetch import prefetched
from tests.signals import noise


def test_blocks_come_unchanged_and_again() -> None:
    x = noise(-20, 0.5)
    audio = prefetched(Audio.from_array(x, 48_000, 1000), Threads(2))
    assert [len(block) for block in audio.open()] == [1000] * 24
    np.testing.assert_array_equal(audio.to_array(), x)


def test_an_error_comes_where_its_block_would_have() -> None:
    def failing() -> Iterator[Block]:
        yield np.zeros((10, 1))
        raise OSError("gone")

    blocks = prefetched(Audio(48_000, 1, 20, failing), Threads(2)).open()
    assert len(next(blocks)) == 10
    with pytest.raises(OSError, match="gone"):
        next(blocks)


def test_leaving_early_leaves_no_thread() -> None:
    before = threading.active_count()
    blocks = prefetched(Audio.from_array(noise(-20, 1), 48_000, 100), Threads(2)).open()
    next(blocks)
    del blocks
    assert threading.active_count() == before
