"""Levels, moving means and the 10 ms grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp.level import (
    Hops,
    channel_weights,
    db,
    grid_edges,
    hop_sums,
    loudness,
    moving_mean,
    power,
)
from asmrmaster.errors import InputError

RATES = (8_000, 11_024, 11_025, 22_050, 44_100, 48_000, 192_000)


def test_zero_power_reads_the_floor_and_not_infinity() -> None:
    assert db(0.0) == -200
    assert loudness(0.0) == pytest.approx(-200.691)
    assert db(power(-37.25)) == pytest.approx(-37.25)


@given(
    st.integers(0, 300), st.integers(1, 60), st.sampled_from([(), (2,)]), st.integers(0, 2**32 - 1)
)
@settings(max_examples=60, deadline=None)
def test_moving_mean_is_the_mean_of_each_whole_window(
    points: int, width: int, rest: tuple[int, ...], seed: int
) -> None:
    values = np.random.default_rng(seed).random((points, *rest))
    means = moving_mean(values, width)
    assert means.shape == (max(0, points - width + 1), *rest)
    for start, mean in enumerate(means):
        np.testing.assert_allclose(mean, values[start : start + width].mean(axis=0), rtol=1e-13)


def test_moving_mean_forgets_what_was_loud() -> None:
    """A running total would still carry 1e16 · 1e-16 = 1 of what has passed."""
    values = np.full(200_000, 1e-12)
    values[1000:2000] = 1e16
    means = moving_mean(values, 300)
    np.testing.assert_allclose(means[2000:], 1e-12, rtol=1e-12)
    assert means[0] == pytest.approx(1e-12, rel=1e-12)
    values[:] = 0
    assert not moving_mean(values, 300).any()


def test_moving_mean_keeps_single_precision_but_sums_in_double() -> None:
    values = np.full(70_000, 0.1, dtype=np.float32)
    means = moving_mean(values, 300)
    assert means.dtype == np.float32
    np.testing.assert_array_equal(means, values[: len(means)])


@pytest.mark.parametrize("rate", RATES)
def test_hops_start_at_the_nearest_frame_and_meet_every_second(rate: int) -> None:
    edges = grid_edges(0, 1000, rate)
    assert np.abs(edges - np.arange(1001) * rate / 100).max() <= 0.5
    np.testing.assert_array_equal(edges[::100], np.arange(11) * rate)
    assert grid_edges(1, 1, 22_050)[0] == 221  # 220.5: halves upward


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hop_s", [0.01, 0.001, 1.0])
def test_cutting_does_not_depend_on_the_blocks(rate: int, hop_s: float) -> None:
    rng = np.random.default_rng(rate)
    samples = rng.standard_normal((2, 2 * rate + rate // 3))
    whole, edges = Hops(rate, 2, hop_s).cut(samples)
    assert edges[-1] == grid_edges(len(edges) - 1, len(edges) - 1, rate, hop_s)[0]
    assert samples.shape[1] - edges[-1] <= rate * hop_s
    expected = np.add.reduceat(samples[:, : edges[-1]] ** 2, edges[:-1], axis=1)
    np.testing.assert_allclose(hop_sums(whole, whole, edges), expected, rtol=1e-12)

    cutter, sums, start = Hops(rate, 2, hop_s), [], 0
    while start < samples.shape[1]:
        stop = start + int(rng.integers(0, 5000))
        part, inner = cutter.cut(samples[:, start:stop])
        sums.append(hop_sums(part, part, inner))
        start = stop
    np.testing.assert_allclose(np.concatenate(sums, axis=1), expected, rtol=1e-12)
    np.testing.assert_array_equal(cutter.rest, samples[:, edges[-1] :])


def test_hop_products_of_two_series() -> None:
    x, y = np.ones((1, 441)), np.full((1, 441), -2.0)
    assert hop_sums(x, y, grid_edges(0, 2, 22_050)).tolist() == [[-442.0, -440.0]]
    assert hop_sums(x, y, grid_edges(0, 0, 22_050)).shape == (1, 0)


def test_channel_weights_leave_out_the_lfe_and_raise_the_surrounds() -> None:
    assert channel_weights(6).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_weights(8).tolist() == [1, 1, 1, 0, 1, 1, 1.41, 1.41]  # WAV has backs first
    with pytest.raises(InputError, match="7 channels"):
        channel_weights(7)
