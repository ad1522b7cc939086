"""Filling a gap in a sound from what is on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import interpolate, model, precision

Array = NDArray[np.float64]

CONTEXT_S = 0.025  # sound on either side that teaches the model
LEAST_ORDER, ORDER = 32, 48  # below 24 kHz; up to 48 kHz, in proportion above
SURE = 3.0  # what exceeds so many times the expected energy is taken for something added
SMOOTHING = np.array([0.1, 0.2, 0.4, 0.2, 0.1])  # over neighbouring frequencies of what was added
ENVELOPE_S, ROUNDS = 2e-4, 2  # its envelope is smoothed over this; how often it is learned anew


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
    """Frames that are read on either side of a gap."""
    return max(round(CONTEXT_S * rate_hz), 8 * order(rate_hz))


def order(rate_hz: int) -> int:
    """Order of the model a gap is filled with."""
    return max(LEAST_ORDER, ORDER * round(rate_hz / 48_000))


def fill(samples: Array, start: int, end: int, rate_hz: int) -> Fill:
    """The gap [start, end) of one channel filled by least-squares interpolation.

    samples: shape (frames,), with ``context_frames`` on both sides of the gap where the file has
    them. The model is learned on both sides and never across the gap.
    """
    gap = _Gap.of(samples, start, end, rate_hz)
    taps = len(gap.coefficients) - 1
    now, was = gap.residual(gap.values), gap.residual(samples[start:end])
    rim = taps // 4  # what was left out of the gap shows beside it too
    about = slice(2 * taps - rim, 3 * taps + end - start)
    usual = float(np.median(np.abs(now[: 2 * taps - rim]))) / 0.6745
    left, there = float(np.sum(now[about] ** 2)), float(np.sum(was[about] ** 2))
    tiny = np.finfo(float).tiny
    return Fill(
        start,
        end,
        gap.values,
        float(np.sqrt(left / (taps + rim))) / max(usual, tiny),
        10 * float(np.log10(max(there, tiny) / max(left, tiny))),
    )


def unmix(samples: Array, start: int, end: int, rate_hz: int) -> Array:
    """What belongs in [start, end) of one channel where a soft sound was added to it.

    A soft click covers part of the spectrum only, so not all of what stands there is lost. The
    sound is expected to be what interpolation says, give or take the covariance of its model; what
    goes beyond that is the click; both are told apart as two Gaussian processes are (N. Wiener,
    "Extrapolation, Interpolation, and Smoothing of Stationary Time Series", 1949). The click's
    own covariance is a spectrum under an envelope, guessed from the surplus and then learned from
    the click that guess gives, twice (A. Dempster et al., "Maximum likelihood from incomplete data
    via the EM algorithm", JRSS B 39(1), 1977). Where the click has nothing the samples stay; where
    it has much this is ``fill``.
    """
    gap = _Gap.of(samples, start, end, rate_hz)
    taps = len(gap.coefficients) - 1
    residual = gap.residual(gap.values)
    sides = np.concatenate([residual[: 2 * taps], residual[-2 * taps :]])
    spread = float(np.mean(sides**2)) * np.linalg.inv(precision(gap.missing, gap.coefficients))
    ridge = 1e-9 * float(np.trace(spread)) / len(spread) + np.finfo(float).tiny
    sound = spread + ridge * np.eye(len(spread))
    cosines = _cosines(end - start)
    surplus = samples[start:end] - gap.values
    usual = _smooth(np.einsum("ij,jk,ik->i", cosines, spread, cosines), SMOOTHING)
    found = _smooth((cosines @ surplus) ** 2, SMOOTHING)
    added = _covariance(np.maximum(0.0, found - SURE * usual), cosines)
    for _ in range(ROUNDS):
        click = added @ np.linalg.solve(sound + added, surplus)
        if not click.any():
            break
        width = 2 * max(1, round(ENVELOPE_S * rate_hz / 2)) + 1
        envelope = np.sqrt(_smooth(click**2, np.hanning(width + 2)[1:-1])) + np.finfo(float).tiny
        power = _smooth((cosines @ (click / envelope)) ** 2, SMOOTHING)
        added = np.outer(envelope, envelope) * _covariance(power, cosines)
    values: Array = gap.values + spread @ np.linalg.solve(sound + added, surplus)
    return values


def _covariance(power: Array, cosines: Array) -> Array:
    """Of a process with this power at each of the cosines."""
    matrix: Array = cosines.T @ (power[:, None] * cosines)
    return matrix


@dataclass(frozen=True)
class _Gap:
    """A gap with three orders of samples on both sides, its model and its interpolation."""

    part: Array
    missing: NDArray[np.bool_]
    coefficients: Array
    values: Array

    @staticmethod
    def of(samples: Array, start: int, end: int, rate_hz: int) -> _Gap:
        taps, context = order(rate_hz), context_frames(rate_hz)
        sides = samples[max(0, start - context) : start], samples[end : end + context]
        coefficients = model(*sides, taps)
        reach = 3 * taps
        part = samples[start - reach : end + reach]
        missing = np.zeros(len(part), dtype=bool)
        missing[reach : reach + end - start] = True
        return _Gap(part, missing, coefficients, interpolate(part, missing, coefficients))

    def residual(self, values: Array) -> Array:
        """Residual of the stretch with these values in the gap; it starts one order in."""
        whole = self.part.copy()
        whole[self.missing] = values
        return np.convolve(whole, self.coefficients, "valid")


@lru_cache(maxsize=8)
def _cosines(size: int) -> Array:
    """The orthonormal discrete cosine transform of this size as a matrix."""
    n = np.arange(size)
    matrix: Array = np.cos(np.pi * np.outer(n, n + 0.5) / size) * np.sqrt(2 / size)
    matrix[0] /= np.sqrt(2)
    return matrix


def _smooth(values: Array, weights: Array) -> Array:
    """Weighted mean over neighbours, as many as there are weights, an odd count."""
    padded = np.pad(values, len(weights) // 2, mode="edge")
    return np.convolve(padded, weights / weights.sum(), "valid")
