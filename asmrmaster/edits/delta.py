"""What repair took away, to listen to, with a marker at each edit where it is written as a WAV."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from pathlib import Path

from asmrmaster.audio import Draft, check_target, master_format, write
from asmrmaster.audio.cues import Cue, add_cues
from asmrmaster.audio.source import Source
from asmrmaster.errors import OutputError
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.repair import Repair
from asmrmaster.streams.audio import Audio
from asmrmaster.streams.difference import difference


def removed(audio: Audio, stages: Iterable[Stage]) -> Audio:
    """The sound these stages would give without their repairs, minus the sound they do give."""
    stages = tuple(stages)
    left = [stage for stage in stages if not isinstance(stage, Repair)]
    with_repair, without = (
        reduce(lambda sound, stage: stage.stream(sound), chain, audio) for chain in (stages, left)
    )
    return difference(without, with_repair)


def check_removed(path: Path, source: Source, target: Path, force: bool) -> None:
    """OutputError if what is removed from this take cannot be written to ``path``."""
    if path.resolve() == target.resolve():
        raise OutputError("this is where the master goes", subject=path, hint="Choose another name")
    check_target(path, (source.path,), force)
    master_format(source.format, path)


def write_removed(
    path: Path, source: Source, stages: Iterable[Stage], edits: Iterable[Edit], force: bool
) -> None:
    """Write what repair took away from a take, as long as the take. Raises OutputError."""
    format = master_format(source.format, path)
    with Draft(path) as draft:
        write(removed(source.audio, stages), draft.path, format)
        if format.container in ("WAV", "RF64"):
            add_cues(draft.path, (_cue(edit, source.audio) for edit in edits))
        draft.publish(path, force=force)


def _cue(edit: Edit, audio: Audio) -> Cue:
    start = round(edit.start_s * audio.rate)
    last = min(round(edit.end_s * audio.rate), audio.frames)
    return Cue(start, max(0, last - start), " ".join((edit.stage, edit.reason, edit.id)).strip())
