"""Reading a file while it is written: who writes says how far it is, who reads waits for it."""

from __future__ import annotations

import mmap
import time
from collections.abc import Iterator
from dataclasses import replace

from asmrmaster.errors import InputError
from asmrmaster.streams.audio import Audio, Block, block_frames

_WAIT_S = 0.003


class GrowingFile:
    """Frames that lie in a file so far; known to this process and those that split off later."""

    def __init__(self) -> None:
        self._pages = mmap.mmap(-1, mmap.PAGESIZE)
        self._frames = memoryview(self._pages).cast("q")

    def counting(self, audio: Audio) -> Audio:
        """The same sound for a writer; a block is counted when the writer asks for the next."""

        def blocks() -> Iterator[Block]:
            for block in audio.open():
                yield block
                self._frames[0] += len(block)

        return replace(audio, open=blocks, single=None, anywhere=False)

    def give_up(self) -> None:
        """There will be no more; who waits for them gets an InputError."""
        self._frames[1] = 1

    def wait(self, frames: int = 1) -> None:
        """Return when so many are there."""
        while self._frames[0] < frames:
            if self._frames[1]:
                raise InputError("was not written to its end")
            time.sleep(_WAIT_S)

    def following(self, audio: Audio) -> Audio:
        """The sound of the file, each block when it is there; blocks as long as ``pcm`` reads."""

        def blocks() -> Iterator[Block]:
            source = (audio.single or audio.open)()
            length, done = block_frames(audio.rate, audio.channels), 0
            while done < audio.frames:
                self.wait(min(done + length, audio.frames))
                block = next(source)
                done += len(block)
                yield block

        return replace(audio, open=blocks, single=None, anywhere=False)
