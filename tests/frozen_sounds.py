"""Sounds a library's results are frozen on: a little of everything that a preset reacts to.

They come from a generator that is promised never to change (numpy's RandomState, NEP 19), so that
they are the same on every machine and under every version, but for the last bits of a float.
"""

from __future__ import annotations

import numpy as np

from asmrmaster.dsp.filters import Filter, highpass, lowpass
from tests.signals import Array

RATE_HZ = 48_000
SECONDS = 20.0


def whispering(seconds: float = SECONDS) -> Array:
    """Breathy speech with short pauses over hiss and rumble, sharp s sounds, clicks of the mouth,
    a door; it comes near and goes away, and wanders from ear to ear."""
    dice, time_s = np.random.RandomState(11), _time_s(seconds)
    hiss = 0.0002 * dice.standard_normal((len(time_s), 2))
    rumble = 0.01 * _band(dice, len(time_s), 12, 40)
    pace = 0.3 + np.maximum(0, np.sin(2 * np.pi * 2.6 * time_s)) ** 1.5
    phrase = np.clip(0.5 + 4 * (np.sin(2 * np.pi * time_s / 2.3) + 0.7), 0, 1)
    near = 10 ** (4 * np.sin(2 * np.pi * time_s / 13) / 20)
    speech = 0.02 * _band(dice, len(time_s), 500, 7000) * (near * pace * phrase)[:, None]
    sharp = np.maximum(0, np.sin(2 * np.pi * 0.7 * time_s)) ** 40 * phrase
    speech = speech + 0.02 * _band(dice, len(time_s), 6000, 10_000) * sharp[:, None]
    side = 0.5 + 0.3 * np.sin(2 * np.pi * time_s / 7)
    sound = hiss + rumble + speech * np.stack([1 - side, side], axis=1)
    for at_s in np.arange(1.3, seconds - 1, 2.9):
        _add(sound, at_s, 0.1 * _tap(3000, 0.0015))
    _add(sound, seconds - 3, 0.8 * _band(dice, RATE_HZ // 2, 60, 2500) * _dying(0.5, 0.1))
    return np.clip(sound, -1, 1)


def tapping(seconds: float = SECONDS) -> Array:
    """Short taps of several pitches over rain that swells, one of them far too hard."""
    dice, time_s = np.random.RandomState(12), _time_s(seconds)
    swell = 10 ** (2 * np.sin(2 * np.pi * time_s / 9) / 20)
    sound = 0.01 * swell[:, None] * dice.standard_normal((len(time_s), 2))
    for number, at_s in enumerate(np.arange(0.4, seconds - 0.5, 0.37)):
        decay_s = (0.002, 0.003, 0.004)[number % 3]
        sides = (0.9, 0.5) if number % 2 else (0.7, 0.8)
        _add(sound, at_s, 0.6 * _tap(500 + 270 * (number % 5), decay_s) * sides)
    _add(sound, seconds - 3, 0.9 * _tap(300, 0.2))
    return np.clip(sound, -1, 1)


def programme() -> Array:
    """A minute and more, so that no criterion calls it too short."""
    quiet = 0.2 * whispering(30.0)
    return np.concatenate([quiet, 0.3 * tapping(20.0), 2 * quiet[: 20 * RATE_HZ]])


def _time_s(seconds: float) -> Array:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _band(dice: np.random.RandomState, frames: int, low_hz: float, high_hz: float) -> Array:
    """Noise in a band, shape (frames, 1), of about RMS 1 before it is narrowed."""
    band = Filter(np.concatenate([highpass(low_hz, RATE_HZ), lowpass(high_hz, RATE_HZ)]), 1)
    return band(dice.standard_normal((frames, 1)))


def _tap(pitch_hz: float, decay_s: float) -> Array:
    time_s = _time_s(8 * decay_s)
    ring = np.sin(2 * np.pi * pitch_hz * time_s) * np.exp(-time_s / decay_s)
    return np.repeat(ring[:, None], 2, axis=1)


def _dying(seconds: float, decay_s: float) -> Array:
    return np.exp(-_time_s(seconds) / decay_s)[:, None]


def _add(sound: Array, at_s: float, piece: Array) -> None:
    first = round(at_s * RATE_HZ)
    sound[first : first + len(piece)] += piece[: len(sound) - first]
