"""Sound as an autoregressive process: what a sample should have been, judging by its neighbours.

A short stretch of sound is modelled as x[n] = −Σ a[k]·x[n−k] + e[n], k = 1 … order. The model's
error e, the residual, is small and even where the sound is what its past announces and large where
something was added to it; missing samples are those that make the residual least.

Sources: autocorrelation method and Levinson-Durbin recursion, J. Makhoul, "Linear prediction: a
tutorial review", Proc. IEEE 63(4), 1975; least-squares interpolation, A. Janssen, R. Veldhuis and
L. Vries, "Adaptive interpolation of discrete-time signals that can be modeled as autoregressive
processes", IEEE Trans. ASSP 34(2), 1986; clicks, S. Godsill and P. Rayner, "Digital Audio
Restoration", Springer 1998, chapters 4 and 5.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]

WHITENING = 1e-7
"""Share of a frame's energy taken to be white noise, so that the model of a sound with an empty
band (a lossy codec's, say) stays well conditioned."""

STEEP = 0.05
"""Share of the sound beside a gap over which its window falls towards the gap."""

_DENSE = 96  # missing samples up to which a full matrix is as fast as a banded one
_TILE = 32  # samples filtered by one row of a matrix product


@lru_cache(maxsize=16)
def hann(length: int) -> Array:
    """Periodic Hann window of this length."""
    window: Array = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    window.setflags(write=False)
    return window


@lru_cache(maxsize=16)
def _lag_table(size: int, order: int) -> Array:
    """Turns a spectrum of ``size`` points, as squared real and imaginary parts, into lags."""
    bins = np.arange(size // 2 + 1)
    weight = np.where((bins == 0) | (bins == size // 2), 1.0, 2.0) / size
    table = weight[:, None] * np.cos(2 * np.pi * np.outer(bins, np.arange(order + 1)) / size)
    return np.repeat(table, 2, axis=0)


def autocorrelation(frames: Array, order: int) -> Array:
    """Lags 0 … order of each row of ``frames``, shape (rows, order + 1), by the power spectrum."""
    size = 1 << (frames.shape[-1] + order - 1).bit_length()
    parts = np.fft.rfft(frames, size, axis=-1).view(np.float64)
    lags: Array = np.square(parts, out=parts) @ _lag_table(size, order)
    return lags


def levinson(lags: Array, whitening: float = WHITENING) -> Array:
    """Coefficients (1, a[1] … a[order]) per row of autocorrelation ``lags``, all rows at once.

    A silent row gives (1, 0, …, 0).
    """
    rows, taps = lags.shape
    r = lags.copy()
    r[:, 0] = r[:, 0] * (1 + whitening) + np.finfo(float).tiny
    a = np.zeros((rows, taps))
    a[:, 0] = 1.0
    error = r[:, 0].copy()
    for k in range(1, taps):
        reflection = -np.einsum("ij,ij->i", a[:, :k], r[:, k:0:-1]) / error
        a[:, 1 : k + 1] += reflection[:, None] * a[:, k - 1 :: -1][:, :k]
        error *= 1 - reflection * reflection
    return a


def filtered(rows: Array, taps: Array) -> Array:
    """Each row of samples through its own filter: Σ taps[k]·x[n + k], shape shorter by taps − 1.

    rows: shape (rows, frames). taps: shape (rows, taps). By matrix products over short tiles,
    several times as fast as one multiplication per tap.
    """
    count, length = taps.shape
    frames = rows.shape[1] - length + 1
    tiles = -(-frames // _TILE)
    reach = _TILE + length - 1
    padded = np.zeros((count, _TILE * (reach + 1)))
    diagonal = as_strided(padded, (count, _TILE, length), (padded.strides[0], (reach + 1) * 8, 8))
    diagonal[:] = taps[:, None, :]
    matrix = padded[:, : _TILE * reach].reshape(count, _TILE, reach).transpose(0, 2, 1)
    samples = np.empty((count, tiles, reach))
    # Copied into a matrix of its own, because overlapping views are no matrices to BLAS.
    whole = frames // _TILE
    if whole:
        samples[:, :whole] = sliding_window_view(rows, reach, axis=1)[:, : whole * _TILE : _TILE]
    if whole < tiles:
        rest = rows[:, whole * _TILE :]
        samples[:, -1, : rest.shape[1]] = rest
        samples[:, -1, rest.shape[1] :] = 0.0
    result: Array = np.matmul(samples, matrix).reshape(count, -1)[:, :frames]
    return result


def model(before: Array, after: Array, order: int) -> Array:
    """Coefficients from the sound before a gap and after it, shape (order + 1,).

    Windowed separately and summed, the two stretches teach one model without anything ever being
    read across the gap. What is next to it says most about it, in sound that changes all the time:
    the window falls off slowly away from the gap and steeply towards it.
    """
    lags = autocorrelation((before * _leaning(len(before)))[None], order)[0]
    lags += autocorrelation((after * _leaning(len(after))[::-1])[None], order)[0]
    coefficients: Array = levinson(lags[None])[0]
    return coefficients


@lru_cache(maxsize=16)
def _leaning(length: int) -> Array:
    """A window that rises over all but its last part, and falls there."""
    fall = round(STEEP * length)
    rise = length - fall
    window: Array = np.concatenate(
        [
            np.sin(np.pi / 2 * (np.arange(rise) + 0.5) / max(rise, 1)),
            np.cos(np.pi / 2 * (np.arange(fall) + 0.5) / max(fall, 1)) ** 2,
        ]
    )
    window.setflags(write=False)
    return window


def precision(missing: NDArray[np.bool_], coefficients: Array) -> Array:
    """How firmly the missing samples are held: the inverse of their covariance for a unit residual.

    Shape (m, m) for m missing samples.
    """
    order = len(coefficients) - 1
    lags = np.correlate(coefficients, coefficients, "full")[order:]
    where = np.flatnonzero(missing)
    distance = np.abs(where[:, None] - where[None, :])
    matrix: Array = np.append(lags, 0.0)[np.minimum(distance, order + 1)]
    return matrix


def interpolate(samples: Array, missing: NDArray[np.bool_], coefficients: Array) -> Array:
    """The ``missing`` samples of a stretch, those that make the squared residual least.

    samples: shape (frames,), with at least ``order`` known samples at both ends. Returns as many
    values as are missing. What stands at the missing places is not looked at.
    """
    order = len(coefficients) - 1
    lags = np.correlate(coefficients, coefficients, "full")
    pull = np.convolve(np.where(missing, 0.0, samples), lags)[order : order + len(samples)]
    where = np.flatnonzero(missing)
    if len(where) <= _DENSE:
        filled: Array = -np.linalg.solve(precision(missing, coefficients), pull[where])
        return filled
    # Samples further apart than the order do not see each other: the matrix has a narrow band.
    from scipy.linalg import solveh_banded

    width = int((np.searchsorted(where, where + order, side="right") - np.arange(len(where))).max())
    band = np.zeros((width, len(where)))
    lags = np.append(lags[order:], 0.0)
    for apart in range(min(width, len(where))):
        distance = where[apart:] - where[: len(where) - apart]
        band[apart, : len(distance)] = lags[np.minimum(distance, order + 1)]
    solved: Array = -solveh_banded(band, pull[where], lower=True, check_finite=False)
    return solved
