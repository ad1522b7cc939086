"""Tone: bursts in the harsh band, sibilance, and rumble."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, loudness
from asmrmaster.meters.base import Event, Measurement, Quantity, Reading
from asmrmaster.meters.spectrum import TONE_COLUMNS

Array = NDArray[np.float64]

ACTIVE_LU, FAINTEST_LU = -20.0, -80.0
"""Frames quieter than this re programme loudness are not judged; no level is lower than that."""
BURST_HOPS, RUMBLE_HOPS = 5, 50
"""Harsh bursts are looked for in 100 ms, rumble in 1 s."""
LEAST_S = 5.0
"""Percentiles of less active sound than this say little."""


class Tone(Reading):
    """Percentiles of band levels over the frames within 20 LU of programme loudness.

    None for less than 5 s of such frames; rumble needs one second. All bands are unweighted.
    """

    needs = ("tone_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "harsh_burst_db", "dB", "bursts in the harsh band",
            "99.5th percentile minus median of the level of 2 to 5.5 kHz in 100 ms.",
            "asmrmaster; after Kumar et al. 2012 (unpleasant sounds lie in 2 to 5 kHz)",
        ),
        Quantity(
            "sibilance_db", "dB", "sibilance",
            "99th percentile of the level of 5 to 9 kHz minus median of the K-weighted level of "
            "all, in 20 ms; measures the brightness of triggers as much as that of voices.",
            "asmrmaster",
        ),
        Quantity(
            "rumble_db", "dB", "rumble",
            "95th percentile of the level of 10 to 40 Hz minus that of all, in 1 s.",
            "asmrmaster",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, heard: Measurement) -> Measurement:
        """The values, and for each an event where it is largest."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        programme = heard.values["integrated_lufs"]
        if programme is None:
            return Measurement(values)
        curve = heard.curves["tone_energy"]
        events = []
        for name, hops, least_s, share, sizes in (
            ("harsh_burst_db", BURST_HOPS, LEAST_S, 99.5, _harsh),
            ("sibilance_db", 1, LEAST_S, 99.0, _sibilant),
            ("rumble_db", RUMBLE_HOPS, RUMBLE_HOPS * curve.hop_s, 95.0, _rumble),
        ):
            frames = _frames(curve.values, hops)
            active = np.flatnonzero(loudness(frames["k_weighted"]) >= programme + ACTIVE_LU)
            frame_s = hops * curve.hop_s
            if len(active) * frame_s < least_s - 1e-9:
                continue
            size = sizes({key: _level(energy[active], programme) for key, energy in frames.items()})
            values[name] = float(np.percentile(size, share))
            top = int(size.argmax())
            start_s = float(active[top] * frame_s)
            events.append(Event(name, start_s, start_s + frame_s, float(size[top])))
        return Measurement(values, events=tuple(events))


def _frames(energy: NDArray[Any], hops: int) -> dict[str, Array]:
    """Mean squares by column over frames of so many hops, each of shape (frames,)."""
    count = len(energy) // hops
    means = (
        energy[: count * hops].reshape(count, hops, energy.shape[1]).mean(axis=1, dtype=np.float64)
    )
    return dict(zip(TONE_COLUMNS, means.T, strict=True))


def _level(energy: Array, programme_lufs: float) -> Array:
    return np.maximum(db(energy), programme_lufs + FAINTEST_LU)


def _harsh(levels: dict[str, Array]) -> Array:
    return levels["harsh"] - np.median(levels["harsh"])


def _sibilant(levels: dict[str, Array]) -> Array:
    return levels["sibilant"] - np.median(levels["k_weighted"])


def _rumble(levels: dict[str, Array]) -> Array:
    return levels["rumble"] - levels["unweighted"]
