"""Windows over a stream: the same whatever the blocks, with silence around the sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.dsp.windows import Windows
from tests.signals import Array, noise


def windows(samples: Array, blocks: list[int], length: int, before: int, after: int) -> Array:
    """All windows of a stream cut into blocks of these sizes, shape (windows, rows, width)."""
    cutter = Windows(samples.shape[1], length, before, after)
    found, start = [], 0
    for size in [*blocks, len(samples)]:
        found += [window.copy() for window in cutter.feed(samples[start : start + size])]
        start = min(len(samples), start + size)
    counts = [length] * len(found)
    for window, count in cutter.finish():
        found.append(window.copy())
        counts.append(count)
    assert sum(counts) == len(samples)
    width = before + length + after
    return np.array(found) if found else np.empty((0, samples.shape[1], width))


@given(
    frames=st.integers(0, 300),
    blocks=st.lists(st.integers(0, 120), max_size=6),
    length=st.integers(1, 50),
    before=st.integers(0, 20),
    after=st.integers(0, 70),
    along_time=st.booleans(),  # then windows need not be copied
)
def test_windows_are_the_stream_between_silences(
    frames: int, blocks: list[int], length: int, before: int, after: int, along_time: bool
) -> None:
    samples = noise(0, 1, rate=frames) if frames else np.empty((0, 2))
    samples = np.asfortranarray(samples) if along_time else samples
    count = -(-frames // length)
    padded = np.zeros((before + count * length + after, 2))
    padded[before : before + frames] = samples
    got = windows(samples, blocks, length, before, after)
    assert len(got) == count
    for i, window in enumerate(got):
        start = i * length
        assert np.array_equal(window.T, padded[start : start + before + length + after])


def test_single_precision_rounds_once() -> None:
    samples = noise(-20, 0.1)
    cutter = Windows(2, 100, 0, 0, np.float32)
    first = next(cutter.feed(samples))
    assert first.dtype == np.float32
    assert first == pytest.approx(samples[:100].T, rel=1e-7)


def test_a_window_inside_a_block_is_not_copied() -> None:
    samples = np.asfortranarray(noise(-20, 0.1))
    found = list(Windows(2, 100, 10, 20).feed(samples))
    assert sum(np.shares_memory(window, samples) for window in found) == len(found) - 1
