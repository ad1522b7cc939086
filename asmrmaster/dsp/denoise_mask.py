"""How much quieter each critical band may be, frame by frame, where it holds nothing but noise.

A gate per critical band rather than a gain per line: what a line gains in depth it pays for in
musical noise (O. Cappé, IEEE Trans. SAP 2(2), 1994). Set on recordings with noise of known level.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.level import db

Array = NDArray[np.float64]

OVERLAP = 4
"""Frames begin this often in the length of one: every 11 ms."""
OVER_TIME = np.array([1, 2, 3, 2, 1]) / 9
OVER_BANDS = np.array([0.25, 0.5, 0.25])
SHUT_DB, OPENING_DB = 2.0, 3.0
"""Less than this above the floor is floor, and so much more is sound."""
FLICKER = 1.6
"""A narrow band's floor flickers: it is shut up to this many standard deviations of its level."""
EARLY = 2
"""Frames the gate opens before the sound."""
ONSET_DB, ONSET_FRAMES = 2.0, 4
"""Where all bands together rise by so much within so many frames, something begins."""
ONSET_SHUT_DB, ONSET_OPEN_DB = 3.0, 7.0
"""What opens a band then, in a single frame: a tap is over before an average has noticed it."""
SHUTS_DB_PER_S = 120.0
DEEPEST_DB = 24.0
STEADY_FROM, STEADY_TO = 0.3, 0.7
"""Steadiness of a floor from which on it is lowered at all, and in full."""


def release_frames(depth_db: float, frames_per_s: float) -> int:
    """Frames it takes to shut from open to this depth."""
    return max(1, int(np.ceil(depth_db / SHUTS_DB_PER_S * frames_per_s)))


def context_frames(depth_db: float, frames_per_s: float) -> tuple[int, int]:
    """Frames before and after one that decide on its gain."""
    middle = len(OVER_TIME) // 2
    return max(middle, ONSET_FRAMES) + release_frames(depth_db, frames_per_s), middle + EARLY


def _shut_db(bins: Array) -> Array:
    """Where each band is shut; the average of frames that overlap is as steady as 1.4 of them."""
    flicker_db = 10 / np.log(10) / np.sqrt(1.4 * bins)
    result: Array = np.maximum(SHUT_DB, FLICKER * flicker_db)
    return result


def depths_db(depth_db: float, steadiness: Array) -> Array:
    """Depth per band: as deep as its floor is steady."""
    share = (steadiness - STEADY_FROM) / (STEADY_TO - STEADY_FROM)
    result: Array = depth_db * np.clip(share, 0, 1)
    return result


def gains_db(
    power: Array, floor: Array, depth_db: Array, bins: Array, frames_per_s: float
) -> Array:
    """Gain per frame and band, from 0 down to −depth_db, shape (frames − context, bands).

    power: mean square per frame and band, all channels added; floor: of the noise alone, per band;
    depth_db: per band. bins: how many lines each band has, its weight where all are looked at
    together. The first and last ``context_frames`` (of the largest depth) are only looked at, so
    that the gains do not depend on where one starts.
    """
    deepest = float(depth_db.max(initial=0.0))
    release = release_frames(deepest, frames_per_s)
    before, after = context_frames(deepest, frames_per_s)
    over = power / np.maximum(floor, np.finfo(float).tiny)
    middle = len(OVER_TIME) // 2
    # Frames from `lead` on, up to `middle` before the end: all that is decided on, and EARLY more.
    lead = max(middle, ONSET_FRAMES)
    last = len(over) - middle
    average = sliding_window_view(over, len(OVER_TIME), axis=0) @ OVER_TIME
    average_db = db(average[lead - middle :])
    padded = np.pad(average_db, ((0, 0), (1, 1)), mode="edge")
    wide_db = sliding_window_view(padded, len(OVER_BANDS), axis=1) @ OVER_BANDS
    excess_db = np.maximum(average_db, wide_db)
    opened = np.clip((excess_db - _shut_db(bins)) / OPENING_DB, 0, 1)
    whole_db = db(over @ (bins / bins.sum()))
    rise_db = whole_db[lead:last] - whole_db[lead - ONSET_FRAMES : last - ONSET_FRAMES]
    single_db = db(over[lead:last])
    at_once = np.clip((single_db - ONSET_SHUT_DB) / (ONSET_OPEN_DB - ONSET_SHUT_DB), 0, 1)
    opened = np.maximum(opened, at_once * (rise_db >= ONSET_DB)[:, None])
    ahead = sliding_window_view(opened, EARLY + 1, axis=0).max(axis=2)
    held = ahead[release:].copy()
    for late in range(1, release + 1):
        np.maximum(held, ahead[release - late : len(ahead) - late] - late / release, out=held)
    assert len(held) == max(0, len(power) - before - after)
    result: Array = -depth_db * (1 - held)
    return result
