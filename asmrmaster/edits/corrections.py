"""What a creator has told in a take: spans to leave alone, spans to mend, edits to take back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from asmrmaster.errors import ParameterError
from asmrmaster.presets import Preset
from asmrmaster.presets.mastering import Mendable
from asmrmaster.stages import STAGES, current_id
from asmrmaster.stages.base import Stage
from asmrmaster.stages.mouth_declick import WIDEST_S, MouthDeclick
from asmrmaster.stages.repair import Repair

Spans = tuple[tuple[float, float], ...]

_ID = re.compile(r"([a-z_]+)-(\d+)-(\d+)")
_ROUNDING_S = 1e-6


@dataclass(frozen=True)
class Corrections:
    """protect: spans in seconds no repair may touch, mend: short spans that must be repaired,
    undo: ids of edits of an earlier render that are not to be made again."""

    protect: Spans = ()
    mend: Spans = ()
    undo: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.protect or self.mend or self.undo)

    def check(self, duration_s: float, subject: object) -> None:
        """ParameterError where a span lies beyond the end of the sound."""
        for start_s, end_s in (*self.protect, *self.mend):
            if start_s >= duration_s:
                raise ParameterError(
                    f"the span {start_s:g}-{end_s:g} s lies beyond its end at {duration_s:g} s",
                    subject=subject,
                    hint="Check that the labels belong to this file",
                )

    def on(self, preset: Preset) -> Preset:
        """The preset with its repairs told of them.

        Raises ParameterError for a span to mend that is too long and for an id no repair of this
        preset can have given.
        """
        stages = dict(preset.stages)
        undo = frozenset(map(current_id, self.undo))
        if self.mend:
            name = MouthDeclick.name
            stages[name] = _mending(stages.get(name, MouthDeclick()), self.mend)
        for name, stage in stages.items():
            if isinstance(stage, Repair):
                told = {
                    "protect": (*stage.protect, *self.protect),
                    "skip_edits": stage.skip_edits | undo,
                }
                stages[name] = stage.model_copy(update=told)
        _check_ids(undo, stages)
        ordered = {name: stages[name] for name in STAGES if name in stages}
        return preset.model_copy(update={"stages": ordered})


def _mending(stage: Stage, spans: Spans) -> Stage:
    """The stage that mends, with these spans too."""
    assert isinstance(stage, MouthDeclick)
    for start_s, end_s in spans:
        if end_s - start_s > WIDEST_S + _ROUNDING_S:
            raise ParameterError(
                f"the span {start_s:g}-{end_s:g} s to repair is {1000 * (end_s - start_s):.0f} ms "
                f"long, and {1000 * WIDEST_S:.0f} ms is the most",
                hint="Mark each click by itself",
            )
    cut = tuple((start_s, min(end_s, start_s + WIDEST_S - _ROUNDING_S)) for start_s, end_s in spans)
    return stage.model_copy(update={"spans": (*stage.spans, *cut)})


def _check_ids(ids: Iterable[str], stages: Mapping[str, Stage]) -> None:
    repairs = [name for name, stage in stages.items() if isinstance(stage, Repair)]
    allowed = {*repairs, *get_args(Mendable)}  # which a take or a profile may have asked for
    for one in sorted(ids):
        found = _ID.fullmatch(one)
        if found is None:
            raise ParameterError(
                "is no name of an edit",
                subject=one,
                hint="The report lists them as stage-1-0483021",
            )
        if found[1] not in allowed:
            raise ParameterError(
                f"no repair {found[1]!r} is on, so there is no such edit to take back",
                subject=one,
                hint=f"On are: {', '.join(repairs) or 'none'}",
            )
