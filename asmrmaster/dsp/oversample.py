"""Reading sound between its samples: the true peak.

Sound is raised in steps of two by half-band interpolators, as far as 320 kHz and at least four
times, so that no tone below 20 kHz can hide more than 0.17 dB between two readings
(Recommendation ITU-R BS.1770-5 Annex 2 asks for 192 kHz). Each interpolator is the least-squares
fit of a half-sample delay to the band that may hold sound; the first is flat within 0.1 dB to 0.44
of the sampling rate.

Almost nothing needs to be raised. A reading is a weighted sum of samples, so it cannot exceed the
largest of them times the sum of the weights' absolute values. Nor can it lie further from the
straight line between its two samples than the steepest step times another such sum, which says
more of a sound without much treble. The first holds again from the twofold readings to all others.
The bounds are exact, so leaving out what cannot matter changes no result.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]

CELL = 8
"""Samples per cell: cell k reads the peak from sample 8k to just before sample 8k + 8."""

CONTEXT = 32
"""Samples needed on either side of what is read. Lengths must be multiples of this."""

_ROW = 32  # samples per row of the twofold interpolation: short enough to waste little work
_STAGES = ((16, 0.45), (5, 0.25), (3, 0.125), (2, 0.0625))
"""Per step of two: taps on either side, and the band (of the rate before it) that is fitted."""


def oversampling(rate_hz: float) -> int:
    """Readings per sample: the smallest power of two from 4 that reaches 320 kHz."""
    factor = 4
    while factor * rate_hz < 320_000:
        factor *= 2
    return factor


def half_sample_taps(count: int, band: float) -> NDArray[np.float64]:
    """Taps of the interpolator at the middle of two samples, shape (2 · count,), symmetric.

    The least-squares fit of 1 to its response from 0 to ``band`` (of the sampling rate).
    """
    angle = np.linspace(0, 2 * np.pi * band, 1024)
    cosines = 2 * np.cos(np.outer(angle, np.arange(count) + 0.5))
    side = np.linalg.lstsq(cosines, np.ones(len(angle)))[0]
    return np.concatenate([side[::-1], side])


def _raise(pulse: NDArray[np.float64], taps: NDArray[np.float64]) -> NDArray[np.float64]:
    """A centred response on a grid twice as fine: the old readings with new ones in between."""
    between = np.convolve(pulse, taps)
    raised = np.zeros(2 * len(between) - 1)
    raised[::2] = between
    first = len(taps) - 1  # the middle of the taps
    raised[first : first + 2 * len(pulse) : 2] = pulse
    return raised


@cache
def _pulses(factor: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centred responses to one sample and to one twofold reading, on the finest grid."""
    from_sample = from_double = np.ones(1)
    stages = [*_STAGES, *[_STAGES[-1]] * 8][: factor.bit_length() - 1]
    for number, stage in enumerate(stages):
        taps = half_sample_taps(*stage)
        from_sample = _raise(from_sample, taps)
        if number:
            from_double = _raise(from_double, taps)
    return from_sample, from_double


def _largest_sum(pulse: NDArray[np.float64], step: int) -> float:
    """Largest sum of absolute weights over the readings between two inputs ``step`` apart."""
    centre = len(pulse) // 2
    sums = np.bincount((np.arange(len(pulse)) - centre) % step, np.abs(pulse))
    return float(sums.max() * (1 + 1e-6))  # room for single precision


def _line_bound(pulse: NDArray[np.float64], step: int) -> tuple[float, float]:
    """Most that a reading can be: this times the largest sample plus that times the largest step.

    The weights of a reading are those of the straight line between its two samples, plus a rest
    that nearly sums to 0; summed up sample by sample, the rest weighs steps.
    """
    centre = len(pulse) // 2
    reach = centre // step + 2
    lags = np.arange(step)[:, None] - step * np.arange(-reach, reach + 1)
    weights = np.where(np.abs(lags) <= centre, pulse[np.clip(centre + lags, 0, 2 * centre)], 0.0)
    rest = weights - np.maximum(0.0, 1 - np.abs(lags) / step)
    excess = rest.sum(axis=1)
    rest[:, reach] -= excess
    steps = np.abs(np.cumsum(rest, axis=1)).sum(axis=1)
    return float((1 + np.abs(excess).max()) * (1 + 1e-6)), float(steps.max() * (1 + 1e-6))


