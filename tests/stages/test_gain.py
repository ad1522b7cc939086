"""The gain curve on samples."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.stages.gain import apply_gain
from asmrmaster.streams.audio import Audio
from tests.signals import noise


@pytest.mark.parametrize("rate", [48_000, 44_100, 11_025, 22_050])
def test_amplitude_runs_straight_between_hop_starts(rate: int) -> None:
    points = np.linspace(1.0, 0.0, 101)
    ones = Audio.from_array(np.ones((rate, 2)), rate)
    out = apply_gain(ones, points).to_array()
    starts = np.round(np.arange(100) * rate / 100 + 1e-9).astype(int)
    np.testing.assert_allclose(out[starts, 0], points[:100], atol=1e-3)
    assert np.all(np.diff(out[:, 0]) <= 0)
    np.testing.assert_array_equal(out[:, 0], out[:, 1])


@pytest.mark.parametrize("block", [1, 7, 480, 1000, 48_000])
def test_blocks_do_not_matter(block: int) -> None:
    x = noise(-20, 0.31)
    points = 0.5 + 0.4 * np.sin(np.arange(32))
    whole = apply_gain(Audio.from_array(x, 48_000), points).to_array()
    parts = apply_gain(Audio.from_array(x, 48_000, block), points).to_array()
    np.testing.assert_array_equal(parts, whole)


def test_gain_one_passes_bit_for_bit() -> None:
    x = noise(-20, 1.3)
    out = apply_gain(Audio.from_array(x, 48_000), np.ones(131, dtype=np.float32)).to_array()
    np.testing.assert_array_equal(out, x)


def test_after_the_last_point_the_gain_holds() -> None:
    out = apply_gain(Audio.from_array(np.ones((48_000, 1)), 48_000), np.array([1.0, 0.5]))
    assert out.to_array()[-1, 0] == 0.5
