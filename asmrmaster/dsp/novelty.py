"""How new a moment is to a listener who has heard the half minute before it.

Two measures, both in LU, both causal, on a 20 ms grid; point k stands for the 400 ms that end with
hop k, its history for the 30 s before those. *Level novelty* is how far a moment exceeds everything
in its history. *Band novelty* asks the same in each of eight bands, and takes the root mean square.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lead_in import first_sound
from asmrmaster.dsp.level import Array, loudness, moving_mean
from asmrmaster.streams.curves import drop_pages, empty, piecewise

Levels = NDArray[np.floating[Any]]

NOVELTY_HOP_S = 0.02
BAND_EDGES_HZ = (
    (50.0, 300.0),
    (300.0, 630.0),
    (630.0, 1080.0),
    (1080.0, 1720.0),
    (1720.0, 2700.0),
    (2700.0, 4400.0),
    (4400.0, 7700.0),
    (7700.0, 15500.0),
)
"""Three critical bands each (E. Zwicker, JASA 33, 1961), with steep edges."""

WINDOW_S = 0.4
"""A moment: the momentary window of ITU-R BS.1770-5."""
HISTORY_S, GAP_S = 30.0, WINDOW_S
"""What a listener has become used to: this long, ending where the moment begins."""
ASSESSED_FROM_S = 15.0
"""Before that there is too little history to be novel against."""
SHORTEST_S = 36.0
"""Sound shorter than this never has the full history and is not assessed."""
NOTHING_NEW_LU = -20.0
"""Level novelty where there is none to speak of, or no history to judge by."""

EVENT_LEVEL_LU, EVENT_BAND_LU, EVENT_MERGED_S = 3.0, 2.0, 1.0
REVIEW_APART_S = 5.0

_QUIET_LU = -6.0  # below programme loudness by this much nothing is loud enough to be used to
_BAND_FLOOR_LU = -18.0  # a band this far below the accustomed level is not noticed by itself
_ROWS = 2000  # windows ordered at a time
_STRETCH, _LOOKBACK = 30_000, 1560  # hops, of which the percentile is renewed every sixth


def hops(seconds: float) -> int:
    """How many hops of the grid this is."""
    return round(seconds / NOVELTY_HOP_S)


def window_levels(energy: Levels) -> Array:
    """Loudness in LUFS of the 400 ms that end with each hop, from mean squares, shape (hops,).

    Before the sound lies silence.
    """
    width = hops(WINDOW_S)
    before = np.zeros(width - 1, dtype=energy.dtype)
    return piecewise(loudness, moving_mean(np.concatenate([before, energy]), width))


def band_levels(energy: Levels) -> Array:
    """Level in LUFS of the mean amplitude over the 400 ms that end with each hop, shape (hops,).

    Amplitudes (roots of mean squares per hop) are averaged instead of energies, so that a sound
    that lasts counts for more than the single loud click an energy would be ruled by.
    """
    width = hops(WINDOW_S)
    amplitude = np.concatenate([np.zeros(width - 1), np.sqrt(energy)])
    return loudness(moving_mean(amplitude, width) ** 2)


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


def history_percentile(
    levels: Levels, share: float = 0.95, where: NDArray[np.bool_] | None = None
) -> Levels:
    """The level that this share of the history of each hop stays below; −inf where there is none.

    Taken over every second hop and renewed every sixth (120 ms), and held in between, which
    changes it by less than 0.1 LU. where: at which hops it is wanted, shape (hops,); at others it
    may read −inf.
    """
    points = levels[::2].astype(np.float32)
    width, gap, every = hops(HISTORY_S) // 2, hops(GAP_S) // 2, 3
    padded = np.concatenate([np.full(width + gap, -np.inf, dtype=np.float32), points])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[1::every]
    count = -(-len(levels) // (2 * every))
    wanted = np.arange(count)
    if where is not None and len(where):
        wanted = np.flatnonzero(np.logical_or.reduceat(where, 2 * every * wanted))
    found = np.full(count, -np.inf, dtype=np.float32)
    for start in range(0, len(wanted), _ROWS):
        which = wanted[start : start + _ROWS]
        measured = np.clip(which * every - gap + 1, 1, width)
        places = width - 1 - ((1 - share) * (measured - 1)).astype(np.intp)
        ordered = np.partition(windows[which], places[np.diff(places, prepend=-1) != 0], axis=1)
        found[which] = np.take_along_axis(ordered, places[:, None], axis=1)[:, 0]
    return np.repeat(found, 2 * every)[: len(levels)]


def assessed_from(momentary_lufs: Levels) -> int:
    """The first hop that has enough history: nobody gets used to silence before the sound."""
    return min(len(momentary_lufs), first_sound(momentary_lufs) + hops(ASSESSED_FROM_S))


@dataclass(frozen=True)
class Novelty:
    """How new each moment is, and against what.

    novelty_lu: shape (hops,). levels_lufs and references_lufs: what was compared with what, shape
    (hops,) for level novelty and (hops, bands) for band novelty, where a reference may be too low
    if nothing exceeds it.
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


