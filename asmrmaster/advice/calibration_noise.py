"""Noise to measure a playback with: what it reads at the ear says how loud everything else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio import Draft, check_target, write
from asmrmaster.audio.source import Format
from asmrmaster.dsp.filters import k_weighting, response
from asmrmaster.dsp.level import LOUDNESS_OFFSET_DB
from asmrmaster.meters.exposure import CALIBRATION_HZ, CALIBRATION_LUFS
from asmrmaster.streams.audio import Audio

RATE_HZ, SECONDS = 48_000, 60
HOW_TO = (
    "Play it as you will play the recordings, at the volume you use, and read a sound level meter "
    "(A, slow) where the ear is; in headphones, with the microphone at one cushion. Then: "
    "asmrmaster check FILE --noise-at-ear READING"
)


def noise() -> NDArray[np.float64]:
    """A minute of pink noise from 500 Hz to 2 kHz at −23 LUFS, the same in both channels.

    EBU Tech 3343 (2023), 8.2. Shape (frames, 2); it repeats without a seam.
    """
    frames = RATE_HZ * SECONDS
    freq = np.fft.rfftfreq(frames, 1 / RATE_HZ).astype(np.float64)
    inside = (freq >= CALIBRATION_HZ[0]) & (freq <= CALIBRATION_HZ[1])
    shape = np.where(inside, 1 / np.sqrt(np.maximum(freq, 1)), 0)
    phase = np.random.default_rng(1).uniform(0, 2 * np.pi, len(freq))
    weighted = shape[inside] ** 2 * response(k_weighting(RATE_HZ), RATE_HZ, freq[inside])
    mean_square = 2 * 2 * weighted.sum() / frames**2  # two lines each, two channels
    gain = 10 ** ((CALIBRATION_LUFS - LOUDNESS_OFFSET_DB) / 20) / np.sqrt(mean_square)
    wave = np.fft.irfft(shape * gain * np.exp(1j * phase), frames)
    return np.repeat(wave[:, None], 2, axis=1)


def write_noise(path: Path, *, force: bool = False) -> Path:
    """Write it as 24 bit WAV. Raises OutputError where it cannot be written or exists."""
    check_target(path, (), force)
    with Draft(path) as draft:
        write(Audio.from_array(noise(), RATE_HZ), draft.path, Format("WAV", "PCM_24", bits=24))
        return draft.publish(path, force=force)
