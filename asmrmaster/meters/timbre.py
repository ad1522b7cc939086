"""Tone: bursts in the harsh band, sibilance, and rumble."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, loudness
from asmrmaster.meters.base import Curve, Event, Measurement, Quantity, Reading
from asmrmaster.meters.spectrum import TONE_COLUMNS
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.float64]
Active = NDArray[np.bool_]
Levels = Callable[[str], Array]
"""Levels in dB of a column in the frames that are judged."""

ACTIVE_LU, FAINTEST_LU = -20.0, -80.0
"""Frames quieter than this re programme loudness are not judged; no level is lower than that."""
BURST_HOPS, RUMBLE_HOPS = 5, 50
"""Harsh bursts are looked for in 100 ms, rumble in 1 s."""
LEAST_S = 5.0
"""Percentiles of less active sound than this say little."""


class Timbre(Reading):
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
    def read(cls, measured: Measurement) -> Measurement:
        """The values, and for each an event where it is largest."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        programme = measured.values["integrated_lufs"]
        if programme is None:
            return Measurement(values)
        curve = measured.curves["tone_energy"]
        events = []
        for name, column, hops, least_s, share, above in (
            ("harsh_burst_db", "harsh", BURST_HOPS, LEAST_S, 99.5, _own_median),
            ("sibilance_db", "sibilant", 1, LEAST_S, 99.0, _median_of_all),
            ("rumble_db", "rumble", RUMBLE_HOPS, RUMBLE_HOPS * curve.hop_s, 95.0, _level_of_all),
        ):
            frame_s = hops * curve.hop_s
            active = piecewise(
                lambda energy: loudness(energy) >= programme + ACTIVE_LU,
                _frames(curve, "k_weighted", hops),
            )
            if active.sum() * frame_s < least_s - 1e-9:
                continue

            def level(column: str, hops: int = hops, active: Active = active) -> Array:
                return piecewise(
                    lambda energy: np.maximum(db(energy), programme + FAINTEST_LU),
                    _frames(curve, column, hops)[active],
                )

            size = above(level, column)
            values[name] = float(np.percentile(size, share))
            top = int(size.argmax())
            start_s = float(np.flatnonzero(active)[top] * frame_s)
            events.append(Event(name, start_s, start_s + frame_s, float(size[top])))
        return Measurement(values, events=tuple(events))


def _frames(curve: Curve, column: str, hops: int) -> Array:
    """Mean squares of one column over frames of so many hops, shape (frames,)."""
    energy = curve.values[:, TONE_COLUMNS.index(column)]
    count = len(energy) // hops
    frames = energy[: count * hops].reshape(count, hops)
    return piecewise(lambda frame: frame.mean(axis=1, dtype=np.float64), frames)


def _own_median(level: Levels, column: str) -> Array:
    own = level(column)
    own -= np.median(own)
    return own


def _median_of_all(level: Levels, column: str) -> Array:
    own, whole = level(column), level("k_weighted")
    own -= np.median(whole)
    return own


def _level_of_all(level: Levels, column: str) -> Array:
    return piecewise(np.subtract, level(column), level("unweighted"))
