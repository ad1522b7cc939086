"""Calibration noise: −23 LUFS in its band, by a meter of someone else's too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from asmrmaster.advice.calibration_noise import RATE_HZ, noise, write_noise
from asmrmaster.errors import OutputError


def test_it_is_as_loud_as_it_says() -> None:
    meter = pyloudnorm.Meter(RATE_HZ, filter_class="DeMan")
    assert meter.integrated_loudness(noise()) == pytest.approx(-23, abs=0.05)


def test_it_lies_between_500_hz_and_2_khz_falls_3_db_an_octave_and_repeats_without_a_seam() -> None:
    power = np.abs(np.fft.rfft(noise()[:, 0])) ** 2
    freq = np.fft.rfftfreq(2 * (len(power) - 1), 1 / RATE_HZ)
    inside = (freq >= 500) & (freq <= 2000)
    assert power[~inside].sum() < 1e-12 * power.sum(), "the block is a whole period"
    low, high = (power[(freq >= f) & (freq < 2 * f)].mean() for f in (500, 1000))
    assert 10 * np.log10(low / high) == pytest.approx(3.0, abs=0.2)


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = write_noise(tmp_path / "noise.wav")
    written, rate = soundfile.read(path)
    assert (rate, written.shape) == (RATE_HZ, noise().shape)
    with pytest.raises(OutputError):
        write_noise(path)
    assert write_noise(path, force=True) == path
