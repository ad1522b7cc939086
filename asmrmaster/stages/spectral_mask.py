"""Taking a share of the short-time spectrum away from a sound, everywhere else bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.stft import Spectra, overlapped, spectra
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.repair import Repair
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]

HALVES = 96
"""Half frames worked on at a time."""


class Mask(Protocol):
    """Decides what is taken away; made anew for every pass, asked for stretches in order."""

    before: int
    after: int
    """Frames it looks at before the first and after the last it decides on."""

    def __call__(self, frames: Spectra, first: int) -> Array | None:
        """Share of each bin to take away, the same for all channels; None for nothing at all.

        frames: shape (channels, before + n + after, bins). first: number of the first of the n
        frames decided on; frame k covers half frames k and k + 1 of the file, k from −1 on.
        Returns shape (n, bins); where stretches meet, the frame between them is asked for twice.
        """

    def finish(self) -> None:
        """Called after the last stretch."""


def masked(audio: Audio, repair: Repair, size: int, make: Callable[[], Mask]) -> Audio:
    """The sound without what a mask takes away, in frames of ``size`` samples.

    What goes is subtracted, so where nothing goes the sound stays bit for bit; protected spans
    stay too.
    """
    half = size // 2
    length = HALVES * half

    def blocks() -> Iterator[Block]:
        mask = make()
        before = (mask.before + 1) * half
        windows = Windows(audio.channels, length, before, (mask.after + 1) * half)
        start = 0

        def step(window: Array, count: int) -> Block:
            nonlocal start
            middle = window[:, before : before + count]
            frames = spectra(window, size)
            removed = mask(frames, start // half - 1)
            share = repair.share(start, count, audio.rate)
            start += length
            if removed is None:
                return middle.copy().T
            decided = frames[:, mask.before : frames.shape[1] - mask.after]
            gone = overlapped(decided * removed, size)[:, :count]
            result: Block = (middle - (gone if share is None else share * gone)).T
            return result

        for block in audio.open():
            for window in windows.feed(block):
                yield step(window, length)
        for window, count in windows.finish():
            yield step(window, count)
        mask.finish()

    return Audio(audio.rate, audio.channels, audio.frames, blocks)
