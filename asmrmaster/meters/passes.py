"""One pass over a sound with several meters.

A ``Tap`` lets sound pass and measures it on the way, so that one pass can measure a take and what
the stages make of it, see ``run_both``. Who shares the work is the caller's to say, see
``streams.runner``; what is found is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from asmrmaster.errors import InputError
from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.streams.audio import Audio, Block, block_frames
from asmrmaster.streams.runner import HERE, Runner

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
    frames = passed = 0
    for block in audio.open():
        passed += len(block)
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
    if passed != audio.frames:
        raise InputError(
            f"the sound has {passed} frames where {audio.frames} were promised",
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


class MeterSet:
    """Several meters on one stream."""

    def __init__(self, audio: Audio, meters: Iterable[type[Meter]]) -> None:
        self._meters = [meter(audio.rate, audio.channels) for meter in meters]

    def tasks(self, block: Block) -> list[Callable[[], None]]:
        """What measures the next block: a task per meter, in any order."""
        clean = finite(block)
        double = clean
        if any(meter.double or meter.raw for meter in self._meters):
            double = np.asarray(clean, np.float64)
        raw = double if clean is block else np.asarray(block, np.float64)
        return [
            partial(meter.add, raw if meter.raw else double if meter.double else clean)
            for meter in self._meters
        ]

    def measured(self) -> list[Measurement]:
        """What each meter found. May be called once, after the last block."""
        return [meter.result() for meter in self._meters]


class Tap:
    """Sound that is measured while it passes by: pull ``audio``, then ask ``measured()``."""

    def __init__(self, audio: Audio, meters: Iterable[type[Meter]]) -> None:
        self._source, self._meters = audio, tuple(meters)
        self._found: dict[type[Meter], Measurement] | None = None

    @property
    def audio(self) -> Audio:
        """The sound."""
        source = self._source
        return Audio(source.rate, source.channels, source.frames, self._open)

    def _open(self) -> Iterator[Block]:
        self._found, meters = None, MeterSet(self._source, self._meters)
        for block in in_whole_seconds(self._source):
            for task in meters.tasks(block):
                task()
            yield block
        self._found = dict(zip(self._meters, meters.measured(), strict=True))

    def each(self) -> dict[type[Meter], Measurement]:
        """What each meter found in the last pass. RuntimeError before one has reached its end."""
        if self._found is None:
            raise RuntimeError("the sound has not passed to its end yet")
        return self._found

    def measured(self) -> Measurement:
        """What was measured in the last pass, in one. Raises RuntimeError as ``each`` does."""
        return Measurement.merge(self.each().values())


def for_meters(audio: Audio) -> Audio:
    """The sound in single precision, where that is exact."""
    return replace(audio, open=audio.single) if audio.single else audio


def run_each(
    audio: Audio,
    meters: Sequence[type[Meter]],
    progress: Callable[[float], None] | None = None,
    runner: Runner = HERE,
) -> dict[type[Meter], Measurement]:
    """What each of these meters finds in one pass by this process.

    The threads of ``runner`` share the work: while a few seconds are measured, the next are read.
    """
    audio = for_meters(audio)
    running = MeterSet(audio, meters)
    blocks = in_whole_seconds(audio)
    done = 0
    with runner.pool() as others:
        block = next(blocks, None)
        while block is not None:
            following = others.submit(next, blocks, None)
            for task in [others.submit(task) for task in running.tasks(block)]:
                task.result()
            done += len(block)
            if progress:
                progress(done / audio.frames)
            block = following.result()
    return dict(zip(meters, running.measured(), strict=True))


def run_meters(
    audio: Audio,
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    runner: Runner = HERE,
) -> Measurement:
    """What these meters find in one pass: their values, curves and events.

    runner: who shares the work; the result does not depend on it. progress: told the share of the
    sound that has passed, 0 to 1. Raises InputError if the stream is not as long as promised.
    """
    return Measurement.merge(run_each(audio, tuple(meters), progress, runner).values())


def run_both(
    take: Audio,
    before: Iterable[type[Meter]],
    shape: Callable[[Audio], Audio],
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    *,
    light: bool = False,
    runner: Runner = HERE,
) -> tuple[Measurement, Measurement]:
    """What some meters find in a take, and others in what ``shape`` makes of it, in one pass.

    light: shaping is in single precision too, where that is exact of the take. See ``run_meters``.
    """
    tap = Tap(for_meters(take) if light else take, before)
    found = run_meters(shape(tap.audio), meters, progress, runner)
    return tap.measured(), found
