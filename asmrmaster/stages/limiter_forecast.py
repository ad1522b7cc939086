"""What the limiter will do, worked out from curves before a sample is rendered.

Limiting lowers loudness, so a planner solves the gain and the limiter together. The limiter is run
on true peaks by the millisecond, where they were kept (``PeakDetail``), and on the sample peak of
the hop elsewhere. Energy is taken down by the millisecond too, since it lies where the gain is
lowest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import power_gain
from asmrmaster.dsp.smoothing import falling_at_most, sliding_max, staircase_hann
from asmrmaster.meters.base import Measurement
from asmrmaster.stages.limiter import GUARD_DB, Limiter
from asmrmaster.stages.peak_detail import PARTS, Detail
from asmrmaster.streams.curves import empty, piecewise

Array = NDArray[np.float64]
Energy = NDArray[np.floating[Any]]
Amplitude = NDArray[np.floating[Any]] | float
"""Gain that comes before the limiter: linear, at the start of each hop and the end of the last,
straight in between; or one number."""

_PIECE = 6_000  # hops worked on at a time: a minute
_FINE = 4  # steps of the gain within a millisecond


def true_peaks(measured: Measurement, hops: int) -> NDArray[np.float32]:
    """Highest linked peak of each hop, linear, shape (hops,).

    The true peak where the detail was kept, elsewhere the sample peak (curve ``peak``).
    """
    curve, detail = measured.curves["peak"].values, measured.curves["peak_detail"]
    assert isinstance(detail, Detail)
    peaks = empty((max(hops, len(curve)),))
    peaks[: len(curve)], peaks[len(curve) :] = curve, 0.0
    inside = detail.hops < len(peaks)
    kept = detail.hops[inside]
    peaks[kept] = np.maximum(peaks[kept], detail.values[inside, :PARTS].max(axis=1))
    return peaks[:hops]


def highest_peak(measured: Measurement, amplitude: NDArray[np.floating[Any]]) -> float:
    """The highest true peak after a gain, linear; amplitude of shape (hops + 1,)."""
    heights = _heights(true_peaks(measured, len(amplitude) - 1), amplitude)
    return float(heights.max(initial=0.0))


def deepest_reduction_db(
    measured: Measurement, hops: int, amplitude: Amplitude, ceiling_dbtp: float
) -> float:
    """How far the limiter will go down at most, in dB, 0 where it has nothing to do."""
    highest = highest_peak(measured, np.broadcast_to(np.asarray(amplitude), hops + 1))
    over_db = 20 * np.log10(max(highest, 1e-10)) - ceiling_dbtp
    return float(over_db + GUARD_DB) if over_db > 0 else 0.0


def _heights(peaks: NDArray[np.float32], edges: NDArray[np.floating[Any]]) -> Energy:
    """What the peak of each hop can be after a gain."""
    return piecewise(lambda p, a, b: p * np.maximum(a, b), peaks, edges[:-1], edges[1:])


def limited_energy(
    measured: Measurement,
    energy: Energy,
    amplitude: Amplitude,
    ceiling_dbtp: float,
    limiter: Limiter,
) -> Energy:
    """K-weighted energy per hop after a gain and the limiter, shape (hops,).

    measured: has the curves ``peak`` and ``peak_detail`` of the sound before the gain. energy: its
    energy per hop, weighted by channel, shape (hops,). amplitude: the gain, shape (hops + 1,) or
    one number. limiter: the limiter; its ceiling is replaced by ``ceiling_dbtp``.
    """
    hops = len(energy)
    edges = np.broadcast_to(np.asarray(amplitude), hops + 1)
    result: Energy = piecewise(np.multiply, energy, power_gain(edges))
    ceiling = 10 ** (ceiling_dbtp / 20)
    peaks = true_peaks(measured, hops)
    over = np.flatnonzero(_heights(peaks, edges) > ceiling)
    if not over.size:
        return result
    deepest_db = deepest_reduction_db(measured, hops, amplitude, ceiling_dbtp)
    back_ms = limiter.lookahead_ms + limiter.hold_ms + 1000 * deepest_db / limiter.release_db_per_s
    ahead, back = _whole(limiter.lookahead_ms / PARTS) + 1, _whole(back_ms / PARTS) + 1
    # Between two limited stretches the gain has come to rest, so they can be joined end to end.
    # A piece sees as much before it as the limiter remembers, and as much after as it looks ahead.
    acting = _around(over, ahead, back, hops)
    for start in range(0, len(acting), _PIECE):
        first, last = max(0, start - back), min(len(acting), start + _PIECE)
        which = acting[first : min(len(acting), last + ahead)]
        reduced = _reduced(measured, which, peaks, edges, ceiling, limiter)[start - first :]
        inner = acting[start:last]
        result[inner] = energy[inner] * reduced[: len(inner)]
    return result


def _reduced(
    measured: Measurement,
    hops: NDArray[np.int64],
    peaks: NDArray[np.float32],
    edges: NDArray[np.floating[Any]],
    ceiling: float,
    limiter: Limiter,
) -> Array:
    """Factor on the energy of these hops, gain and limiter together, shape (hops,)."""
    part_peaks, shares = _parts(measured, hops, peaks)
    place = (np.arange(PARTS) + 0.5) / PARTS
    gain = edges[hops, None] * (1 - place) + edges[hops + 1, None] * place
    heights = (part_peaks * gain).reshape(-1)
    lookahead, hold = _whole(limiter.lookahead_ms), _whole(limiter.hold_ms)
    asked = np.zeros(hold + lookahead + len(heights) + lookahead)
    over = np.flatnonzero(heights > ceiling)
    asked[hold + lookahead + over] = GUARD_DB + 20 * np.log10(heights[over] / ceiling)
    needed = sliding_max(asked, hold + lookahead + 1)
    reduction = falling_at_most(needed, limiter.release_db_per_s / 1000)
    lowered = np.exp(reduction * (-np.log(10) / 20))
    power = np.zeros(len(heights))
    for weights in staircase_hann(lookahead, _FINE).T:
        power += np.square(np.convolve(lowered, weights[::-1], "valid")) / _FINE
    result: Array = (shares * gain**2 * power.reshape(-1, PARTS)).sum(axis=1)
    return result


def _parts(
    measured: Measurement, hops: NDArray[np.int64], peaks: NDArray[np.float32]
) -> tuple[Array, Array]:
    """Peak and share of energy in each part of these hops, both of shape (hops, PARTS)."""
    detail = measured.curves["peak_detail"]
    assert isinstance(detail, Detail)
    part_peaks = np.repeat(peaks[hops, None], PARTS, axis=1).astype(np.float64)
    shares = np.full(part_peaks.shape, 1 / PARTS)
    rows = np.minimum(np.searchsorted(detail.hops, hops), max(0, len(detail.hops) - 1))
    if len(detail.hops):
        known = detail.hops[rows] == hops
        part_peaks[known] = detail.values[rows[known], :PARTS]
        shares[known] = detail.values[rows[known], PARTS:]
    return part_peaks, shares


def _around(over: NDArray[np.int64], ahead: int, back: int, hops: int) -> NDArray[np.int64]:
    """Every hop from ``ahead`` before to ``back`` after one of these."""
    change = np.zeros(hops + 1, dtype=np.int32)
    np.add.at(change, np.maximum(over - ahead, 0), 1)
    np.add.at(change, np.minimum(over + back + 1, hops), -1)
    return np.flatnonzero(np.cumsum(change[:-1], out=change[:-1]) > 0)


def _whole(length: float) -> int:
    return max(1, round(length))
