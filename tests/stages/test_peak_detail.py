"""Detail for the limiter: true peaks and energy by the millisecond, only where it is high."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp.oversample import CELL, CONTEXT, interpolator
from asmrmaster.stages import peak_detail
from asmrmaster.stages.peak_detail import CREST_DB, PARTS, Detail, PeakDetail
from asmrmaster.streams.audio import Block
from tests.signals import Array, noise, pink, silence

RATES = [8000, 11_024, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def measured(samples: Block, rate: int = 48_000, cuts: list[int] | None = None) -> Detail:
    meter = PeakDetail(rate, samples.shape[1])
    for start, stop in pairwise([0, *sorted(cuts or []), len(samples)]):
        meter.add(samples[start:stop])
    detail = meter.result().curves["peak_detail"]
    assert isinstance(detail, Detail)
    return detail


def tapping(rate: int, seconds: float, taps_s: list[float], channels: int = 2) -> Array:
    samples = pink(-50, seconds, rate, channels)
    for number, at_s in enumerate(taps_s):
        decay = np.exp(-np.arange(rate // 100) / (rate / 500))[:, None]
        start = round(at_s * rate)
        samples[start : start + len(decay)] += decay * noise(-9, 1, len(decay), channels, number)
    return samples


@pytest.mark.parametrize("rate", RATES)
def test_rows_are_the_true_peak_and_the_energy_of_each_millisecond(rate: int) -> None:
    samples = tapping(rate, 2.5, [0.3, 0.995, 1.4, 2.2])
    detail = measured(samples, rate)
    count = -(-len(samples) // CONTEXT) * CONTEXT
    padded = np.zeros((2, count + 2 * CONTEXT), dtype=np.float32)
    padded[:, CONTEXT : CONTEXT + len(samples)] = samples.T
    cells = np.max([interpolator(rate).cell_peaks(row, 0.0) for row in padded], axis=0)
    edges = [int(k * rate / 1000 + 0.5) for k in range(2501)]
    powers = (samples**2).sum(axis=1)
    assert {30, 99, 140, 220} <= set(detail.hops)
    for hop, row in zip(detail.hops, detail.values.astype(float), strict=True):
        parts = edges[hop * PARTS : hop * PARTS + PARTS + 1]
        energy = np.array([powers[start:stop].sum() for start, stop in pairwise(parts)])
        assert row[PARTS:] == pytest.approx(energy / energy.sum(), abs=2e-3)
        inside = [cells[-(-start // CELL) : -(-stop // CELL)] for start, stop in pairwise(parts)]
        peaks = np.array([part.max(initial=0.0) for part in inside])
        found = row[:PARTS]
        assert found.max() == pytest.approx(peaks.max(), rel=2e-3)
        if rate >= 16_000:  # a cell is no longer than a part
            high = found > 0.5 * found.max()
            assert found[high] == pytest.approx(peaks[high], rel=2e-3)


def test_only_high_places_are_kept_and_a_slam_does_not_hide_them() -> None:
    seconds = 20.0
    samples = tapping(48_000, seconds, [5.0, 12.0])
    quiet = measured(samples)
    assert {500, 1200} <= set(quiet.hops)
    assert len(quiet.hops) < 0.05 * seconds * 100
    samples[48_000:72_000] = noise(-6, 0.5)  # half a second, 30 dB above the taps
    assert {500, 1200} <= set(measured(samples).hops)


def test_even_noise_has_little_to_keep() -> None:
    assert len(measured(noise(-30, 5.0)).hops) < 5


def test_everything_that_stands_out_enough_is_kept() -> None:
    rng = np.random.default_rng(5)
    samples = noise(-40, 10.0, channels=1)
    level_db = -40.0 + 3  # of a difference, as it is of white noise
    places = rng.choice(1000, 50, replace=False)
    for hop in places:
        samples[hop * 480 + 100 : hop * 480 + 110, 0] = 10 ** ((level_db + CREST_DB + 4) / 20)
    assert set(places) <= set(measured(samples).hops)


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 110_000), max_size=5))
def test_blocks_change_nothing(cuts: list[int]) -> None:
    samples = tapping(44_100, 2.5, [0.2, 1.7])
    whole, parts = measured(samples, 44_100), measured(samples, 44_100, cuts)
    assert np.array_equal(whole.hops, parts.hops)
    assert np.array_equal(whole.values, parts.values)


def test_where_there_is_too_much_the_highest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [0.5 + 0.25 * i for i in range(60)]
    samples = tapping(16_000, 16.0, places)
    samples *= np.linspace(0.5, 1.0, len(samples))[:, None]
    everything = measured(samples, 16_000)
    monkeypatch.setattr(peak_detail, "MOST_HOPS", 40)
    some = measured(samples, 16_000)
    assert len(everything.hops) > 60
    assert 15 < len(some.hops) <= 40
    assert set(some.hops) <= set(everything.hops)
    left_out = ~np.isin(everything.hops, some.hops)
    lowest = some.values[:, :PARTS].max(axis=1).min()
    assert everything.values[left_out, :PARTS].max() <= lowest * 1.001


@pytest.mark.parametrize("seconds", [0.0, 1 / 48_000, 0.399, 2.0])
def test_silence_has_no_detail(seconds: float) -> None:
    detail = measured(silence(seconds))
    assert detail.hops.shape == (0,)
    assert detail.values.shape == (0, 2 * PARTS)
