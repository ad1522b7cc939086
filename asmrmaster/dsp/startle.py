"""What startles without being louder than everything: outliers, impulses, sudden stops, tones.

Level novelty (``dsp.novelty``) holds a moment against the *loudest* of the half minute before it,
so one slam licenses the next, and the first 15 s go unasked. Here a moment is held against what is
usual *around* it, by a percentile that a few outliers cannot lift. All levels are in LUFS, on the
10 ms grid unless said otherwise; point k stands for the window that ends with hop k.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import HOP_S, loudness, moving_mean
from asmrmaster.dsp.smoothing import sliding_max

Levels = NDArray[np.floating[Any]]

AROUND_S = 30.0
"""On both sides: what is usual there, from 15 s to a minute of it."""
LEAST_AROUND_S = 15.0
RENEWED_S = 1.0
"""As often what is usual is looked up."""
DECIMATED = 4

MOMENT_S, MOMENT_SHARE = 0.4, 0.85
"""Moments of BS.1770; what comes up to 15 % of the time is an outlier, nine seconds in a minute."""
IMPULSE_S, IMPULSE_SHARE = 0.01, 0.995
"""Loudness grows with duration up to 100 ms (E. Zwicker and H. Fastl, Psychoacoustics, 2007,
section 8.5), and 400 ms dilute a crack by 16 dB more than the 10 ms it is told best by."""
QUIET_LU = -6.0
"""Nothing this far below programme loudness is taken for usual."""

STOP_S, STOPPED_WITHIN_S = 0.2, 0.5
STOP_SHARE = 0.85
STOP_HISTORY_S = 15.0
LOWEST_LU = -60.0
"""Sound this far below programme is as good as none."""
LONGEST_STOP_S = 20.0


def levels_of(energy: Levels, window_s: float) -> Levels:
    """Loudness of the windows that end with each hop; before the sound lies silence."""
    width = round(window_s / HOP_S)
    before = np.zeros(width - 1, dtype=energy.dtype)
    return loudness(moving_mean(np.concatenate([before, energy]), width))


def usual_around(levels: Levels, share: float) -> Levels:
    """The level that this share of the 30 s on either side of each hop stays below.

    Looked up once a second, over every fourth hop. Shape as ``levels``.
    """
    points = np.ascontiguousarray(levels[::DECIMATED], dtype=np.float32)
    step = round(RENEWED_S / HOP_S / DECIMATED)
    reach = round(AROUND_S / HOP_S / DECIMATED)
    found = []
    for centre in range(step // 2, len(points) + step // 2, step):
        near = points[max(0, centre - reach) : centre + reach]
        place = min(len(near) - 1, int(share * len(near)))
        found.append(np.partition(near, place)[place])
    held = np.repeat(np.array(found, np.float32), step * DECIMATED)
    return held[: len(levels)]


def above_usual(levels: Levels, share: float, programme_lufs: float) -> Levels:
    """How far each window stands above what is usual around it, or 6 LU below programme."""
    result: Levels = levels - np.maximum(usual_around(levels, share), programme_lufs + QUIET_LU)
    return result


def sudden_stops(levels: Levels, programme_lufs: float) -> Levels:
    """How far each 0.2 s fall, within half a second, below the quietest of the 30 s before.

    levels: ``levels_of`` 0.2 s. A pause between sentences falls to the floor that was heard in
    other pauses; a stop falls through it. 0 where there is less than 15 s to judge by.
    """
    lag, reach = round(STOPPED_WITHIN_S / HOP_S), round(AROUND_S / HOP_S)
    least = round(STOP_HISTORY_S / HOP_S)
    heard = np.maximum(levels, programme_lufs + LOWEST_LU)
    result = np.zeros_like(heard)
    if len(heard) <= lag + least:
        return result
    quietest = _running_minimum(heard, reach)
    fallen = quietest[:-lag] - heard[lag:]
    result[lag + least :] = np.maximum(fallen[least:], 0.0)
    return result


def coming_back(sizes: Levels, levels: Levels) -> Levels:
    """Sizes of stops less what does not come back within 20 s, in LU ≥ 0; shape as ``sizes``.

    levels: ``levels_of`` 0.2 s. A fade on its way down passes through earlier pauses as a stop
    does, but its next sound is as much softer than is usual; so is what follows an end.
    """
    reach = round(LONGEST_STOP_S / HOP_S)
    lost = usual_around(levels, STOP_SHARE) - _following_maximum(levels, reach)
    result: Levels = np.maximum(sizes - np.maximum(lost, 0.0), 0.0)
    return result


def _following_maximum(levels: Levels, width: int) -> Levels:
    """The highest of the next ``width`` points at each, itself among them."""
    padded = np.pad(levels[::-1], (width - 1, 0), constant_values=np.float32(-np.inf))
    result: Levels = sliding_max(padded, width)[::-1]
    return result


def _running_minimum(levels: Levels, width: int) -> Levels:
    """The lowest of the last ``width`` points at each, those before the first left out."""
    padded = np.pad(levels, (width - 1, 0), constant_values=np.float32(np.inf))
    result: Levels = -sliding_max(-padded, width)
    return result


TONE_RANGE_HZ = (2000.0, 5000.0)
TONE_BINS = 3
TONAL_DB = 12.0
"""The strongest three bins this far above what three bins usually hold there are a tone: noise
reaches 9 dB, and hardly ever over eight hops of ten."""
TONE_HOPS, TONE_LEAST = 10, 9
TONE_STEADY_HZ = 26.0
TONE_BELOW_LU = -12.0
"""A tone this far below what is usual is lost in it."""
TONE_HOP_S = 0.02


def tone_levels(peak: Levels, rest: Levels, freq_hz: Levels) -> Levels:
    """Level of a tone that lasts 0.2 s, at each hop of 20 ms; −200.691 where there is none.

    peak, rest: K-weighted energies of the strongest three bins and of three usual ones, from 2 to
    5 kHz; freq_hz: where the strongest is; shape (hops,). A tone stays where it is, from hop to
    hop: a harmonic of a voice does not.
    """
    tonal = peak > rest * np.float32(10 ** (TONAL_DB / 10))
    still = np.abs(np.diff(freq_hz, prepend=freq_hz[:1])) <= TONE_STEADY_HZ
    tonal &= still
    count = np.convolve(tonal, np.ones(TONE_HOPS), "full")[: len(tonal)]
    energy = np.where(tonal, peak, 0.0).astype(np.float64)
    before = np.zeros(TONE_HOPS - 1)
    mean = moving_mean(np.concatenate([before, energy]), TONE_HOPS)
    return loudness(np.where(count >= TONE_LEAST, mean, 0.0))


def new_tones(tones: Levels, usual_lufs: Levels, history_lufs: Levels) -> Levels:
    """How far each tone exceeds all tones of its history, or 12 LU below what is usual, in LU ≥ 0.

    All of shape (hops,) on the 20 ms grid.
    """
    result: Levels = np.maximum(tones - np.maximum(history_lufs, usual_lufs + TONE_BELOW_LU), 0.0)
    return result
