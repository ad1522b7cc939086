"""Loudness and sharpness as they are heard, from third-octave levels.

Sources: ISO 532-1:2017, stationary sounds, free field, its tables A.3 to A.9 (E. Zwicker, H. Fastl
et al., "Program for calculating loudness according to DIN 45631", J. Acoust. Soc. Jpn. (E) 12,
1991); DIN 45692:2009 for sharpness. The pattern of specific loudness is not put together from
straight pieces as in the program of the standard but walked along in steps of 0.01 Bark, which
lets many spectra be worked out at once; loudness differs by less than 0.5 %.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

THIRD_OCTAVES_HZ: Array = np.power(10.0, np.arange(14, 42) / 10)
"""Midband frequencies of the 28 third-octave bands from 25 Hz to 12.5 kHz (IEC 61260-1)."""

BARK_STEP = 0.01
BARK: Array = np.arange(0.5, 2400) * BARK_STEP
"""Critical-band rates at which specific loudness is given, the middles of steps up to 24 Bark."""

# Table A.3: above these levels less is taken off the lowest eleven bands.
_RANGES_DB = np.array([45.0, 55, 65, 71, 80, 90, 100, 120])
_REDUCTION_DB = np.array(
    [
        [-32.0, -24, -16, -10, -5, 0, -7, -3, 0, -2, 0],
        [-29.0, -22, -15, -10, -4, 0, -7, -2, 0, -2, 0],
        [-27.0, -19, -14, -9, -4, 0, -6, -2, 0, -2, 0],
        [-25.0, -17, -12, -9, -3, 0, -5, -2, 0, -2, 0],
        [-23.0, -16, -11, -7, -3, 0, -4, -1, 0, -1, 0],
        [-20.0, -14, -10, -6, -3, 0, -4, -1, 0, -1, 0],
        [-18.0, -12, -9, -6, -2, 0, -3, -1, 0, -1, 0],
        [-15.0, -10, -8, -4, -2, 0, -3, -1, 0, -1, 0],
    ]
)
# Tables A.4, A.6 and A.7, for the 20 critical bands: what the ear transmits, its threshold, and
# the step from third octaves to critical bands.
_EAR_DB = np.array(
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
     -0.5, -1.6, -3.2, -5.4, -5.6, -4, -1.5, 2, 5, 12],
)  # fmt: skip
_THRESHOLD_DB = np.array(
    [30.0, 18, 12, 8, 7, 6, 5, 4, 3, 3,
     3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
)  # fmt: skip
_WIDTH_DB = np.array(
    [-0.25, -0.6, -0.8, -0.8, -0.5, 0, 0.5, 1.1, 1.5, 1.7,
     1.8, 1.8, 1.7, 1.6, 1.4, 1.2, 0.8, 0.5, 0, -0.5],
)  # fmt: skip
_SUMMED = ((0, 6), (6, 9), (9, 11))
"""Third octaves that make up the lowest three critical bands."""

# Table A.8: upper edges of the critical bands, in Bark.
_EDGES_BARK = np.array(
    [0.9, 1.8, 2.8, 3.5, 4.4, 5.4, 6.6, 7.9, 9.2, 10.6,
     12.3, 13.8, 15.2, 16.7, 18.1, 19.3, 20.6, 21.8, 22.7, 23.6, 24],
)  # fmt: skip
# Table A.9: how steeply specific loudness falls towards higher bands, by the specific loudness it
# falls from (rows, down to the value on the left) and by band (columns, the last one for the rest).
_FALL_FROM = np.array(
    [21.5, 18, 15.1, 11.5, 9, 6.1, 4.4, 3.1, 2.13,
     1.36, 0.82, 0.42, 0.30, 0.22, 0.15, 0.10, 0.035, 0],
)  # fmt: skip
_FALL = np.array(
    [
        [13.0, 8.2, 6.3, 5.5, 5.5, 5.5, 5.5, 5.5],
        [9.0, 7.5, 6.0, 5.1, 4.5, 4.5, 4.5, 4.5],
        [7.8, 6.7, 5.6, 4.9, 4.4, 3.9, 3.9, 3.9],
        [6.2, 5.4, 4.6, 4.0, 3.5, 3.2, 3.2, 3.2],
        [4.5, 3.8, 3.6, 3.2, 2.9, 2.7, 2.7, 2.7],
        [3.7, 3.0, 2.8, 2.35, 2.2, 2.2, 2.2, 2.2],
        [2.9, 2.3, 2.1, 1.9, 1.8, 1.7, 1.7, 1.7],
        [2.4, 1.7, 1.5, 1.35, 1.3, 1.3, 1.3, 1.3],
        [1.95, 1.45, 1.3, 1.15, 1.1, 1.1, 1.1, 1.1],
        [1.5, 1.2, 0.94, 0.86, 0.82, 0.82, 0.82, 0.82],
        [0.72, 0.67, 0.64, 0.63, 0.62, 0.62, 0.62, 0.62],
        [0.59, 0.53, 0.51, 0.5, 0.42, 0.42, 0.42, 0.42],
        [0.4, 0.33, 0.26, 0.24, 0.22, 0.22, 0.22, 0.22],
        [0.27, 0.21, 0.2, 0.18, 0.17, 0.17, 0.17, 0.17],
        [0.16, 0.15, 0.14, 0.12, 0.11, 0.11, 0.11, 0.11],
        [0.12, 0.11, 0.1, 0.08, 0.08, 0.08, 0.08, 0.08],
        [0.09, 0.08, 0.07, 0.06, 0.06, 0.06, 0.06, 0.05],
        [0.06, 0.05, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02],
    ]
)


def third_octave_response(freq_hz: Array) -> Array:
    """Power response of the bands at frequencies in Hz, shape (lines,) → (28, lines).

    Analogue Butterworth band-passes of third order per edge, like the filters of the standard.
    """
    middle, half = THIRD_OCTAVES_HZ[:, None], 10 ** (1 / 20)
    freq = np.maximum(freq_hz, 1e-3)
    detune = (freq / middle - middle / freq) / (half - 1 / half)
    result: Array = 1 / (1 + detune**6)
    return result


def _core(levels_db: Array) -> Array:
    """Specific loudness within each critical band, and none above; (…, 28) → (…, 21)."""
    low = levels_db[..., :11]
    above = (low[..., None] > _RANGES_DB[:-1] - _REDUCTION_DB[:-1].T).sum(axis=-1)
    power = 10 ** ((low + _REDUCTION_DB[above, np.arange(11)]) / 10)
    summed = [power[..., first:last].sum(axis=-1, keepdims=True) for first, last in _SUMMED]
    level = 10 * np.log10(np.maximum(np.concatenate(summed, axis=-1), 1e-20))
    level = np.concatenate([level, levels_db[..., 11:]], axis=-1) - _EAR_DB
    measured = level > _THRESHOLD_DB
    excess = 10 ** ((level - _WIDTH_DB - _THRESHOLD_DB) / 10)
    core = 0.0635 * 10 ** (0.025 * _THRESHOLD_DB) * ((0.75 + 0.25 * excess) ** 0.25 - 1)
    core = np.where(measured, np.maximum(core, 0.0), 0.0)
    core[..., 0] *= np.minimum(1.0, 0.4 + 0.32 * core[..., 0] ** 0.2)
    return np.concatenate([core, np.zeros((*core.shape[:-1], 1))], axis=-1)


def specific_loudness(levels_db: Array) -> Array:
    """Specific loudness in sone per Bark at ``BARK``, shape (…, 28) → (…, 2400).

    levels_db: sound pressure levels of the bands of ``THIRD_OCTAVES_HZ``, re 20 µPa.
    """
    core = _core(np.asarray(levels_db, dtype=np.float64))
    bands = np.searchsorted(_EDGES_BARK, BARK)
    columns = np.clip(bands - 1, 0, _FALL.shape[1] - 1)
    pattern = np.empty((*core.shape[:-1], len(BARK)))
    before = np.zeros(core.shape[:-1])
    for place, (band, column) in enumerate(zip(bands, columns, strict=True)):
        rows = np.minimum(np.searchsorted(-_FALL_FROM, -before), len(_FALL_FROM) - 1)
        fallen = before - BARK_STEP * _FALL[rows, column]
        before = np.maximum(np.maximum(fallen, core[..., band]), 0.0)
        pattern[..., place] = before
    return pattern


def loudness_sone(specific: Array) -> Array:
    """Loudness in sone of patterns of specific loudness, shape (…, 2400) → (…)."""
    result: Array = specific.sum(axis=-1) * BARK_STEP
    return result


def sharpness_acum(specific: Array) -> Array:
    """Sharpness in acum (DIN 45692, equation 1); 0 where there is no loudness.

    Shape (…, 2400) → (…).
    """
    weight = np.where(BARK > 15.8, 0.15 * np.exp(0.42 * (BARK - 15.8)) + 0.85, 1.0)
    moment = specific @ (weight * BARK) * BARK_STEP
    loudness = loudness_sone(specific)
    result: Array = 0.11 * np.divide(
        moment, loudness, out=np.zeros_like(loudness), where=loudness > 0
    )
    return result