class Interpolator:
    """Reads peaks between samples, in single precision.

    factor: readings per sample. samples_to_any, double_to_any: how far any reading can exceed the
    largest sample, or the largest of the samples and the readings halfway between them.
    """

    def __init__(self, factor: int) -> None:
        self.factor = factor
        from_sample, from_double = _pulses(factor)
        self.samples_to_any = _largest_sum(from_sample, factor)
        self.double_to_any = _largest_sum(from_double, factor // 2)
        self._of_sample, self._of_step = _line_bound(from_sample, factor)
        taps = half_sample_taps(*_STAGES[0])
        self._side = len(taps) // 2
        # Reading i halfway weighs samples i … i + 2·side − 1: those of its row and of the next.
        halfway = np.zeros((2 * _ROW, _ROW), dtype=np.float32)
        for i in range(_ROW):
            halfway[i : i + len(taps), i] = taps
        self._halfway, self._halfway_next = halfway[:_ROW], halfway[_ROW : _ROW + len(taps) - 1]
        # Reading i of a cell weighs twofold reading j by from_double[centre + i − j·factor/2];
        # the samples among the twofold readings come first, those halfway between them after.
        centre = len(from_double) // 2
        self._reach = -(-centre // factor)
        doubles = np.arange(-2 * self._reach, 2 * (CELL + self._reach))
        doubles = np.concatenate([doubles[::2], doubles[1::2]])
        lags = np.arange(CELL * factor)[:, None] - factor // 2 * doubles
        weights = from_double[np.clip(centre + lags, 0, 2 * centre)]
        self._all = np.where(np.abs(lags) <= centre, weights, 0.0).astype(np.float32)

    def cell_peaks(self, samples: Single, threshold: float) -> Single:
        """Peak in each cell, linear: exact above ``threshold``, and not above it elsewhere.

        samples: shape (…, CONTEXT + n + CONTEXT), contiguous, n a multiple of CONTEXT; peaks of
        shape (…, n / CELL) are returned. A peak lies anywhere from the first sample of its cell to
        just before the first sample of the next.
        """
        # End to end all channels are read at once; what is read across an end is left out.
        peaks = self._cell_peaks(samples.reshape(-1), threshold)
        peaks = peaks.reshape(*samples.shape[:-1], -1)
        return peaks[..., : -2 * CONTEXT // CELL]

    def _cell_peaks(self, samples: Single, threshold: float) -> Single:
        """The same for one long channel; there are peaks of 0 for the context at its end."""
        count = len(samples) - 2 * CONTEXT
        peaks = np.zeros(len(samples) // CELL, dtype=np.float32)
        rows = self._can_exceed(samples, threshold)
        if not rows.size:
            return peaks
        # Stretches of halfway readings begin half a row early: a row needs its own and the next.
        needed = np.zeros(count // _ROW + 1, dtype=bool)
        needed[rows] = needed[rows + 1] = True
        stretches = np.flatnonzero(needed)
        halfway = np.empty((len(needed), _ROW), dtype=np.float32)
        halfway[stretches] = self._between(samples, stretches)
        samples = samples[CONTEXT - 2 * CELL :]  # both now begin two cells before the first
        loud = np.abs(halfway[stretches]) > threshold / self.double_to_any
        own = _rows(samples, len(needed), _ROW, _ROW)[stretches]
        loud |= np.abs(own, out=own) > threshold / self.double_to_any
        near = np.zeros((len(needed), _ROW // CELL), dtype=bool)
        near[stretches] = loud.view(np.uint64) != 0  # eight flags at once: one cell
        near = near.reshape(-1)[1:-1]  # from one cell before the first to one after the last
        near = near[:-2] | near[1:-1] | near[2:]
        cells = (rows[:, None] * (_ROW // CELL) + np.arange(_ROW // CELL)).reshape(-1)
        cells = cells[near[cells]]
        if cells.size:
            first, width = 2 * CELL - self._reach, CELL + 2 * self._reach
            spans = [
                _rows(series[first:], len(near), CELL, width)[cells]
                for series in (samples, halfway.reshape(-1))
            ]
            readings = self._all @ np.concatenate(spans, axis=1).T
            peaks[cells] = np.abs(readings, out=readings).max(axis=0)
        return peaks

    def _can_exceed(self, samples: Single, threshold: float) -> NDArray[np.intp]:
        """The rows in which any reading can be above the threshold, by the two bounds.

        A reading is made of samples of its own row and of the two beside it.
        """
        largest = max(samples.max(), -samples.min())
        if not largest * self.samples_to_any > threshold:
            return np.empty(0, np.intp)
        starts = np.arange(0, len(samples), _ROW)
        # Numbers from zero up are in the order of their bits, and integers are compared faster.
        highest = np.maximum.reduceat(np.abs(samples).view(np.int32), starts).view(np.float32)
        highest = np.maximum(np.maximum(highest[:-2], highest[1:-1]), highest[2:])
        rows = np.flatnonzero(highest * self.samples_to_any > threshold)
        steps = np.diff(_rows(samples, len(highest), _ROW, 3 * _ROW)[rows], axis=1)
        steepest = np.abs(steps, out=steps).max(axis=1)
        bound = highest[rows] * self._of_sample + steepest * self._of_step
        above: NDArray[np.intp] = rows[bound > threshold]
        return above

    def _between(self, samples: Single, stretches: NDArray[np.intp]) -> Single:
        """Readings halfway after each sample, in these stretches; see ``cell_peaks``."""
        # Taps begin side - 1 samples before their reading.
        first = CONTEXT - 2 * CELL - self._side + 1
        count, width = stretches[-1] + 1, len(self._halfway_next)
        own = _rows(samples[first:], count, _ROW, _ROW)[stretches]
        following = _rows(samples[first + _ROW :], count, _ROW, width)[stretches]
        result = own @ self._halfway
        result += following @ self._halfway_next
        return result


def _rows(samples: Single, count: int, step: int, width: int) -> Single:
    """A view of shape (count, width): row i starts at sample i · step. Checked to lie inside."""
    assert (count - 1) * step + width <= len(samples)
    shape, strides = (count, width), (step * samples.itemsize, samples.itemsize)
    return np.lib.stride_tricks.as_strided(samples, shape, strides, writeable=False)


@cache
def interpolator(rate_hz: float) -> Interpolator:
    """The interpolator for sound of this sampling rate."""
    return Interpolator(oversampling(rate_hz))
