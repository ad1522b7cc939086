"""Defects planted into real and made sound, with the truth kept beside them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.material import Sound

Array = NDArray[np.float64]

HOSTS = (
    "ambienzzz_beach", "ambienzzz_fire", "ambienzzz_hairbrush", "ambienzzz_keyboard",
    "ambienzzz_purring", "ibm_rain", "ibm_typing", "modsounds_rain_light", "modsounds_wind",
    "moodist_nature_droplets", "moodist_nature_walk-on-gravel", "moodist_nature_waves",
    "moodist_rain_rain-on-leaves", "moodist_things_paper", "softspeech_vctk_p286_011",
    "binaural_speech_brir_-40deg",
)  # fmt: skip
CLICKS = ("1 sample", "3 samples", "0.3 ms burst")
AROUND_S = 0.025
"""A click's level is its peak over the level of the sound this far around it, both ways."""
FAINTEST = 1e-5
"""Nothing is planted where there is next to no sound."""


@dataclass(frozen=True)
class Planted:
    """One channel with defects. spots: first and one-past-last frame of each, and the level of the
    sound around it (rms)."""

    clean: Array
    damaged: Array
    rate: int
    spots: tuple[tuple[int, int, float], ...]


def excerpt(sound: Sound, seconds: float) -> Array:
    """A stretch of one channel, chosen by the name; what was tuned on lies elsewhere."""
    rng = np.random.default_rng(zlib.crc32(sound.name.encode()) + 77)
    frames = min(len(sound.samples), round(seconds * sound.rate))
    start = int(rng.integers(0, len(sound.samples) - frames + 1))
    channel = int(rng.integers(0, sound.samples.shape[1]))
    return sound.samples[start : start + frames, channel].copy()


def click(kind: str, rate: int, rng: np.random.Generator) -> Array:
    """The shape of one click, peak 1."""
    if kind == "1 sample":
        shape = np.ones(1)
    elif kind == "3 samples":
        shape = rng.uniform(0.3, 1, 3) * [1, rng.choice([-1, 1]), rng.choice([-1, 1])]
    else:
        shape = rng.standard_normal(max(2, round(0.0003 * rate)))
    result: Array = shape * rng.choice([-1, 1]) / np.abs(shape).max()
    return result


def mouth_click(rate: int, rng: np.random.Generator) -> Array:
    """A soft click of 0.5 to 2 ms between 1.5 and 6 kHz, peak 1."""
    seconds = rng.uniform(0.0005, 0.002)
    time = np.arange(round(seconds * rate)) / rate
    rise = (1 - np.exp(-time * 20 / seconds)) * np.exp(-time * 4 / seconds)
    freq_hz = rng.uniform(1500, 6000)
    wave = rise * np.sin(2 * np.pi * freq_hz * time + rng.uniform(0, 6))
    wave += 0.3 * rise * np.sin(2 * np.pi * 1.7 * freq_hz * time + rng.uniform(0, 6))
    result: Array = wave / np.abs(wave).max()
    return result


def plant(clean: Array, rate: int, kind: str, level_db: float, every_s: float = 0.5) -> Planted:
    """Clicks (a name out of ``CLICKS``, or mouth) at this level, about twice a second."""
    rng = np.random.default_rng(zlib.crc32(f"{kind} {level_db} {len(clean)}".encode()))
    damaged, spots = clean.copy(), []
    around = round(AROUND_S * rate)
    for start in np.arange(0.15 * rate, len(clean) - (0.15 + every_s) * rate, every_s * rate):
        at = int(start + rng.uniform(0, 0.5 * every_s) * rate)
        level = float(np.sqrt(np.mean(clean[at - around : at + around] ** 2)))
        shape = mouth_click(rate, rng) if kind == "mouth" else click(kind, rate, rng)
        if level < FAINTEST:
            continue
        damaged[at : at + len(shape)] += shape * level * 10 ** (level_db / 20)
        spots.append((at, at + len(shape), level))
    return Planted(clean, damaged, rate, tuple(spots))


def hiss(seconds: float, rate: int, colour: float, level_db: float) -> Array:
    """Noise falling ``colour`` × 3 dB an octave at this level, two channels."""
    frames = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(11).standard_normal((frames, 2)), axis=0)
    freq = np.maximum(np.fft.rfftfreq(frames, 1 / rate), 20)
    wave = np.fft.irfft(spectrum * (freq ** (-colour / 2))[:, None], frames, axis=0)
    result: Array = wave / wave.std() * 10 ** (level_db / 20)
    return result


def whispers(seconds: float, rate: int) -> Array:
    """Syllables of noise between 1.2 and 6 kHz with pauses, after 4 s of nothing; peak 1."""
    from scipy.signal import butter, sosfilt

    frames = round(seconds * rate)
    time = np.arange(frames) / rate
    rng = np.random.default_rng(12)
    sos = butter(2, [1200, 6000], "bandpass", fs=rate, output="sos")
    wave = sosfilt(sos, rng.standard_normal(frames))
    wave *= np.clip(np.sin(2 * np.pi * 2.7 * time), 0, None) ** 0.5
    wave *= (time > 4) * ((time % 5) < 3.5)
    result: Array = np.outer(wave / np.abs(wave).max(), [1.0, 0.6])
    return result


def taps(seconds: float, rate: int) -> Array:
    """A tap every 0.31 s, of several hardnesses, after 4 s of nothing; peak 1."""
    rng = np.random.default_rng(13)
    samples = np.zeros((round(seconds * rate), 2))
    time = np.arange(round(0.06 * rate)) / rate
    for place in np.arange(4.0, seconds - 1, 0.31):
        tones = np.sin(2 * np.pi * rng.uniform(600, 7000, 3)[:, None] * time).sum(axis=0)
        wave = tones * np.exp(-time / rng.uniform(0.001, 0.008))
        start = round(place * rate)
        samples[start : start + len(wave)] += np.outer(wave / np.abs(wave).max(), [1.0, 0.8])
    return samples
