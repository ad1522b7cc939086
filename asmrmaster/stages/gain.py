"""Apply a planned gain curve: the one place where the ride touches samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import grid_edges
from asmrmaster.streams.audio import Audio, Block


def apply_gain(audio: Audio, amplitude: NDArray[np.floating]) -> Audio:
    """The sound times a curve of amplitudes, all channels alike.

    amplitude: shape (points,), linear gain at the start of each 10 ms hop; between points it runs
    straight in amplitude, after the last it holds. A stretch of gain 1 passes bit for bit.
    """
    points = np.asarray(amplitude, dtype=np.float64)

    def blocks() -> Iterator[Block]:
        start = 0
        for block in audio.open():
            yield _scaled(block, start, points, audio.rate)
            start += len(block)

    return Audio(audio.rate, audio.channels, audio.frames, blocks)


def _scaled(block: Block, start: int, points: NDArray[np.float64], rate: int) -> Block:
    """One block that starts at frame ``start``."""
    first = max(0, start * 100 // rate - 1)
    last = min(len(points) - 1, (start + len(block)) * 100 // rate + 1)
    near = points[min(first, len(points) - 1) : last + 1]
    if np.all(near == near[0]):
        return block if near[0] == 1.0 else (block.T * near[0]).T
    edges = grid_edges(first, last, rate)
    frames = np.arange(start, start + len(block))
    result: Block = (block.T * np.interp(frames, edges, near)).T
    return result
