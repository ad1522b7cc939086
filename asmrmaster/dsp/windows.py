"""Cutting a stream into equal windows with context, whatever blocks it arrives in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Windows:
    """Equal stretches of a stream, each seen with samples before and after it.

    Stretches start at multiples of ``length`` frames from the start of the stream, so what is
    computed on them cannot depend on how the stream was cut into blocks, not even in the last
    bit. Outside the stream there is silence.
    """

    def __init__(
        self,
        rows: int,
        length: int,
        before: int,
        after: int,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> None:
        self._length, self._before = length, before
        self._buffer = np.zeros((rows, before + length + after), dtype=dtype)
        self._filled = before  # columns that hold samples, or the silence before the first

    def feed(self, block: NDArray[np.floating[Any]]) -> Iterator[NDArray[Any]]:
        """The windows this block completes, shape (rows, before + length + after).

        ``block`` has shape (frames, rows). A window is the working buffer or, where it lies in the
        block as a whole, a view of that: read it before asking for the next, copy what must stay,
        never write.
        """
        width, taken = self._buffer.shape[1], 0
        plain = block.dtype == self._buffer.dtype and block.strides[0] == block.itemsize
        while taken < len(block):
            start = taken - self._filled  # of the buffer, in the block
            if plain and start >= 0:
                while start + width <= len(block):
                    yield block[start : start + width].T
                    start += self._length
                self._filled, taken = 0, start
            count = min(len(block) - taken, width - self._filled)
            part = block[taken : taken + count].T
            self._buffer[:, self._filled : self._filled + count] = part
            self._filled += count
            taken += count
            if self._filled == width:
                yield self._buffer
                self._advance()

    def finish(self) -> Iterator[tuple[NDArray[Any], int]]:
        """The windows still open at the end of the stream, each with its count of real frames."""
        while self._filled > self._before:
            self._buffer[:, self._filled :] = 0
            yield self._buffer, min(self._filled - self._before, self._length)
            self._advance()

    def _advance(self) -> None:
        self._buffer[:, : -self._length] = self._buffer[:, self._length :].copy()
        self._filled = max(self._before, self._filled - self._length)
