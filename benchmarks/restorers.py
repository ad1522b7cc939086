"""Our repair stages and the tools they are measured beside, all as functions on samples."""

from __future__ import annotations

import importlib
import subprocess
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]
Tool = Callable[[Array, int], Array]
"""Samples of shape (frames, channels) and their rate, to as many samples."""


def repaired(samples: Array, rate: int, stage: Stage) -> tuple[Array, list[Edit]]:
    """What a stage makes of a sound, and what it logs."""
    edits: list[Edit] = []
    return stage(Audio.from_array(samples, rate), edits.append).to_array(), edits


def ffmpeg(filters: str) -> Tool:
    """A filter of ffmpeg on raw samples; what it delays is moved back."""

    def run(samples: Array, rate: int) -> Array:
        raw = ["-f", "f64le", "-ar", str(rate), "-ac", str(samples.shape[1])]
        command = ["ffmpeg", "-v", "error", *raw, "-i", "-", "-af", filters, *raw, "-"]
        given = np.concatenate([samples, np.zeros((rate, samples.shape[1]))])
        done = subprocess.run(command, input=given.tobytes(), capture_output=True, check=True)
        out = np.frombuffer(done.stdout).reshape(-1, samples.shape[1])
        out = np.concatenate([out, np.zeros((len(given), samples.shape[1]))])
        late = _delay(samples[:, 0], out[:, 0], rate)
        return out[late : late + len(samples)]

    return run


def _delay(given: Array, out: Array, rate: int) -> int:
    """Frames by which ``out`` comes later, up to half a second."""
    size = 2 * len(given)
    spectrum = np.fft.rfft(out[: len(given)], size) * np.conj(np.fft.rfft(given, size))
    return int(np.argmax(np.fft.irfft(spectrum)[: rate // 2]))


def noisereduce(samples: Array, rate: int) -> Array:
    """The package of this name, told that the floor is steady and to take off no more than 6 dB."""
    module = importlib.import_module("noisereduce")
    quiet = samples[: 3 * rate].T
    out = module.reduce_noise(
        samples.T, rate, stationary=True, y_noise=quiet, prop_decrease=0.5, n_jobs=1
    )
    return np.asarray(out, dtype=np.float64).T


def energy_db(part: Array, whole: Array | float) -> float:
    """Level of one sound over another, or over a mean square."""
    base = float(np.mean(np.square(whole))) if isinstance(whole, np.ndarray) else whole
    return float(db(float(np.mean(part**2)) / max(base, 1e-30)))
