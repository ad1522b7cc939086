"""What a sound does that its own model does not expect, hop by hop along a stretch of it.

A hop is about 43 ms; each has a model of its own (``dsp.autoregression``), learned on two hops'
length around its middle, and is judged by it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import autocorrelation, filtered, hann, levinson

Array = NDArray[np.float64]
Hops = NDArray[np.int64]

CELLS = 8  # per hop, each with a scale of its own
SCALE_RANK, SCALE_CELLS = 5, 9  # the scale is the sixth smallest of nine cells around


def hop_frames(rate_hz: int) -> int:
    """Frames between two models: a power of two, about 43 ms."""
    return int(2 ** round(np.log2(0.0427 * rate_hz)))


def model_order(rate_hz: int) -> int:
    """Order of the model: 24 up to 48 kHz, in proportion above, 96 at most."""
    return int(min(96, max(24, rate_hz // 2000)))


def _rows(window: Array, starts: Hops, length: int) -> Array:
    rows: Array = sliding_window_view(window, length)[starts]
    return rows


def hop_models(window: Array, hops: Hops, hop: int, order: int) -> Array:
    """One model per hop, from the two hops' length around its middle."""
    length = 2 * hop - order  # so that the transform is a power of two long
    frames = _rows(window, hops * hop - (length - hop) // 2, length)
    return levinson(autocorrelation(frames * hann(length), order))


def look_ahead(window: Array, models: Array, hops: Hops, hop: int) -> tuple[Array, Array]:
    """Magnitude of the forward residual and of the match, shape (hops, hop)."""
    order = models.shape[1] - 1
    residual = filtered(_rows(window, hops * hop - order, hop + 2 * order), models[:, ::-1])
    match = filtered(residual, models / np.linalg.norm(models, axis=1, keepdims=True))
    return np.abs(residual[:, :hop]), np.abs(match)


def look_back(window: Array, models: Array, hops: Hops, hop: int) -> Array:
    """Magnitude of the backward residual, shape (hops, hop)."""
    order = models.shape[1] - 1
    return np.abs(filtered(_rows(window, hops * hop, hop + order), models))


def cell_scale(residual: Array) -> Array:
    """Robust deviation per cell, shape (hops, CELLS), deaf to bursts of some milliseconds."""
    cells = residual.reshape(len(residual) * CELLS, -1)
    middle = cells.shape[1] // 2
    median = np.partition(cells, middle, axis=1)[:, middle] / 0.6745
    around = sliding_window_view(np.pad(median, SCALE_CELLS // 2, mode="edge"), SCALE_CELLS)
    scale = np.partition(around, SCALE_RANK, axis=1)[:, SCALE_RANK]
    return scale.reshape(len(residual), CELLS)
