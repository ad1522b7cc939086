"""What the sound is made of, every 20 ms: bands for novelty, for noise, and the tone energies.

One short-time spectrum per channel serves them all: 40 ms frames every 20 ms under a window whose
squares add up to one, so that the energies of the hops add up to the energy of the sound. A band
or a weighting is then a row of weights on the power spectrum instead of a filter of its own.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import (
    Filter,
    a_weighting_power,
    highpass,
    k_weighting,
    lowpass,
    response,
)
from asmrmaster.dsp.fourier import power_complementary_window, rfft
from asmrmaster.dsp.level import audible_weights, grid_edges
from asmrmaster.dsp.noise_floor import EDGES_HZ as NOISE_EDGES_HZ
from asmrmaster.dsp.noise_floor import count_bands
from asmrmaster.dsp.novelty import BAND_EDGES_HZ
from asmrmaster.dsp.novelty import NOVELTY_HOP_S as HOP_S
from asmrmaster.dsp.startle import TONE_BINS, TONE_RANGE_HZ
from asmrmaster.meters.base import Curve, Measurement, Meter, Quantity
from asmrmaster.streams.audio import Block
from asmrmaster.streams.curves import Store

Array = NDArray[np.float64]

TONE_COLUMNS = ("harsh", "sibilant", "k_weighted", "a_weighted", "unweighted", "rumble")
"""Columns of the curve ``tone_energy``: 2–5.5 kHz, 5–9 kHz, all K-weighted, all A-weighted, all
unweighted, and 10–40 Hz; the bands are unweighted."""

_HARSH_HZ, _SIBILANT_HZ, _RUMBLE_HZ = (2000.0, 5500.0), (5000.0, 9000.0), (10.0, 40.0)
_HOPS_PER_BATCH = 100  # always the same, so that how the sound was cut cannot move a rounding
_SLOW_RATE_HZ = 400  # at which rumble is filtered: eight points per hop
_SLOW_HOP = round(_SLOW_RATE_HZ * HOP_S)


def band(freq_hz: Array, low_hz: float, high_hz: float) -> Array:
    """Share of each bin of a spectrum, at evenly spaced ``freq_hz``, that lies in a band."""
    half = freq_hz[1] / 2
    inside = np.minimum(freq_hz + half, high_hz) - np.maximum(freq_hz - half, low_hz)
    result: Array = np.clip(inside / (2 * half), 0, 1)
    return result


class Spectrum(Meter):
    """Energies of bands and weightings on a 20 ms grid, channels summed as in BS.1770.

    Curves: ``novelty_band_energy``, shape (hops, bands), K-weighted, a band of ``BAND_EDGES_HZ``
    per column, 0 in what lies above half the rate; ``tone_energy``, shape (hops, 6), see
    ``TONE_COLUMNS``; ``noise_band_energy``, unweighted, a column per band of the noise floor below
    half the rate; ``tonal_peak_energy``, shape (hops, 2), and ``tonal_peak_hz``, see
    ``dsp.startle.tone_levels``. The others hold mean squares, float32. Point k gathers a frame
    centred on its hop.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._length = 2 * round(rate * HOP_S)
        gains = np.sqrt(audible_weights(channels))
        window = gains[:, None] * power_complementary_window(self._length)
        self._window = window.astype(np.float32)  # shape (channels, length)
        freq = np.arange(self._length // 2 + 1) * rate / self._length
        k_power = response(k_weighting(rate), rate, freq)
        rows = [k_power * band(freq, *edges) for edges in BAND_EDGES_HZ]
        rows += [band(freq, *_HARSH_HZ), band(freq, *_SIBILANT_HZ)]
        rows += [k_power, a_weighting_power(freq), np.ones(len(freq))]
        bands = count_bands(rate)
        edges = pairwise(NOISE_EDGES_HZ[: bands + 1])
        rows += [band(freq, *one) for one in edges]
        one_sided = np.where((freq > 0) & (freq < rate / 2), 2.0, 1.0)
        scale = one_sided / (self._length * rate * HOP_S)
        self._weights = np.ascontiguousarray(
            np.repeat(np.array(rows) * scale, 2, axis=1).T, np.float32
        )
        self._rumble = _Rumble(self._length, channels)
        self._frames = self._hop = 0
        self._start = int(grid_edges(-1, -1, rate, HOP_S / 2)[0])  # before the sound lies silence
        self._fill = -self._start
        # Memory that is used again and again: to ask for it anew costs as much as the arithmetic.
        hops, bins = _HOPS_PER_BATCH, len(freq)
        self._kept = np.zeros((channels, (hops + 4) * self._length // 2), dtype=np.float32)
        self._windowed = np.empty((hops, self._length), dtype=np.float32)
        self._spectra = np.empty((hops, bins), dtype=np.complex64)
        self._total = np.empty((hops, 2 * bins), dtype=np.float32)
        self._bands, self._tone = Store(len(BAND_EDGES_HZ)), Store(len(TONE_COLUMNS))
        inside = np.flatnonzero((freq >= TONE_RANGE_HZ[0]) & (freq <= TONE_RANGE_HZ[1]))
        self._peak_bins = slice(2 * inside[0], 2 * inside[-1] + 2) if len(inside) > 9 else None
        self._peak_gain = np.repeat((k_power * scale)[inside], 2).astype(np.float32)
        self._peaks, self._peak_hz = Store(2), Store(1)
        self._peak_freq = freq[inside][1:-1].astype(np.float32)
        self._noise = Store(bands)

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        self._frames += len(block)
        samples = block.T
        while samples.shape[1]:
            part = samples[:, : self._kept.shape[1] - self._fill]
            self._kept[:, self._fill : self._fill + part.shape[1]] = part
            self._fill += part.shape[1]
            samples = samples[:, part.shape[1] :]
            self._hear(_HOPS_PER_BATCH)

    def result(self) -> Measurement:
        """The three curves; a last hop that the sound does not fill is left out."""
        hops = floor(self._frames / (self.rate * HOP_S) + 1e-9)
        self._kept[:, self._fill :] = 0  # after the sound lies silence
        self._fill = self._kept.shape[1]
        self._hear(hops - self._hop)
        return Measurement(
            curves={
                "novelty_band_energy": Curve(self._bands.array(), HOP_S, "mean square"),
                "tone_energy": Curve(self._tone.array(), HOP_S, "mean square"),
                "tonal_peak_energy": Curve(self._peaks.array(), HOP_S, "mean square"),
                "tonal_peak_hz": Curve(self._peak_hz.array()[:, 0], HOP_S, "Hz"),
                "noise_band_energy": Curve(self._noise.array(), HOP_S, "mean square"),
            }
        )

    def _hear(self, hops: int) -> None:
        """Take the next hops if all their samples are there. A frame is centred on its hop."""
        first = 2 * self._hop - 1
        starts = grid_edges(first, first + 2 * hops, self.rate, HOP_S / 2)[::2] - self._start
        if hops < 1 or starts[-2] + self._length > self._fill:
            return
        even = self.rate % round(1 / HOP_S) == 0
        places = slice(0, starts[-1], self._length // 2) if even else starts[:-1]
        windowed, spectra, total = self._windowed[:hops], self._spectra[:hops], self._total[:hops]
        parts = spectra.view(np.float32)  # real and imaginary parts take turns
        lowest = []
        for channel, window in zip(self._kept, self._window, strict=True):
            frames = np.lib.stride_tricks.sliding_window_view(channel, self._length)
            rfft(np.multiply(frames[places], window, out=windowed), spectra)
            lowest.append(parts[:, : self._rumble.parts].copy())
            if len(lowest) == 1:
                np.square(parts, out=total)
            else:
                total += np.square(parts, out=parts)
        self._find_peaks(total)
        rumble = self._rumble(np.stack(lowest)).sum(axis=0)
        energies = total @ self._weights
        tone, noise = len(BAND_EDGES_HZ), len(BAND_EDGES_HZ) + len(TONE_COLUMNS) - 1
        self._bands.extend(energies[:, :tone])
        self._tone.extend(np.column_stack([energies[:, tone:noise], rumble]))
        self._noise.extend(energies[:, noise:])
        used = int(starts[-1])
        self._fill -= used
        self._kept[:, : self._fill] = self._kept[:, used : used + self._fill].copy()
        self._start += used
        self._hop += hops

    def _find_peaks(self, total: NDArray[np.float32]) -> None:
        """Keep the energy of the strongest three bins from 2 to 5 kHz, of three usual ones, and
        where they are, per hop."""
        if self._peak_bins is None:
            self._peaks.extend(np.zeros((len(total), 2), np.float32))
            self._peak_hz.extend(np.zeros((len(total), 1), np.float32))
            return
        squares = total[:, self._peak_bins] * self._peak_gain
        bins = squares[:, ::2] + squares[:, 1::2]
        three = bins[:, :-2] + bins[:, 1:-1] + bins[:, 2:]
        middle = bins.shape[1] // 2
        usual = TONE_BINS * np.partition(bins, middle, axis=1)[:, middle]
        strongest = three.argmax(axis=1)
        self._peaks.extend(np.column_stack([three[np.arange(len(three)), strongest], usual]))
        self._peak_hz.extend(self._peak_freq[strongest][:, None])


class _Rumble:
    """Mean squares of 10–40 Hz per hop, from the lowest bins of the spectra.

    40 ms cannot tell 10 Hz from 40 Hz, but overlapping frames keep all there is: their lowest bins,
    transformed back and added up, are the sound at 400 Hz, and an ordinary filter does the rest.
    Each hop here lies 10 ms before the hop of its frame.
    """

    def __init__(self, length: int, channels: int) -> None:
        points = 2 * _SLOW_HOP
        bins = np.arange(_SLOW_HOP + 1)
        share = np.where((bins > 0) & (bins < _SLOW_HOP), 2.0, 1.0) / length
        wave = share[:, None] * np.exp(2j * np.pi * np.outer(bins, np.arange(points)) / points)
        inverse = np.stack([wave.real, -wave.imag], axis=1).reshape(-1, points)
        self._inverse = inverse * power_complementary_window(points)
        self.parts = len(inverse)
        band = [highpass(_RUMBLE_HZ[0], _SLOW_RATE_HZ, 4), lowpass(_RUMBLE_HZ[1], _SLOW_RATE_HZ, 4)]
        self._filter = Filter(np.concatenate(band), channels)
        self._overlap = np.zeros((channels, _SLOW_HOP))

    def __call__(self, lowest: NDArray[np.float32]) -> Array:
        """Mean squares (channels, hops) from the lowest ``parts`` of spectra, along the last axis.

        Real and imaginary parts take turns.
        """
        frames = lowest @ self._inverse
        points = frames[:, :, :_SLOW_HOP].copy()
        points[:, 1:] += frames[:, :-1, _SLOW_HOP:]
        points[:, 0] += self._overlap
        self._overlap = frames[:, -1, _SLOW_HOP:]
        measured = self._filter(points.reshape(len(points), -1).T).T
        result: Array = np.square(measured).reshape(points.shape).mean(axis=2)
        return result
