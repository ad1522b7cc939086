"""K-weighted and plain energy on the grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from asmrmaster.dsp.level import loudness
from asmrmaster.errors import InputError
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, silence, sine


def curves(samples: Array, rate: int = 48_000) -> dict[str, Array]:
    measured = run_meters(Audio.from_array(samples, rate), (KEnergy, Energy))
    return {name: curve.values.astype(np.float64) for name, curve in measured.curves.items()}


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_a_full_scale_997_hz_sine_reads_minus_3_01(rate: int) -> None:
    """BS.1770-5 Annex 1; the tolerance is that of its compliance material, 0.1 LU."""
    energy = curves(sine(997, 0, 2, rate, 1), rate)["k_energy"]
    assert loudness(energy[100:].mean()) == pytest.approx(-3.01, abs=0.1 if rate > 48_000 else 0.01)


def test_k_weighting_at_48_khz_is_the_table_of_the_recommendation() -> None:
    """BS.1770-5 Annex 1, Tables 1 and 2, through another filter implementation."""
    x = noise(-20, 2)
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    y = lfilter(shelf, [1, -1.69065929318241, 0.73248077421585], x, axis=0)
    y = lfilter([1, -2, 1], [1, -1.99004745483398, 0.99007225036621], y, axis=0)
    expected = (y**2).reshape(200, 480, 2).mean(axis=1)
    np.testing.assert_allclose(curves(x)["k_energy"], expected, rtol=1e-6)


@pytest.mark.parametrize("rate", [8_000, 11_024, 11_025, 22_050, 44_100, 48_000])
def test_only_whole_hops_count(rate: int) -> None:
    for seconds, hops in ((0.0, 0), (0.009, 0), (0.01, 1), (0.399, 39), (1.0, 100), (1.0099, 100)):
        frames = int(np.floor(seconds * rate + 0.5))
        measured = curves(np.ones((frames, 2)), rate)
        assert measured["k_energy"].shape == measured["energy"].shape == (hops, 2)
        assert measured["k_cross"].shape == (hops,)


@pytest.mark.parametrize("rate", [11_025, 22_050])
def test_windows_are_exact_where_hops_are_not(rate: int) -> None:
    energy = curves(np.full((rate, 1), 0.5), rate)["energy"][:, 0]
    assert energy[:4].mean() == pytest.approx(0.25, rel=1e-6)
    assert np.ptp(energy) > 1e-4  # 110 or 111 frames stand for 110.25


def test_cross_energy_gives_the_loudness_of_the_sum() -> None:
    x = noise(-20, 2)
    pair = curves(x)
    both = pair["k_energy"].sum(axis=1) + 2 * pair["k_cross"]
    summed = curves(x.sum(axis=1, keepdims=True))["k_energy"][:, 0]
    np.testing.assert_allclose(both, summed, rtol=1e-4)
    assert "k_cross" not in curves(x[:, :1])


def test_dc_has_no_loudness_and_silence_no_energy() -> None:
    assert loudness(curves(np.full((96_000, 1), 0.9))["k_energy"][150:].max()) < -70
    assert not curves(silence(1))["k_energy"].any()


def test_quiet_after_loud_keeps_its_digits() -> None:
    x = noise(-60, 4, channels=1)
    x[48_000:96_000] *= 1e3
    alone = curves(noise(-60, 4, channels=1))["energy"]
    np.testing.assert_allclose(curves(x)["energy"][200:], alone[200:], rtol=1e-6)


def test_a_count_of_channels_without_weights_is_refused_before_any_sound() -> None:
    with pytest.raises(InputError, match="7 channels"):
        KEnergy(48_000, 7)
