"""What one sound has and another has not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from asmrmaster.streams.audio import Audio, Block


def difference(one: Audio, other: Audio) -> Audio:
    """``one`` minus ``other``, sample by sample: both of one rate and as many channels and frames.

    Raises ValueError where they are not alike.
    """
    shapes = [(audio.rate, audio.channels, audio.frames) for audio in (one, other)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{shapes[0]} cannot be compared with {shapes[1]}")

    def blocks() -> Iterator[Block]:
        theirs = other.open()
        rest = np.empty((0, other.channels))
        for block in one.open():
            parts, have = [rest], len(rest)
            while have < len(block):
                part = next(theirs, None)
                if part is None:
                    break
                parts.append(part)
                have += len(part)
            joined = np.concatenate(parts) if len(parts) > 1 else rest
            rest = joined[len(block) :]
            yield (block.T - joined[: len(block)].T).T

    return Audio(one.rate, one.channels, one.frames, blocks)
