"""Gain curves on the 10 ms grid: amplitudes at hop starts, and what they do to energy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def at_edges(per_hop: Array) -> Array:
    """Amplitudes at hop starts, shape (hops + 1,), from those of whole hops: the mean of the
    neighbours."""
    inner = (per_hop[1:] + per_hop[:-1]) / 2
    return np.concatenate([per_hop[:1], inner, per_hop[-1:]])


def edges_from_db(gain_db: NDArray[np.floating[Any]]) -> Array:
    """Amplitudes at hop starts, shape (hops + 1,), from gains in dB of whole hops; 0 dB is 1."""
    return at_edges(np.power(10.0, gain_db.astype(np.float64) / 20))


def power_gain(amplitude: NDArray[np.floating[Any]]) -> Array:
    """Mean square of a straight run between neighbouring amplitudes, per hop: (a² + ab + b²)/3."""
    a, b = amplitude[:-1].astype(np.float64), amplitude[1:].astype(np.float64)
    result: Array = (a * a + a * b + b * b) / 3
    return result