def bands_heard(band_energy: Levels) -> tuple[Levels, Levels]:
    """Level of each band, and the highest in its history, both of shape (hops, bands)."""
    levels = np.empty(band_energy.shape, dtype=np.float32)
    measured = np.empty(band_energy.shape, dtype=np.float32)
    for band, energy in enumerate(band_energy.T):
        levels[:, band] = band_levels(energy)
        measured[:, band] = history_maximum(levels[:, band])
    return levels, measured


def band_references(
    measured: Levels, momentary_lufs: Levels, programme_lufs: float, where: NDArray[np.bool_]
) -> Levels:
    """What the bands are held against, see ``band_novelty``; shape (hops, bands).

    where: at which hops it is wanted, shape (hops,). The accustomed level is costly, and nothing
    hangs on it where no band exceeds its history: there it may be left out.
    """
    accustomed = history_percentile(momentary_lufs, where=where)
    least = np.maximum(accustomed, programme_lufs + _QUIET_LU) + _BAND_FLOOR_LU
    references: Levels = np.maximum(measured, least[:, None], dtype=np.float32)
    return references


def band_novelty(band_energy: Levels, momentary_lufs: Levels, programme_lufs: float) -> Novelty:
    """How far each moment exceeds its history, over the bands in which it does, in LU.

    band_energy: mean squares, shape (hops, bands). Band by band the reference is the highest level
    of the history, and never lower than 18 LU below the accustomed level, the 95th percentile of
    the momentary loudness of the history (or 6 LU below programme loudness, if that is more).
    Never negative; 0 in the first 15 s.

    The draft had six Butterworth bands, levels of energy, history up to 1 s before, and added the
    excess up like loudness. Steep bands are not filled by their neighbours, and amplitudes let a
    sound that lasts stand out among louder taps. Of intrusions 0, 3, 6 and 10 LU above gentle beds
    (``benchmarks.detection``, the half held apart; one bed of 16 flagged) this finds .76 .89 .95
    1.00, the draft .59 .76 .88 1.00; with none of 16 flagged .60 .82 .91 1.00 against .58 .75 .87
    1.00. A change from one gentle sound to another is new to both, and at limits that flag equally
    many of such changes they find equally many intrusions.
    """
    levels, measured = bands_heard(band_energy)
    above: NDArray[np.bool_] = np.any(levels > measured, axis=1)
    references = band_references(measured, momentary_lufs, programme_lufs, above)
    novelty = excess(levels, references)
    novelty[: hops(ASSESSED_FROM_S)] = 0.0
    return Novelty(novelty, levels, references)


def novelty_curves(
    band_energy: Levels, momentary_lufs: Levels, programme_lufs: float
) -> tuple[Levels, Levels]:
    """Level and band novelty alone, both of shape (hops,), worked out ten minutes at a time.

    All they look back on is the history, so the result is the same and ten hours need little
    memory. Arguments as for ``band_novelty``.
    """
    level, band = empty(momentary_lufs.shape), empty(momentary_lufs.shape)
    assessed = assessed_from(momentary_lufs)
    for start in range(0, len(band), _STRETCH):
        first, stop = max(0, start - _LOOKBACK), start + _STRETCH
        momentary = momentary_lufs[first:stop]
        found = level_novelty(momentary, programme_lufs)
        level[start:stop] = found.novelty_lu[start - first :]
        found = band_novelty(band_energy[first:stop], momentary, programme_lufs)
        band[start:stop] = found.novelty_lu[start - first :]
        drop_pages()
    level[:assessed], band[:assessed] = NOTHING_NEW_LU, 0.0
    return level, band


