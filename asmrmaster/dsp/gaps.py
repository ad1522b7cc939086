"""Filling a gap in a sound from what is on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import interpolate, model

Array = NDArray[np.float64]

CONTEXT_S = 0.02  # sound on either side that teaches the model
LEAST_ORDER = 32  # up to 48 kHz, in proportion above


@dataclass(frozen=True)
class Fill:
    """A filled gap. start, end: frames. values: what belongs there.

    leftover: residual about the gap after filling (rms) over what it is before the gap (robust
    deviation); near 1 where the filled sound runs on as it came. removed_db: how much of the
    residual the filling took away.
    """

    start: int
    end: int
    values: Array
    leftover: float
    removed_db: float


def context_frames(rate_hz: int) -> int:
    """Frames ``fill`` reads on either side of a gap."""
    return max(round(CONTEXT_S * rate_hz), 12 * order(rate_hz))


def order(rate_hz: int) -> int:
    """Order of the model a gap is filled with."""
    return LEAST_ORDER * max(1, round(rate_hz / 48_000))


def fill(samples: Array, start: int, end: int, rate_hz: int) -> Fill:
    """The gap [start, end) of one channel filled by least-squares interpolation.

    samples: shape (frames,), with ``context_frames`` on both sides of the gap where the file has
    them. The model is learned on both sides and never across the gap.
    """
    taps, context = order(rate_hz), context_frames(rate_hz)
    before, after = samples[max(0, start - context) : start], samples[end : end + context]
    coefficients = model([before, after], taps)
    reach = 3 * taps
    part = samples[start - reach : end + reach]
    missing = np.zeros(len(part), dtype=bool)
    missing[reach : reach + end - start] = True
    values = interpolate(part, missing, coefficients)
    filled = part.copy()
    filled[missing] = values
    was, now = (np.convolve(x, coefficients, "valid") for x in (part, filled))
    rim = taps // 4  # what was left out of the gap shows beside it too
    about = slice(2 * taps - rim, 3 * taps + end - start)
    usual = float(np.median(np.abs(now[: 2 * taps - rim]))) / 0.6745
    left, there = float(np.sum(now[about] ** 2)), float(np.sum(was[about] ** 2))
    tiny = np.finfo(float).tiny
    return Fill(
        start,
        end,
        values,
        float(np.sqrt(left / (taps + rim))) / max(usual, tiny),
        10 * float(np.log10(max(there, tiny) / max(left, tiny))),
    )
