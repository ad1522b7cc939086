"""The forecast of the limiter against rendering: loudness within 0.05 LU, depth within 0.1 dB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from asmrmaster.meters import run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.meters.peaks import Peaks
from asmrmaster.stages.base import Edit
from asmrmaster.stages.gain import apply_gain
from asmrmaster.stages.limiter import Limiter
from asmrmaster.stages.limiter_forecast import (
    deepest_reduction_db,
    limited_energy,
    true_peaks,
)
from asmrmaster.stages.peak_detail import PARTS, Detail, PeakDetail
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, recording

CEILING = -2.0


def ear(samples: Array, rate: int) -> Measurement:
    return run_meters(Audio.from_array(samples, rate), (KEnergy, Peaks, PeakDetail))


def energy_of(measured: Measurement, channels: int) -> Array:
    return weighted(measured.curves["k_energy"].values.astype(np.float64), channels)


def loudness_of(energy: NDArray[np.floating[Any]]) -> float:
    value = integrated(energy)
    assert value is not None
    return value


def rendered(samples: Array, rate: int, amplitude: Array, limit: Limiter) -> tuple[float, float]:
    """Loudness of what comes out, and how deep the limiter went in dB."""
    edits: list[Edit] = []
    sound = limit(apply_gain(Audio.from_array(samples, rate), amplitude), edits.append)
    measured = run_meters(sound, (KEnergy,))
    deepest = max((-edit.amount_db for edit in edits), default=0.0)
    return loudness_of(energy_of(measured, samples.shape[1])), deepest


def gain_for(measured: Measurement, energy: Array, target_lufs: float, limit: Limiter) -> float:
    """Static gain in dB that reaches a loudness through the limiter, by the forecast."""
    gain_db = target_lufs - loudness_of(energy)
    for _ in range(8):
        after = limited_energy(measured, energy, 10 ** (gain_db / 20), CEILING, limit)
        gain_db += target_lufs - loudness_of(after)
    return gain_db


@pytest.mark.parametrize(
    ("name", "at_least_db"),
    [
        ("gentle/ambienzzz_keyboard.mp3", 9.0),
        ("gentle/whisper_wesper_sample.wav", 0.0),
        ("gentle/ambienzzz_fire.mp3", 20.0),
        ("gentle/moodist_things_slide-projector.mp3", 15.0),
        ("gentle/modsounds_chalk_write_03.flac", 5.0),
        ("gentle/moodist_nature_walk-on-gravel.mp3", 5.0),
        ("gentle/audiomentations_tap.wav", 5.0),
    ],
)
def test_gain_and_limiter_solved_together_reach_the_loudness(name: str, at_least_db: float) -> None:
    samples, rate = sf.read(recording(name), always_2d=True)
    samples = samples[: 30 * rate]
    measured, limit = ear(samples, rate), Limiter(ceiling_dbtp=CEILING)
    energy = energy_of(measured, samples.shape[1])
    gain_db = gain_for(measured, energy, -23.0, limit)
    amplitude = np.full(len(energy) + 1, 10 ** (gain_db / 20))
    found_lufs, deepest_db = rendered(samples, rate, amplitude, limit)
    assert found_lufs == pytest.approx(-23.0, abs=0.05)
    forecast_db = deepest_reduction_db(measured, len(energy), amplitude, CEILING)
    assert forecast_db == pytest.approx(deepest_db, abs=0.1)
    assert deepest_db >= at_least_db


@pytest.mark.parametrize("over_db", [3, 6, 12])
@pytest.mark.parametrize("hold_ms", [10.0, 25.0])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_made_taps_at_any_hold(over_db: float, hold_ms: float, rate: int) -> None:
    samples = pink(-46, 10.0, rate)
    for number in range(12):
        decay = np.exp(-np.arange(rate // 20) / (rate / 100))[:, None]
        start = round((0.4 + 0.77 * number) * rate)
        samples[start : start + len(decay)] += decay * noise(-12, 1, len(decay), 2, number)
    measured = ear(samples, rate)
    energy, peak = energy_of(measured, 2), measured.values["true_peak_dbtp"]
    assert peak is not None
    gain = 10 ** ((CEILING + over_db - peak) / 20)
    limit = Limiter(ceiling_dbtp=CEILING, hold_ms=hold_ms)
    found_lufs, _ = rendered(samples, rate, np.full(len(energy) + 1, gain), limit)
    forecast = loudness_of(limited_energy(measured, energy, gain, CEILING, limit))
    assert forecast == pytest.approx(found_lufs, abs=0.05)
    ignored = loudness_of(energy * gain**2)
    assert ignored > found_lufs + 0.2  # what a planner that forgets the limiter would expect


def test_a_moving_gain_is_followed() -> None:
    samples, rate = sf.read(recording("gentle/ambienzzz_keyboard.mp3"), always_2d=True)
    measured, limit = ear(samples, rate), Limiter(ceiling_dbtp=CEILING)
    energy = energy_of(measured, 2)
    swell_db = 6 * np.sin(np.arange(len(energy) + 1) * 0.01)
    amplitude = 10 ** (swell_db / 20)
    found_lufs, deepest_db = rendered(samples, rate, amplitude, limit)
    forecast = limited_energy(measured, energy, amplitude, CEILING, limit)
    assert loudness_of(forecast) == pytest.approx(found_lufs, abs=0.03)
    forecast_db = deepest_reduction_db(measured, len(energy), amplitude, CEILING)
    assert forecast_db == pytest.approx(deepest_db, abs=0.2)


def test_below_the_ceiling_there_is_only_the_gain() -> None:
    samples = pink(-40, 3.0)
    measured = ear(samples, 48_000)
    energy = energy_of(measured, 2)
    assert limited_energy(measured, energy, 2.0, CEILING, Limiter()) == pytest.approx(4 * energy)
    assert deepest_reduction_db(measured, len(energy), 2.0, CEILING) == 0.0
    ramp = np.linspace(0.0, 1.0, len(energy) + 1)
    first = limited_energy(measured, energy, ramp, CEILING, Limiter())[0]
    assert first == pytest.approx(energy[0] * ramp[1] ** 2 / 3)


def test_far_apart_moments_do_not_disturb_each_other() -> None:
    samples = pink(-46, 8.0)
    samples[48_000 * 2, :] = samples[48_000 * 6, :] = 0.5
    measured, limit = ear(samples, 48_000), Limiter(ceiling_dbtp=-12)
    energy = energy_of(measured, 2)
    after = limited_energy(measured, energy, 1.0, -12, limit)
    down_db = 10 * np.log10(after / energy)
    assert down_db[200] < -5.5
    assert down_db[600] == pytest.approx(down_db[200], abs=0.3)
    assert (down_db[:199] == 0).all()
    assert (down_db[210:599] == 0).all()


def test_long_curves_are_worked_on_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = pink(-20, 6.0, 16_000)
    measured, limit = ear(samples, 16_000), Limiter(release_db_per_s=60)
    energy = energy_of(measured, 2)
    whole = limited_energy(measured, energy, 1.0, -12, limit)
    assert (whole < energy).mean() > 0.5
    monkeypatch.setattr("asmrmaster.stages.limiter_forecast._PIECE", 37)
    assert limited_energy(measured, energy, 1.0, -12, limit) == pytest.approx(whole, rel=1e-9)


def test_without_detail_the_sample_peak_of_the_hop_stands_in() -> None:
    samples = pink(-46, 3.0)
    samples[48_000:48_005] = 0.5
    measured = ear(samples, 48_000)
    energy = energy_of(measured, 2)
    nothing = Detail(
        values=np.empty((0, 2 * PARTS), np.float16),
        hop_s=0.01,
        unit="",
        hops=np.empty(0, np.int32),
    )
    poor = Measurement(measured.values, {**measured.curves, "peak_detail": nothing})
    assert true_peaks(poor, len(energy))[100] == pytest.approx(0.5)
    assert true_peaks(measured, len(energy))[100] > 0.5
    after = limited_energy(poor, energy, 1.0, -12, Limiter())
    assert 10 * np.log10(after[100] / energy[100]) == pytest.approx(-6, abs=0.2)


def test_curves_of_other_lengths_are_cut_or_filled() -> None:
    measured = ear(pink(-20, 1.0), 48_000)
    assert true_peaks(measured, 50).shape == (50,)
    assert not true_peaks(measured, 120)[101:].any()
    assert limited_energy(measured, np.empty(0), 1.0, -12, Limiter()).shape == (0,)
