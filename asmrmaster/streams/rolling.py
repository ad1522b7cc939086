"""The stretch of a stream around the present, to look back and ahead in, and to change."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from asmrmaster.streams.audio import Audio, Block


class Rolling:
    """Samples of a stream, read on as needed and let go of behind; only ever moves forward."""

    def __init__(self, audio: Audio) -> None:
        self._blocks = audio.open()
        self._start = 0
        self._kept: list[Block] = []
        self._channels = audio.channels

    @property
    def end(self) -> int:
        """One past the last frame that was read."""
        return self._start + sum(len(block) for block in self._kept)

    def until(self, first: int) -> Iterator[Block]:
        """Everything before frame ``first`` that was not given away yet, block by block."""
        while self._start < first:
            if not self._kept:
                block = next(self._blocks, None)
                if block is None:
                    return
                self._kept.append(block)
            block = self._kept.pop(0)
            count = min(len(block), first - self._start)
            if count < len(block):
                self._kept.insert(0, block[count:])
            self._start += count
            yield block[:count]

    def around(self, first: int, stop: int) -> Block:
        """Frames [first, stop), or to the end of the stream: a copy that may be written into.

        What is written there is what later calls see. ``first`` must not have been given away.
        """
        while self.end < stop and (block := next(self._blocks, None)) is not None:
            self._kept.append(block)
        if not self._kept:
            return np.empty((0, self._channels))
        whole = np.concatenate([block.T for block in self._kept], axis=1, dtype=np.float64).T
        self._kept = [whole]
        return whole[first - self._start : stop - self._start]

    def rest(self) -> Iterator[Block]:
        """All that has not been given away, to the end of the stream."""
        while self._kept:
            block = self._kept.pop(0)
            self._start += len(block)
            yield block
        for block in self._blocks:
            self._start += len(block)
            yield block
