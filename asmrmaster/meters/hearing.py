"""One pass, every meter: pulling a stream past the ears.

A ``Tap`` lets sound pass and hears it on the way; ``hear`` is a tap whose sound is thrown away,
with the meters on two threads. So one pass can hear a take and what the stages make of it::

    take = Tap(source.audio, meters)
    toned = hear(tone(take.audio), METERS)
    before = take.heard()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from asmrmaster.audio.stream import Audio, Block, block_frames
from asmrmaster.errors import InputError
from asmrmaster.malloc import give_back
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.threads import pool

LOUDEST = 1e9
"""A sample beyond ±this (+180 dBFS) is damage, like NaN or infinity, and not a sound."""


def in_whole_seconds(audio: Audio) -> Iterator[Block]:
    """The sound in equal blocks of whole seconds, the last one shorter; counts the frames.

    Whatever a decoder or stage delivers, meters work on large blocks that start on the grid, and
    their results do not depend on it in the last digit. Raises InputError if the stream ends
    before or after the promised frame.
    """
    length = block_frames(audio.rate, audio.channels)
    kept: list[Block] = []
    frames = heard = 0
    for block in audio.open():
        heard += len(block)
        start = 0
        while frames + len(block) - start >= length:
            stop = start + length - frames
            kept.append(block[start:stop])
            yield _joined(kept)
            kept, frames, start = [], 0, stop
        if start < len(block):
            kept.append(block[start:])
            frames += len(block) - start
    if kept:
        yield _joined(kept)
    if heard != audio.frames:
        raise InputError(
            f"the sound has {heard} frames where {audio.frames} were promised",
            hint="The file is damaged or was cut off; copy or export it again",
        )


def _joined(blocks: Sequence[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate([block.T for block in blocks], axis=1).T


def finite(block: Block) -> Block:
    """The block itself, or where it holds damage (see ``LOUDEST``) a copy with zeros there."""
    if not block.size or (block.max() <= LOUDEST and block.min() >= -LOUDEST):
        return block  # NaN is neither
    return np.where(np.abs(block) <= LOUDEST, block, 0.0)


class Ears:
    """Several meters on one stream."""

    def __init__(self, audio: Audio, meters: Iterable[type[Meter]]) -> None:
        self._meters = [meter(audio.rate, audio.channels) for meter in meters]

    def tasks(self, block: Block) -> list[Callable[[], None]]:
        """What is to be done to hear the next block: a task per meter, in any order."""
        clean = finite(block)
        return [partial(meter.add, block if meter.raw else clean) for meter in self._meters]

    def heard(self) -> Measurement:
        """What all the meters heard. May be called once, after the last block."""
        return Measurement.merge(meter.result() for meter in self._meters)


class Tap:
    """Sound that is heard while it passes by: pull ``audio``, then ask ``heard()``."""

    def __init__(self, audio: Audio, meters: Iterable[type[Meter]]) -> None:
        self._source, self._meters = audio, tuple(meters)
        self._heard: Measurement | None = None
        self.audio = Audio(audio.rate, audio.channels, audio.frames, self._open)

    def _open(self) -> Iterator[Block]:
        self._heard, ears = None, Ears(self._source, self._meters)
        for block in in_whole_seconds(self._source):
            for task in ears.tasks(block):
                task()
            yield block
        self._heard = ears.heard()

    def heard(self) -> Measurement:
        """What was heard in the last pass. Raises RuntimeError before one has reached its end."""
        if self._heard is None:
            raise RuntimeError("the sound has not passed to its end yet")
        return self._heard


def hear(
    audio: Audio,
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
) -> Measurement:
    """What these meters hear in one pass: their values, curves and events.

    While the meters hear a few seconds, the next ones are fetched; ``threads`` share this work, and
    the result does not depend on their number. progress: told the share of the sound that has
    passed, 0 to 1. Raises InputError if the stream is not as long as promised.
    """
    ears = Ears(audio, meters)
    blocks = in_whole_seconds(audio)
    done = 0
    with pool() as others:
        block = next(blocks, None)
        while block is not None:
            following = others.submit(next, blocks, None)
            for task in [others.submit(task) for task in ears.tasks(block)]:
                task.result()
            done += len(block)
            if progress:
                progress(done / audio.frames)
            block = following.result()
    heard = ears.heard()
    give_back()
    return heard
