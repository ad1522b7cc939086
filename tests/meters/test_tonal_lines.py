"""Lasting tones: ECMA-418-1 formulae and what the meter makes of sound."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from asmrmaster.dsp.prominence import (
    critical_band,
    pr_criterion_db,
    prominence_ratio_db,
    tnr_criterion_db,
    tone_to_noise_db,
)
from asmrmaster.meters import run_meters, tonal_lines
from asmrmaster.meters.tonal_lines import TonalLines
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, silence, sine

# --- formulae -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("freq_hz", "width_hz"), [(100, 100.7), (1000, 162.2), (5000, 914.0)])
def test_critical_bands(freq_hz: float, width_hz: float) -> None:
    """Formula 2; 162 Hz at 1 kHz is the figure the standard's guides give."""
    low, high = critical_band(freq_hz)
    assert high - low == pytest.approx(width_hz, rel=0.002)
    if freq_hz > 500:
        assert np.sqrt(low * high) == pytest.approx(freq_hz)  # formulae 7 and 8
    else:
        assert (low + high) / 2 == pytest.approx(freq_hz)


def test_criteria_rise_towards_low_frequencies() -> None:
    assert tnr_criterion_db(1000) == tnr_criterion_db(8000) == 8
    assert tnr_criterion_db(250) == pytest.approx(13.0, abs=0.02)
    assert pr_criterion_db(1000) == pr_criterion_db(8000) == 9
    assert pr_criterion_db(100) == pytest.approx(19)


@pytest.mark.parametrize("freq_hz", [100, 250, 1000, 5000])
def test_ratios_of_a_tone_in_white_noise(freq_hz: int) -> None:
    density = np.full(20_001, 2.0)
    low, high = critical_band(freq_hz)
    tone = 2.0 * (high - low) * 10.0  # 10 dB above its masking noise
    assert tone_to_noise_db(tone + 5 * 2.0, 2.0, freq_hz) == pytest.approx(10, abs=1e-6)
    density[freq_hz] += tone
    # The bands beside it are a little narrower and wider; on average as wide.
    assert prominence_ratio_db(density, freq_hz) == pytest.approx(10 * np.log10(11), abs=0.3)


def test_ratios_are_finite_without_noise_or_tone() -> None:
    assert tone_to_noise_db(1.0, 0.0, 1000) == 100
    assert tone_to_noise_db(0.0, 1.0, 1000) == -100
    assert tone_to_noise_db(0.0, 0.0, 1000) == -100
    assert prominence_ratio_db(np.zeros(1001), 900) == -100


# --- the meter ------------------------------------------------------------------------------------

SECONDS = 36


@cache
def bed(rate: int = 48_000) -> Array:
    return noise(-50, SECONDS, rate, channels=1)


def values(samples: Array, rate: int = 48_000) -> dict[str, float | None]:
    return dict(run_meters(Audio.from_array(samples, rate), (TonalLines,)).values)


def tone_in_bed(freq_hz: float, above_db: float, rate: int = 48_000) -> Array:
    """A tone so far above the noise of its critical band, in one channel."""
    low, high = critical_band(min(freq_hz, 11_200))
    masking_db = -50 + 10 * np.log10((high - low) / (rate / 2))
    return bed(rate) + sine(freq_hz, masking_db + above_db + 3.01, SECONDS, rate, 1)


@pytest.mark.parametrize(
    ("freq_hz", "limit_db"),
    [(120, 15.7), (250, 13.0), (1000, 8), (3000.4, 8), (9000, 8), (12_500, 8), (15_734, 8)],
)
def test_a_tone_is_prominent_from_its_criterion_on(freq_hz: float, limit_db: float) -> None:
    # Averaging levels reads noise up to 0.8 dB low.
    assert values(tone_in_bed(freq_hz, limit_db - 1.2))["prominent_tones"] == 0
    found = values(tone_in_bed(freq_hz, limit_db + 0.5))
    assert found["prominent_tones"] == 1
    assert found["strongest_tone_hz"] == pytest.approx(freq_hz, abs=0.6)
    assert found["strongest_tone_above_noise_db"] == pytest.approx(limit_db + 0.9, abs=0.6)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_at_any_rate(rate: int) -> None:
    found = values(tone_in_bed(2000, 12, rate), rate)
    assert found["prominent_tones"] == 1
    assert found["strongest_tone_above_noise_db"] == pytest.approx(12.4, abs=0.6)


