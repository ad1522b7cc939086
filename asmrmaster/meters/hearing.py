"""One pass, every meter: pulling a stream past the ears.

A ``Tap`` lets sound pass and hears it on the way; ``hear`` is a tap whose sound is thrown away,
with the meters in two processes or on two threads. So one pass can hear a take and what the stages
make of it::

    take = Tap(source.audio, meters)
    toned = hear(tone(take.audio), METERS)
    before = take.heard()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from asmrmaster.audio.stream import Audio, Block, block_frames
from asmrmaster.beside import beside, can_fork
from asmrmaster.errors import InputError
from asmrmaster.malloc import give_back
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.threads import at_most, pool

LOUDEST = 1e9
"""A sample beyond ±this (+180 dBFS) is damage, like NaN or infinity, and not a sound."""

_BEFORE_NS = 2.0
"""Hearing the take as well costs this much more than its meters: blocks are cut twice, and what was
heard is read. See ``Meter.cost_ns``."""


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
    flat = block.reshape(-1, order="A")
    with np.errstate(over="ignore", invalid="ignore"):
        if float(flat @ flat) < LOUDEST**2 / 2:  # then each is; NaN fails the comparison
            return block
    if block.max() <= LOUDEST and block.min() >= -LOUDEST:
        return block  # NaN is neither
    return np.where(np.abs(block) <= LOUDEST, block, 0.0)


class Ears:
    """Several meters on one stream."""

    def __init__(self, audio: Audio, meters: Iterable[type[Meter]]) -> None:
        self._meters = [meter(audio.rate, audio.channels) for meter in meters]

    def tasks(self, block: Block) -> list[Callable[[], None]]:
        """What is to be done to hear the next block: a task per meter, in any order."""
        clean = finite(block)
        double = clean
        if any(meter.double or meter.raw for meter in self._meters):
            double = np.asarray(clean, np.float64)
        raw = double if clean is block else np.asarray(block, np.float64)
        return [
            partial(meter.add, raw if meter.raw else double if meter.double else clean)
            for meter in self._meters
        ]

    def heard(self) -> list[Measurement]:
        """What each meter heard. May be called once, after the last block."""
        return [meter.result() for meter in self._meters]


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
        self._heard = Measurement.merge(ears.heard())

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

    progress: told the share of the sound that has passed, 0 to 1. Raises InputError if the stream
    is not as long as promised.
    """
    return hear_both(audio, (), lambda sound: sound, meters, progress, twice=True)[1]


def hear_both(
    take: Audio,
    before: Iterable[type[Meter]],
    shape: Callable[[Audio], Audio],
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    *,
    read: Callable[[Measurement], Measurement] = lambda heard: heard,
    twice: bool = False,
) -> tuple[Measurement, Measurement]:
    """What some meters hear of a take, and others of what ``shape`` makes of it, in one pass.

    Two processes share the meters where the take is plain to read and shaping it ``twice`` costs
    little; elsewhere threads do. The result does not depend on it. read: what to make of what is
    heard of the take. See ``hear``.
    """
    before, meters = tuple(before), tuple(meters)
    if not (twice and take.plain and can_fork()):
        first, heard = _hear_both(take, before, read, shape, meters, progress)
        return first, Measurement.merge(heard.values())
    take = replace(take, open=take.plain)
    busy_ns = sum(meter.cost_ns for meter in before) + (_BEFORE_NS if before else 0.0)
    theirs = share(meters, busy_ns)
    mine = tuple(meter for meter in meters if meter not in theirs)
    with beside(partial(_hear_both, take, before, read, shape, theirs)) as others, at_most(1):
        heard = hear_each(shape(take), mine, progress)
        first, more = others()
    heard |= more
    return first, Measurement.merge(heard[meter] for meter in meters)


def share(meters: Sequence[type[Meter]], busy_ns: float) -> tuple[type[Meter], ...]:
    """The meters to give to the one of two processes that is busy, so that both end together.

    busy_ns: with this much for each sample.
    """
    given: list[type[Meter]] = []
    other_ns = 0.0
    for meter in sorted(meters, key=lambda meter: -meter.cost_ns):
        if busy_ns <= other_ns:
            given.append(meter)
            busy_ns += meter.cost_ns
        else:
            other_ns += meter.cost_ns
    return tuple(given)


def _hear_both(
    take: Audio,
    before: tuple[type[Meter], ...],
    read: Callable[[Measurement], Measurement],
    shape: Callable[[Audio], Audio],
    meters: tuple[type[Meter], ...],
    progress: Callable[[float], None] | None = None,
) -> tuple[Measurement, dict[type[Meter], Measurement]]:
    """What is heard of the take, and by each of the meters of the shaped one, in this process."""
    if not before:
        return read(Measurement()), hear_each(shape(take), meters, progress)
    tap = Tap(take, before)
    heard = hear_each(shape(tap.audio), meters, progress)
    return read(tap.heard()), heard


def hear_each(
    audio: Audio,
    meters: Sequence[type[Meter]],
    progress: Callable[[float], None] | None = None,
) -> dict[type[Meter], Measurement]:
    """What each of these meters hears, in one pass by this process.

    While they hear a few seconds, the next ones are fetched; ``threads`` share this work.
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
    return dict(zip(meters, heard, strict=True))
