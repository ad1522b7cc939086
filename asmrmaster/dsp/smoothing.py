"""Running extremes and raised-cosine smoothing, the parts a look-ahead gain is made of.

A maximum over a window at least as wide as the smoothing that follows it can never be smoothed to
less than any value it was taken from; that is what makes a ceiling certain.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = TypeVar("Number", bound=np.floating[Any] | np.bool_)


def sliding_max(values: NDArray[Number], width: int) -> NDArray[Number]:
    """Largest of each full window of ``width`` points along the last axis.

    Windows of 1, 2, 4 … points are joined two by two: a few passes, whatever the width.
    """
    reach = 1
    while reach < width:
        step = min(reach, width - reach)
        values = np.maximum(values[..., :-step], values[..., step:])
        reach += step
    return values


def falling_at_most(values: Array, step: float, before: float = 0.0) -> Array:
    """The lowest curve not below ``values`` that falls by at most ``step`` per point.

    before: the curve at the point before the first.
    """
    slope = step * np.arange(len(values))
    raised = values + slope
    if len(raised):
        raised[0] = max(raised[0], before - step)
    result: Array = np.maximum(np.maximum.accumulate(raised) - slope, values)
    return result


def hann(width: int) -> Array:
    """Raised-cosine weights, none of them zero, that sum to 1."""
    weights = np.sin(np.pi * np.arange(1, width + 1) / (width + 1)) ** 2
    result: Array = weights / weights.sum()
    return result


def staircase_hann(steps: int, step_samples: int) -> Array:
    """Weights that smooth a staircase straight to samples, shape (steps + 1, step_samples).

    Column j holds what sample j of a step takes from the ``steps`` steps before it, oldest first,
    and from its own: a causal Hann filter of steps · step_samples taps, summed over each step.
    """
    taps = hann(steps * step_samples)
    age = np.arange(len(taps))
    weights = np.zeros((steps + 1, step_samples))
    for sample in range(step_samples):
        step = (sample - age) // step_samples  # 0 is its own, −1 the one before
        np.add.at(weights[:, sample], steps + step, taps)
    return weights
