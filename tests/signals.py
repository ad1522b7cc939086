"""Test sounds, made rather than stored. All shapes are (frames, channels), full scale ±1.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]

RECORDINGS = Path(__file__).resolve().parents[2] / "shared" / "recordings"
"""Real sound, kept beside the checkout and never in it."""


def recording(name: str) -> Path:
    """Path of one real recording; the test is skipped by name where it is absent."""
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"needs the recording {name}, which is not beside this checkout")
    return path


def sine(
    freq_hz: float, level_dbfs: float, seconds: float, rate: int = 48_000, channels: int = 2
) -> Array:
    """A sine of this peak level in every channel."""
    t = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * freq_hz * t)
    return np.repeat(wave[:, None], channels, axis=1)


def silence(seconds: float, rate: int = 48_000, channels: int = 2) -> Array:
    """Digital silence."""
    return np.zeros((round(seconds * rate), channels))


def noise(
    level_dbfs: float, seconds: float, rate: int = 48_000, channels: int = 2, seed: int = 0
) -> Array:
    """White noise of this RMS level, independent in each channel."""
    rng = np.random.default_rng(seed)
    return 10 ** (level_dbfs / 20) * rng.standard_normal((round(seconds * rate), channels))


def pink(
    level_dbfs: float, seconds: float, rate: int = 48_000, channels: int = 2, seed: int = 0
) -> Array:
    """Noise falling 3 dB an octave from 20 Hz, of this RMS level, independent in each channel."""
    frames = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((frames, channels)), axis=0)
    freq = np.fft.rfftfreq(frames, 1 / rate)
    spectrum[freq < 20] = 0
    spectrum[1:] /= np.sqrt(freq[1:])[:, None]
    wave = np.fft.irfft(spectrum, frames, axis=0)
    result: Array = wave * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave**2))
    return result


def concat(*parts: Array) -> Array:
    """One sound after the other."""
    return np.concatenate(parts)
