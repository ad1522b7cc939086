"""Gain curves on the 10 ms grid: amplitudes at hop starts, and what they do to energy.

In the precision they are given in: single is exact to a millionth of a dB, and ten hours are 3.6
million hops.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.streams.curves import empty, piecewise

Gains = NDArray[np.floating[Any]]


def at_edges(per_hop: Gains) -> Gains:
    """Amplitudes at hop starts, shape (hops + 1,), from those of whole hops: the mean of the
    neighbours."""
    edges = empty((len(per_hop) + 1,), per_hop.dtype)
    edges[0], edges[-1] = per_hop[0], per_hop[-1]
    edges[1:-1] = piecewise(lambda a, b: (a + b) / 2, per_hop[1:], per_hop[:-1])
    return edges


def edges_from_db(gain_db: Gains) -> Gains:
    """Amplitudes at hop starts, shape (hops + 1,), from gains in dB of whole hops; 0 dB is 1."""
    return at_edges(
        piecewise(lambda one_db: np.power(10.0, one_db / 20, dtype=one_db.dtype), gain_db)
    )


def power_gain(amplitude: Gains) -> Gains:
    """Mean square of a straight run between neighbouring amplitudes, per hop: (a² + ab + b²)/3."""
    return piecewise(lambda a, b: (a * a + a * b + b * b) / 3, amplitude[:-1], amplitude[1:])
