"""Clipped peaks, and smooth ones that must not pass for clipped."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters.base import Measurement
from asmrmaster.meters.clipping import Clipping
from tests.oracles import decoded
from tests.signals import Array, concat, noise, recording, silence, sine


def measured(samples: Array, rate: int = 48_000, block: int = 48_000) -> Measurement:
    meter = Clipping(rate, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.result()


def runs(samples: Array, rate: int = 48_000) -> float | None:
    return measured(samples, rate).values["clipped_runs"]


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000])
def test_each_half_wave_of_a_clipped_tone_is_a_run(rate: int) -> None:
    x = np.clip(sine(100, 1, 2, rate, 1), -0.99, 0.99)
    assert runs(x, rate) == 400


@pytest.mark.parametrize("freq_hz", [20, 50, 100, 300, 360, 380, 997, 3000, 12_000])
@pytest.mark.parametrize("level_dbfs", [-3.0, -0.1, 0.0])
def test_a_clean_tone_has_none_at_any_level(freq_hz: float, level_dbfs: float) -> None:
    """The plain rule, 3 samples within 0.01 dB, fires on every half-wave at 100 to 360 Hz."""
    x = sine(freq_hz, level_dbfs, 1, channels=1)
    assert runs(x) == 0
    assert runs(np.round(x * 32767) / 32768) == 0


def test_clipping_is_found_in_what_was_turned_down_since() -> None:
    """As far as −20 dBFS: below it, a flat top of 16 bits is a coincidence."""
    x = np.clip(sine(100, 0, 1, channels=1), -0.51, 0.51)
    assert runs(x) == runs(x * 0.5) == runs(x * 0.2) == 200
    assert runs(x * 0.19) == 0


def test_two_equal_samples_are_no_run_and_a_flat_top_below_the_peak_is_none() -> None:
    x = noise(-30, 1, channels=1)
    x[1000:1002] = 0.9
    assert runs(x) == 0
    x[1000:1003] = 0.9
    assert runs(x) == 1
    x[1500] = 1.0  # within 50 ms: 0.9 dB higher, so 0.9 was not the ceiling
    assert runs(x) == 0


def test_a_run_may_reach_the_end_or_the_start_of_the_file() -> None:
    x = noise(-30, 1, channels=1)
    x[:5] = x[-5:] = 0.95
    assert runs(x) == 2


def test_a_run_across_any_seam_counts_once() -> None:
    x = noise(-30, 3, 44_100, 1)
    x[44_100 - 10 : 44_100 + 3000] = 0.8
    assert runs(x, 44_100) == 1
    for block in (441, 1000, 44_101):
        assert measured(x, 44_100, block) == measured(x, 44_100)


def test_events_tell_channel_time_and_how_many() -> None:
    x = silence(5)
    x[:, :] = noise(-40, 5)
    burst = np.clip(sine(100, 3, 0.1, channels=1), -1, 1)[:, 0]
    x[48_000:52_800, 1] = burst
    got = measured(x)
    (event,) = got.events
    assert (event.channel, event.size) == (1, got.values["clipped_runs"])
    assert got.values["clipped_runs"] == 20
    assert 1.0 <= event.start_s < event.end_s <= 1.1


def test_quiet_sound_and_no_sound() -> None:
    assert runs(noise(-60, 1)) == 0
    assert runs(np.zeros((0, 1))) == 0
    assert runs(np.full((48_000, 1), 0.9)) == 0  # flat without an edge


GENTLE = ["ambienzzz_keyboard.mp3", "modsounds_fire_crackle.flac", "softspeech_vctk_p286_011.wav"]


@pytest.mark.parametrize("name", GENTLE)
def test_recordings_are_clean_until_they_are_clipped(name: str) -> None:
    x = decoded(recording(f"gentle/{name}"), 44_100, 1)[: 15 * 44_100]
    assert runs(x, 44_100) == 0
    clipped = np.clip(x * (2 * 0.9 / np.abs(x).max()), -0.9, 0.9)
    assert runs(clipped, 44_100) != 0
    assert runs(concat(x, x * 0.5), 44_100) == 0