def test_two_tones_in_one_critical_band_do_not_mask_each_other() -> None:
    found = values(tone_in_bed(1000, 15) + sine(1060, -50, SECONDS, channels=1))
    assert found["prominent_tones"] == 2


def test_mains_hum_is_its_harmonics() -> None:
    hum = sum(sine(50.0 * k, -45 - k, SECONDS, channels=1) for k in range(1, 7))
    found = values(bed() + hum)
    assert found["prominent_tones"] == 5  # 50 Hz lies below the range
    frequency = found["strongest_tone_hz"]
    assert frequency is not None
    assert frequency % 50 == 0


def test_a_whine_in_the_pauses_of_loud_taps_is_heard() -> None:
    """Taps in every tenth second looked at; each of them covers the whine."""
    samples = tone_in_bed(15_734, 15)
    for second in (5, 25):
        samples[second * 48_000 : (second + 1) * 48_000] += noise(-20, 1.0, channels=1, seed=second)
    samples = np.tile(samples, (2, 1))
    assert values(samples)["prominent_tones"] == 1


@pytest.mark.parametrize(("share", "tones"), [(0.7, 0), (0.85, 1)])
def test_a_tone_must_last(share: float, tones: int) -> None:
    samples = np.tile(bed(), (2, 1))
    length = round(share * len(samples))
    samples[:length] += sine(3000, -50, length / 48_000, channels=1)
    assert values(samples)["prominent_tones"] == tones


def test_a_tone_that_wanders_is_none() -> None:
    time_s = np.arange(SECONDS * 48_000) / 48_000
    phase = 2 * np.pi * (3000 * time_s + 40 * np.sin(time_s))
    assert values(bed() + 0.01 * np.sin(phase)[:, None])["prominent_tones"] == 0


def test_a_tone_50_db_below_all_is_not_heard() -> None:
    """Over digital silence above 10 kHz, as lossy coding leaves it."""
    spectrum = np.fft.rfft(bed()[:, 0])
    spectrum[10_000 * SECONDS :] = 0
    low = np.fft.irfft(spectrum)[:, None]
    level = 10 * np.log10(np.mean(low**2))
    assert values(low + sine(14_000, level - 55 + 3, SECONDS, channels=1))["prominent_tones"] == 0
    assert values(low + sine(14_000, level - 45 + 3, SECONDS, channels=1))["prominent_tones"] == 1


def test_a_tone_in_one_ear_counts() -> None:
    both = np.repeat(bed(), 2, axis=1)
    both[:, 1] += sine(3000, -51, SECONDS, channels=1)[:, 0]
    assert values(both)["prominent_tones"] == 1


def test_noise_and_silence_hold_no_tone() -> None:
    nothing = {
        "prominent_tones": 0,
        "strongest_tone_hz": None,
        "strongest_tone_above_noise_db": None,
    }
    assert values(bed()) == nothing
    assert values(pink(-30, SECONDS)) == nothing
    assert set(values(silence(SECONDS)).values()) == {None}
    assert set(values(bed()[: 35 * 48_000]).values()) == {None}


def test_a_pure_tone_reads_finite() -> None:
    found = values(sine(1000, -20, SECONDS))
    assert found["prominent_tones"] == 1
    assert found["strongest_tone_above_noise_db"] == 100


def test_how_many_seconds_are_transformed_at_once_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = Audio.from_array(pink(-30, 61) + sine(1000, -28, 61) + sine(3100, -28, 61), 48_000)
    found = []
    for count in (1, 2, 5):
        monkeypatch.setattr(tonal_lines, "TOGETHER", count)
        found.append(dict(run_meters(sound, (TonalLines,)).values))
    assert found[0]["prominent_tones"] == 2
    assert found[1:] == [pytest.approx(found[0], rel=1e-6)] * 2
