"""Short-time spectra and band levels that a lift thinks in.

A lift (``dsp.lift``) decides in 48 overlapping triangular bands, equally wide on the ERB-number
scale (B. R. Glasberg and B. C. J. Moore, Hearing Research 47, 1990), and acts on the bins below
them. Frames overlap by three quarters under a square-root Hann window on both ways (J. Allen, IEEE
Trans. ASSP 25(3), 1977), so that what is changed from frame to frame is crossfaded over 32 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import hann
from asmrmaster.dsp.fourier import rfft

Array = NDArray[np.float64]
Levels = NDArray[np.float32]
Spectra = NDArray[np.complex128]

BANDS = 48
LOWEST_HZ, HIGHEST_HZ = 40.0, 20_000.0
OVERLAP = 4
FRAME_S = 2048 / 48_000
FLOOR = 1e-7
"""A band is never taken for quieter than the median total power by more than 70 dB: an empty band
would turn the faintest sound into an excess."""
_BATCH = 256
_SHORTEST = 16


@dataclass(frozen=True)
class Grid:
    """Frames of ``size`` samples every ``hop`` of a sound at ``rate_hz``; frame k starts at k·hop.

    weights: of each bin in each band, shape (BANDS, bins). spread: what brings a value per band to
    the bins, shape (BANDS, bins); its columns add up to 1.
    """

    rate_hz: int
    size: int
    hop: int
    weights: NDArray[np.float32]
    spread: NDArray[np.float32]

    @classmethod
    def of(cls, rate_hz: int, frame_s: float = FRAME_S) -> Grid:
        """The grid for a rate: frames of a power of two samples, near ``frame_s``."""
        size = max(_SHORTEST, int(2 ** round(np.log2(frame_s * rate_hz))))
        freq = np.arange(size // 2 + 1) * rate_hz / size
        ends = _erb_number(np.array([LOWEST_HZ, min(HIGHEST_HZ, 0.48 * rate_hz)]))
        centres = np.linspace(float(ends[0]), float(ends[1]), BANDS)
        away = np.abs(_erb_number(freq)[None, :] - centres[:, None]) / (centres[1] - centres[0])
        spread = np.clip(1 - away, 0, None)
        spread[0, freq < _hertz(centres[0])] = 1.0
        spread[-1, freq > _hertz(centres[-1])] = 1.0
        weights = spread.copy()
        weights[0, freq < LOWEST_HZ / 2] = 0.0
        weights[-1, freq > 1.1 * HIGHEST_HZ] = 0.0
        for band in np.flatnonzero(weights.sum(axis=1) < 0.5):  # narrower than a bin down there
            near = np.clip(1.5 - away[band] * (centres[1] - centres[0]), 0, None)
            weights[band] = near if near.sum() > 0.5 else weights[band]
            if weights[band].sum() < 0.5:
                weights[band, np.argmin(away[band])] = 1.0
        weights /= weights.sum(axis=1, keepdims=True)
        return cls(
            rate_hz, size, size // OVERLAP, weights.astype(np.float32), spread.astype(np.float32)
        )

    def frames(self, samples: int) -> int:
        """How many whole frames lie in so many samples."""
        return max(0, (samples - self.size) // self.hop + 1)

    def count(self, seconds: float) -> int:
        """How many hops this is."""
        return round(seconds * self.rate_hz / self.hop)

    @property
    def window(self) -> Array:
        """The window of analysis and synthesis; overlapped squares add up to 1."""
        result: Array = np.sqrt(hann(self.size) * (2 / OVERLAP))
        return result

    def spectra(self, samples: Array, frames: NDArray[np.intp] | slice) -> Spectra:
        """Spectra of these frames, shape (frames, channels, bins); samples (frames, channels)."""
        views = sliding_window_view(samples.T, self.size, axis=1)[:, :: self.hop][:, frames]
        result: Spectra = np.fft.rfft(views * self.window, axis=2).transpose(1, 0, 2)
        return result

    def levels(self, samples: Array) -> tuple[Levels, Levels]:
        """Power per band of every frame, of all channels together and of each by itself.

        samples: shape (frames, channels). Shapes (frames, BANDS) and (frames, channels, BANDS); the
        first is the sum of the second. Powers, not dB yet: see ``in_db``.
        """
        count, channels = self.frames(len(samples)), samples.shape[1]
        each = np.empty((count, channels, BANDS), np.float32)
        window = self.window.astype(np.float32)
        if not count:
            return each.sum(axis=1), each
        for channel, row in enumerate(samples.T):
            views = sliding_window_view(row, self.size)[:: self.hop]
            for start in range(0, count, _BATCH):
                part = rfft(np.asarray(views[start : start + _BATCH] * window, np.float32))
                power = np.square(part.real) + np.square(part.imag)
                each[start : start + _BATCH, channel] = power @ self.weights.T
        return each.sum(axis=1), each

    def joined(self, frames: Spectra) -> Array:
        """Samples, shape (frames, channels), of consecutive spectra (frames, channels, bins)."""
        parts = np.fft.irfft(frames, self.size, axis=2) * self.window
        count = len(parts)
        out = np.zeros((parts.shape[1], (count + OVERLAP - 1) * self.hop))
        pieces = parts.reshape(count, -1, OVERLAP, self.hop)
        for k in range(OVERLAP):
            part = pieces[:, :, k].transpose(1, 0, 2).reshape(out.shape[0], -1)
            out[:, k * self.hop : (k + count) * self.hop] += part
        return np.asfortranarray(out.T)


def in_db(power: Levels, floor: float) -> Levels:
    """Levels in dB of powers, none taken for less than ``floor``, which is added."""
    result: Levels = 10 * np.log10(power + np.float32(floor))
    return result


def _erb_number(freq_hz: Array) -> Array:
    result: Array = 21.4 * np.log10(1 + 0.00437 * freq_hz)
    return result


def _hertz(erb_number: float) -> float:
    return float((10 ** (erb_number / 21.4) - 1) / 0.00437)
