"""Soft clicks: places to listen to."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.residual import hop_frames
from asmrmaster.dsp.softclicks import clicks_within, find_soft_clicks
from tests.signals import Array, noise, pink


def window(rate: int = 48_000) -> Array:
    return pink(-40, 36 * hop_frames(rate) / rate, rate)[: 36 * hop_frames(rate), 0]


def click(seconds: float, rate: int = 48_000, level_dbfs: float = -18) -> Array:
    time = np.arange(round(seconds * rate)) / rate
    wave = np.hanning(len(time)) * np.sin(2 * np.pi * 3200 * time + 1)
    result: Array = 10 ** (level_dbfs / 20) * wave
    return result


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [0.0005, 0.001, 0.002])
def test_a_soft_click_is_found_where_it_is(seconds: float, rate: int) -> None:
    samples, wave = window(rate), click(seconds, rate)
    place = len(samples) // 2
    samples[place : place + len(wave)] += wave
    (found,) = find_soft_clicks(samples, rate, 0.002)
    assert abs(found.start - place) <= 0.00075 * rate
    assert abs(found.end - (place + len(wave))) <= 0.00075 * rate
    assert found.size_db > 9


def test_noise_has_none() -> None:
    assert find_soft_clicks(window(), 48_000, 0.002) == []
    assert find_soft_clicks(noise(-40, 2)[: 36 * 2048, 0], 48_000, 0.002) == []


def test_a_longer_burst_is_none() -> None:
    samples = window()
    samples[40_000:40_480] += noise(-20, 0.01)[:, 0]
    assert find_soft_clicks(samples, 48_000, 0.02) == []


def test_of_those_close_together_the_largest_counts() -> None:
    samples = window()
    for place, level_dbfs in ((40_000, -20), (40_300, -14), (50_000, -20)):
        samples[place : place + 48] += click(0.001, level_dbfs=level_dbfs)
    assert len(find_soft_clicks(samples, 48_000, 0.002)) == 3
    apart = find_soft_clicks(samples, 48_000, 0.012)
    assert [round(found.start, -2) for found in apart] == [40_300, 50_000]


def test_within_a_span_the_click_is_bounded_by_what_the_sides_expect() -> None:
    samples = window()
    samples[40_000:40_077] += click(0.0016, level_dbfs=-14)
    (found,) = clicks_within(samples, 39_500, 40_500, 48_000)
    assert 39_970 < found.start <= 40_012
    assert 40_060 <= found.end < 40_110
    assert clicks_within(samples, 41_000, 42_000, 48_000) == []
