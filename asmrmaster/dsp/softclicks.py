"""Soft clicks: half a millisecond to two in which a sound is livelier than its model expects.

Lips and tongue make them, and so do triggers that are meant: nothing measured here tells one from
the other, so this finds places to listen to, not errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import model
from asmrmaster.dsp.gaps import context_frames, order
from asmrmaster.dsp.level import db
from asmrmaster.dsp.residual import (
    CELLS,
    cell_scale,
    hop_frames,
    hop_models,
    look_ahead,
    model_order,
)

Array = NDArray[np.float64]

STEP_S = 2.5e-4  # resolution; energies are taken over two steps
LEAST_DB = 9.0  # above the usual residual
FALL_DB, LONGEST_S = 6.0, 2.5e-3  # short is what is down by this again within that
USUAL_DB = 4.0  # above this, a residual is not usual
REACH_S = 1.5e-3  # how far from its peak a click can last
SILENCE = 1e-7  # full scale


@dataclass(frozen=True)
class SoftClick:
    """Frames [start, end) and how far the residual rises there, dB over what is usual around."""

    start: int
    end: int
    size_db: float


def find_soft_clicks(window: Array, rate_hz: int, apart_s: float) -> list[SoftClick]:
    """Soft clicks in one channel's window, in order; the first and last hop are not looked at.

    window: shape (frames,), whole hops of ``dsp.residual``. apart_s: within this time on either
    side only the largest counts.
    """
    hop = hop_frames(rate_hz)
    hops = np.arange(1, len(window) // hop - 1)
    models = hop_models(window, hops, hop, model_order(rate_hz))
    sizes_db = []
    # Judged by the models of before and after, which have not heard the click.
    for other in (np.maximum(hops - 3, 0), np.minimum(hops + 1, len(hops) - 1)):
        residual, _ = look_ahead(window, models[other], hops, hop)
        scale = np.maximum(cell_scale(residual), SILENCE)[..., None]
        cells = residual.reshape(len(hops), CELLS, -1) / scale
        sizes_db.append(_liveliness_db(cells.ravel(), rate_hz))
    return [
        SoftClick(hop + start, hop + end, level_db)
        for start, end, level_db in _peaks(np.minimum(*sizes_db), rate_hz, apart_s)
    ]


def clicks_within(samples: Array, start: int, end: int, rate_hz: int) -> list[SoftClick]:
    """Soft clicks in the span [start, end) of one channel, judged by the sound on both sides of it.

    As in filling a gap, the model is learned outside; so the clicks cannot teach it themselves.
    """
    taps, context = order(rate_hz), context_frames(rate_hz)
    coefficients = model(samples[start - context : start], samples[end : end + context], taps)
    first, last = start - context, end + context
    ahead = np.convolve(samples[first - taps : last], coefficients, "valid")
    back = np.convolve(samples[first : last + taps], coefficients[::-1], "valid")
    sides = np.concatenate([ahead[:context], ahead[-context:]])
    scale = max(float(np.median(np.abs(sides))) / 0.6745, SILENCE)
    size_db = np.minimum(*(_liveliness_db(x / scale, rate_hz) for x in (ahead, back)))
    found = [
        SoftClick(first + begin, first + stop, level_db)
        for begin, stop, level_db in _peaks(size_db, rate_hz, 2 * STEP_S)
    ]
    return [click for click in found if click.start < end and click.end > start]


def _liveliness_db(residual: Array, rate_hz: int) -> Array:
    """Level of a residual, given in usual ones, over every two neighbouring steps."""
    step = max(1, round(STEP_S * rate_hz))
    energy = residual[: len(residual) // step * step].reshape(-1, step) ** 2
    steps = energy.mean(axis=1)
    return db((steps[1:] + steps[:-1]) / 2)


def _peaks(size_db: Array, rate_hz: int, apart_s: float) -> list[tuple[int, int, float]]:
    """First and one-past-last frame and size of each short peak, none within ``apart_s``."""
    step = max(1, round(STEP_S * rate_hz))
    around, reach = round(apart_s / STEP_S), round(REACH_S / STEP_S)
    largest = sliding_window_view(np.pad(size_db, around), 2 * around + 1).max(axis=1)
    found = []
    for peak in np.flatnonzero((size_db > LEAST_DB) & (size_db == largest)).tolist():
        first, last = _extent(size_db > float(size_db[peak]) - FALL_DB, peak)
        if last - first < LONGEST_S / STEP_S:
            first, last = _extent(size_db > USUAL_DB, peak)
            first, last = max(first, peak - reach), min(last, peak + reach)
            found.append((first * step, (last + 2) * step, float(size_db[peak])))
    return found


def _extent(loud: NDArray[np.bool_], peak: int) -> tuple[int, int]:
    """First and last step of the run around ``peak``."""
    before, after = np.flatnonzero(~loud[:peak]), np.flatnonzero(~loud[peak:])
    first = int(before[-1]) + 1 if len(before) else 0
    last = peak + int(after[0]) - 1 if len(after) else len(loud) - 1
    return first, last
