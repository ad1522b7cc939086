"""One pass, every meter: pulling a stream past the ears.

A ``Tap`` lets sound pass and hears it on the way; ``hear`` is a tap whose sound is thrown away,
with the meters in two processes or on two threads. So one pass can hear a take and what the stages
make of it::

    take = Tap(source.audio, meters)
    toned = hear(tone(take.audio), METERS)
    before = take.heard()
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np

from asmrmaster.errors import InputError
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.runtime.allocator import give_back
from asmrmaster.runtime.fork import beside, can_fork
from asmrmaster.runtime.threads import allowed, at_most, pool
from asmrmaster.streams.audio import Audio, Block, block_frames
from asmrmaster.streams.shared_memory import Handover

LOUDEST = 1e9
"""A sample beyond ±this (+180 dBFS) is damage, like NaN or infinity, and not a sound."""

_PLAIN_NS, _DECODED_NS = 2.0, 10.0
"""What it costs to read a sample and hand it over, see ``Meter.cost_ns``: from a WAV, or coded."""

T = TypeVar("T")


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
        self._heard: dict[type[Meter], Measurement] | None = None

    @property
    def audio(self) -> Audio:
        """The sound."""
        source = self._source
        return Audio(source.rate, source.channels, source.frames, self._open)

    def _open(self) -> Iterator[Block]:
        self._heard, ears = None, Ears(self._source, self._meters)
        for block in in_whole_seconds(self._source):
            for task in ears.tasks(block):
                task()
            yield block
        self._heard = dict(zip(self._meters, ears.heard(), strict=True))

    def each(self) -> dict[type[Meter], Measurement]:
        """What each meter heard in the last pass. RuntimeError before one has reached its end."""
        if self._heard is None:
            raise RuntimeError("the sound has not passed to its end yet")
        return self._heard

    def heard(self) -> Measurement:
        """What was heard in the last pass, in one. Raises RuntimeError as ``each`` does."""
        return Measurement.merge(self.each().values())


def hear(
    audio: Audio,
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    watched: Callable[[Audio], Audio] = lambda sound: sound,
) -> Measurement:
    """What these meters hear in one pass: their values, curves and events.

    Two processes share the meters where there may be another; the result does not depend on it.
    progress: told the share of the sound that has passed, 0 to 1. watched: the same sound, of which
    something is kept as it passes by. Raises InputError if the stream is not as long as promised.
    """
    meters = tuple(meters)
    theirs = share(meters, _PLAIN_NS if audio.single else _DECODED_NS)
    mine = tuple(meter for meter in meters if meter not in theirs)
    halves = _beside(audio, theirs, dict, watched, mine, progress)
    heard = halves[0] | halves[1] if halves else hear_each(watched(audio), meters, progress)
    return Measurement.merge(heard[meter] for meter in meters)


def hear_both(
    take: Audio,
    before: Iterable[type[Meter]],
    shape: Callable[[Audio], Audio],
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    *,
    read: Callable[[Measurement], Measurement] = lambda heard: heard,
    light: bool = False,
) -> tuple[Measurement, Measurement]:
    """What some meters hear of a take, and others of what ``shape`` makes of it, in one pass.

    Where shaping is ``light``, another process, if there may be one, reads the take, hears it and
    hands it over; elsewhere threads share the work. The result does not depend on it. read: what to
    make of what is heard of the take. See ``hear``.
    """
    before, meters = tuple(before), tuple(meters)
    if light:
        take = _for_meters(take)

    def finish(each: dict[type[Meter], Measurement]) -> Measurement:
        return read(Measurement.merge(each.values()))

    halves = _beside(take, before, finish, shape, meters, progress) if light else None
    if halves:
        return halves[0], Measurement.merge(halves[1].values())
    tap = Tap(take, before)
    heard = hear_each(shape(tap.audio), meters, progress)
    return finish(tap.each()), Measurement.merge(heard.values())


def _beside(
    take: Audio,
    theirs: tuple[type[Meter], ...],
    finish: Callable[[dict[type[Meter], Measurement]], T],
    shape: Callable[[Audio], Audio],
    mine: tuple[type[Meter], ...],
    progress: Callable[[float], None] | None,
) -> tuple[T, dict[type[Meter], Measurement]] | None:
    """What one half of the meters hears in a process that reads the take, and the other one here.

    None where there can be no such process, or the take is short.
    """
    short = take.frames <= block_frames(take.rate, take.channels)
    if short or not take.anywhere or not can_fork():
        return None
    try:
        way = Handover(take)
    except OSError:  # the system has no room
        return None
    here = os.getpid()

    def reading() -> T:
        tap = Tap(way.source, theirs)
        blocks = tap.audio.open()
        if os.getpid() == here:  # there is no other process any more
            deque(blocks, maxlen=0)
        else:
            way.give(blocks)
        return finish(tap.each())

    with beside(reading) as read, at_most(allowed() - 1):
        heard = hear_each(shape(way.audio), mine, progress)
        return read(), heard


def _for_meters(audio: Audio) -> Audio:
    """In single precision, where that is exact."""
    return replace(audio, open=audio.single) if audio.single else audio


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


def hear_each(
    audio: Audio,
    meters: Sequence[type[Meter]],
    progress: Callable[[float], None] | None = None,
) -> dict[type[Meter], Measurement]:
    """What each of these meters hears, in one pass by this process.

    While they hear a few seconds, the next ones are fetched; ``threads`` share this work.
    """
    audio = _for_meters(audio)
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
