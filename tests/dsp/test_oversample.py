"""The interpolator: flat where sound lies, and its bounds exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from asmrmaster.dsp.oversample import (
    CELL,
    CONTEXT,
    half_sample_taps,
    interpolator,
    oversampling,
)
from tests.signals import noise

RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000]


def series(seed: int, cells: int = 64) -> NDArray[np.float32]:
    count = cells * CELL + 2 * CONTEXT
    return noise(0, 1, rate=count, channels=1, seed=seed)[:, 0].astype(np.float32)


def all_readings(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Every reading the plain way: new samples between old ones, one doubling after another."""
    readings = samples.astype(np.float64)
    stages = [(16, 0.45), (5, 0.25), (3, 0.125)] + [(2, 0.0625)] * 8
    for count, band in stages[: oversampling(rate).bit_length() - 1]:
        taps = half_sample_taps(count, band)
        raised = np.zeros(2 * len(readings))
        raised[::2] = readings
        raised[1::2] = np.convolve(readings, taps)[count : count + len(readings)]
        readings = raised
    return readings


@pytest.mark.parametrize("rate", RATES)
def test_oversampled_rate_reaches_what_bs1770_asks_for(rate: int) -> None:
    assert oversampling(rate) * rate >= 320_000
    assert oversampling(rate) >= 4


@pytest.mark.parametrize("freq", [0.01, 0.1, 0.2, 0.3, 0.4, 0.42, 0.44])
def test_halfway_reading_of_a_tone_is_flat_to_0_44_of_the_rate(freq: float) -> None:
    taps = half_sample_taps(16, 0.45)
    response = np.exp(2j * np.pi * freq * (np.arange(32) - 15.5)) @ taps
    assert abs(20 * np.log10(abs(response))) < 0.1


def test_halfway_reading_falls_off_at_the_end_of_the_band() -> None:
    response = np.exp(2j * np.pi * 0.49 * (np.arange(32) - 15.5)) @ half_sample_taps(16, 0.45)
    assert abs(response) < 0.6  # a finite interpolator cannot be flat to half the rate


@pytest.mark.parametrize("rate", RATES)
def test_cells_hold_the_highest_of_all_readings(rate: int) -> None:
    samples = series(rate)
    factor = oversampling(rate)
    plain = np.abs(all_readings(samples, rate))[CONTEXT * factor : -CONTEXT * factor]
    expected = plain.reshape(-1, CELL * factor).max(axis=1)
    assert interpolator(rate).cell_peaks(samples, 0.0) == pytest.approx(expected, rel=3e-6)


@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from(RATES),
    seed=st.integers(0, 1000),
    threshold=st.floats(0.5, 4),
    burst=st.integers(1, 60),
)
def test_leaving_out_changes_nothing_above_the_threshold(
    rate: int, seed: int, threshold: float, burst: int
) -> None:
    samples = series(seed) * np.float32(0.05)
    samples[burst * CELL : burst * CELL + 40] *= 20  # a short loud place in much that is left out
    everything = interpolator(rate).cell_peaks(samples, 0.0)
    some = interpolator(rate).cell_peaks(samples, threshold)
    above = everything > threshold
    assert some[above] == pytest.approx(everything[above], rel=1e-6)
    assert (some[~above] <= threshold).all()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("smooth", [1, 2, 5, 20])
def test_sound_with_little_treble_keeps_its_peaks(rate: int, smooth: int) -> None:
    reader = interpolator(rate)
    samples = np.convolve(series(rate), np.ones(smooth) / smooth, "same").astype(np.float32)
    peak = float(reader.cell_peaks(samples, 0.0).max())
    for threshold in (0.5 * peak, 0.99 * peak, 0.999999 * peak):
        assert reader.cell_peaks(samples, threshold).max() == pytest.approx(peak, rel=1e-6)


def test_the_worst_signal_stays_inside_the_bound_and_comes_near() -> None:
    reader = interpolator(48_000)
    taps = half_sample_taps(16, 0.45)
    samples = np.zeros(2 * CONTEXT + 64, dtype=np.float32)
    middle = CONTEXT + 32
    samples[middle - 15 : middle + 17] = np.sign(taps)  # every weight of one reading adds up
    peak = reader.cell_peaks(samples, 0.0).max()
    assert 0.98 * reader.samples_to_any < peak <= reader.samples_to_any
    assert reader.cell_peaks(samples, float(peak) * 0.999).max() == peak


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
@pytest.mark.parametrize("threshold", [0.0, 0.9, 2.5])
def test_channels_are_read_together_as_one_by_one(channels: int, threshold: float) -> None:
    reader = interpolator(48_000)
    samples = np.stack([series(seed) for seed in range(channels)])
    samples *= np.linspace(0.1, 1.0, channels, dtype=np.float32)[:, None]
    alone = np.stack([reader.cell_peaks(row, threshold) for row in samples])
    together = reader.cell_peaks(samples, threshold)
    assert together.shape == alone.shape
    assert np.array_equal(together > threshold, alone > threshold)
    assert together == pytest.approx(alone, rel=1e-6)


def test_silence_reads_zero() -> None:
    assert not interpolator(44_100).cell_peaks(np.zeros(2 * CONTEXT + 64, np.float32), 0.0).any()
