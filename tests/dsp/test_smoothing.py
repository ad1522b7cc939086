"""Running extremes and smoothing: against their plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.dsp.smoothing import falling_at_most, hann, sliding_max, staircase_hann
from tests.signals import noise


@given(count=st.integers(1, 200), width=st.integers(1, 70), seed=st.integers(0, 99))
def test_sliding_max_is_the_maximum_of_each_window(count: int, width: int, seed: int) -> None:
    values = noise(0, 1, rate=max(count, width), channels=2, seed=seed).T
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=-1)
    assert np.array_equal(sliding_max(values, width), windows.max(axis=-1))


@given(
    values=st.lists(st.floats(0, 30), max_size=60),
    step=st.floats(0.01, 5),
    before=st.floats(0, 30),
    cut=st.integers(0, 60),
)
def test_falling_curve_is_the_recursion_and_can_be_cut(
    values: list[float], step: float, before: float, cut: int
) -> None:
    expected, last = [], before
    for value in values:
        last = max(value, last - step)
        expected.append(last)
    whole = falling_at_most(np.array(values), step, before)
    assert whole == pytest.approx(expected, abs=1e-9)
    first = falling_at_most(np.array(values[:cut]), step, before)
    carried = float(first[-1]) if first.size else before
    rest = falling_at_most(np.array(values[cut:]), step, carried)
    assert np.concatenate([first, rest]) == pytest.approx(whole, abs=1e-9)


def test_a_curve_that_has_come_down_is_exactly_zero() -> None:
    curve = falling_at_most(np.array([6.0, *np.zeros(500)]), 0.1)
    assert curve[:3] == pytest.approx([6.0, 5.9, 5.8])
    assert not curve[61:].any()


@pytest.mark.parametrize("width", [1, 2, 7, 96])
def test_hann_weights_are_positive_symmetric_and_sum_to_one(width: int) -> None:
    weights = hann(width)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1.0)
    assert weights == pytest.approx(weights[::-1])


@pytest.mark.parametrize(("steps", "size"), [(1, 1), (1, 8), (5, 8), (12, 8), (3, 1)])
def test_staircase_smoothing_is_a_plain_filter_over_repeated_steps(steps: int, size: int) -> None:
    values = noise(0, 1, rate=40, channels=1)[:, 0]
    plain = np.convolve(np.repeat(values, size), hann(steps * size))
    plain = plain[steps * size : len(values) * size]  # where the filter is full
    spans = np.lib.stride_tricks.sliding_window_view(values, steps + 1)
    assert (spans @ staircase_hann(steps, size)).reshape(-1) == pytest.approx(plain, abs=1e-12)
