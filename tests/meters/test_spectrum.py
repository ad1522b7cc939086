"""The spectrum meter: energies against filters, any rate, any splitting."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.signal as ss
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from asmrmaster.dsp.filters import a_weighting_power, k_weighting
from asmrmaster.dsp.level import db
from asmrmaster.dsp.novelty import BAND_EDGES_HZ
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from tests.signals import Array, concat, noise, pink, silence, sine

RATES = [8000, 11_024, 22_050, 44_100, 48_000, 96_000, 192_000]


def measured(samples: Array, rate: int = 48_000, cuts: list[int] | None = None) -> Measurement:
    meter = Spectrum(rate, samples.shape[1])
    edges = [0, *sorted(cuts or []), len(samples)]
    for start, stop in pairwise(edges):
        meter.add(samples[start:stop])
    return meter.result()


def tone_db(samples: Array, column: str, rate: int = 48_000) -> NDArray[np.float64]:
    """Levels of one column in dB, without the first and last 100 ms."""
    energy = measured(samples, rate).curves["tone_energy"].values[5:-5]
    return db(energy[:, TONE_COLUMNS.index(column)])


@pytest.mark.parametrize("rate", RATES)
def test_energy_of_a_sine_is_its_energy_at_every_rate_and_hop(rate: int) -> None:
    level = tone_db(sine(1000, -20, 1.0, rate), "unweighted", rate)
    assert level == pytest.approx(np.full(len(level), -20.0), abs=0.02)  # two channels of −23.01
    weighted = tone_db(sine(1000, -20, 1.0, rate), "a_weighted", rate)
    assert weighted == pytest.approx(np.full(len(level), -20.0), abs=0.05)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.0, 0.0199, 0.02, 0.399, 1.0, 1.01, 2.031])
def test_there_is_a_point_for_every_whole_hop(rate: int, seconds: float) -> None:
    samples = noise(-20, seconds, rate, 1)
    hops = len(samples) * 50 // rate
    curves = measured(samples, rate).curves
    assert curves["tone_energy"].values.shape == (hops, len(TONE_COLUMNS))
    assert curves["novelty_band_energy"].values.shape == (hops, len(BAND_EDGES_HZ))
    assert all(np.isfinite(curve.values).all() for curve in curves.values())


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_summed_as_in_bs1770(channels: int) -> None:
    """And the low frequency channel 10 dB higher, as it is played (ITU-R BS.775-3 Annex 7)."""
    one = measured(noise(-20, 0.5, channels=1)).curves["tone_energy"].values[:, 4]
    many = measured(np.repeat(noise(-20, 0.5, channels=1), channels, axis=1)).curves
    weight = {1: 1.0, 2: 2.0, 6: 3 + 2 * 1.41 + 10}[channels]
    assert many["tone_energy"].values[:, 4] == pytest.approx(weight * one, rel=1e-5)


def test_weightings_agree_with_their_definitions() -> None:
    samples = pink(-30, 4.0, channels=1)
    k_filtered = ss.sosfilt(k_weighting(48_000), samples, axis=0)
    spectrum = np.abs(np.fft.rfft(samples[:, 0])) ** 2
    freq = np.linspace(0, 24_000, len(spectrum))
    a_share = spectrum @ a_weighting_power(freq) / spectrum.sum()
    mean = measured(samples).curves["tone_energy"].values.astype(np.float64).mean(axis=0)
    found = dict(zip(TONE_COLUMNS, db(mean).tolist(), strict=True))
    unweighted, k_weighted = db(np.array([np.mean(samples**2), np.mean(k_filtered**2)])).tolist()
    assert found["unweighted"] == pytest.approx(unweighted, abs=0.01)
    assert found["k_weighted"] == pytest.approx(k_weighted, abs=0.05)
    a_weighted = unweighted + float(db(float(a_share)))
    assert found["a_weighted"] == pytest.approx(a_weighted, abs=0.05)


@pytest.mark.parametrize("rate", RATES)
def test_bands_add_up_to_the_whole_and_have_steep_edges(rate: int) -> None:
    for column, (low_hz, high_hz) in enumerate(BAND_EDGES_HZ):
        centre_hz = (low_hz * high_hz) ** 0.5 if column else 150.0
        if centre_hz > 0.45 * rate:
            continue
        curves = measured(sine(centre_hz, -20, 0.5, rate), rate).curves
        share = curves["novelty_band_energy"].values[5:-5].mean(axis=0, dtype=np.float64)
        share /= curves["tone_energy"].values[5:-5, 2].mean(dtype=np.float64)
        assert share[column] == pytest.approx(1, abs=0.01)
        assert db(np.delete(share, column)).max() < -35


def test_bands_above_half_the_rate_hold_nothing() -> None:
    energy = measured(noise(-20, 0.5, 8000), 8000).curves["novelty_band_energy"].values
    assert (energy[:, :5] > 0).all()
    assert (energy[:, 6:] == 0).all()


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    ("freq_hz", "share_db"), [(15, 0), (20, 0), (30, 0), (80, -24), (1000, -60)]
)
def test_rumble_is_10_to_40_hz(rate: int, freq_hz: float, share_db: float) -> None:
    wave = sine(freq_hz, -20, 3.0, rate) * np.hanning(3 * rate)[:, None]
    curve = measured(wave, rate).curves["tone_energy"].values.astype(np.float64).sum(axis=0)
    share = float(db(curve[5] / curve[4]))
    assert share == pytest.approx(0, abs=0.5) if share_db == 0 else share < share_db + 0.5


def test_a_constant_offset_hardly_reaches_a_band() -> None:
    """Nothing removes it before the spectrum; the window keeps it out of all but the lowest."""
    curves = measured(np.full((48_000 * 2, 2), 0.1)).curves  # −17 dBFS in two channels
    bands = db(curves["novelty_band_energy"].values[5:-5]).max(axis=0)
    assert bands[0] < -43
    assert bands[1:].max() < -97
    assert db(curves["tone_energy"].values[40:-5, 5]).max() < -70


def test_a_burst_stays_where_it_is() -> None:
    samples = concat(silence(1.0), noise(-20, 0.2), silence(1.0))
    energy = measured(samples).curves["novelty_band_energy"].values.sum(axis=1)
    loud = np.flatnonzero(energy > energy.max() / 100)
    assert abs(loud[0] * 0.02 - 1.0) < 0.021
    assert abs((loud[-1] + 1) * 0.02 - 1.2) < 0.021


@given(st.lists(st.integers(0, 120_000), max_size=12), st.sampled_from([44_100, 22_050]))
@settings(max_examples=15, deadline=None)
def test_splitting_does_not_matter(cuts: list[int], rate: int) -> None:
    samples = noise(-20, 2.5, rate)
    whole = measured(samples, rate).curves
    parts = measured(samples, rate, [min(cut, len(samples)) for cut in cuts]).curves
    for name, curve in whole.items():
        assert np.array_equal(curve.values, parts[name].values)
