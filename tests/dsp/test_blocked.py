"""Blocked filtering beside filtering sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.blocked import UNIT, Blocked
from asmrmaster.dsp.filters import Filter, Sos, bell, highpass, k_weighting
from tests.signals import Array, noise, sine

RATE = 48_000


def both(sos: Sos, samples: Array, cuts: list[int]) -> tuple[Array, Array]:
    """The same sound, shape (frames, channels), one way and the other."""
    channels = samples.shape[1]
    blocked, plain = Blocked(sos, channels), Filter(sos, channels)
    parts = np.split(samples.T.astype(np.float32), np.array(cuts) * UNIT, axis=1)
    return np.concatenate([blocked(part) for part in parts], axis=1).T, plain(samples)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_equals_the_plain_filter(rate: int, channels: int) -> None:
    samples = noise(-20, 40 * UNIT / rate, rate, channels)
    found, expected = both(k_weighting(rate), samples, [1, 2, 9])
    error_db = 20 * np.log10(np.abs(found - expected).max() / np.abs(expected).max())
    assert error_db < -110


@pytest.mark.parametrize("sos", [highpass(25, RATE, 4), bell(1000, 6, 1, RATE)])
def test_any_filter(sos: Sos) -> None:
    found, expected = both(sos, noise(-20, 8 * UNIT / RATE, RATE, 2), [3])
    error_db = 20 * np.log10(np.abs(found - expected).max() / np.abs(expected).max())
    assert error_db < -110, "single precision, whichever kernel multiplies"


def test_the_state_is_carried_on_and_on() -> None:
    samples = np.zeros((64 * UNIT, 1))
    samples[0] = 1.0
    found, expected = both(highpass(2, RATE), samples, list(range(1, 64)))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(expected[UNIT:]).max() > 1e-4, "it must still ring where it was cut"


def test_a_quiet_sound_over_loud_rumble_keeps_its_level() -> None:
    samples = noise(-65, 60 * UNIT / RATE, RATE, 2) + sine(5, -6, 60 * UNIT / RATE, RATE, 2)
    found, expected = both(k_weighting(RATE), samples, [])
    settled = slice(20 * UNIT, None)
    level_db = 10 * np.log10(np.mean(found[settled] ** 2) / np.mean(expected[settled] ** 2))
    assert abs(level_db) < 0.01


def test_silence_becomes_silence() -> None:
    blocked = Blocked(k_weighting(RATE), 1)
    assert not blocked(np.zeros((1, UNIT), np.float32)).any()
    blocked(np.ones((1, UNIT), np.float32))
    for _ in range(400):
        last = blocked(np.zeros((1, UNIT), np.float32))
    assert not last.any(), "no denormal numbers are dragged along"
