"""Pops and bumps: bursts of bass."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.meters import measure, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.pops import Bass, Pops, find_pops
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, silence, sine

NAME = "pops_per_min"


def pops_of(samples: Array, rate: int = 48_000) -> Measurement:
    return measure(Audio.from_array(samples, rate), (KEnergy, Bass), (Loudness, Pops))


def thumps(freq_hz: float, peak_dbfs: float, rate: int = 48_000, bed_db: float = -40.0) -> Array:
    """20 s of hiss with a thump of 0.2 s every two seconds."""
    samples = noise(bed_db, 20, rate)
    wave = sine(freq_hz, peak_dbfs, 0.2, rate) * np.hanning(round(0.2 * rate))[:, None]
    for start in range(round(1.5 * rate), len(samples), 2 * rate):
        samples[start : start + len(wave)] += wave[: len(samples) - start]
    return samples


@pytest.mark.parametrize("rate", [48_000, 44_100, 8000])
def test_thumps_are_counted(rate: int) -> None:
    found = pops_of(thumps(60, -20, rate), rate)
    assert found.values[NAME] == pytest.approx(10 * 60 / 20, rel=0.01)
    events = [e for e in found.events if e.quantity == NAME]
    assert [round(event.start_s - 1.6) for event in events] == list(range(0, 20, 2))
    assert all(event.size > 15 for event in events)


@pytest.mark.parametrize(("freq_hz", "pops"), [(30, 10), (100, 10), (200, 0), (950, 0)])
def test_only_bass_counts(freq_hz: float, pops: int) -> None:
    """950 Hz folds to 50 Hz in a millisecond's means, 18 dB down: that is no bass."""
    assert pops_of(thumps(freq_hz, -20)).values[NAME] == pytest.approx(3 * pops)


def hops(low_db: Array, total_db: Array | float) -> tuple[Array, Array]:
    return 10 ** (low_db / 10), 10 ** (np.broadcast_to(total_db, low_db.shape) / 10)


@pytest.mark.parametrize(("rise_db", "pops"), [(14.5, 0), (15.5, 1)])
def test_a_pop_rises_15_db_above_its_second(rise_db: float, pops: int) -> None:
    low = np.full(400, -50.0)
    low[200:202] += rise_db
    assert len(find_pops(*hops(low, -34.0))) == pops


@pytest.mark.parametrize(("share_db", "pops"), [(-6.5, 0), (-5.5, 1)])
def test_a_pop_is_a_quarter_of_all(share_db: float, pops: int) -> None:
    low = np.full(400, -60.0)
    low[200] = -30 + share_db
    assert len(find_pops(*hops(low, -30.0))) == pops


@pytest.mark.parametrize(("level_db", "pops"), [(-51.0, 0), (-49.0, 1)])
def test_an_inaudible_pop_is_none(level_db: float, pops: int) -> None:
    low = np.full(4000, -90.0)
    total = np.full(4000, -30.0)
    low[200] = level_db
    total[200] = level_db
    assert len(find_pops(*hops(low, total))) == pops


def test_pops_a_tenth_of_a_second_apart_are_one() -> None:
    low = np.full(400, -60.0)
    low[[200, 202, 206]] = -30
    assert [(first, last) for first, last, _ in find_pops(*hops(low, -30.0))] == [
        (200, 203),
        (206, 207),
    ]


def test_steady_bass_and_the_first_second_hold_none() -> None:
    assert pops_of(noise(-60, 10) + sine(50, -20, 10)).values[NAME] == 0
    samples = np.concatenate([thumps(60, -20)[:48_000], noise(-40, 9)])
    assert pops_of(samples).values[NAME] == 0


def test_an_offset_is_no_part_of_the_sound() -> None:
    assert pops_of(thumps(60, -30) + 0.3).values[NAME] == pytest.approx(30, abs=3)


def test_short_and_silent_sound_has_no_value() -> None:
    assert pops_of(noise(-30, 4.9)).values[NAME] is None
    assert pops_of(noise(-30, 5.1)).values[NAME] == 0
    assert pops_of(silence(10)).values[NAME] is None
    assert pops_of(noise(-30, 0)).values[NAME] is None


@pytest.mark.parametrize(
    ("freq_hz", "share_db"), [(40, 0), (80, 0), (240, -24), (1000, -60), (8000, -45)]
)
def test_the_band_is_20_to_120_hz(freq_hz: float, share_db: float) -> None:
    energy = run_meters(Audio.from_array(sine(freq_hz, -20, 3), 48_000), (Bass,)).curves[
        "bass_energy"
    ]
    low, total = db(energy.values[20:].mean(axis=0, dtype=np.float64))
    assert total == pytest.approx(-20, abs=0.1)
    if share_db == 0:
        assert low - total == pytest.approx(0, abs=0.3)
    else:
        assert low - total < share_db
