"""By how much an encoder makes a sound quieter: tried on seconds of it, before it is rendered.

FFmpeg's AAC encoder at 256 kbit/s took 0.0 to 0.23 LU from 31 gentle recordings, by their kind of
sound. A render that aims above the target by that much need not be made twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from math import log10
from pathlib import Path

import numpy as np

from asmrmaster.audio.source import Format
from asmrmaster.meters import run_meters
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import weighted
from asmrmaster.meters.passes import in_whole_seconds
from asmrmaster.streams.audio import Audio, Block

MOST = 32
"""Glimpses kept of a sound of any length."""
SOFT_S = 0.01
"""They are joined after fades of this length, because a step would be a sound of its own."""


class SampledSeconds:
    """A second of every few, kept as a sound passes by."""

    def __init__(self) -> None:
        self._kept: list[Block] = []

    def of(self, audio: Audio) -> Audio:
        """The same sound; what is kept of it replaces what was kept before."""

        def blocks() -> Iterator[Block]:
            self._kept, stride = [], 1
            for number, block in enumerate(in_whole_seconds(audio)):
                if number % stride == 0:
                    self._kept.append(block[: audio.rate].astype(np.float32))
                    if len(self._kept) > MOST:
                        self._kept, stride = self._kept[::2], 2 * stride
                yield block

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def joined(self, rate: int, gain: float) -> Audio:
        """What was kept in the last pass, end to end, times a gain. May be called once."""
        channels = self._kept[0].shape[1] if self._kept else 1
        soft = np.minimum(1.0, np.arange(1, rate + 1) / (SOFT_S * rate))
        parts = [np.empty((0, channels))]
        for part in self._kept:
            edges = np.minimum(soft[: len(part)], soft[: len(part)][::-1])
            parts.append(part * (gain * edges)[:, None])
        self._kept = []
        return Audio.from_array(np.concatenate(parts), rate)


def encoder_loss_db(sound: Audio, format: Format) -> float:
    """How much quieter the sound is, K-weighted, after this lossy encoder; 0 for silence.

    Raises OutputError where it cannot be encoded.
    """
    from asmrmaster.audio.container import encode, open_source  # only here: it loads FFmpeg

    with tempfile.TemporaryDirectory(prefix="asmrmaster-") as folder:
        path = Path(folder) / "coded.m4a"
        encode(sound, path, Format("M4A", format.codec, None, format.bitrate_bps, lossless=False))
        before, after = (_energy(one) for one in (sound, open_source(path).audio))
    return 10 * log10(before / after) if before > 0 and after > 0 else 0.0


def _energy(sound: Audio) -> float:
    curve = run_meters(sound, (KEnergy,)).curves["k_energy"].values
    return float(weighted(curve, sound.channels).sum(dtype=np.float64))
