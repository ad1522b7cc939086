"""Gain curves on the 10 ms grid: amplitudes at hop starts, and what they do to energy.

In the precision they are given in: single is exact to a millionth of a dB, and ten hours are 3.6
million hops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Gains = NDArray[np.floating[Any]]


def at_edges(per_hop: Gains) -> Gains:
    """Amplitudes at hop starts, shape (hops + 1,), from those of whole hops: the mean of the
    neighbours."""
    inner = (per_hop[1:] + per_hop[:-1]) / 2
    return np.concatenate([per_hop[:1], inner, per_hop[-1:]])


def edges_from_db(gain_db: Gains) -> Gains:
    """Amplitudes at hop starts, shape (hops + 1,), from gains in dB of whole hops; 0 dB is 1."""
    return at_edges(np.power(10.0, gain_db / 20, dtype=gain_db.dtype))


def power_gain(amplitude: Gains) -> Gains:
    """Mean square of a straight run between neighbouring amplitudes, per hop: (a² + ab + b²)/3."""
    a, b = amplitude[:-1], amplitude[1:]
    result: Gains = (a * a + a * b + b * b) / 3
    return result
