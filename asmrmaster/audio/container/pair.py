"""Left and right kept as two streams of one channel, as recorders of films do: heard as stereo."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from asmrmaster.streams.audio import Audio, Block

PAIRED = (
    "Left and right are two streams of one channel each: taken as the stereo they are, and a film"
    " made from them has one stream in stereo."
)
LEFT, RIGHT = "1 channels (FL)", "1 channels (FR)"
"""FFmpeg's names of the layouts. They decide, so that two languages, or microphones, stay two."""
MOST_APART_S = 0.001
"""Streams that begin further apart are no pair."""


def side_by_side(left: Audio, right: Audio) -> Audio:
    """Both in one, as long as the longer; the other is silent from its end on."""
    frames = max(left.frames, right.frames)

    def blocks() -> Iterator[Block]:
        others = right.open()
        waiting = np.zeros((0, 1))
        for block in _lengthened(left, frames):
            while len(waiting) < len(block):
                more = next(others, None)
                if more is None:
                    more = np.zeros((len(block) - len(waiting), 1))
                waiting = np.concatenate([waiting, more])
            yield np.hstack([block, waiting[: len(block)]])
            waiting = waiting[len(block) :]
        for _ in others:  # its own end is checked
            pass

    return Audio(left.rate, 2, frames, blocks)


def _lengthened(audio: Audio, frames: int) -> Iterator[Block]:
    yield from audio.open()
    if frames > audio.frames:
        yield np.zeros((frames - audio.frames, 1))
