"""Cutting a stream into equal steps with context."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp.steps import Steps, step_frames


@given(
    frames=st.integers(0, 300),
    cuts=st.lists(st.integers(0, 300), max_size=8),
    length=st.integers(1, 40),
    before=st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_every_step_comes_once_with_what_lies_before_it(
    frames: int, cuts: list[int], length: int, before: int
) -> None:
    samples = np.arange(1.0, 2 * frames + 1).reshape(2, frames).T
    steps = Steps(2, length, before)
    edges = sorted({0, frames, *(min(cut, frames) for cut in cuts)})
    found = [part for a, b in pairwise(edges) for part in steps.cut(samples[a:b])]
    padded = np.concatenate([np.zeros((2, before)), samples.T], axis=1)
    expected = [
        padded[:, k * length : k * length + before + length] for k in range(frames // length)
    ]
    got = np.concatenate([np.empty((2, 0, before + length)), *found], axis=1)
    assert np.array_equal(got, np.array(expected).reshape(-1, 2, before + length).swapaxes(0, 1))


def test_steps_are_views_that_cannot_be_written_into() -> None:
    block = np.zeros((480, 1))
    (part,) = Steps(1, 48).cut(block)
    assert np.shares_memory(part, block)
    with pytest.raises(ValueError, match="read-only"):
        part[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("rate", "frames"), [(48_000, 48), (44_100, 44), (11_025, 11), (8000, 8), (100, 1)]
)
def test_a_step_is_about_a_millisecond(rate: int, frames: int) -> None:
    assert step_frames(rate) == frames
