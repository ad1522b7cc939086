"""libebur128 as an oracle."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from tests.signals import Array

_TRUE_PEAK = 0b110001  # EBUR128_MODE_TRUE_PEAK


def true_peak_dbtp(samples: Array, rate: int) -> float:
    """Highest true peak of all channels; the test is skipped by name where the library is not."""
    try:
        library = ctypes.CDLL("libebur128.so.1")
    except OSError:
        pytest.skip("needs libebur128")
    frames, channels = samples.shape
    library.ebur128_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(
        library.ebur128_init(ctypes.c_uint(channels), ctypes.c_ulong(rate), _TRUE_PEAK)
    )
    data = np.ascontiguousarray(samples)
    library.ebur128_add_frames_double(
        state, data.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), ctypes.c_size_t(frames)
    )
    peaks = []
    for channel in range(channels):
        peak = ctypes.c_double()
        library.ebur128_true_peak(state, ctypes.c_uint(channel), ctypes.byref(peak))
        peaks.append(peak.value)
    library.ebur128_destroy(ctypes.byref(state))
    return float(20 * np.log10(max(peaks)))
