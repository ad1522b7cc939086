"""Tones in noise: how far a line of the spectrum stands out of what masks it.

Source: ECMA-418-1 (3rd edition, 2024), the critical bands of clause 10, the tone-to-noise ratio
of clause 11 and the prominence ratio of clause 12; spectra with lines 1 Hz apart, Hann window.
"""

from __future__ import annotations

from itertools import pairwise
from math import log10, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 89.1, 11_200.0
"""The range the standard speaks of (clause 4)."""
LOBE = 2
"""A steady tone under a Hann window lies within this many lines of its peak."""

_LOWER_EDGE = (  # from this tone frequency on: coefficients of f1,L (Table 2)
    (1600.0, (6.8, 0.806, -8.20e-6)),
    (171.4, (-149.5, 1.001, -6.90e-5)),
    (0.0, (20.0, 0.0, 0.0)),
)
_UPPER_EDGE = (  # … and of f2,U (Table 3)
    (1600.0, (3.3, 1.215, 2.16e-5)),
    (0.0, (149.5, 1.035, 7.70e-5)),
)


def critical_band(freq_hz: float) -> tuple[float, float]:
    """Lower and upper edge in Hz of the critical band around a tone (clause 10)."""
    width = 25 + 75 * (1 + 1.4 * (freq_hz / 1000) ** 2) ** 0.69
    low = freq_hz - width / 2
    if freq_hz > 500:
        low = (sqrt(width**2 + 4 * freq_hz**2) - width) / 2
    return low, low + width


def tnr_criterion_db(freq_hz: float) -> float:
    """Tone-to-noise ratio from which a tone is prominent (formulae 12 and 13)."""
    return 8.0 + max(0.0, 8.33 * log10(1000 / freq_hz))


def pr_criterion_db(freq_hz: float) -> float:
    """Prominence ratio from which a tone is prominent (formulae 25 and 26)."""
    return 9.0 + max(0.0, 10.0 * log10(1000 / freq_hz))


def tone_to_noise_db(lobe: float, density: float, freq_hz: float) -> float:
    """Tone-to-noise ratio of a tone (formulae 9 to 11).

    lobe: power of the lines within ``LOBE`` of its peak. density: mean power of a line of the noise
    around it, other tones left out (clause 11.6); it is scaled to the critical band.
    """
    low, high = critical_band(freq_hz)
    tone = max(lobe - density * (2 * LOBE + 1), 0.0)
    return _ratio_db(tone, density * (high - low))


def prominence_ratio_db(power: Array, peak: int) -> float:
    """Prominence ratio of the tone at line ``peak``; lines 1 Hz apart (formulae 21 to 24)."""
    low, high = critical_band(peak)
    lower, upper = (_fitted(peak, table) for table in (_LOWER_EDGE, _UPPER_EDGE))
    edges = [min(len(power), round(edge) + 1) for edge in (lower, low, high, upper)]
    below, middle, above = (float(power[a:b].sum()) for a, b in pairwise(edges))
    if peak <= 171.4:
        below *= 100 / max(1, edges[1] - edges[0])
    return _ratio_db(middle, (below + above) / 2)


def _fitted(freq_hz: float, table: tuple[tuple[float, tuple[float, float, float]], ...]) -> float:
    c0, c1, c2 = next(row for start, row in table if freq_hz >= start)
    return c0 + c1 * freq_hz + c2 * freq_hz**2


def _ratio_db(signal: float, noise: float) -> float:
    """Between −100 and 100 dB, so that nothing is infinite."""
    ratio = signal / noise if noise > 0 else 1e10 * (signal > 0)
    return 10 * log10(min(max(ratio, 1e-10), 1e10))
