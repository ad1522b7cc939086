"""Telling a steady noise floor from what stands above it, band by band.

Bands are the critical bands of E. Zwicker, "Subdivision of the audible frequency range into
critical bands", JASA 33, 1961; what is above the last one is one band more.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.level import db
from asmrmaster.dsp.stft import Spectra, mean_squares

Array = NDArray[np.float64]

EDGES_HZ = (
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150,
    3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 1_000_000,
)  # fmt: skip
"""Zwicker's band edges."""

OVER_TIME = np.array([1, 2, 3, 2, 1]) / 9  # frames a level is averaged over
OVER_BANDS = np.array([0.25, 0.5, 0.25])
CLOSED_DB, OPEN_DB = 4.0, 8.0  # above the floor: less is floor, more is sound
EARLY = 1  # frames the mask opens before the sound
RELEASE = 7  # frames it takes to close, 150 ms
BACK = len(OVER_TIME) // 2 + EARLY + RELEASE
AHEAD = len(OVER_TIME) // 2 + EARLY
"""Frames before and after one that decide on its mask."""


@lru_cache(maxsize=8)
def band_bins(size: int, rate_hz: int) -> tuple[int, ...]:
    """First bin of each band that has bins, and one past the last."""
    bins = [-(-edge * size // rate_hz) for edge in EDGES_HZ]
    last = size // 2 + 1
    return (*(first for first in bins if first < last), last)


def band_power(frames: Spectra, size: int, rate_hz: int) -> Array:
    """Mean square per frame and band, all rows added: shape (frames, bands)."""
    energy = mean_squares(frames, size)
    result: Array = np.add.reduceat(energy, band_bins(size, rate_hz)[:-1], axis=1)
    return result


def mask_db(power: Array, floor: Array, reduction_db: float) -> Array:
    """Gain per frame and band, 0 … −reduction_db; without the first BACK and last AHEAD frames.

    power: shape (frames, bands); floor: shape (bands,), the same power of the floor alone.
    Averaged over time and bands so that the floor's own flicker does not open the mask, opened a
    frame before a sound and closed slowly after it. All of that looks a fixed count of frames
    around, so that a mask does not depend on where one starts to compute it.
    """
    level = _along(power, OVER_TIME, 0)
    excess_db = db(level / np.maximum(floor, np.finfo(float).tiny))
    padded = np.pad(excess_db, ((0, 0), (1, 1)), mode="edge")
    excess_db = np.maximum(excess_db, _along(padded, OVER_BANDS, 1))
    opened = np.clip((excess_db - CLOSED_DB) / (OPEN_DB - CLOSED_DB), 0.0, 1.0)
    early: Array = sliding_window_view(opened, 2 * EARLY + 1, axis=0).max(axis=2)
    held = early[RELEASE:].copy()
    for late in range(1, RELEASE + 1):
        np.maximum(held, early[RELEASE - late : len(early) - late] - late / RELEASE, out=held)
    return -reduction_db * (1 - held)


def spread(per_band: Array, size: int, rate_hz: int) -> Array:
    """Values per band, shape (frames, bands), drawn straight between the middles of the bands."""
    edges = np.array(band_bins(size, rate_hz), dtype=np.float64)
    return per_band @ _hats((edges[:-1] + edges[1:] - 1) / 2, int(edges[-1]))


def _hats(middles: Array, bins: int) -> Array:
    """One row per band: its share of each bin."""
    identity = np.eye(len(middles))
    at = np.arange(bins)
    return np.array([np.interp(at, middles, row) for row in identity])


def _along(values: Array, weights: Array, axis: int) -> Array:
    """Weighted sum over each full window along one axis."""
    result: Array = sliding_window_view(values, len(weights), axis=axis) @ weights
    return result
