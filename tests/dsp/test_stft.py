"""Overlapping spectra and back."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.stft import frame_size, mean_squares, overlapped, spectra, window
from tests.signals import noise, sine

SIZE = 2048


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_frames_are_about_43_ms(rate: int) -> None:
    assert 0.03 < frame_size(rate) / rate < 0.06


def test_the_squares_of_the_window_add_up_to_one() -> None:
    squares = window(SIZE) ** 2
    assert np.allclose(squares[: SIZE // 2] + squares[SIZE // 2 :], 1, atol=1e-12)


def test_what_is_taken_apart_comes_together_again() -> None:
    samples = noise(-20, 0.5).T
    whole = overlapped(spectra(samples, SIZE), SIZE)
    part = samples[:, SIZE // 2 : SIZE // 2 + whole.shape[1]]
    assert whole.shape[1] >= samples.shape[1] - 2 * SIZE
    assert np.abs(whole - part).max() < 1e-12


def test_mean_squares_add_up_to_those_of_all_channels() -> None:
    samples = np.concatenate([sine(1000, -6, 0.5, channels=1), noise(-10, 0.5, channels=1)], axis=1)
    measured = mean_squares(spectra(samples.T, SIZE), SIZE).sum(axis=1).mean()
    assert measured == pytest.approx(np.mean(samples**2, axis=0).sum(), rel=0.02)
