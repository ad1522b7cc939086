"""Second-order sections: filtering with carried state, and the designs used here.

A section is a row (b0, b1, b2, 1, a1, a2); a filter is an array of shape (sections, 6).

Sources: K-weighting, Recommendation ITU-R BS.1770-5 Annex 1, the analogue prototype of its 48 kHz
coefficients carried to other rates. Bells and shelves: R. Bristow-Johnson, "Cookbook formulae for
audio EQ biquad filter coefficients". Butterworth: S. Butterworth 1930, by pole angles. A-weighting:
IEC 61672-1:2013 Annex E.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, pi, sin, sqrt, tan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.compiled import compiled

Sos = NDArray[np.float64]
Numbers = NDArray[Any]
Kernel = Callable[[Numbers, Numbers, Numbers], None]


def _load_kernel() -> Kernel:
    """scipy's compiled section filter: in place on (channels, frames), state carried.

    Loaded by itself, see ``dsp.compiled``; where that fails the public function does the same.
    """
    try:
        kernel: Kernel = compiled("signal", "_sosfilt")._sosfilt
        section = np.array([[1.0, 0, 0, 1, 0, 0]])
        kernel(section, np.zeros((1, 8)), np.zeros((1, 1, 2)))
        return kernel
    except Exception:  # any trouble with a private module: the public way is always right
        return _public_kernel


def _public_kernel(sos: Numbers, samples: Numbers, state: Numbers) -> None:
    from scipy.signal import sosfilt

    samples[:], after = sosfilt(sos, samples, axis=1, zi=state.transpose(1, 0, 2))
    state[:] = after.transpose(1, 0, 2)


kernel = _load_kernel()
"""Filters samples of shape (channels, frames) in place, state (channels, sections, 2) carried."""


class Filter:
    """A running filter over blocks of shape (frames, channels); starts from rest."""

    def __init__(self, sos: Sos, channels: int) -> None:
        self._sos = np.ascontiguousarray(sos, dtype=np.float64)
        self._state = np.zeros((channels, len(sos), 2))

    def __call__(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block filtered, a new array of the same shape, contiguous along time."""
        result = np.array(block.T, dtype=np.float64, order="C")
        kernel(self._sos, result, self._state)
        # −600 dB and less is nothing; left alone it becomes denormal in silence and stays
        # so, which makes the kernel forty times slower.
        self._state[np.abs(self._state) < 1e-30] = 0.0
        return result.T


def response(sos: Sos, rate_hz: float, freq_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power response |H|² at the given frequencies in Hz, same shape as ``freq_hz``."""
    z = np.exp(-2j * pi * np.asarray(freq_hz) / rate_hz)
    power = np.ones(z.shape)
    for b0, b1, b2, a0, a1, a2 in sos:
        power = power * np.abs((b0 + b1 * z + b2 * z * z) / (a0 + a1 * z + a2 * z * z)) ** 2
    return power


def k_weighting(rate_hz: float) -> Sos:
    """The two sections of K-weighting at any rate; at 48 kHz the table of BS.1770-5 Annex 1."""
    k = tan(pi * 1681.974450955533 / rate_hz)
    v_h = 10 ** (3.999843853973347 / 20)
    v_b = v_h**0.4996667741545416
    q = 0.7071752369554196
    a0 = 1 + k / q + k * k
    shelf = [
        (v_h + v_b * k / q + k * k) / a0,
        2 * (k * k - v_h) / a0,
        (v_h - v_b * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    k = tan(pi * 38.13547087602444 / rate_hz)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    high = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, high])


def _check_band(rate_hz: float, *freqs_hz: float) -> None:
    for freq in freqs_hz:
        if not 0 < freq < rate_hz / 2:
            raise ValueError(f"{freq} Hz is not between 0 and half the rate ({rate_hz / 2} Hz)")


def highpass(cutoff_hz: float, rate_hz: float, order: int = 2) -> Sos:
    """Butterworth high-pass of even or odd order, −3 dB at ``cutoff_hz``."""
    return _butterworth(cutoff_hz, rate_hz, order, high=True)


def lowpass(cutoff_hz: float, rate_hz: float, order: int = 2) -> Sos:
    """Butterworth low-pass of even or odd order, −3 dB at ``cutoff_hz``."""
    return _butterworth(cutoff_hz, rate_hz, order, high=False)


def _butterworth(cutoff_hz: float, rate_hz: float, order: int, *, high: bool) -> Sos:
    """Bilinear transform, prewarped at the cutoff, one section per pole pair."""
    _check_band(rate_hz, cutoff_hz)
    k = tan(pi * cutoff_hz / rate_hz)
    sections = []
    for i in range(order // 2):
        damping = 2 * sin(pi * (2 * i + 1) / (2 * order))
        a0 = 1 + damping * k + k * k
        gain, sign = (1 / a0, -2.0) if high else (k * k / a0, 2.0)
        a1, a2 = 2 * (k * k - 1) / a0, (1 - damping * k + k * k) / a0
        sections.append([gain, sign * gain, gain, 1.0, a1, a2])
    if order % 2:
        gain, sign = (1 / (1 + k), -1.0) if high else (k / (1 + k), 1.0)
        sections.append([gain, sign * gain, 0.0, 1.0, (k - 1) / (1 + k), 0.0])
    return np.array(sections)


def bell(freq_hz: float, gain_db: float, q: float, rate_hz: float) -> Sos:
    """Peaking equaliser section (Bristow-Johnson)."""
    _check_band(rate_hz, freq_hz)
    a, w = 10 ** (gain_db / 40), 2 * pi * freq_hz / rate_hz
    alpha = sin(w) / (2 * q)
    return _section(
        [1 + alpha * a, -2 * cos(w), 1 - alpha * a], [1 + alpha / a, -2 * cos(w), 1 - alpha / a]
    )


def shelf(freq_hz: float, gain_db: float, q: float, rate_hz: float, *, high: bool) -> Sos:
    """Low or high shelf section (Bristow-Johnson), half of its gain at ``freq_hz``."""
    _check_band(rate_hz, freq_hz)
    a, w = 10 ** (gain_db / 40), 2 * pi * freq_hz / rate_hz
    c = -cos(w) if high else cos(w)  # the high shelf is the low shelf mirrored in frequency
    s = 2 * sqrt(a) * sin(w) / (2 * q)
    m = -1.0 if high else 1.0
    return _section(
        [a * ((a + 1) - (a - 1) * c + s), m * 2 * a * ((a - 1) - (a + 1) * c),
         a * ((a + 1) - (a - 1) * c - s)],
        [(a + 1) + (a - 1) * c + s, m * -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - s],
    )  # fmt: skip


def _section(b: list[float], a: list[float]) -> Sos:
    return np.array([[*(x / a[0] for x in b), 1.0, a[1] / a[0], a[2] / a[0]]])


def a_weighting_power(freq_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """A-weighting as a power response |H|², 1 at 1 kHz; IEC 61672-1:2013 Annex E."""
    f2 = np.asarray(freq_hz, dtype=np.float64) ** 2

    def amplitude(x: NDArray[np.float64]) -> NDArray[np.float64]:
        f1, fa, fb, f4 = 20.598997**2, 107.65265**2, 737.86223**2, 12194.217**2
        return f4 * x**2 / ((x + f1) * np.sqrt((x + fa) * (x + fb)) * (x + f4))

    result: NDArray[np.float64] = (amplitude(f2) / amplitude(np.array(1e6))) ** 2
    return result


def smoothing_coefficient(time_constant_s: float, step_s: float) -> float:
    """Weight of the past in an exponential average with this time constant and step."""
    return exp(-step_s / time_constant_s)