def excess(levels_lufs: Levels, references_lufs: Levels) -> Levels:
    """Root mean square over bands of how far the levels exceed their references, in LU.

    Both of shape (…, bands); the result of shape (…). A band below its reference counts as 0.
    """
    above = np.maximum(levels_lufs - references_lufs, 0.0)
    result: Levels = np.sqrt(np.mean(above * above, axis=-1))
    return result


def reduction_for(levels_lufs: Levels, references_lufs: Levels, limit_lu: float) -> Levels:
    """The smallest gain reduction, in dB ≥ 0, that brings the excess down to ``limit_lu``.

    All bands come down together. Levels and references of shape (…, bands), result of shape (…);
    for level novelty give them one band: shape (…, 1). A limit of 0 asks that no band exceeds its
    reference.

    With the k bands that exceed most still above after a reduction d, the sum of (above − d)² over
    them must be the allowed one: a quadratic in d. k is the smallest count whose sum is still too
    large when the next band just vanishes.
    """
    above = np.maximum(levels_lufs - references_lufs, 0.0)
    allowed = above.shape[-1] * limit_lu**2
    result = np.zeros(above.shape[:-1], dtype=above.dtype)
    over = np.vecdot(above, above) > allowed * (1 - 1e-5)  # few are; near ones are looked at, too
    if over.any():
        result[over] = _reduction(above[over], allowed)
    return result


def _reduction(above: Levels, allowed: float) -> Levels:
    above = -np.sort(-above, axis=-1)
    count = np.arange(1, above.shape[-1] + 1)
    total, squares = np.cumsum(above, axis=-1), np.cumsum(above * above, axis=-1)
    following = np.concatenate([above[..., 1:], np.zeros_like(above[..., :1])], axis=-1)
    left = squares - 2 * following * total + count * following**2
    too_much = left > allowed
    k = np.argmax(too_much, axis=-1)[..., None]
    total, squares = np.take_along_axis(total, k, -1), np.take_along_axis(squares, k, -1)
    count = k + 1
    root = np.sqrt(np.maximum(total**2 - count * (squares - allowed), 0.0))
    needed = ((total - root) / count)[..., 0]
    result: Levels = np.where(too_much.any(axis=-1), np.maximum(needed, 0.0), 0.0)
    return result


@dataclass(frozen=True)
class NovelStretch:
    """A stretch of sound, in seconds, and how new it is at most, by both measures, in LU."""

    start_s: float
    end_s: float
    level_novelty_lu: float
    band_novelty_lu: float


def novel_events(level_lu: Levels, band_lu: Levels) -> list[NovelStretch]:
    """Runs with a level novelty above 3 or a band novelty above 2 LU, merged within 1 s.

    Both of shape (hops,). An event starts with the hop that made its first window new and ends
    with its last new window: up to 0.4 s after a short sound, while a sound that stays is an event
    only until it has become part of the history.
    """
    novel = (level_lu > EVENT_LEVEL_LU) | (band_lu > EVENT_BAND_LU)
    places = np.flatnonzero(novel)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > hops(EVENT_MERGED_S))
    firsts = places[np.concatenate([[0], breaks + 1])]
    lasts = places[np.concatenate([breaks, [len(places) - 1]])]
    return [
        NovelStretch(
            round(first * NOVELTY_HOP_S, 2),
            round((last + 1) * NOVELTY_HOP_S, 2),
            float(level_lu[first : last + 1].max()),
            float(band_lu[first : last + 1].max()),
        )
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    ]


def review_moments(level_lu: Levels, band_lu: Levels, count: int) -> list[NovelStretch]:
    """The ``count`` most novel moments, newest first: what a person should listen to.

    Ranked by band novelty, then level novelty, both of shape (hops,); at least 5 s apart; from the
    assessed part only. Fewer where the sound is too short to hold that many.
    """
    free = np.arange(len(level_lu)) >= hops(ASSESSED_FROM_S)
    moments: list[NovelStretch] = []
    while len(moments) < count and free.any():
        newest = np.flatnonzero(free & (band_lu == band_lu.max(where=free, initial=-np.inf)))
        loudest = level_lu[newest]
        k = int(newest[loudest == loudest.max()][-1])
        free[max(0, k - hops(REVIEW_APART_S) + 1) : k + hops(REVIEW_APART_S)] = False
        start_s = round(max(0, k + 1 - hops(WINDOW_S)) * NOVELTY_HOP_S, 2)
        end_s = round((k + 1) * NOVELTY_HOP_S, 2)
        moments.append(NovelStretch(start_s, end_s, float(level_lu[k]), float(band_lu[k])))
    return moments
