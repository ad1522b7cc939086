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
        frames decided on; frame k begins with hop k of the file, the first ones before it.
        Returns shape (n, bins); where stretches meet, the frames between them are asked for twice.
        """

    def finish(self) -> None:
        """Called after the last stretch."""


def masked(
    audio: Audio, repair: Repair, size: int, make: Callable[[], Mask], overlap: int = 2
) -> Audio:
    """The sound without what a mask takes away, in frames of ``size`` samples.

    What goes is subtracted, so where nothing goes the sound stays bit for bit; protected spans
    stay too. overlap: how many frames any moment lies in.
    """
    hop = size // overlap
    length = HALVES * size // 2

    def blocks() -> Iterator[Block]:
        mask = make()
        before = mask.before * hop + size - hop
        windows = Windows(audio.channels, length, before, mask.after * hop + size - hop)
        start = 0

        def step(window: Array, count: int) -> Block:
            nonlocal start
            middle = window[:, before : before + count]
            frames = spectra(window, size, overlap)
            removed = mask(frames, start // hop - (overlap - 1))
            share = repair.share(start, count, audio.rate)
            start += length
            if removed is None:
                return middle.copy().T
            decided = frames[:, mask.before : frames.shape[1] - mask.after]
            gone = overlapped(decided * removed, size, overlap)[:, :count]
            result: Block = (middle - (gone if share is None else share * gone)).T
            return result

        for block in audio.open():
            for window in windows.feed(block):
                yield step(window, length)
        for window, count in windows.finish():
            yield step(window, count)
        mask.finish()

    return Audio(audio.rate, audio.channels, audio.frames, blocks)
