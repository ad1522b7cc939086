"""How new a moment is to a listener who has heard the half minute before it.

Two measures, both in LU, both causal, on a 20 ms grid; point k stands for the 400 ms that end with
hop k. *Level novelty* is how far a moment exceeds everything heard in the last 30 s. *Band novelty*
asks the same in several bands and adds up only what is new, the way loudness adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import Array, loudness, moving_mean

Levels = NDArray[np.floating[Any]]

HOP_S = 0.02
BAND_EDGES_HZ = (
    (60.0, 300.0),
    (300.0, 800.0),
    (800.0, 2000.0),
    (2000.0, 4000.0),
    (4000.0, 8000.0),
    (8000.0, 15000.0),
)

WINDOW_S = 0.4
"""A moment: the momentary window of ITU-R BS.1770-5."""
HISTORY_S = 30.0
"""What a listener has become used to: this long, ending ``GAP_S`` before the moment."""
GAP_S = 1.0
ASSESSED_FROM_S = 15.0
"""Before that there is too little history to be novel against."""
SHORTEST_S = 36.0
"""Sound shorter than this never has the full history and is not assessed."""
NOTHING_NEW_LU = -20.0
"""Level novelty where there is none to speak of, or no history to judge by."""

EVENT_LEVEL_LU, EVENT_BAND_LU, EVENT_MERGED_S = 3.0, 2.0, 1.0
REVIEW_APART_S = 5.0

_QUIET_LU = -6.0  # below programme loudness by this much nothing is loud enough to be used to
_BAND_FLOOR_LU = -20.0  # a band this far below the accustomed level is not heard by itself
_COMPRESSION = 40.0  # 10^(L/40) is power^0.25, close to Stevens' law of loudness
_EXPONENT = np.float32(np.log(10) / _COMPRESSION)
_ROWS = 2000  # windows ordered at a time


def hops(seconds: float) -> int:
    """How many hops of the grid this is."""
    return round(seconds / HOP_S)


def window_levels(energy: Levels) -> Array:
    """Loudness in LUFS of the 400 ms that end with each hop, from mean squares, shape (hops,).

    Before the sound lies silence.
    """
    width = hops(WINDOW_S)
    return loudness(moving_mean(np.concatenate([np.zeros(width - 1), energy]), width))


def history_maximum(levels: Levels) -> Levels:
    """The highest level in the history of each hop, shape (hops,); −inf where there is none.

    Two running maxima, one from each edge of blocks as long as the history, cover any window
    (M. van Herk, Pattern Recognition Letters 13, 1992).
    """
    width, gap = hops(HISTORY_S), hops(GAP_S)
    blocks = -(-len(levels) // width) + 1
    padded = np.full(blocks * width, -np.inf, dtype=levels.dtype)
    padded[width : width + len(levels)] = levels  # a block of nothing goes before the sound
    grid = padded.reshape(blocks, width)
    since = np.maximum.accumulate(grid, axis=1).ravel()
    until = np.maximum.accumulate(grid[:, ::-1], axis=1)[:, ::-1].ravel()
    highest = np.maximum(since[width - 1 :], until[: len(since) - width + 1])
    result = np.full(len(levels), -np.inf, dtype=levels.dtype)
    result[gap:] = highest[1 : 1 + max(0, len(levels) - gap)]
    return result


def history_percentile(levels: Levels, share: float = 0.95) -> Levels:
    """The level that this share of the history of each hop stays below; −inf where there is none.

    Taken over every second hop and renewed every sixth (120 ms), and held in between, which
    changes it by less than 0.1 LU.
    """
    points = levels[::2].astype(np.float32)
    width, gap, every = hops(HISTORY_S) // 2, hops(GAP_S) // 2, 3
    padded = np.concatenate([np.full(width + gap, -np.inf, dtype=np.float32), points])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[1::every]
    windows = windows[: -(-len(levels) // (2 * every))]
    found = np.empty(len(windows), dtype=np.float32)
    for start in range(0, len(windows), _ROWS):
        chunk = windows[start : start + _ROWS]
        heard = np.clip(np.arange(start, start + len(chunk)) * every - gap + 1, 1, width)
        places = width - 1 - ((1 - share) * (heard - 1)).astype(np.intp)
        ordered = np.partition(chunk, np.unique(places), axis=1)
        found[start : start + _ROWS] = np.take_along_axis(ordered, places[:, None], axis=1)[:, 0]
    return np.repeat(found, 2 * every)[: len(levels)]


@dataclass(frozen=True)
class Novelty:
    """How new each moment is, and against what.

    novelty_lu: shape (hops,). levels_lufs and references_lufs: what was compared with what, shape
    (hops,) for level novelty and (hops, bands) for band novelty.
    """

    novelty_lu: Levels
    levels_lufs: Levels
    references_lufs: Levels


def level_novelty(momentary_lufs: Levels, programme_lufs: float) -> Novelty:
    """How far each moment exceeds the loudest one of its history, in LU.

    momentary_lufs: ``window_levels`` of the K-weighted energy, shape (hops,). The reference is
    never lower than 6 LU below the programme loudness. The result is never below
    ``NOTHING_NEW_LU``, and is just that in the first 15 s.
    """
    reference = np.maximum(history_maximum(momentary_lufs), programme_lufs + _QUIET_LU)
    novelty = np.maximum(momentary_lufs - reference, NOTHING_NEW_LU)
    novelty[: hops(ASSESSED_FROM_S)] = NOTHING_NEW_LU
    return Novelty(novelty, momentary_lufs, reference)


def band_novelty(band_energy: Levels, momentary_lufs: Levels, programme_lufs: float) -> Novelty:
    """How much louder each moment is than its history, counting only the bands where it is new.

    band_energy: mean squares, shape (hops, bands). Band by band the reference is the highest level
    of the history, and never lower than 20 LU below the accustomed level, the 95th percentile of
    the momentary loudness of the history. Levels add up over bands as power^0.25:
    NL = 40·log10(Σ 10^(max(L, R)/40) / Σ 10^(R/40)); 12 LU mean that the sum doubled.
    Never negative; 0 in the first 15 s.
    """
    accustomed = np.maximum(history_percentile(momentary_lufs), programme_lufs + _QUIET_LU)
    levels = np.empty(band_energy.shape, dtype=np.float32)
    references = np.empty(band_energy.shape, dtype=np.float32)
    for band, energy in enumerate(band_energy.T):
        levels[:, band] = window_levels(energy)
        heard = history_maximum(levels[:, band])
        references[:, band] = np.maximum(heard, accustomed + _BAND_FLOOR_LU)
    novelty = excess(levels, references)
    novelty[: hops(ASSESSED_FROM_S)] = 0.0
    return Novelty(novelty, levels, references)


def excess(levels_lufs: Levels, references_lufs: Levels) -> Levels:
    """How much louder ``levels`` are than ``references`` where they exceed them, in LU.

    Both of shape (…, bands); the result of shape (…).
    """
    above = _sum_of_bands(np.maximum(levels_lufs, references_lufs))
    result: Levels = _COMPRESSION * np.log10(above / _sum_of_bands(references_lufs))
    return np.maximum(result, 0.0)


def reduction_for(levels_lufs: Levels, references_lufs: Levels, limit_lu: float) -> Levels:
    """The smallest gain reduction, in dB ≥ 0, that brings the excess down to ``limit_lu``.

    All bands come down together. Levels and references of shape (…, bands), result of shape (…);
    for level novelty give them one band: shape (…, 1). A limit of 0 asks that no band exceeds its
    reference.

    The sum over bands of max(level − d, reference) is the largest of the sums in which the bands
    that exceed most take the level and the others the reference; each of those is linear in
    10^(−d/40), so each gives a reduction, and the largest of them is the answer.
    """
    order = np.argsort(references_lufs - levels_lufs, axis=-1)
    power = np.exp(np.take_along_axis(levels_lufs, order, axis=-1) * _EXPONENT)
    known = np.exp(np.take_along_axis(references_lufs, order, axis=-1) * _EXPONENT)
    allowed = known.sum(axis=-1, keepdims=True) * 10 ** (limit_lu / _COMPRESSION)
    rest = known[..., ::-1].cumsum(axis=-1)[..., ::-1] - known
    needed = np.cumsum(power, axis=-1) / (allowed - rest)
    result: Levels = np.maximum(_COMPRESSION * np.log10(needed.max(axis=-1)), 0.0)
    return result


@dataclass(frozen=True)
class Moment:
    """A stretch of sound, in seconds, and how new it is at most, by both measures, in LU."""

    start_s: float
    end_s: float
    level_novelty_lu: float
    band_novelty_lu: float


def novel_events(level_lu: Levels, band_lu: Levels) -> list[Moment]:
    """Runs with a level novelty above 3 or a band novelty above 2 LU, merged within 1 s.

    Both of shape (hops,). A window that ends at t is new because of what came in just before t,
    and stays new until that has left it 0.4 s later; so an event starts with the hop that made it
    new and ends a window's length before the novelty does.
    """
    novel = (level_lu > EVENT_LEVEL_LU) | (band_lu > EVENT_BAND_LU)
    places = np.flatnonzero(novel)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > hops(EVENT_MERGED_S))
    firsts = places[np.concatenate([[0], breaks + 1])]
    lasts = places[np.concatenate([breaks, [len(places) - 1]])]
    return [
        Moment(
            round(first * HOP_S, 2),
            round(max(first + 1, last + 2 - hops(WINDOW_S)) * HOP_S, 2),
            float(level_lu[first : last + 1].max()),
            float(band_lu[first : last + 1].max()),
        )
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    ]


def review_moments(level_lu: Levels, band_lu: Levels, count: int) -> list[Moment]:
    """The ``count`` most novel moments, newest first: what a person should listen to.

    Ranked by band novelty, then level novelty, both of shape (hops,); at least 5 s apart; from the
    assessed part only. Fewer where the sound is too short to hold that many.
    """
    ranking = np.lexsort((level_lu, band_lu))[::-1]
    ranking = ranking[ranking >= hops(ASSESSED_FROM_S)]
    free = np.ones(len(level_lu), dtype=bool)
    moments: list[Moment] = []
    while len(moments) < count:
        ranking = ranking[free[ranking]]
        if not len(ranking):
            break
        k = int(ranking[0])
        free[max(0, k - hops(REVIEW_APART_S) + 1) : k + hops(REVIEW_APART_S)] = False
        start_s = round(max(0, k + 1 - hops(WINDOW_S)) * HOP_S, 2)
        end_s = round((k + 1) * HOP_S, 2)
        moments.append(Moment(start_s, end_s, float(level_lu[k]), float(band_lu[k])))
    return moments


def _sum_of_bands(levels_lufs: Levels) -> Levels:
    result: Levels = np.exp(levels_lufs * _EXPONENT).sum(axis=-1)
    return result
