"""Level at the ear under stated assumptions."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.errors import ParameterError
from asmrmaster.meters import measure
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.exposure import (
    ASSUMPTIONS_DBA,
    Exposure,
    calibrated_laeq_dba,
    scenario,
    weekly_dose_percent,
)
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, silence, sine


def exposure_of(samples: Array, rate: int = 48_000) -> Measurement:
    return measure(Audio.from_array(samples, rate), (KEnergy, Spectrum), (Loudness, Exposure))


def test_a_full_scale_sine_at_1_khz_reads_minus_3() -> None:
    values = exposure_of(sine(1000, 0, 10, channels=1)).values
    assert values["laeq_dbfs"] == pytest.approx(-3.01, abs=0.05)
    assert values["lafmax_above_laeq_db"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(("freq_hz", "weight_db"), [(100, -19.1), (250, -8.6), (4000, 1.0)])
def test_levels_are_a_weighted(freq_hz: float, weight_db: float) -> None:
    """IEC 61672-1 table 3; frames of 40 ms blur the steep slope below 200 Hz a little."""
    level = exposure_of(sine(freq_hz, -20, 10, channels=1)).values["laeq_dbfs"]
    assert level == pytest.approx(-23.01 + weight_db, abs=0.25)


def test_a_burst_stands_above_the_mean_as_time_weighting_f_lets_it() -> None:
    """A 200 ms tone reaches 1 dB below its steady level (IEC 61672-1 table 4: −1.0 dB)."""
    samples = concat(silence(10), sine(4000, -20, 0.2), silence(10))
    above = exposure_of(samples).values["lafmax_above_laeq_db"]
    assert above == pytest.approx(10 * np.log10(20.2 / 0.2) - 1.0, abs=0.3)


def test_silence_has_no_level() -> None:
    assert set(exposure_of(silence(5)).values.values()) >= {None}
    assert exposure_of(silence(5)).values["laeq_dbfs"] is None
    assert scenario(exposure_of(silence(5)).values, 50) == {}
    assert calibrated_laeq_dba({"laeq_dbfs": None}, 60) is None


def test_figures_for_one_assumption() -> None:
    figures = scenario({"lafmax_above_laeq_db": 12.0}, 50, hours_per_week=14)
    assert figures["lafmax_at_ear_dba"] == 62
    assert figures["laeq_above_bedroom_noise_db"] == 20  # 50 for 30 dB
    assert figures["lafmax_above_bedroom_noise_db"] == 17  # 62 for 45 dB
    assert figures["weekly_dose_adult_percent"] == pytest.approx(0.035)
    assert figures["weekly_dose_sensitive_percent"] == pytest.approx(0.0350 * 10**0.5)
    assert len({tuple(scenario({"lafmax_above_laeq_db": 0.0}, a)) for a in ASSUMPTIONS_DBA}) == 1


def test_the_weekly_allowance() -> None:
    """ITU-T H.870: 80 dB(A) for 40 h; 3 dB more halve the time."""
    assert weekly_dose_percent(80, 40) == pytest.approx(100)
    assert weekly_dose_percent(83.01, 20) == pytest.approx(100, rel=0.001)
    assert weekly_dose_percent(75, 40, 75) == pytest.approx(100)
    assert weekly_dose_percent(80, 0) == 0


@pytest.mark.parametrize(("level", "hours"), [(-1, 7), (121, 7), (50, -1), (50, 169)])
def test_impossible_assumptions_are_refused(level: float, hours: float) -> None:
    with pytest.raises(ParameterError, match=str(level) if hours == 7 else str(hours)):
        scenario({"lafmax_above_laeq_db": 0.0}, level, hours)


def test_a_calibrated_chain_gives_the_level_of_the_noise_it_was_calibrated_with() -> None:
    """Pink noise from 500 Hz to 2 kHz at −23 LUFS that reads 61 dB(A) at the ear."""
    seconds, rate = 20, 48_000
    spectrum = np.fft.rfft(noise(-20, seconds, channels=1)[:, 0])
    freq = np.fft.rfftfreq(seconds * rate, 1 / rate)
    spectrum[(freq < 500) | (freq > 2000)] = 0
    spectrum[freq > 0] /= np.sqrt(freq[freq > 0])
    wave = np.fft.irfft(spectrum)[:, None] * 100
    wave *= 10 ** ((-23 - (exposure_of(wave).values["integrated_lufs"] or 0)) / 20)
    values = exposure_of(wave).values
    assert values["integrated_lufs"] == pytest.approx(-23, abs=0.01)
    assert calibrated_laeq_dba(values, 61) == pytest.approx(61, abs=0.15)
    quieter = {**values, "laeq_dbfs": (values["laeq_dbfs"] or 0) - 12}
    assert calibrated_laeq_dba(quieter, 61) == pytest.approx(49, abs=0.15)
