"""The running filter: the digits of scipy's, for any count of channels and any blocks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from asmrmaster.dsp import filters
from asmrmaster.dsp.filters import Filter, highpass, k_weighting, lowpass
from tests.signals import noise

RATE = 48_000
SOS = np.concatenate([highpass(25, RATE), k_weighting(RATE), lowpass(9000, RATE, 4)])


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("kernel", [filters.kernel, filters._public_kernel])
def test_every_channel_is_filtered_as_if_alone(
    channels: int, kernel: filters.Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "kernel", kernel)
    x = noise(-20, 0.5, RATE, channels) * np.linspace(1e-6, 1.0, channels)
    run = Filter(SOS, channels)
    y = np.concatenate([run(x[:10_000]), run(x[10_000:])])
    assert np.array_equal(y, sosfilt(SOS, x, axis=0))


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 4800), max_size=6), channels=st.integers(1, 3))
def test_blocks_change_nothing(cuts: list[int], channels: int) -> None:
    x = noise(-20, 0.1, RATE, channels)
    run = Filter(SOS, channels)
    parts = [run(x[start:stop]) for start, stop in pairwise([0, *sorted(cuts), len(x)])]
    assert np.array_equal(np.concatenate(parts), Filter(SOS, channels)(x))


def test_a_block_is_left_as_it_is_and_the_result_contiguous_along_time() -> None:
    x = noise(-20, 0.1, RATE, 2)
    before = x.copy()
    y = Filter(SOS, 2)(x)
    assert np.array_equal(x, before)
    assert y.T.flags.c_contiguous
    assert not np.shares_memory(Filter(SOS, 2)(x), y)
