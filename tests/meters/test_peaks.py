"""Sample peak and true peak against tones of known height, an FFT and other meters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.fft
import scipy.signal as ss
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.meters.base import Measurement
from asmrmaster.meters.peaks import Peaks
from asmrmaster.streams.audio import Block
from tests import libebur128
from tests.signals import Array, noise, pink, recording, silence, sine

RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]
EBU_RATES = [44_100, 48_000, 96_000, 192_000]


def measured(samples: Block, rate: int = 48_000, cuts: list[int] | None = None) -> Measurement:
    meter = Peaks(rate, samples.shape[1])
    for start, stop in pairwise([0, *sorted(cuts or []), len(samples)]):
        meter.add(samples[start:stop])
    return meter.result()


def true_peak(samples: Block, rate: int = 48_000) -> float:
    value = measured(samples, rate).values["true_peak_dbtp"]
    assert value is not None
    return value


def tone(share: float, phase_deg: float, peak: float, rate: int) -> Array:
    """A tone at a share of the rate with tapered ends, as in EBU Tech 3341."""
    n = np.arange(rate // 2)
    wave = peak * np.sin(2 * np.pi * share * n + np.deg2rad(phase_deg))
    wave *= np.minimum(1, np.minimum(n, n[::-1]) / (0.1 * rate))
    return np.repeat(wave[:, None], 2, axis=1)


def between_samples(offset: int, rate: int) -> Array:
    """One high period in a tone of rate/6, made at four times the rate, every fourth sample kept.

    True peak 0 dBTP wherever the grid falls.
    """
    n = np.arange(rate)
    wave = 0.5 * np.sin(2 * np.pi * n / 24)
    wave[len(n) // 2 : len(n) // 2 + 24] *= 2
    band = ss.firwin(401, 0.2, window=("kaiser", 9.0))  # to 0.4 of the final rate
    wave = np.convolve(wave, band, "same") * np.minimum(1, np.minimum(n, n[::-1]) / (0.1 * rate))
    wave /= np.abs(ss.resample_poly(wave[len(n) // 2 - 500 : len(n) // 2 + 500], 16, 1)).max()
    return np.repeat(wave[offset::4][:, None], 2, axis=1)


@pytest.mark.parametrize("rate", EBU_RATES)
@pytest.mark.parametrize(
    ("share", "phase_deg", "peak", "expected_dbtp"),
    [
        (1 / 4, 0, 0.5, -6.0),
        (1 / 4, 45, 0.5, -6.0),
        (1 / 6, 60, 0.5, -6.0),
        (1 / 8, 67.5, 0.5, -6.0),
        (1 / 4, 45, 1.41, 3.0),
    ],
)
def test_ebu_tech_3341_cases_15_to_19(
    rate: int, share: float, phase_deg: float, peak: float, expected_dbtp: float
) -> None:
    found = true_peak(tone(share, phase_deg, peak, rate), rate)
    assert expected_dbtp - 0.4 <= found <= expected_dbtp + 0.2  # EBU Tech 3341 (2016), Table 1
    assert found == pytest.approx(20 * np.log10(peak), abs=0.03)


@pytest.mark.parametrize("rate", EBU_RATES)
@pytest.mark.parametrize("offset", [0, 1, 2, 3])
def test_peaks_between_samples_as_in_cases_20_to_23(rate: int, offset: int) -> None:
    samples = between_samples(offset, rate)
    found = measured(samples, rate).values
    assert found["true_peak_dbtp"] == pytest.approx(0.0, abs=0.1)
    if offset % 2:
        assert found["sample_peak_dbfs"] is not None
        assert found["sample_peak_dbfs"] < -0.2  # the samples alone miss it


@pytest.mark.parametrize("rate", RATES)
def test_sample_peak_and_channel_at_every_rate(rate: int) -> None:
    samples = sine(rate / 100, -40, 1.0, rate, channels=3)
    samples[rate // 3, 2] = -0.25
    found = measured(samples, rate)
    assert found.values["sample_peak_dbfs"] == pytest.approx(-12.04, abs=0.005)
    (event,) = found.events
    assert event.channel == 2
    assert event.start_s == pytest.approx(1 / 3, abs=9 / rate)
    assert event.size == found.values["true_peak_dbtp"]
    assert event.size >= -12.042


def test_a_sound_cut_off_at_full_level_rings() -> None:
    cut = sine(11_000, -6, 0.1, 48_000)
    assert true_peak(cut[: len(cut) - 1]) > -5.9


@pytest.mark.parametrize(
    "name",
    [
        "gentle/ibm_typing.wav",
        "gentle/modsounds_watch_tick.flac",
        "gentle/whisper_wesper_sample.wav",
        "jarring/modsounds_explosion_02.flac",
        "gentle/moodist_things_paper.mp3",
    ],
)
def test_real_sound_within_a_tenth_of_16_fold_fourier_interpolation(name: str) -> None:
    samples, rate = sf.read(recording(name), frames=150_000, always_2d=True)
    size = scipy.fft.next_fast_len(len(samples) + 4096, real=True)
    spectrum = scipy.fft.rfft(samples, size, axis=0)
    fine = 16 * scipy.fft.irfft(spectrum, 16 * size, axis=0)
    assert true_peak(samples, rate) == pytest.approx(20 * np.log10(np.abs(fine).max()), abs=0.1)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_agrees_with_libebur128(rate: int) -> None:
    below_18_khz = ss.firwin(201, 18_000, fs=rate)  # beyond, each meter has its own opinion
    samples = ss.oaconvolve(pink(-20, 2.0, rate), below_18_khz[:, None], "same", axes=0)
    higher = true_peak(samples, rate) - libebur128.true_peak_dbtp(samples, rate)
    assert -0.03 < higher < 0.12  # it reads four times a sample, this meter eight


@settings(max_examples=15, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 70_000), max_size=6),
    rate=st.sampled_from([11_025, 44_100, 48_000]),
)
def test_blocks_change_nothing(cuts: list[int], rate: int) -> None:
    samples = pink(-20, 1, rate=70_000, seed=3)
    whole, parts = measured(samples, rate), measured(samples, rate, cuts)
    assert whole.values == parts.values
    assert whole.events == parts.events
    assert np.array_equal(whole.curves["peak"].values, parts.curves["peak"].values)


@pytest.mark.parametrize("rate", RATES)
def test_curve_is_the_largest_sample_of_each_whole_hop(rate: int) -> None:
    samples = noise(-20, 1.004, rate)
    curve = measured(samples, rate).curves["peak"]
    assert curve.values.dtype == np.float32
    assert curve.hop_s == 0.01
    assert len(curve.values) == len(samples) * 100 // rate
    edges = [int(k * rate / 100 + 0.5) for k in range(len(curve.values) + 1)]
    expected = [np.abs(samples[start:stop]).max() for start, stop in pairwise(edges)]
    assert curve.values == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seconds", [0, 1 / 48_000, 0.399, 2.0])
def test_silence_has_no_peak(seconds: float) -> None:
    found = measured(silence(seconds))
    assert found.values == {"sample_peak_dbfs": None, "true_peak_dbtp": None}
    assert found.events == ()


def test_one_full_scale_sample_reads_zero() -> None:
    found = measured(np.ones((1, 1)))
    assert found.values["sample_peak_dbfs"] == 0.0
    assert found.values["true_peak_dbtp"] == pytest.approx(0.0, abs=0.01)
