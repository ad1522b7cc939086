"""Clicks: milliseconds that stand alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from asmrmaster.audio import read
from asmrmaster.dsp.level import db
from asmrmaster.meters import run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.clicks import Clicks, second_difference_energy
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, recording, silence, sine

NAME = "isolated_clicks_per_10_min"


def measured(samples: Array, rate: int = 48_000) -> Measurement:
    return run_meters(Audio.from_array(samples, rate), (Clicks,))


def count(samples: Array, rate: int = 48_000) -> int:
    value = measured(samples, rate).values[NAME]
    assert value is not None
    return round(value * len(samples) / rate / 600)


def with_clicks(size_dbfs: float, rate: int = 48_000, width: int = 1) -> Array:
    """10 s of soft pink noise with a click every 0.31 s, left and right in turn."""
    samples = pink(-50, 10, rate)
    for number, at_s in enumerate(np.arange(0.2, 9.9, 0.31)):
        start = round(at_s * rate)
        samples[start : start + width, number % 2] += 10 ** (size_dbfs / 20)
    return samples


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("width", [1, 4])
def test_clicks_are_counted_wherever_they_fall(rate: int, width: int) -> None:
    assert count(with_clicks(-10, rate, width), rate) == 32


def test_a_click_has_its_time() -> None:
    events = measured(with_clicks(-20)).events
    assert sum(event.size for event in events) == 32
    assert events[0].start_s == pytest.approx(0.2, abs=0.001)
    assert events[-1].end_s == pytest.approx(9.81, abs=0.002)


def test_faint_clicks_drown() -> None:
    """15 dB above a millisecond of the noise; a sample alone has 7.8 dB more than its square."""
    usual = 48 * float(np.mean(np.square(np.diff(pink(-50, 10), 2, axis=0))))
    limit_dbfs = float(db(usual)) + 15 - 7.8
    assert count(with_clicks(limit_dbfs - 2)) == 0
    assert count(with_clicks(limit_dbfs + 4)) == 32


@pytest.mark.parametrize("level_dbfs", [-81.0, -79.0])
def test_below_minus_80_dbfs_nothing_is_a_click(level_dbfs: float) -> None:
    samples = silence(10)
    samples[100_000, 0] = 10 ** (level_dbfs / 20)
    assert count(samples) == (level_dbfs > -80)


def test_how_a_file_starts_and_ends_is_no_click() -> None:
    samples = sine(100, -10, 10)
    samples[[0, -1]] = 0.5
    assert count(samples) == 0


@pytest.mark.parametrize(("decay_ms", "clicks"), [(0.2, 10), (8.0, 0)])
def test_what_rings_on_is_no_click(decay_ms: float, clicks: int) -> None:
    samples = pink(-60, 10)
    wave = noise(-10, 0.05)[:, 0] * np.exp(-np.arange(2400) / 48 / decay_ms)
    for at_s in range(10):
        start = at_s * 48_000 + 24_010
        samples[start : start + 2400] += wave[:, None]
    assert count(samples) == clicks


def test_noise_tones_and_steps_of_loudness_hold_none() -> None:
    loud = np.concatenate([noise(-60, 5), noise(-20, 5)])
    assert count(loud) == 0
    assert count(pink(-20, 10)) == 0
    assert count(sine(1000, -20, 10)) == 0
    assert count(silence(10)) == 0


def test_a_cut_is_a_click_only_where_it_leaves_a_step() -> None:
    smooth = np.concatenate([sine(100, -10, 5), sine(100, -10, 5)])
    assert count(smooth) == 0
    cut = np.concatenate([sine(100, -10, 5), sine(100, -10, 5.0025)[120:]])
    assert count(cut) == 1


def test_a_real_pair_with_and_without_clicks() -> None:
    """56 clicks were added to the clean one; the loudest half stand out this clearly."""
    clean, degraded = (
        count(source.audio.to_array(), source.audio.rate)
        for source in (
            read(recording(f"clicks/clicks_new_{name}.wav")) for name in ("clean", "degraded")
        )
    )
    assert clean == 0
    assert 20 <= degraded <= 56


def test_short_sound_has_no_rate() -> None:
    assert measured(with_clicks(-20)[: 48_000 * 4]).values[NAME] is None
    assert measured(silence(0)).values[NAME] is None


@given(hnp.arrays(np.float64, (2, 3, 12), elements=st.floats(-1, 1)))
@settings(max_examples=50, deadline=None)
def test_the_sums_are_those_of_the_second_difference(steps: Array) -> None:
    expected = np.square(np.diff(steps, 2, axis=2)).sum(axis=2)
    assert second_difference_energy(steps) == pytest.approx(expected, abs=1e-12)
