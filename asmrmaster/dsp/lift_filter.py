"""Taking an event out of its spectra: what exceeds the bed goes, and what it hid is put back.

In each bin the bed is taken for Gaussian. Its covariance between the channels comes from the
seconds around, its level from the guess (``dsp.lift_states``). Whitened by both, the bed alone has
unit power in every direction; an event shows as a direction with more. Such a direction is turned
down to less than the bed, as a Wiener filter does, and what is missing after that is drawn from a
real stretch of the same bed, in the same direction only. So one ear can be cleaned while the other
stays, and what remains has the bed's level, texture and place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.lift_bands import Array, Grid, Levels, Spectra
from asmrmaster.dsp.lift_states import Guess

Complex = NDArray[np.complex128]
Mixing = Callable[[Spectra], Spectra]

SPREADS, LEAST_ABOVE_DB, SURE_DB = 1.0, 2.0, 3.0
"""The event is taken to be there where a patch stands this many spreads above the guess."""
LEAST_PRIOR, MOST_PRIOR = 0.05, 0.97
EVENT_RANGE_DB = 40.0
"""An event is as likely to be anything from 0 to this far above the bed."""
PATCH = 5
STRENGTH, CHANCE = 2.0, 1.7
"""A smoothed power that chance alone brings about is left; beyond it this much more than Wiener."""
LOADING = 1e-4
TEXTURE_DB = (-20.0, 12.0)
TEXTURE_FRAMES = 15


def presence(levels: Levels, bed: Guess) -> Array:
    """How surely the event is in each band and frame, 0 to 1; levels in dB (frames, bands).

    A prior from patches of 5 frames and 5 bands, then Bayes: the bed is normal around the guess,
    the event anything louder than it.
    """
    from scipy.special import ndtr

    apart = levels.astype(np.float64) - bed.level
    least = np.maximum(SPREADS * bed.spread_db, LEAST_ABOVE_DB)
    prior = _patch_mean(np.clip(apart - least, 0, 12)) / SURE_DB
    prior = np.clip(prior, LEAST_PRIOR, MOST_PRIOR)
    unit = apart / bed.spread_db
    alone = (1 - prior) * np.exp(-0.5 * unit**2) / (np.sqrt(2 * np.pi) * bed.spread_db)
    both = prior * ndtr(unit) / EVENT_RANGE_DB
    result: Array = both / np.maximum(alone + both, 1e-300)
    return result


def covariance(samples: Array, grid: Grid, frames: NDArray[np.intp]) -> tuple[Complex, Levels]:
    """The bed's covariance between channels per bin, (bins, channels, channels), and its levels.

    frames: those to average over. The levels are those of the mean power per band, not in dB.
    """
    total: Complex | None = None
    for start in range(0, len(frames), 128):
        x = grid.spectra(samples, frames[start : start + 128]).transpose(2, 1, 0)
        part = x @ x.conj().transpose(0, 2, 1)
        total = part if total is None else total + part
    assert total is not None
    total /= max(1, len(frames))
    power = np.trace(total, axis1=1, axis2=2).real
    loading = LOADING * power + 1e-5 * power.mean() + 1e-30
    total += loading[:, None, None] * np.eye(total.shape[1])
    band = np.trace(total, axis1=1, axis2=2).real @ grid.weights.T
    return total, band.astype(np.float32)


@dataclass(frozen=True)
class Mask:
    """What a filter does to each bin of each frame; made once by ``mask``.

    inverse, root: what whitens the channels of each bin by the bed's covariance, and back. gain:
    the bed's level now over that of its covariance, in amplitude, (frames, 1, bins).
    """

    inverse: Complex
    root: Complex
    gain: Array
    kept: Mixing
    drawn: Mixing

    def leaves(self, heard: Spectra) -> Spectra:
        """What is kept of spectra, shape (frames, channels, bins)."""
        return self._coloured(self.kept(self._white(heard)))

    def fills(self, texture: Spectra) -> Spectra:
        """What is put in, drawn from spectra of the bed that have its level."""
        return self._coloured(self.drawn(self._white(texture)))

    def _white(self, spectra: Spectra) -> Spectra:
        return _apply(self.inverse, spectra) / self.gain

    def _coloured(self, spectra: Spectra) -> Spectra:
        return _apply(self.root, spectra) * self.gain


def mask(heard: Spectra, bed_covariance: Complex, gain: Array, present: Array) -> Mask:
    """The mask for what is heard, shape (frames, channels, bins).

    gain: see ``Mask``, (frames, bins). present: 0 to 1 per frame and bin.
    """
    inverse, root = _roots(bed_covariance)
    wide = gain[:, None]
    kept, drawn = _gains(_smoothed(_apply(inverse, heard) / wide), present)
    return Mask(inverse, root, wide, kept, drawn)


def _roots(covariance: Complex) -> tuple[Complex, Complex]:
    """Inverse root and root of each matrix, shape (bins, channels, channels)."""
    values, vectors = np.linalg.eigh(covariance)
    values = np.sqrt(np.maximum(values, 1e-300))
    turned = vectors.conj().transpose(0, 2, 1)
    return (vectors / values[:, None, :]) @ turned, (vectors * values[:, None, :]) @ turned


def _apply(matrices: Complex, x: Spectra) -> Spectra:
    """Each bin's matrix on the channels of each frame."""
    result: Spectra = np.einsum("kij,tjk->tik", matrices, x)
    return result


