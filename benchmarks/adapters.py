"""What other tools do to a file, as commands: ``python -m benchmarks.adapters NAME SOURCE TARGET``.

Each reads all of SOURCE; those that make sound write TARGET as 24 bit WAV, and those that only
measure leave it alone. Libraries that work on the whole file in memory are given it whole: that is
how they are used. One that is not installed ends with exit code 3.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

NOT_INSTALLED = 3
_MODE = 0b110001 | 0b1011  # true peak and all loudness: ebur128.h


def libebur128(source: Path, target: Path) -> None:
    """Measure loudness, range and true peak by the reference library, a second at a time."""
    library = ctypes.CDLL("libebur128.so.1")
    library.ebur128_init.restype = ctypes.c_void_p
    with soundfile.SoundFile(source) as file:
        channels, rate = ctypes.c_uint(file.channels), ctypes.c_ulong(file.samplerate)
        state = ctypes.c_void_p(library.ebur128_init(channels, rate, _MODE))
        for block in file.blocks(file.samplerate, dtype="float64", always_2d=True):
            data = np.ascontiguousarray(block).ctypes.data_as(ctypes.POINTER(ctypes.c_double))
            library.ebur128_add_frames_double(state, data, ctypes.c_size_t(len(block)))
    found = ctypes.c_double()
    library.ebur128_loudness_global(state, ctypes.byref(found))
    library.ebur128_loudness_range(state, ctypes.byref(found))
    library.ebur128_destroy(ctypes.byref(state))


def pyloudnorm(source: Path, target: Path) -> None:
    """Measure integrated loudness."""
    import pyloudnorm as meter

    samples, rate = soundfile.read(source)
    meter.Meter(rate).integrated_loudness(samples)


def matchering(source: Path, target: Path) -> None:
    """Match the take to a reference, here its own first half minute."""
    import matchering as matcher

    reference = target.with_name("reference.wav")
    start, rate = soundfile.read(source, stop=30 * soundfile.info(source).samplerate)
    soundfile.write(reference, start, rate, "PCM_24")
    matcher.process(str(source), str(reference), [matcher.pcm24(str(target))])


def noisereduce(source: Path, target: Path) -> None:
    """Lower steady noise."""
    import noisereduce as reducer

    samples, rate = soundfile.read(source, always_2d=True)
    lowered = reducer.reduce_noise(y=samples.T, sr=rate, stationary=True)
    soundfile.write(target, lowered.T, rate, "PCM_24")


def pedalboard(source: Path, target: Path) -> None:
    """High-pass, gain and limiter, a second at a time."""
    import pedalboard as board
    from pedalboard.io import AudioFile

    chain = vars(board)["Pedalboard"]([board.HighpassFilter(20), board.Gain(6), board.Limiter(-2)])
    with (
        AudioFile(str(source)) as given,
        AudioFile(str(target), "w", given.samplerate, given.num_channels, bit_depth=24) as out,
    ):
        while given.tell() < given.frames:
            out.write(chain(given.read(given.samplerate), given.samplerate, reset=False))


TOOLS: dict[str, Callable[[Path, Path], None]] = {
    tool.__name__: tool for tool in (libebur128, pyloudnorm, matchering, noisereduce, pedalboard)
}


def main(name: str, source: str, target: str) -> None:
    """Run one tool."""
    try:
        TOOLS[name](Path(source), Path(target))
    except (ImportError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(NOT_INSTALLED)


if __name__ == "__main__":
    main(*sys.argv[1:4])
