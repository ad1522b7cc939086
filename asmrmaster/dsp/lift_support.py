"""Where an event is: the frames in which the bands exceed what the half minute before accustoms to.

An event is found by others (``mend.lifts``), as the windows of 0.4 s that are over a limit. Here
its own beginning and end are sought, in frames of 11 ms, with the same kind of reference: levels
of the past, band by band. Too long a support costs: a second more of it loses 2.7 dB of
signal-to-distortion ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lift_bands import Grid, Levels

Flags = NDArray[np.bool_]

MOST_EXCESS_DB = 15.0
"""A band counts up to here, or a lone whistle would outweigh everything."""
CORE_DB, EDGE_DB = 1.5, 0.7
GAP_BEFORE_S, GAP_AFTER_S = 0.064, 0.256
MARGIN_BEFORE_S, MARGIN_AFTER_S = 0.03, 0.1
SWELL_S = 0.6
"""Where the bed itself was swelling just before, an event ends where it is back at that."""
WINDOW_S = 0.5
"""The first window over a limit is 0.4 s long; the event began in it."""
LONGEST_S = 8.0
"""Longer is a scene, not an intrusion."""


@dataclass(frozen=True)
class Support:
    """Frames first … stop−1 of an event, and how far each frame of the sound exceeds the past.

    excess_db: root mean square over bands, shape (frames,). usual_db: what 99.5 % of the past stay
    below. accustomed: the 95th percentile of each band, shape (bands,).
    """

    first: int
    stop: int
    excess_db: Levels
    usual_db: float
    accustomed: Levels


def excess_over(levels: Levels, accustomed: Levels) -> Levels:
    """Root mean square over bands of how far levels exceed what is usual, in dB; shape (frames,).

    A mean would find a whistle, which lives in two bands, a quarter of a second late.
    """
    above = np.clip(levels - accustomed, 0, MOST_EXCESS_DB)
    result: Levels = np.sqrt(np.mean(above * above, axis=-1))
    return result


def find_support(levels: Levels, past: Flags, over: tuple[int, int], grid: Grid) -> Support | None:
    """The frames of the event behind windows over a limit, None where nothing stands out.

    levels: dB, shape (frames, bands). past: frames that show what one is used to. over: the first
    frame of the first window over the limit, and one past the last frame of the last one.
    """
    accustomed = np.quantile(levels[past], 0.95, axis=0).astype(np.float32)
    excess_db = excess_over(levels, accustomed)
    usual_db = float(np.quantile(excess_db[past], 0.995))
    calm_db = float(np.quantile(excess_db[past], 0.98))
    low, high = max(0, over[0]), min(len(levels), over[1])
    if low >= high:
        return None
    loudest = float(excess_db[low:high].max())
    core = np.flatnonzero(excess_db[low:high] > min(max(CORE_DB, usual_db), loudest / 2)) + low
    if not len(core):
        return None
    first, last = int(core[0]), int(core[-1])
    calm_db = max(EDGE_DB, calm_db)
    swell_db = _swell(excess_db, first, last, calm_db, grid)
    edge = np.flatnonzero(excess_db > max(calm_db, min(swell_db, loudest / 2)))
    earlier = edge[edge <= first][::-1]
    for frame in earlier:
        if first - frame > grid.count(GAP_BEFORE_S):
            break
        first = int(frame)
    for frame in edge[edge >= last]:
        if frame - last > grid.count(GAP_AFTER_S):
            break
        last = int(frame)
    first = max(0, first - grid.count(MARGIN_BEFORE_S))
    stop = min(len(levels), last + 1 + grid.count(MARGIN_AFTER_S))
    if stop - first > grid.count(LONGEST_S):
        return None
    return Support(first, stop, excess_db, usual_db, accustomed)


def _swell(excess_db: Levels, first: int, last: int, calm_db: float, grid: Grid) -> float:
    """What the bed exceeds its past by just then: what a wave does is no part of the door in it.

    0 where it was calm before the event: what is heard after it then is its tail.
    """
    before = excess_db[max(0, first - grid.count(SWELL_S)) : max(0, first - grid.count(0.1))]
    after = excess_db[last + grid.count(SWELL_S) : last + 2 * grid.count(SWELL_S)]
    was = float(np.median(before)) if len(before) else 0.0
    if was <= calm_db:
        return 0.0
    return max(was, float(np.median(after)) if len(after) else 0.0) + EDGE_DB / 2