def _smoothed(z: Spectra) -> Complex:
    """Covariance of z over patches, shape (channels, channels, frames, bins)."""
    channels = z.shape[1]
    result = np.empty((channels, channels, len(z), z.shape[2]), np.complex128)
    for i in range(channels):
        result[i, i] = _triangle(np.abs(z[:, i]) ** 2)
        for j in range(i):
            result[i, j] = _triangle(z[:, i] * z[:, j].conj())
            result[j, i] = result[i, j].conj()
    return result


def _gains(patches: Complex, present: Array) -> tuple[Mixing, Mixing]:
    """What is kept of the heard and what is drawn of the texture, along each direction."""

    def kept(power: Array) -> Array:
        gain: Array = 1 / (1 + STRENGTH * present * np.maximum(power - CHANCE, 0))
        return gain

    def drawn(power: Array) -> Array:
        gain: Array = np.sqrt(1 - kept(power))
        return gain

    channels = len(patches)
    if channels == 1:
        power = patches[0, 0].real
        return lambda x: x * kept(power)[:, None], lambda x: x * drawn(power)[:, None]
    if channels == 2:
        return _of_two(patches, kept), _of_two(patches, drawn)
    values, vectors = np.linalg.eigh(patches.transpose(2, 3, 0, 1))

    def mixing(gain: Callable[[Array], Array]) -> Mixing:
        along = np.stack([gain(values[..., k]) for k in range(channels)], axis=-1)
        matrix = (vectors * along[..., None, :]) @ vectors.conj().swapaxes(-1, -2)
        return lambda x: np.einsum("tkij,tjk->tik", matrix, x)

    return mixing(kept), mixing(drawn)


def _of_two(patches: Complex, gain: Callable[[Array], Array]) -> Mixing:
    """The function of two-by-two matrices R that has ``gain`` along R's directions: a + b·R."""
    p, q, r = patches[0, 0].real, patches[1, 1].real, patches[0, 1]
    middle, half = (p + q) / 2, np.sqrt(((p - q) / 2) ** 2 + np.abs(r) ** 2)
    high, low = gain(middle + half), gain(middle - half)
    b = np.where(half > 1e-9, (high - low) / np.maximum(2 * half, 1e-30), 0.0)
    a = (high + low) / 2 - b * middle

    def mix(x: Spectra) -> Spectra:
        left, right = x[:, 0], x[:, 1]
        return np.stack(
            [a * left + b * (p * left + r * right), a * right + b * (r.conj() * left + q * right)],
            axis=1,
        )

    return mix


def _triangle(values: NDArray[np.inexact]) -> NDArray[np.inexact]:
    """Mean over 5 frames and 5 bins, triangular."""
    weights = (1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9)
    padded = np.pad(values, 2, mode="edge")
    rows = sum(w * padded[k : k + len(values)] for k, w in enumerate(weights))
    assert not isinstance(rows, int)
    result: NDArray[np.inexact] = np.zeros_like(values)
    for k, w in enumerate(weights):
        result += w * rows[:, k : k + values.shape[1]]
    return result


def _patch_mean(values: Array) -> Array:
    padded = np.pad(values, PATCH // 2, mode="edge")
    result: Array = sliding_window_view(padded, (PATCH, PATCH)).mean(axis=(2, 3))
    return result


def smooth_frames(values: Array, width: int) -> Array:
    """Mean over ``width`` frames around each, along axis 0, the ends held."""
    padded = np.pad(values, ((width // 2, width // 2), (0, 0)), mode="edge")
    total = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), padded]), axis=0)
    result: Array = (total[width:] - total[:-width])[: len(values)] / width
    return result
