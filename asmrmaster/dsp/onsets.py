"""Onsets: where the level rises quickly, how fast, how far, and how prominent that is.

Sources: Nordtest NT ACOU 112:2002 (prominence, clause 7; adjustment, clause 8) and ISO/PAS
1996-3:2022 (reading both quantities from a level history, clauses 3 to 6). Sudden-onset adjustment:
US Air Force studies of low-altitude flights, Defense Technical Information Center ADA289381
(laboratory) and ADA279783 (homes).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import Filter, smoothing_coefficient
from asmrmaster.streams.curves import PIECE_ROWS, empty, piecewise

Array = NDArray[np.float64]
Places = NDArray[np.int64]

FAST_S = 0.125
"""Time weighting F (IEC 61672-1)."""
STEEP_DB_PER_S = 10.0
"""Steeper than this the level is in an onset (ISO/PAS 1996-3, 3.3)."""
JOIN_S = 0.05
"""An onset goes on after an irregularity no longer than this (clause 4 d)."""
LABORATORY_DB_PER_S, HOME_DB_PER_S = 30.0, 15.0
"""Where the sudden-onset adjustment starts, by study."""
SUDDEN_DB_PER_S, SUDDEN_DB = 150.0, 11.0


def fast_energy(energy: NDArray[np.floating[Any]], hop_s: float) -> Array:
    """Mean squares under time weighting F, at the end of each hop; (hops,) → (hops,).

    Starts from the mean of the first 125 ms, so that a steady sound has no onset where it starts.
    """
    past = smoothing_coefficient(FAST_S, hop_s)
    settle = Filter(np.array([[1 - past, 0.0, 0.0, 1.0, -past, 0.0]]), 1)
    result: Array = empty(energy.shape, np.float64)
    for start in range(0, len(energy), PIECE_ROWS):
        piece = energy[start : start + PIECE_ROWS, None].astype(np.float64)
        result[start : start + len(piece)] = settle(piece)[:, 0]
    if len(energy):
        first = float(energy[: max(1, round(FAST_S / hop_s))].mean())
        result[:PIECE_ROWS] += first * past ** np.arange(1, len(result[:PIECE_ROWS]) + 1)
    return result


@dataclass(frozen=True)
class Onsets:
    """Onsets in order of time; arrays of one shape (onsets,).

    first, last: points of the level history where each starts and ends. rate_db_per_s: slope of
    the straight line that fits its points best. difference_db: level at its end minus that at its
    start.
    """

    first: Places
    last: Places
    rate_db_per_s: Array
    difference_db: Array

    @property
    def prominence(self) -> Array:
        """Predicted prominence of each onset."""
        return prominence(self.rate_db_per_s, self.difference_db)


def find_onsets(level_db: NDArray[np.floating[Any]], hop_s: float) -> Onsets:
    """The onsets in a level history sampled every ``hop_s`` (10 to 25 ms); shape (points,).

    An onset is a run of rises steeper than 10 dB/s; it goes on where the next run starts within
    50 ms and both their ends and their starts lie on a slope steeper than that. Onsets whose
    fitted slope is not steeper are none.
    """
    level = np.asarray(level_db, dtype=np.float64)
    steep = piecewise(lambda a, b: b - a > STEEP_DB_PER_S * hop_s, level[:-1], level[1:])
    turns = np.flatnonzero(np.diff(np.concatenate([[False], steep, [False]])))
    first, last = turns[::2], turns[1::2]
    goes_on = _goes_on(level, first, last, hop_s)
    ends = np.ones(len(last), dtype=bool)
    ends[:-1] = ~goes_on[1:]
    first, last = first[~goes_on], last[ends]
    rate = _slopes(level, first, last) / hop_s
    real = rate > STEEP_DB_PER_S
    first, last, rate = first[real], last[real], rate[real]
    return Onsets(first, last, rate, level[last] - level[first])


def _goes_on(level: Array, first: Places, last: Places, hop_s: float) -> NDArray[np.bool_]:
    """Which runs continue the onset before them; shape (runs,)."""
    goes_on = np.zeros(len(first), dtype=bool)
    rise = STEEP_DB_PER_S * hop_s
    near = (first[1:] - last[:-1]) * hop_s <= JOIN_S + 1e-9
    near &= np.diff(level[last]) > rise * np.diff(last)
    head = -1
    for run in np.flatnonzero(near) + 1:
        if not goes_on[run - 1]:
            head = first[run - 1]
        goes_on[run] = level[first[run]] - level[head] > rise * (first[run] - head)
    return goes_on


def _slopes(level: Array, first: Places, last: Places) -> Array:
    """Least-squares slope of the level over the points first … last of each onset, per point."""
    if not len(first):
        return np.empty(0)
    counts = last - first + 1
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    within = np.arange(counts.sum()) - np.repeat(starts, counts)
    centred = within - np.repeat((counts - 1) / 2, counts)
    products = centred * level[np.repeat(first, counts) + within]
    result: Array = np.add.reduceat(products, starts) * 12 / (counts * (counts**2 - 1.0))
    return result


def prominence(rate_db_per_s: Array, difference_db: Array) -> Array:
    """Predicted prominence P of onsets (NT ACOU 112, clause 7); both arguments above 0."""
    result: Array = 3 * np.log10(rate_db_per_s) + 2 * np.log10(difference_db)
    return result


def impulse_adjustment_db(prominence: float) -> float:
    """Adjustment KI for impulsiveness in dB (NT ACOU 112, clause 8).

    0 is not impulsive, up to 5 regular, above that highly impulsive (ISO/PAS 1996-3, clause 7).
    """
    return max(0.0, 1.8 * (prominence - 5))


def sudden_onset_adjustment_db(
    rate_db_per_s: float, start_db_per_s: float = LABORATORY_DB_PER_S
) -> float:
    """How many dB louder a sudden aircraft is judged, by its onset rate.

    0 up to ``start_db_per_s`` (30 in the laboratory, 15 at home), 11 from 150 dB/s on, and in
    proportion to the logarithm of the rate in between.
    """
    rate = min(max(rate_db_per_s, start_db_per_s), SUDDEN_DB_PER_S)
    return SUDDEN_DB * log10(rate / start_db_per_s) / log10(SUDDEN_DB_PER_S / start_db_per_s)
