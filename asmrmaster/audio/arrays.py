"""Sound in arrays: every usual layout is recognised, what could be read two ways is refused.

Libraries disagree on which way an array of samples lies: soundfile and scipy have (frames,
channels), pedalboard, librosa and torchaudio (channels, frames), and mono is often (frames,). Sound
has few channels and many frames, so the two are told apart; and what comes out lies as what went
in.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio.validation import CHANNEL_COUNTS, LOUDEST, LOUDEST_DBFS, RATES_HZ
from asmrmaster.errors import ParameterError, WrongTypeError
from asmrmaster.streams.audio import Audio, Block

MOST_CHANNELS = max(CHANNEL_COUNTS)

_NEEDED = "an array of samples, shape (frames,), (frames, channels) or (channels, frames)"
_TRANSPOSE = (
    "Sound is of shape (frames,), (frames, channels) or (channels, frames), "
    f"with at most {MOST_CHANNELS} channels"
)
_SCALES = {
    "int16": "divide by 32768.0",
    "int32": "divide by 2147483648.0",
    "uint8": "subtract 128 and divide by 128.0",
}


@dataclass(frozen=True)
class ArraySound:
    """An array, recognised.

    samples: shape (frames, channels). rate: in Hz. single: whether single precision holds them.
    restored: gives samples of that shape back as the array lay, in its precision.
    """

    samples: Block
    rate: int
    single: bool
    restored: Callable[[NDArray[Any]], NDArray[Any]]

    @property
    def audio(self) -> Audio:
        """The same sound as a stream."""
        return Audio.from_array(self.samples, self.rate)


def recognised(x: object, sample_rate: object) -> ArraySound:
    """The sound in an array, full scale ±1.0, any of the usual layouts.

    Raises WrongTypeError, which is a TypeError, for what is no array of floating point numbers or
    no rate; ParameterError, which is a ValueError, for a shape that is no sound or that can be read
    two ways, a rate beyond ``RATES_HZ``, and a sample that is not finite or is damage.
    """
    array = _floats(x)
    rate = checked_rate(sample_rate)
    axis = _time_axis(array.shape)
    samples = array[:, None] if array.ndim == 1 else np.moveaxis(array, axis, 0)
    if samples.shape[1] not in CHANNEL_COUNTS:
        raise ParameterError(
            f"{samples.shape[1]} channels in an array of shape {array.shape}; 1 to 6, or 8, can be"
            " handled",
            hint=_TRANSPOSE,
        )
    _check_samples(samples, rate)

    def restored(result: NDArray[Any]) -> NDArray[Any]:
        laid = result[:, 0] if array.ndim == 1 else np.moveaxis(result, 0, axis)
        return np.ascontiguousarray(laid, dtype=array.dtype)

    return ArraySound(samples.astype(np.float64), rate, array.dtype.itemsize <= 4, restored)


def checked_rate(sample_rate: object) -> int:
    """A sampling rate in Hz. Raises WrongTypeError and ParameterError, see ``recognised``."""
    hint = "Give the sampling rate in Hz, such as 48000"
    try:
        if isinstance(sample_rate, bool | np.bool_ | str):
            raise TypeError
        rate = float(sample_rate) if isinstance(sample_rate, float | np.floating) else (
            operator.index(sample_rate)  # type: ignore[arg-type]
        )  # fmt: skip
    except TypeError:
        raise WrongTypeError("the sampling rate", sample_rate, "a number", hint=hint) from None
    low, high = RATES_HZ
    if not low <= rate <= high or rate != math.floor(rate):
        raise ParameterError(
            f"a sampling rate of {rate:g} Hz; whole numbers from {low} to {high} Hz can be handled",
            hint=hint,
        )
    return int(rate)


def _floats(x: object) -> NDArray[Any]:
    if not hasattr(x, "__array__"):
        hint = "Read a file first, with asmrmaster.read(path).audio.to_array() or soundfile.read"
        raise WrongTypeError("the sound", x, _NEEDED, hint=hint)
    array = np.asarray(x)
    if array.dtype.kind in "iu":
        scale = _SCALES.get(array.dtype.name, "scale it to floating point")
        raise WrongTypeError(
            "the sound", f"an array of {array.dtype}", "samples in floating point, ±1.0",
            hint=f"Integers have no one scale: {scale} first",
        )  # fmt: skip
    if array.dtype.kind != "f":
        raise WrongTypeError(
            "the sound", f"an array of {array.dtype}", "samples in floating point, ±1.0"
        )
    return array


def _time_axis(shape: tuple[int, ...]) -> int:
    """Which axis is time. Raises ParameterError where none can be, or either could."""
    if len(shape) == 1:
        return 0
    if len(shape) != 2:
        raise ParameterError(f"an array of shape {shape} is no sound", hint=_TRANSPOSE)
    could_be = [axis for axis in (0, 1) if 1 <= shape[1 - axis] <= MOST_CHANNELS]
    if not could_be:
        raise ParameterError(
            f"an array of shape {shape} has more channels than {MOST_CHANNELS}, either way round",
            hint=_TRANSPOSE,
        )
    if len(could_be) == 2:
        if shape == (1, 1):
            return 0
        raise ParameterError(
            f"an array of shape {shape} could be either way round",
            hint=f"Give sound of {MOST_CHANNELS} frames or fewer as shape (frames,)",
        )
    return could_be[0]


def _check_samples(samples: NDArray[Any], rate: int) -> None:
    """ParameterError naming the time of the first sample that no sound can have."""
    with np.errstate(invalid="ignore"):
        sound = np.abs(samples) <= LOUDEST  # NaN fails the comparison
    if sound.all():
        return
    at = int(np.argmin(sound.all(axis=1)))
    finite = bool(np.isfinite(samples[at]).all())
    what = f"more than {LOUDEST_DBFS} dB above full scale" if finite else "not finite"
    raise ParameterError(
        f"a sample at {at / rate:.3f} s is {what}", hint="Full scale is ±1.0; check the array"
    )
