"""Sound through several stages one after the other."""

from __future__ import annotations

from functools import reduce

from asmrmaster.stages.base import EditLog, Stage
from asmrmaster.stages.filtering import Filtering, filtered_for_meters
from asmrmaster.stages.repair import Measured
from asmrmaster.streams.audio import Audio


def through(audio: Audio, stages: tuple[Stage, ...], log: EditLog | None = None) -> Audio:
    """The sound after these stages, which were fitted to it; edits are told to ``log``."""
    if log is None:
        return reduce(lambda sound, stage: stage.stream(sound), stages, audio)
    # Fitted before; one that found nothing to go by would seek it again, and what comes before it
    # would be logged twice.
    doing = [stage.apply if isinstance(stage, Measured) else stage.stream for stage in stages]
    return reduce(lambda sound, do: do(sound, log), doing, audio)


def through_for_meters(audio: Audio, stages: tuple[Stage, ...], log: EditLog) -> Audio:
    """The same for meters alone: filters at the end are run in single precision."""
    first, filters = _parted(stages)
    return filtered_for_meters(through(audio, first, log), filters)


def light(stages: tuple[Stage, ...]) -> bool:
    """Whether the stages cost little: filters, if any."""
    return not _parted(stages)[0]


def _parted(stages: tuple[Stage, ...]) -> tuple[tuple[Stage, ...], tuple[Filtering, ...]]:
    """The stages that do something, and apart from them the filters at their end."""
    stages = tuple(stage for stage in stages if not stage.idle)
    count = len(stages)
    while count and isinstance(stages[count - 1], Filtering):
        count -= 1
    return stages[:count], tuple(s for s in stages[count:] if isinstance(s, Filtering))
