"""Sound as a pull stream: what is read, shaped by stages, measured by meters and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float64]
"""Samples, shape (frames, channels), full scale ±1.0; for meters also in single precision.

Blocks may be of any length. Whoever receives a block must not write into it: the same block is
handed to several meters. Blocks are kept contiguous along time (``block.T`` is C-contiguous)
wherever possible, because everything here filters along time; nothing may rely on it.
"""

BLOCK_BYTES = 1 << 22
"""Sound is read and measured in blocks of this or a little more, 6 s of stereo at 48 kHz.

Between two steps of arithmetic a thread needs the interpreter: with blocks of a second two threads
wait for each other half the time, and much larger ones leave the cache. From this size on numpy
asks for memory in large pages, which saves a tenth.
"""


def block_frames(rate: int, channels: int) -> int:
    """Frames of such a block: whole seconds, at least one."""
    second_bytes = max(1, rate * channels * np.dtype(np.float64).itemsize)
    return rate * -(-BLOCK_BYTES // second_bytes)


@dataclass(frozen=True)
class Audio:
    """A description of sound that can be opened again and again.

    rate: sampling rate in Hz. channels: count. frames: exact count of frames one pass delivers.
    open: starts a fresh pass from frame 0 and yields blocks. single: the same in single precision,
    for meters, where that is exact and at hand.
    """

    rate: int
    channels: int
    frames: int
    open: Callable[[], Iterator[Block]]
    single: Callable[[], Iterator[Block]] | None = None

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
