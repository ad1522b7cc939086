"""Sound as a pull stream: what is read, shaped by stages, heard by meters and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float64]
"""Samples, shape (frames, channels), full scale ±1.0.

Blocks may be of any length. Whoever receives a block must not write into it: the same block is
heard by several meters. Blocks are kept contiguous along time (``block.T`` is C-contiguous)
wherever possible, because everything here filters along time; nothing may rely on it.
"""


@dataclass(frozen=True)
class Audio:
    """A description of sound that can be opened again and again.

    rate: sampling rate in Hz. channels: count. frames: exact count of frames one pass delivers.
    open: starts a fresh pass from frame 0 and yields blocks.
    """

    rate: int
    channels: int
    frames: int
    open: Callable[[], Iterator[Block]]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate

    @classmethod
    def from_array(cls, samples: NDArray[np.floating], rate: int, block: int = 48_000) -> Audio:
        """Audio over an array of shape (frames, channels) or (frames,), in blocks of ``block``."""
        data = np.asarray(samples, dtype=np.float64)
        data = np.asfortranarray(data[:, None] if data.ndim == 1 else data)

        def blocks() -> Iterator[Block]:
            for start in range(0, len(data), block):
                yield data[start : start + block]

        return cls(rate, data.shape[1], len(data), blocks)

    def to_array(self) -> Block:
        """All samples as one array of shape (frames, channels); for tests and short sounds."""
        blocks = list(self.open())
        return np.concatenate(blocks) if blocks else np.empty((0, self.channels))
