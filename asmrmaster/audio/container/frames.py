"""Blocks of ours into FFmpeg's frames, and back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from asmrmaster.audio.channel_layout import WAVE_ORDER

LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
"""FFmpeg's usual layout for one to eight channels; all of them are in WAV order."""

STEPS: dict[str, tuple[type[Any], float | None]] = {
    "u8": (np.uint8, 2.0**-7),
    "s16": (np.int16, 2.0**-15),
    "s32": (np.int32, 2.0**-31),
    "s64": (np.int64, 2.0**-63),
    "flt": (np.float32, None),
    "dbl": (np.float64, None),
}
"""FFmpeg's sample format, without the p of planar → type, and the size of a step of integers."""


def wave_order(speakers: Sequence[str]) -> tuple[int, ...]:
    """Which of these channels comes where in WAV order; those WAV does not know come last."""
    places = {name: place for place, name in enumerate(WAVE_ORDER)}
    last = len(WAVE_ORDER)
    return tuple(sorted(range(len(speakers)), key=lambda i: places.get(speakers[i], last)))


def rows_of(frame: AudioFrame, kind: str, channels: int) -> list[NDArray[Any]]:
    """One array for each channel, in the type they were decoded to."""
    dtype, _ = STEPS[kind.removesuffix("p")]
    if kind.endswith("p"):
        planes: tuple[Any, ...] = frame.planes[:channels]  # PyAV lists a ninth of eight
        return [np.frombuffer(plane, dtype, frame.samples) for plane in planes]
    plane: Any = frame.planes[0]
    packed = np.frombuffer(plane, dtype, frame.samples * channels)
    return list(packed.reshape(frame.samples, channels).T)


def frame_of(samples: NDArray[Any], kind: str, layout: str, rate: int, start: int) -> AudioFrame:
    """A frame of samples of shape (frames, channels) in the type of ``kind``.

    start: its time, in frames.
    """
    dtype, _ = STEPS[kind.removesuffix("p")]
    frame = AudioFrame(kind, layout, len(samples))
    rows = samples.T if kind.endswith("p") else samples.reshape(1, -1)
    for row, plane in zip(rows, frame.planes, strict=False):  # PyAV lists a ninth of eight
        data: Any = np.ascontiguousarray(row, dtype)
        plane.update(data)
    frame.sample_rate = rate
    frame.pts = start
    frame.time_base = Fraction(1, rate)
    return frame
