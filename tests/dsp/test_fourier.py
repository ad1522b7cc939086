"""Short-time spectra: the transform against numpy's, and the window's promises."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp import fourier
from asmrmaster.dsp.compiled import compiled


@pytest.mark.parametrize("length", [320, 441 * 4, 1920])
def test_transform_agrees_with_numpy(length: int) -> None:
    frames = np.random.default_rng(0).standard_normal((3, 5, length)).astype(np.float32)
    expected = np.fft.rfft(frames.astype(np.float64))
    for transform in (fourier.rfft, fourier._public_transform):
        found = transform(frames, None)
        assert found.dtype == np.complex64
        assert np.abs(found - expected).max() < 1e-6 * np.abs(expected).max()


def test_squares_of_overlapping_windows_add_up_to_one() -> None:
    window = fourier.power_complementary_window(1920)
    assert np.abs(window[:960] ** 2 + window[960:] ** 2 - 1).max() < 1e-12


def test_window_leaks_as_little_as_it_says() -> None:
    leak = np.abs(np.fft.rfft(fourier.power_complementary_window(1920)))
    leak_db = 20 * np.log10(leak / leak[0] + 1e-12)
    assert leak_db[3] < -38.5
    assert leak_db[6:].max() < -104


def test_unknown_compiled_module_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="no_such_module"):
        compiled("signal", "no_such_module")
