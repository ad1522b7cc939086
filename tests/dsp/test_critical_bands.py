"""Critical bands of a spectrum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from asmrmaster.dsp.critical_bands import EDGES_HZ, band_bins, band_power, spread
from asmrmaster.dsp.level import db
from asmrmaster.dsp.stft import frame_size, spectra
from tests.signals import noise, sine

RATE = 48_000
SIZE = frame_size(RATE)


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_bands_cover_every_bin_once(rate: int) -> None:
    size = frame_size(rate)
    bins = band_bins(size, rate)
    assert bins[0] == 0
    assert bins[-1] == size // 2 + 1
    assert all(first < last for first, last in pairwise(bins))


def test_band_power_is_the_mean_square_of_all_channels_together() -> None:
    frames = spectra(noise(-20, 2.0).T, SIZE)
    measured = band_power(frames, SIZE, RATE).mean(axis=0)
    assert db(float(measured.sum())) == pytest.approx(-20 + 3.01, abs=0.1)
    tone = band_power(spectra(sine(1200, -20, 1.0, channels=1).T, SIZE), SIZE, RATE).mean(axis=0)
    assert EDGES_HZ[int(np.argmax(tone))] == 1080
    assert db(float(tone.max())) == pytest.approx(-23.01, abs=0.1)


def test_values_are_drawn_between_the_middles_of_the_bands() -> None:
    bands = len(band_bins(SIZE, RATE)) - 1
    flat = spread(np.full((2, bands), -6.0), SIZE, RATE)
    assert flat.shape == (2, SIZE // 2 + 1)
    assert np.allclose(flat, -6)
    ramp = spread(np.arange(bands, dtype=np.float64)[None], SIZE, RATE)[0]
    assert np.all(np.diff(ramp) >= 0)
    assert (ramp[0], ramp[-1]) == (0, bands - 1)
