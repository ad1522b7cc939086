"""A take of our own making, with the faults a real one has: for the demo, the examples, tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio import write
from asmrmaster.audio.source import Format
from asmrmaster.dsp.filters import Filter, bell, highpass, lowpass
from asmrmaster.errors import OutputError
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]
RATE_HZ = 48_000
SECONDS = 75.0


def make_take(folder: Path) -> Path:
    """Write ``demo-take.wav`` (75 s, stereo, 24 bit) into ``folder``; the same bytes every time.

    Soft brushing from ear to ear and breathy syllables over a little hiss and rumble; too quiet,
    starting at full level, with a door at 0:32 and a knocked microphone at 0:52.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", subject=folder) from None
    path = folder / "demo-take.wav"
    audio = Audio.from_array(take(), RATE_HZ)
    write(audio, path, Format("WAV", "PCM_24", bits=24))
    return path


def take(seconds: float = SECONDS, rate_hz: int = RATE_HZ) -> Array:
    """The samples, shape (frames, 2)."""
    rng = np.random.default_rng(7)
    frames = round(seconds * rate_hz)
    time_s = np.arange(frames) / rate_hz
    sound = 0.00012 * rng.standard_normal((frames, 2))  # hiss
    rumble = Filter(lowpass(45, rate_hz, 4), 1)(rng.standard_normal((frames, 1)))
    sound += 0.01 * rumble
    sound += _brushing(rng, time_s, rate_hz)
    sound += _syllables(rng, time_s, rate_hz)
    for start_s, length_s, peak, low_hz, high_hz in (
        (32.0, 0.9, 0.8, 60, 2500),  # a door
        (52.0, 0.25, 0.5, 40, 400),  # a knocked microphone
    ):
        if start_s + length_s < seconds:
            first = round(start_s * rate_hz)
            hit = _hit(rng, length_s, low_hz, high_hz, rate_hz) * peak
            sound[first : first + len(hit)] += hit[:, None] * (0.9, 1.0)
    result: Array = np.clip(sound, -1, 1)
    return result


def _brushing(rng: np.random.Generator, time_s: Array, rate_hz: int) -> Array:
    """Strokes of soft noise that wander between the ears."""
    noise = rng.standard_normal((len(time_s), 1))
    soft = Filter(np.concatenate([highpass(700, rate_hz), lowpass(6000, rate_hz)]), 1)(noise)
    stroke = np.maximum(0, np.sin(2 * np.pi * time_s / 1.7)) ** 2 * 0.012
    side = 0.5 + 0.35 * np.sin(2 * np.pi * time_s / 11)
    result: Array = soft * stroke[:, None] * np.stack([1 - side, side], axis=1)
    return result


def _syllables(rng: np.random.Generator, time_s: Array, rate_hz: int) -> Array:
    """Breathy bursts at a whisper's pace, with pauses between phrases."""
    noise = rng.standard_normal((len(time_s), 1))
    shaped = np.concatenate(
        [highpass(500, rate_hz), bell(1800, 6, 1, rate_hz), lowpass(7000, rate_hz)]
    )
    breath = Filter(shaped, 1)(noise)
    pace = np.maximum(0, np.sin(2 * np.pi * time_s * 2.6)) ** 1.5
    phrase = np.clip(0.5 + 8 * (np.sin(2 * np.pi * time_s / 6.3) + 0.3), 0, 1)
    result: Array = breath * (0.02 * pace * phrase)[:, None]
    return result


def _hit(
    rng: np.random.Generator, length_s: float, low_hz: float, high_hz: float, rate_hz: int
) -> Array:
    """A blow: noise in a band that dies away, peak 1."""
    frames = round(length_s * rate_hz)
    sos = np.concatenate([highpass(low_hz, rate_hz), lowpass(high_hz, rate_hz)])
    body = Filter(sos, 1)(rng.standard_normal((frames, 1)))[:, 0]
    wave = body * np.exp(-np.arange(frames) / (0.15 * frames))
    result: Array = wave / np.abs(wave).max()
    return result
