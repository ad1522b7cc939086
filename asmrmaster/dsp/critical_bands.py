"""Critical bands of a short-time spectrum: their power, and a value per band drawn over its lines.

Bands are the critical bands of E. Zwicker, "Subdivision of the audible frequency range into
critical bands", JASA 33, 1961; what is above the last one is one band more.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.stft import Spectra, mean_squares

Array = NDArray[np.float64]

EDGES_HZ = (
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150,
    3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 1_000_000,
)  # fmt: skip
"""Zwicker's band edges."""


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


def spread(per_band: Array, size: int, rate_hz: int) -> Array:
    """Values per band, shape (frames, bands), drawn straight between the middles of the bands."""
    edges = np.array(band_bins(size, rate_hz), dtype=np.float64)
    return per_band @ _hats((edges[:-1] + edges[1:] - 1) / 2, int(edges[-1]))


def _hats(middles: Array, bins: int) -> Array:
    """One row per band: its share of each bin."""
    identity = np.eye(len(middles))
    at = np.arange(bins)
    return np.array([np.interp(at, middles, row) for row in identity])
