"""Rebuilding clipped peaks: interpolation that must come out beyond what was cut off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import autocorrelation, hann, interpolate, levinson

Array = NDArray[np.float64]

ROUNDS = 3  # models, each learned from the peaks rebuilt by the one before
TRIES = 4  # interpolations per model; what falls short of the clipped value is set to it
FLANK = 3  # steps beside a run whose steepest is taken for the slope of its flank


def rebuild(samples: Array, clipped: NDArray[np.bool_], order: int) -> Array:
    """A stretch with its clipped samples replaced, a new array of the same shape (frames,).

    The first and last ``order`` samples stay. Alternately the model of the stretch and its missing
    samples are estimated (Janssen et al., see ``dsp.autoregression``), under the condition that a
    clipped sample was at least as large as what is left of it (J. Abel and J. Smith, "Restoring a
    clipped signal", ICASSP 1991), and no peak taller than where its flanks would meet.
    """
    missing = clipped.copy()
    missing[:order] = missing[-order:] = False
    most = _tallest(samples, missing)
    result = samples
    for _ in range(ROUNDS):
        model = levinson(autocorrelation((result * hann(len(result)))[None], order))[0]
        result = np.clip(_beyond(samples, missing, model), -most, most)
    return result


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one-past-last of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _tallest(samples: Array, missing: NDArray[np.bool_]) -> Array:
    """How large each sample can have been: the flanks of each run, continued straight."""
    most = np.abs(samples)
    for first, last in runs(missing):
        rise = np.abs(np.diff(samples[first - FLANK : first + 1])).max()
        fall = np.abs(np.diff(samples[last - 1 : last + FLANK])).max()
        place = np.arange(1, last - first + 1)
        most[first:last] += np.minimum(rise * place, fall * place[::-1])
    return most


def _beyond(samples: Array, missing: NDArray[np.bool_], model: Array) -> Array:
    """Interpolation of the missing samples, none of them smaller than it stands."""
    result, open_ = samples.copy(), missing
    for _ in range(TRIES):
        if not open_.any():
            break
        result[open_] = interpolate(result, open_, model)
        short = open_ & (np.abs(result) < np.abs(samples))
        short |= open_ & (np.sign(result) != np.sign(samples))
        result[short] = samples[short]
        if not short.any():
            break
        open_ = open_ & ~short
    return result
