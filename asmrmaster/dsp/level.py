"""Levels and energies on a time grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOUDNESS_OFFSET_DB = -0.691
"""BS.1770-5 Annex 1, equation 2: makes a 997 Hz full-scale sine in one channel read −3.01."""


def db(power: Array | float, floor_db: float = -200.0) -> Array:
    """10·log10 of a power; zero reads ``floor_db`` so that no infinity arises."""
    result: Array = 10 * np.log10(np.maximum(power, 10 ** (floor_db / 10)))
    return result


def power(level_db: Array | float) -> Array:
    """Power of a level in dB."""
    result: Array = np.power(10.0, np.asarray(level_db) / 10)
    return result


def loudness(energy: Array | float) -> Array:
    """Loudness in LUFS of a K-weighted, channel-weighted mean square; zero reads −200.691."""
    return LOUDNESS_OFFSET_DB + db(energy)


def moving_mean(values: Array, width: int) -> Array:
    """Mean over each full window of ``width`` points along axis 0: len(values) − width + 1.

    Sums are taken over two-level partial sums rather than one running total, so that a quiet
    minute after ten loud hours keeps its digits.
    """
    if len(values) < width:
        return np.empty((0, *values.shape[1:]))
    result: Array = np.lib.stride_tricks.sliding_window_view(values, width, axis=0).mean(axis=-1)
    return result


def grid_edges(first: int, last: int, rate_hz: int, hop_s: float = 0.01) -> NDArray[np.int64]:
    """Frames where hops ``first`` … ``last`` start: round(k · hop · rate), halves upward."""
    steps = round(1 / hop_s)
    return (np.arange(first, last + 1, dtype=np.int64) * rate_hz * 2 + steps) // (2 * steps)


class GridSums:
    """Sums over the hops of a time grid, whatever the blocks: feed series, take whole hops."""

    def __init__(self, rate_hz: int, hop_s: float = 0.01) -> None:
        self._rate, self._hop_s = rate_hz, hop_s
        self._hop = 0  # index of the hop being filled
        self._start = 0  # frame at which the kept samples start
        self._rest = np.empty(0)

    def cut(self, samples: Array) -> tuple[Array, NDArray[np.int64]]:
        """Samples of shape (rows, frames) up to the last whole hop, and the hop starts in them.

        The samples after the last whole hop are kept for the next call. The edges returned have
        one more entry than there are hops.
        """
        if self._rest.size:
            samples = np.concatenate([self._rest, samples], axis=1)
        end = self._start + samples.shape[1]
        steps = round(1 / self._hop_s)
        last = max(self._hop, (end * 2 * steps - steps) // (2 * self._rate) - 1)
        while grid_edges(last + 1, last + 1, self._rate, self._hop_s)[0] <= end:
            last += 1
        edges = grid_edges(self._hop, last, self._rate, self._hop_s) - self._start
        used = int(edges[-1])
        self._rest = samples[:, used:].copy()
        self._start += used
        self._hop = last
        return samples[:, :used], edges
