"""The steady floor under any sound: what is left of it when everything else falls silent.

Noise of one level has, band by band, a known spread of short-time levels. So the floor of a band is
the lowest level at which the sound dwells with that spread, whether the sound ever stops or not;
how well the dwelling fits says how far to believe it. Method of our own, set on recordings with
noise of known level in them; its kin are R. Martin, "Noise power spectral density estimation based
on optimal smoothing and minimum statistics", IEEE Trans. SAP 9(5), 2001, and H.-G. Hirsch and
C. Ehrlicher, "Noise estimation techniques for robust speech recognition", ICASSP 1995 (histograms).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import a_weighting_power, k_weighting, response
from asmrmaster.dsp.level import db, power

Array = NDArray[np.float64]
Energies = NDArray[np.floating[Any]]

FRAME_S = 0.02
FRAMES = 10
"""Frames of one level: 0.2 s, one every 0.1 s."""
MOST_LEVELS = 9_000
"""Levels that are looked at, of a sound of any length."""
_ROWS = 2_000
STEP_S = FRAMES // 2 * FRAME_S
EDGES_HZ = (
    12.5, 37.5, 62.5, 87.5, 112.5,
    200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150,
    3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 24_000,
)  # fmt: skip
"""Single lines below 112 Hz, where mains hum lies; then critical bands (E. Zwicker, JASA 33, 1961);
one band more reaches as far as anybody hears."""
LINES = 4
"""So many of the bands are single lines."""
_LEAKAGE = (1.0, 0.29, 0.89, 0.76, 0.78)
"""A weighting of the lowest bands, as factors: 40 ms let an eighth of a 50 Hz hum into the next
line, which A weighting hears 8 dB better. Fitted to tones from 45 to 190 Hz, mains most of all."""

SILENCE_DB = -110.0
"""A-weighted: less is digital silence and no floor."""
NEAR_PROGRAMME_DB = 6.0
"""What lies before the first and after the last moment so near to the programme is a fade."""
_BIN_DB, _LOWEST_DB, _BINS = 0.5, -160.0, 400
_LEAST_SHARE = 0.03
"""A level the sound dwells at for less of the time is no floor."""
_NEAR_DB = (1.0, 0.7)
_EVEN_DB, _CRACKLES_DB = 0.4, 0.9
"""How much more than noise the floor may flicker, and from where on it is surely none."""
_DIPS_DB = (0.0, 0.06)
"""What falls as drops or crackles also leaves gaps, which faint words over noise do not: how much
lower than noise the lowest tenth of it may lie, and from where on it surely has gaps. Noise and
words read −0.4 to −0.02, rain, fire and sea 0.07 and more."""
_SHORT_S, _SHORT_CONFIDENCE = 6.0, 0.4
BELIEVED = 0.5
"""Confidence from which on a floor is called noise."""
FLAT_DB, NOISE_FROM_DB = 6.0, 7.5
"""Where the programme stands no higher above its floor than the first, the floor is the programme;
from the second on it may be called noise. In between, a rain that a tap falls into is neither."""
SEGMENT_S = 30.0


@dataclass(frozen=True)
class NoiseFloor:
    """The floor of a stretch of sound.

    bands_db: mean square per band of ``EDGES_HZ``, dB. steadiness: per band, 0 to 1, how well the
    sound dwells there as noise of one level would. a_db: A-weighted sum. k_lufs: K-weighted sum.
    above_db: 95th percentile of the A-weighted level of 0.2 s minus the floor. confidence: 0 to 1.
    crackle_db: how much more the floor flickers in 20 ms than noise does.
    """

    bands_db: Array
    steadiness: Array
    a_db: float
    k_lufs: float
    above_db: float
    confidence: float
    crackle_db: float

    @property
    def is_noise(self) -> bool:
        """Whether this is steady noise under a programme, rather than an upper bound of it."""
        return self.above_db >= NOISE_FROM_DB and self.confidence >= BELIEVED


def count_bands(rate_hz: int) -> int:
    """How many bands of ``EDGES_HZ`` begin below half the rate."""
    return int(np.searchsorted(EDGES_HZ[:-1], rate_hz / 2))


def widths_hz(bands: int, rate_hz: int) -> Array:
    """Width of each band, the last one up to half the rate."""
    edges = np.minimum(np.array(EDGES_HZ[: bands + 1], dtype=np.float64), rate_hz / 2)
    result: Array = np.maximum(np.diff(edges), 1.0)
    return result


@cache
def weights(bands: int, rate_hz: int) -> tuple[Array, Array]:
    """A and K weighting of the power in each band, as of noise that is flat within it."""
    edges = np.minimum(np.array(EDGES_HZ[: bands + 1], dtype=np.float64), rate_hz / 2)
    at = np.linspace(edges[:-1], edges[1:], 33)[1::2]
    k_power = response(k_weighting(rate_hz), rate_hz, at.ravel()).reshape(at.shape)
    a_power = a_weighting_power(at).mean(axis=0)
    a_power[: len(_LEAKAGE)] *= _LEAKAGE[:bands]
    return a_power, k_power.mean(axis=0)


def levels(energies: Energies, step: int = 1) -> Array:
    """Mean squares of 0.2 s, one every 0.1 s times ``step``, from those of 20 ms, (frames, …)."""
    half = FRAMES // 2
    count = len(energies) // half
    starts = half * np.arange(0, max(0, count - 1), step)
    found = np.empty((len(starts), *energies.shape[1:]))
    for first in range(0, len(starts), _ROWS):
        rows = starts[first : first + _ROWS, None] + np.arange(FRAMES)
        found[first : first + _ROWS] = energies[rows].mean(axis=1, dtype=np.float64)
    return found


def between_fades(a_levels: Array, step: int = 1) -> slice:
    """From the first to the last level near the programme; all of it where there is none.

    step: the levels stand this many tenths of a second apart.
    """
    heard = a_levels > power(SILENCE_DB)
    if not heard.any():
        return slice(0, 0)
    gate = a_levels[heard].mean() / 10  # as programme loudness is gated
    programme = a_levels[heard & (a_levels >= gate)].mean()
    # Something far louder than all the rest, an intrusion, must not make that a fade.
    programme = min(programme, float(np.percentile(a_levels[heard], 90)))
    near = np.flatnonzero(a_levels >= programme * power(-NEAR_PROGRAMME_DB))
    first, last = int(near[0]), int(near[-1]) + 1
    if (last - first) * step * STEP_S < _SHORT_S:  # too little to go by: what is around it must do
        return slice(0, len(a_levels))
    return slice(first, last)


def estimate(energies: Energies, rate_hz: int) -> NoiseFloor | None:
    """The floor of a sound; None only where it is silent or shorter than 0.2 s.

    energies: mean squares per 20 ms and band, shape (frames, bands of ``EDGES_HZ``), unweighted.
    Fades are left out; but where the programme hides its noise, and quiet before or after it is
    steady, that is the noise. Of more than a quarter of an hour every second level is looked at, or
    fewer: so many tell all there is to know, and hours take no more memory.
    """
    a_weight, _ = weights(energies.shape[1], rate_hz)
    step = max(1, -(-len(energies) // (FRAMES // 2 * MOST_LEVELS)))
    found = levels(energies, step)
    a_levels: Array = found @ a_weight
    body = between_fades(a_levels, step)
    inner = _estimate(energies, found, a_levels, body, rate_hz, step)
    if inner is None or inner.is_noise or body.stop - body.start == len(found):
        return inner
    outer = _estimate(energies, found, a_levels, slice(0, len(found)), rate_hz, step)
    quieter = outer is not None and outer.is_noise and outer.a_db < inner.a_db
    return outer if quieter else inner


def _estimate(
    energies: Energies, found: Array, a_levels: Array, body: slice, rate_hz: int, step: int
) -> NoiseFloor | None:
    """The floor in a part of the levels, all of which are given."""
    a_weight, k_weight = weights(energies.shape[1], rate_hz)
    first = body.start
    found, a_levels = found[body], a_levels[body]
    kept = a_levels > power(SILENCE_DB)
    if not kept.any():
        return None
    at = step * (first + np.flatnonzero(kept))
    found, a_levels = found[kept], a_levels[kept]
    freedom = _freedom(widths_hz(energies.shape[1], rate_hz), FRAMES * FRAME_S)
    bands, steadiness = _dwelling(db(found), freedom)
    a_power, k_power = power(bands) * a_weight, power(bands) * k_weight
    a_db = float(db(float(a_power.sum())))
    crackle = _crackle(energies, at, a_levels, a_power, rate_hz)
    high = float(a_power[LINES:].sum() / a_power.sum())
    confidence = float(steadiness @ a_power / a_power.sum())
    confidence *= 1 - high * float(np.clip((crackle - _EVEN_DB) / (_CRACKLES_DB - _EVEN_DB), 0, 1))
    if len(found) * step * STEP_S < _SHORT_S:
        confidence = min(confidence, _SHORT_CONFIDENCE)
    return NoiseFloor(
        bands_db=bands,
        steadiness=steadiness,
        a_db=a_db,
        k_lufs=float(db(float(k_power.sum()))) - 0.691,
        above_db=float(db(float(np.percentile(a_levels, 95)))) - a_db,
        confidence=confidence,
        crackle_db=crackle,
    )


def segments(energies: Energies, rate_hz: int) -> list[NoiseFloor | None]:
    """The floor of each 30 s; a shorter rest goes with the last one."""
    length = round(SEGMENT_S / FRAME_S)
    count = max(1, len(energies) // length)
    ends = [*(number * length for number in range(1, count)), len(energies)]
    starts = [0, *ends[:-1]]
    return [estimate(energies[a:b], rate_hz) for a, b in zip(starts, ends, strict=True)]


def loudest(whole: NoiseFloor | None, parts: Iterable[NoiseFloor | None]) -> NoiseFloor | None:
    """The floor that counts: of the part whose noise is loudest, a fan switched on half-way.

    Only parts in which steady noise lies under a programme are believed; see ``segments``.
    """
    believed = [part for part in parts if part is not None and part.is_noise]
    return max([*believed, *([whole] if whole else [])], key=lambda one: one.a_db, default=None)


def in_bands(floor: NoiseFloor, edges_hz: Array, rate_hz: int) -> tuple[Array, Array]:
    """Floor (mean squares) and steadiness in other bands, given by their edges, evenly spread."""
    own = np.minimum(np.array(EDGES_HZ[: len(floor.bands_db) + 1]), rate_hz / 2)
    low, high = edges_hz[:-1, None], np.minimum(edges_hz[1:, None], rate_hz / 2)
    shared = np.clip(np.minimum(own[1:], high) - np.maximum(own[:-1], low), 0, None)
    parts = shared * (power(floor.bands_db) / np.maximum(np.diff(own), 1.0))
    tiny = np.finfo(float).tiny
    # What lies below the lowest line is as much per hertz as what lies above it.
    whole = (high - low).ravel() / np.maximum(shared.sum(axis=1), tiny)
    steadiness = (parts @ floor.steadiness) / np.maximum(parts.sum(axis=1), tiny)
    return parts.sum(axis=1) * whole, steadiness


def _freedom(width_hz: Array, duration_s: float) -> Array:
    """Shape of the gamma distribution of the power of noise in a band over a time.

    Twice the product of both is the degrees of freedom (S. Rice 1944); overlapping windowed frames
    leave a little more, read off white noise.
    """
    more = 4.0 if duration_s > FRAME_S else 0.4
    result: Array = width_hz * max(duration_s, 0.024) + more
    return result


def _spread_db(freedom: Array) -> Array:
    """Standard deviation of the level of noise, dB."""
    result: Array = 10 / np.log(10) / np.sqrt(freedom - 0.4)
    return result


def _above_mean_db(freedom: Array | float, z: float) -> Array:
    """Level of a quantile of noise against its mean (E. Wilson and M. Hilferty, PNAS 17, 1931)."""
    result: Array = 30 * np.log10(1 - 1 / (9 * freedom) + z / (3 * np.sqrt(freedom)))
    return result


def _dwelling(level_db: Array, freedom: Array) -> tuple[Array, Array]:
    """Floor and steadiness of each band from its levels, shape (levels, bands)."""
    count, bands = level_db.shape
    bins = np.clip(np.rint((level_db - _LOWEST_DB) / _BIN_DB), 0, _BINS - 1).astype(np.int64)
    flat = (bins + np.arange(bands) * _BINS).ravel()
    histogram = np.bincount(flat, minlength=bands * _BINS).reshape(bands, _BINS) / count
    floor, steadiness = np.empty(bands), np.empty(bands)
    for band in range(bands):
        floor[band], steadiness[band] = _lowest_mode(histogram[band], float(freedom[band]))
    low_z = -2.054  # 2 %
    lowest = np.percentile(level_db, 2, axis=0) - _above_mean_db(freedom, low_z)
    return np.where(steadiness < 0.3, np.minimum(floor, lowest), floor), steadiness


@cache
def _smoothing(freedom: float) -> tuple[Array, float]:
    """What a histogram of levels of noise is smoothed with, and how wide it is then, dB."""
    sigma = float(_spread_db(np.array(freedom)))
    smooth = max(0.8 * sigma, 0.7)
    reach = int(np.ceil(4 * smooth / _BIN_DB))
    kernel: Array = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _BIN_DB / smooth) ** 2)
    return kernel / kernel.sum(), float(np.hypot(sigma, smooth))


def _lowest_mode(histogram: Array, freedom: float) -> tuple[float, float]:
    """Level and steadiness of the lowest level a band dwells at; its shares per bin of 0.5 dB."""
    kernel, width = _smoothing(freedom)
    density = np.convolve(histogram, kernel, mode="same")
    cumulated = np.concatenate([[0.0], np.cumsum(histogram)])

    def share(low: Any, high: Any) -> Array:
        """Share of the time between two places, in bins."""
        grid = np.arange(_BINS + 1) - 0.5
        held: Array = np.interp(high, grid, cumulated) - np.interp(low, grid, cumulated)
        return held

    inner = density[1:-1]
    peaks = 1 + np.flatnonzero((inner >= density[:-2]) & (inner > density[2:]) & (inner > 0))
    if not len(peaks):
        return float(histogram.argmax()) * _BIN_DB + _LOWEST_DB, 0.0
    held = share(peaks - 2.5 * width / _BIN_DB, peaks + width / _BIN_DB)
    enough = np.flatnonzero(held >= _LEAST_SHARE)
    peak = int(peaks[enough[0]] if len(enough) else peaks[held.argmax()])
    left, middle, right = np.log(density[peak - 1 : peak + 2] + 1e-12)
    bend = left - 2 * middle + right
    place = peak + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    below = float(np.interp(place - 2.2 * width / _BIN_DB, np.arange(_BINS), density))
    edge = np.clip((0.45 - below / density[peak]) / 0.30, 0, 1)
    lower = float(share(0.0, place - 2.5 * width / _BIN_DB))
    rest = np.clip((0.10 - lower) / 0.08, 0, 1)
    level = place * _BIN_DB + _LOWEST_DB - float(_above_mean_db(freedom, 0.0))
    return float(level), float(edge * rest)


def _crackle(
    energies: Energies, at: NDArray[np.int64], a_levels: Array, a_power: Array, rate_hz: int
) -> float:
    """How much more single frames of the floor stand out than those of noise, dB; 0 without gaps.

    at: number of each of the levels. a_power: A-weighted floor per band.
    """
    off_db = db(a_levels) - db(float(a_power.sum()))
    near = (off_db >= -_NEAR_DB[0]) & (off_db <= _NEAR_DB[1])  # above it there may be faint words
    if not near.any():
        return 0.0
    half = FRAMES // 2
    frames = (at[near][:, None] * half + np.arange(FRAMES)).ravel()
    a_weight, _ = weights(energies.shape[1], rate_hz)
    single = db(energies[np.unique(frames), LINES:] @ a_weight[LINES:].astype(energies.dtype))
    upper = a_power[LINES:]
    widths = widths_hz(energies.shape[1], rate_hz)[LINES:]
    freedom = float(upper.sum() ** 2 / np.sum(upper**2 / _freedom(widths, FRAME_S)))
    noise = float(_above_mean_db(freedom, 1.645) - _above_mean_db(freedom, 0.0))
    high, middle, low = np.percentile(single, (95, 50, 10))
    gap = float(middle - low) - float(
        _above_mean_db(freedom, 0.0) - _above_mean_db(freedom, -1.2816)
    )
    gaps = float(np.clip((gap - _DIPS_DB[0]) / (_DIPS_DB[1] - _DIPS_DB[0]), 0, 1))
    return gaps * (float(high - middle) - noise)
