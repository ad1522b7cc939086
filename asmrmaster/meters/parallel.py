"""One pass shared by two processes, or by the threads of one.

Who shares the work is the caller's to say, see ``streams.runner``; what is found is the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from asmrmaster.meters.base import Measurement, Meter
from asmrmaster.meters.passes import Tap, for_meters, run_each
from asmrmaster.streams.audio import Audio, block_frames
from asmrmaster.streams.runner import HERE, Runner
from asmrmaster.streams.shared_memory import SharedBlocks

_PLAIN_NS, _DECODED_NS = 2.0, 10.0
"""What it costs to read a sample and hand it over, see ``Meter.cost_ns``: from a WAV, or coded."""

T = TypeVar("T")


def run_meters(
    audio: Audio,
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    watched: Callable[[Audio], Audio] = lambda sound: sound,
    runner: Runner = HERE,
) -> Measurement:
    """What these meters find in one pass: their values, curves and events.

    runner: who shares the work; the result does not depend on it. progress: told the share of the
    sound that has passed, 0 to 1. watched: the same sound, of which something is kept as it passes
    by. Raises InputError if the stream is not as long as promised.
    """
    meters = tuple(meters)
    theirs = share(meters, _PLAIN_NS if audio.single else _DECODED_NS)
    mine = tuple(meter for meter in meters if meter not in theirs)
    halves = _beside(audio, theirs, dict, watched, mine, progress, runner)
    measured = (
        halves[0] | halves[1] if halves else run_each(watched(audio), meters, progress, runner)
    )
    return Measurement.merge(measured[meter] for meter in meters)


def run_both(
    take: Audio,
    before: Iterable[type[Meter]],
    shape: Callable[[Audio], Audio],
    meters: Iterable[type[Meter]],
    progress: Callable[[float], None] | None = None,
    *,
    read: Callable[[Measurement], Measurement] = lambda measured: measured,
    light: bool = False,
    runner: Runner = HERE,
) -> tuple[Measurement, Measurement]:
    """What some meters find in a take, and others in what ``shape`` makes of it, in one pass.

    Where shaping is ``light`` and ``runner`` has a second process, that one reads the take,
    measures it and hands it over; elsewhere threads share the work. read: what to make of what is
    found in the take. See ``run_meters``.
    """
    before, meters = tuple(before), tuple(meters)
    if light:
        take = for_meters(take)

    def finish(each: dict[type[Meter], Measurement]) -> Measurement:
        return read(Measurement.merge(each.values()))

    halves = _beside(take, before, finish, shape, meters, progress, runner) if light else None
    if halves:
        return halves[0], Measurement.merge(halves[1].values())
    tap = Tap(take, before)
    measured = run_each(shape(tap.audio), meters, progress, runner)
    return finish(tap.each()), Measurement.merge(measured.values())


def _beside(
    take: Audio,
    theirs: tuple[type[Meter], ...],
    finish: Callable[[dict[type[Meter], Measurement]], T],
    shape: Callable[[Audio], Audio],
    mine: tuple[type[Meter], ...],
    progress: Callable[[float], None] | None,
    runner: Runner,
) -> tuple[T, dict[type[Meter], Measurement]] | None:
    """What half of the meters find in a process that reads the take, and the other half here.

    None where there can be no such process, or the take is short.
    """
    short = take.frames <= block_frames(take.rate, take.channels)
    if short or not take.anywhere or not runner.splits:
        return None
    try:
        shared = SharedBlocks(take)
    except OSError:  # the system has no room
        return None
    here = os.getpid()

    def reading() -> T:
        tap = Tap(shared.source, theirs)
        blocks = tap.audio.open()
        if os.getpid() == here:  # there is no other process any more
            deque(blocks, maxlen=0)
        else:
            shared.give(blocks)
        return finish(tap.each())

    with runner.beside(reading) as read:
        alone = runner.limited(runner.threads - 1)
        measured = run_each(shape(shared.audio), mine, progress, alone)
        return read(), measured


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
