"""The floor and what stands above it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from asmrmaster.dsp.hiss import (
    AHEAD,
    BACK,
    EDGES_HZ,
    band_bins,
    band_power,
    mask_db,
    spread,
)
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


def steady(frames: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Band powers of white noise, and their mean."""
    measured = band_power(spectra(noise(-60, frames * SIZE / 2 / RATE).T, SIZE), SIZE, RATE)
    return measured, measured.mean(axis=0)


def test_the_floor_itself_hardly_ever_opens_the_mask() -> None:
    measured, floor = steady()
    gain_db = mask_db(measured, floor, 6)
    assert gain_db.shape == (len(measured) - BACK - AHEAD, len(floor))
    assert np.mean(gain_db > -5.9) < 0.01
    assert gain_db.min() == -6


def test_a_sound_opens_it_a_frame_early_and_lets_it_close_in_150_ms() -> None:
    measured, floor = steady()
    sound = np.repeat(floor[None], len(measured), axis=0)
    sound[100:110, 10] *= 1000
    gain_db = mask_db(sound, floor, 6)[:, 10]
    at = 100 - BACK
    assert np.all(gain_db[at - 1 : at + 10] == 0)
    assert np.all(gain_db[: at - 4] == -6)
    assert np.all(np.diff(gain_db[at + 10 : at + 25]) <= 0)
    assert gain_db[at + 11 + 9] == -6
    assert np.all(mask_db(sound, floor, 6)[:, 20] == -6)


def test_a_mask_does_not_depend_on_where_it_starts() -> None:
    measured, floor = steady(120)
    measured[40:60] *= 100
    whole = mask_db(measured, floor, 6)
    part = mask_db(measured[30:], floor, 6)
    assert np.array_equal(whole[30:], part)


def test_values_are_drawn_between_the_middles_of_the_bands() -> None:
    bands = len(band_bins(SIZE, RATE)) - 1
    flat = spread(np.full((2, bands), -6.0), SIZE, RATE)
    assert flat.shape == (2, SIZE // 2 + 1)
    assert np.allclose(flat, -6)
    ramp = spread(np.arange(bands, dtype=np.float64)[None], SIZE, RATE)[0]
    assert np.all(np.diff(ramp) >= 0)
    assert (ramp[0], ramp[-1]) == (0, bands - 1)
