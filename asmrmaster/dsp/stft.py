"""Sound as overlapping spectra and back, exactly.

Source: J. Allen, "Short term spectral analysis, synthesis, and modification by discrete Fourier
transform", IEEE Trans. ASSP 25(3), 1977; with a square-root Hann window on both ways.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import hann

Array = NDArray[np.float64]
Spectra = NDArray[np.complex128]


def frame_size(rate_hz: int) -> int:
    """Samples of a frame, a power of two, about 43 ms; frames overlap by half."""
    return int(2 ** round(np.log2(0.0427 * rate_hz)))


def window(size: int) -> Array:
    """The window of analysis and synthesis: its squares, overlapped by half, add up to 1."""
    result: Array = np.sqrt(hann(size))
    return result


def spectra(samples: Array, size: int, overlap: int = 2) -> Spectra:
    """Spectra of the frames of each row, shape (rows, frames, bins), size / overlap apart."""
    frames = sliding_window_view(samples, size, axis=1)[:, :: size // overlap]
    return np.fft.rfft(frames * window(size), axis=2)


def overlapped(frames: Spectra, size: int, overlap: int = 2) -> Array:
    """Rows of samples from spectra; complete but for what the first and last frames are alone in,
    left out."""
    parts = np.fft.irfft(frames, size, axis=2) * (window(size) * (2 / overlap))
    step, whole = size // overlap, frames.shape[1] - overlap + 1
    joined = np.zeros((len(parts), whole, step))
    for late in range(overlap):
        first = overlap - 1 - late
        joined += parts[:, first : first + whole, late * step : (late + 1) * step]
    return joined.reshape(len(joined), -1)


def mean_squares(frames: Spectra, size: int) -> Array:
    """Mean square of the sound per frame and bin, all rows added: shape (frames, bins)."""
    energy = np.sum(frames.real**2 + frames.imag**2, axis=0)
    scale = 2 / (size * float(np.sum(window(size) ** 2)))
    result: Array = energy * scale
    return result
