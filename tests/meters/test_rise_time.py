"""Rise time: the fast envelope and the time novel events take to arrive."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.filters import a_weighting_power
from asmrmaster.dsp.level import db
from asmrmaster.meters import measure, run_meters
from asmrmaster.meters.base import Event, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.novelty import Novelty
from asmrmaster.meters.rise_time import Rises, RiseTime
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, sine

NAME = "min_novel_rise_time_ms"


def curves(samples: Array, rate: int = 48_000) -> Measurement:
    return run_meters(Audio.from_array(samples, rate), (Rises,))


def rise_ms(samples: Array, at_s: float, rate: int = 48_000) -> float:
    """Rise time to the highest peak in the second from ``at_s`` on."""
    measured = curves(samples, rate)
    event = Event("max_level_novelty_lu", at_s, at_s + 1.0, 9.0)
    values = {"max_level_novelty_lu": 9.0}
    found = RiseTime.read(Measurement(values, measured.curves, (event,)))
    value = found.values[NAME]
    assert value is not None
    assert [e.size for e in found.events] == [value]
    return value


def swell(rise_ms: float, rate: int = 48_000, bed_db: float = -60.0) -> Array:
    """2.5 s of a soft bed, then a tone that comes up in a straight line and stays for 0.1 s."""
    bed = noise(bed_db, 4.0, rate)
    frames = round(rise_ms / 1000 * rate)
    shape = np.concatenate([np.linspace(0, 1, frames), np.ones(rate // 10)])
    tone = sine(3000, -12, len(shape) / rate, rate) * shape[:, None]
    start = round(2.5 * rate)
    bed[start : start + len(shape)] += tone
    return bed


@pytest.mark.parametrize("rate", [48_000, 44_100, 22_050])
@pytest.mark.parametrize("time_ms", [25, 50, 100, 250])
def test_a_straight_rise_takes_four_fifths_of_its_length(time_ms: int, rate: int) -> None:
    """From 10 to 90 % of the amplitude."""
    assert rise_ms(swell(time_ms, rate), 2.0, rate) == pytest.approx(0.8 * time_ms, abs=3)


@pytest.mark.parametrize("time_ms", [0, 2])
def test_a_sudden_rise_takes_the_envelope_a_few_milliseconds(time_ms: int) -> None:
    assert rise_ms(swell(time_ms), 2.0) <= 5


def test_a_slow_rise_reads_slow_and_a_fall_as_none() -> None:
    assert 200 < rise_ms(swell(1400), 3.2) < 600
    falling = noise(-60, 4.0) + sine(3000, -12, 4.0) * np.linspace(1, 0, 192_000)[:, None]
    assert rise_ms(falling, 1.0) == pytest.approx(600)


def test_the_first_of_equal_peaks_is_the_arrival() -> None:
    """A steady sound has its highest peak anywhere; it arrived where it started."""
    samples = swell(20)
    start = round(2.62 * 48_000)
    samples[start : start + 28_800] += sine(3000, -11.5, 0.6)
    assert rise_ms(samples, 2.3) == pytest.approx(16, abs=3)


def test_the_bed_before_a_peak_is_where_the_rise_starts() -> None:
    """A bed at half of the peak leaves the upper half to rise through, in half the time."""
    bed = sine(3000, -18, 4.0)
    frames = round(0.2 * 48_000)
    shape = np.ones(len(bed))
    shape[120_000 : 120_000 + frames] = np.linspace(1, 2, frames)
    shape[120_000 + frames : 125_000 + frames] = 2
    assert rise_ms(bed * shape[:, None], 2.0) == pytest.approx(0.8 * 200, abs=4)


def test_the_weighting_is_near_a_weighting() -> None:
    for freq_hz in (100, 200, 400, 1000, 2000, 4000, 8000, 12_500):
        measured = curves(sine(freq_hz, -20, 2.0)).curves["rise_peak_energy"].values[8:-2]
        own = float(db(measured).max()) + 20
        expected = float(db(a_weighting_power(np.array([float(freq_hz)]))[0]))
        assert abs(own - expected) < 5, f"{freq_hz} Hz: {own:.1f} for {expected:.1f} dB"


def test_rumble_and_offset_do_not_hide_a_rise() -> None:
    samples = swell(50) + sine(25, -14, 4.0) + 0.3
    assert rise_ms(samples, 2.0) == pytest.approx(40, abs=4)


def test_events_without_a_rise_and_files_without_events() -> None:
    samples = pink(-50, 40)
    kinds = (KEnergy, Spectrum, Rises), (Loudness, Novelty, RiseTime)
    assert measure(Audio.from_array(samples, 48_000), *kinds).values[NAME] is None
    start = 30 * 48_000
    samples[start : start + 24_000] += sine(2500, -16, 0.5)
    measured = measure(Audio.from_array(samples, 48_000), *kinds)
    value = measured.values[NAME]
    assert value is not None
    assert value <= 5
    (event,) = (e for e in measured.events if e.quantity == NAME)
    assert 29.9 < event.start_s < 30.6
    short = measure(Audio.from_array(samples[:48_000], 48_000), *kinds)
    assert short.values[NAME] is None


def test_cells_cover_the_sound() -> None:
    for rate, seconds in ((48_000, 12.34), (44_100, 10.0), (8000, 0.399), (48_000, 0.0)):
        curve = curves(noise(-30, seconds, rate), rate).curves["rise_ms"]
        assert len(curve.values) == int(seconds / curve.hop_s)
        assert curve.hop_s == pytest.approx(0.1, rel=0.01)
