"""Other people's loudness meters, to agree with: libebur128, FFmpeg and pyloudnorm.

A test that needs one which is not installed is skipped by name.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from tests.signals import Array

_MODES = 0b001111  # EBUR128_MODE_M, S, I and LRA
_UNUSED, _LEFT, _RIGHT, _CENTRE, _LEFT_SURROUND, _RIGHT_SURROUND = range(6)
_SIDE_LEFT, _SIDE_RIGHT, _BACK_LEFT, _BACK_RIGHT = range(11, 15)  # at 90° and 135°
_MAPS = {
    8: (_LEFT, _RIGHT, _CENTRE, _UNUSED, _BACK_LEFT, _BACK_RIGHT, _SIDE_LEFT, _SIDE_RIGHT),
    6: (_LEFT, _RIGHT, _CENTRE, _UNUSED, _LEFT_SURROUND, _RIGHT_SURROUND),
    5: (_LEFT, _RIGHT, _CENTRE, _LEFT_SURROUND, _RIGHT_SURROUND),
    4: (_LEFT, _RIGHT, _LEFT_SURROUND, _RIGHT_SURROUND),
    3: (_LEFT, _RIGHT, _CENTRE),
}


@dataclass(frozen=True)
class Loudness:
    """Programme loudness in LUFS and loudness range in LU."""

    integrated_lufs: float
    range_lu: float


def libebur128(samples: Array, rate: int) -> Loudness:
    """What libebur128 reads; it takes short-term loudness for the range once a second."""
    try:
        library = ctypes.CDLL("libebur128.so.1")
    except OSError:
        pytest.skip("needs libebur128")
    frames, channels = samples.shape
    library.ebur128_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(
        library.ebur128_init(ctypes.c_uint(channels), ctypes.c_ulong(rate), _MODES)
    )
    for channel, place in enumerate(_MAPS.get(channels, ())):
        library.ebur128_set_channel(state, ctypes.c_uint(channel), ctypes.c_int(place))
    data = np.ascontiguousarray(samples)
    library.ebur128_add_frames_double(
        state, data.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), ctypes.c_size_t(frames)
    )
    values = []
    for function in (library.ebur128_loudness_global, library.ebur128_loudness_range):
        value = ctypes.c_double()
        function(state, ctypes.byref(value))
        values.append(value.value)
    library.ebur128_destroy(ctypes.byref(state))
    return Loudness(*values)


def ffmpeg(samples: Array, rate: int) -> Loudness:
    """What FFmpeg's ebur128 filter reads, to the tenth it prints."""
    raw = ("-f", "f64le", "-ar", str(rate), "-ac", str(samples.shape[1]), "-i", "-")
    return _ebur128(*raw, sound=np.ascontiguousarray(samples).tobytes())


def ffmpeg_on(path: Path) -> Loudness:
    """The same of a file, whose channels FFmpeg places itself."""
    return _ebur128("-i", str(path))


def _ebur128(*given: str, sound: bytes = b"") -> Loudness:
    report = _ffmpeg(*given, "-af", "ebur128", "-f", "null", "-", sound=sound).stderr.decode()
    summary = report[report.rindex("Summary:") :]
    values = [re.search(pattern, summary) for pattern in (r"I: +(\S+) LUFS", r"LRA: +(\S+) LU")]
    assert all(values), summary
    return Loudness(*(float(value[1]) for value in values if value))


def pyloudnorm_lufs(samples: Array, rate: int) -> float:
    """Programme loudness by pyloudnorm with the filter that follows the standard exactly."""
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    return float(meter.integrated_loudness(samples))


def decoded(path: Path, rate: int, channels: int) -> Array:
    """The sound of a file as FFmpeg decodes it, shape (frames, channels)."""
    sound = _ffmpeg(
        *("-i", str(path), "-f", "f64le", "-ar", str(rate), "-ac", str(channels), "-")
    ).stdout
    return np.frombuffer(sound).reshape(-1, channels)


def _ffmpeg(*arguments: str, sound: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs FFmpeg")
    command = ["ffmpeg", "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, input=sound, capture_output=True, check=True)
