"""A second opinion on loudness by a meter nobody here wrote, pyloudnorm."""

from __future__ import annotations

from pathlib import Path

from asmrmaster.audio import read
from asmrmaster.errors import InputError

MAX_SAMPLES = 200_000_000
"""pyloudnorm needs the whole file in memory, and as much again to work on: 1.6 GB each."""


def integrated_lufs(path: Path, stream: str | None = None) -> float:
    """Integrated loudness in LUFS as pyloudnorm measures it, with its exact filter.

    Raises InputError where it does not measure sound like this.
    """
    import pyloudnorm  # late: it brings all of scipy.signal

    audio = read(path, stream=stream).audio
    if audio.frames * audio.channels > MAX_SAMPLES:
        raise InputError("is too long for the second meter", subject=path)
    meter = pyloudnorm.Meter(audio.rate, filter_class="DeMan")
    try:
        return float(meter.integrated_loudness(audio.to_array()))
    except ValueError as error:  # more than five channels, say
        raise InputError(f"is nothing for the second meter ({error})", subject=path) from None
