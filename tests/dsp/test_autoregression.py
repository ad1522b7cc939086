"""Autoregression: models, residuals and least-squares interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp.autoregression import (
    autocorrelation,
    filtered,
    hann,
    interpolate,
    levinson,
    model,
)
from tests.signals import Array, sine

RESONANCE = np.array([1.0, -1.8, 0.95])
"""A process with a peak near 3 kHz at 48 kHz."""


def process(coefficients: Array, frames: int, seed: int = 0) -> Array:
    """A realisation of an autoregressive process with unit residual."""
    from scipy.signal import lfilter

    noise = np.random.default_rng(seed).standard_normal(frames + 1000)
    result: Array = lfilter([1.0], coefficients, noise)[1000:]
    return result


def test_lags_are_those_of_the_definition() -> None:
    frames = np.random.default_rng(1).standard_normal((3, 500)).cumsum(axis=1)
    expected = [[x[: 500 - k] @ x[k:] for k in range(13)] for x in frames]
    assert np.allclose(autocorrelation(frames, 12), expected, rtol=1e-12)


def test_the_recursion_solves_the_normal_equations_of_each_row() -> None:
    frames = np.random.default_rng(2).standard_normal((4, 400)).cumsum(axis=1)
    lags = autocorrelation(frames, 8)
    for row, found in zip(lags, levinson(lags, whitening=0.0), strict=True):
        matrix = row[np.abs(np.subtract.outer(np.arange(8), np.arange(8)))]
        assert np.allclose(found[1:], np.linalg.solve(matrix, -row[1:]), atol=1e-9)


def test_silence_has_the_trivial_model() -> None:
    assert np.array_equal(levinson(np.zeros((2, 5))), [[1, 0, 0, 0, 0]] * 2)


def test_the_model_of_a_known_process_is_found() -> None:
    samples = process(RESONANCE, 60_000)
    found = model(samples[:30_000], samples[30_000:], 2)
    assert np.allclose(found, RESONANCE, atol=0.01)


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 4), frames=st.integers(1, 150), taps=st.integers(1, 40))
def test_filtering_by_tiles_is_the_sum_it_stands_for(rows: int, frames: int, taps: int) -> None:
    rng = np.random.default_rng(rows * 1000 + frames)
    samples = rng.standard_normal((rows, frames + taps - 1))
    weights = rng.standard_normal((rows, taps))
    expected = [np.correlate(x, w, "valid") for x, w in zip(samples, weights, strict=True)]
    assert np.allclose(filtered(samples, weights), expected, atol=1e-12)


def test_the_residual_of_a_process_is_its_white_input() -> None:
    samples = process(RESONANCE, 48_000)
    residual = filtered(samples[None], RESONANCE[None, ::-1])[0]
    assert np.std(residual) == pytest.approx(1, abs=0.02)
    lags = autocorrelation((residual * hann(len(residual)))[None], 4)[0]
    assert np.all(np.abs(lags[1:] / lags[0]) < 0.03)


def test_missing_samples_of_a_sine_come_back() -> None:
    samples = sine(997, 0, 0.1, channels=1)[:, 0]
    missing = np.zeros(len(samples), dtype=bool)
    missing[2000:2030] = missing[2040] = True
    exact = np.array([1.0, -2 * np.cos(2 * np.pi * 997 / 48_000), 1.0])
    filled = interpolate(np.where(missing, 9.0, samples), missing, exact)
    assert np.allclose(filled, samples[missing], atol=1e-9)


def test_no_other_values_leave_a_smaller_residual() -> None:
    samples = process(RESONANCE, 600)
    missing = np.zeros(600, dtype=bool)
    missing[280:300] = True

    def residual(values: Array) -> float:
        filled = samples.copy()
        filled[missing] = values
        return float(np.sum(np.convolve(filled, RESONANCE, "valid") ** 2))

    best = interpolate(samples, missing, RESONANCE)
    least = residual(best)
    rng = np.random.default_rng(3)
    assert all(residual(best + 0.01 * rng.standard_normal(20)) > least for _ in range(20))
    assert residual(samples[missing]) > least


def test_many_missing_samples_are_found_as_well_as_few() -> None:
    samples = process(RESONANCE, 4000)
    missing = np.zeros(4000, dtype=bool)
    for start in range(100, 3900, 50):
        missing[start : start + 7] = True
    together = interpolate(samples, missing, RESONANCE)
    assert len(together) > 500
    one_by_one = []
    for start in range(100, 3900, 50):
        alone = np.zeros(4000, dtype=bool)
        alone[start : start + 7] = True
        one_by_one.append(interpolate(samples, alone, RESONANCE))
    assert np.allclose(together, np.concatenate(one_by_one), atol=1e-9)
