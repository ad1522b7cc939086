"""Working ahead: the next block is made on another thread while this one is used."""

from __future__ import annotations

from collections.abc import Iterator

from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.runner import Runner


def prefetched(audio: Audio, runner: Runner) -> Audio:
    """The same sound, with everything before this point running one block ahead.

    Decoding, filtering and encoding release the interpreter lock, so two of these split a chain
    over two cores. Order and content of the blocks are untouched; an error comes out where its
    block would have.
    """

    def blocks() -> Iterator[Block]:
        source = audio.open()
        with runner.pool() as other:
            coming = other.submit(next, source, None)
            while (block := coming.result()) is not None:
                coming = other.submit(next, source, None)
                yield block

    return Audio(audio.rate, audio.channels, audio.frames, blocks)
