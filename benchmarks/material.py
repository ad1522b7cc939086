"""Real sound for the benchmarks: gentle beds, jarring events, and mixing one into the other.

The recordings lie beside the checkout, in ../shared/recordings or where ASMRMASTER_RECORDINGS
points; see the manifest there for licences.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import integrated, maximum, momentary, weighted
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

RECORDINGS = Path(
    os.environ.get("ASMRMASTER_RECORDINGS")
    or Path(__file__).resolve().parents[2] / "shared" / "recordings"
)
EVENT_S = 1.5
"""An event is this much of its recording from its onset on."""

PRESETS = {
    "nature": ("beach", "fire", "rain", "waves", "wind", "droplets", "leaves"),
    "tactile": ("keyboard", "hairbrush", "slide", "gravel", "paper", "typing", "vinyl", "pencil"),
}
"""The fitting preset by what is in the name; anything else is mastered gently."""


@dataclass(frozen=True)
class Sound:
    """A recording in memory: name, samples of shape (frames, channels), rate."""

    name: str
    samples: Array
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @property
    def preset(self) -> str:
        """The preset that fits what the name says."""
        found = (p for p, words in PRESETS.items() if any(word in self.name for word in words))
        return next(found, "gentle")


def load(folder: str, shortest_s: float = 0.0) -> list[Sound]:
    """Every recording of a folder that lasts this long, in order of name."""
    found = []
    for path in sorted((RECORDINGS / folder).iterdir()):
        samples, rate = soundfile.read(path, always_2d=True)
        if len(samples) / rate >= shortest_s:
            found.append(Sound(path.stem, samples, rate))
    return found


def energy(samples: Array, rate: int) -> Array:
    """Weighted K energy on the 10 ms grid."""
    measured = run_meters(Audio.from_array(samples, rate), [KEnergy])
    return weighted(measured.curves["k_energy"].values.astype(np.float64), samples.shape[1])


def onset(event: Sound, rate: int, channels: int) -> Array:
    """The first 1.5 s from the loud part of an event on, resampled, in every channel alike."""
    from scipy.signal import resample_poly

    mono = event.samples.mean(axis=1)
    first = int(np.argmax(np.abs(mono) > 0.05 * np.abs(mono).max()))
    mono = mono[first : first + round(EVENT_S * event.rate)]
    common = gcd(rate, event.rate)
    mono = resample_poly(mono, rate // common, event.rate // common)
    fade = min(len(mono), rate // 50)
    mono[-fade:] *= np.linspace(1, 0, fade)
    return np.repeat(mono[:, None], channels, axis=1)


def mixed(bed: Sound, event: Sound, at_s: float, above_lu: float) -> Sound:
    """The bed with the event in it, its loudest 0.4 s this far above the bed's programme."""
    channels = bed.samples.shape[1]
    wave = onset(event, bed.rate, channels)
    quiet = np.zeros((round(0.4 * bed.rate), channels))
    alone = maximum(momentary(energy(np.concatenate([quiet, wave, quiet]), bed.rate)))
    programme = integrated(energy(bed.samples, bed.rate))
    assert alone is not None
    assert programme is not None
    gain = 10 ** ((programme + above_lu - alone[0]) / 20)
    samples = bed.samples.copy()
    first = round(at_s * bed.rate)
    wave = wave[: len(samples) - first] * gain
    samples[first : first + len(wave)] += wave
    return Sound(f"{bed.name}+{event.name}", samples, bed.rate)
