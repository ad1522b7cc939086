"""Lift: intrusions taken out where they intrude, in time and in frequency; the bed goes on.

Where they are is planned (``mend.lifts``): the stage is given the moments. How it is done, and why
that is nearer to the undisturbed bed than any dip, says ``dsp.lift``. Each lift hears the half
minute before it with the earlier lifts in it, so one that is taken back redoes those after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from asmrmaster.dsp.lift import Lifted, analyse, context
from asmrmaster.stages.base import Edit, EditLog, edit_id, no_log
from asmrmaster.stages.repair import Repair, Span
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.rolling import Rolling


class Lift(Repair):
    """Take intrusions out of the sound around them; all channels together."""

    name: ClassVar[str] = "lift"
    title: ClassVar[str] = "Lift intrusions out"

    model_config = ConfigDict(json_schema_extra={"examples": [{"depth": 0.5}]})

    depth: Annotated[
        float,
        Field(ge=0, le=1, description="share of an intrusion that is taken out; 1 is all of it"),
    ] = 1.0
    events: Annotated[
        tuple[Span, ...],
        Field(description="moments over a limit, in seconds; planned, not set by hand"),
    ] = ()
    reasons: Annotated[
        tuple[str, ...], Field(description="why each of them is lifted; planned")
    ] = ()

    def __call__(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound without the events, bit for bit the same elsewhere."""
        if not self.events or not self.depth:
            return audio

        def blocks() -> Iterator[Block]:
            sound = Rolling(audio)
            for at, over in self._in_frames(audio):
                first, stop = context(over, audio.rate, audio.frames)
                yield from sound.until(first)
                samples = sound.around(first, stop)
                lifted = self.lifted(samples, first, over, audio)
                if lifted is None:
                    continue
                samples[lifted.first - first : lifted.first - first + len(lifted.change)] += (
                    self.depth * lifted.change
                )
                log(self._edit(lifted, over, at, audio.rate))
            yield from sound.rest()

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def lifted(
        self, samples: Block, first: int, over: tuple[int, int], audio: Audio
    ) -> Lifted | None:
        """What to add for one event, given the samples of its context from frame ``first`` on.

        None where nothing can be told from the bed, or must not be touched. Frames of the result
        count from the start of the sound.
        """
        if self.taken_back(None, over[0]):
            return None
        others = tuple(
            (start - first, stop - first)
            for _, (start, stop) in self._in_frames(audio)
            if stop <= over[0] or start >= over[1]
        )
        found = analyse(samples, audio.rate, (over[0] - first, over[1] - first), others)
        if found is None or not self.may_edit(
            None, found.first + first, found.stop + first, audio.rate
        ):
            return None
        return found.lifted().moved(first, len(samples))

    def _in_frames(self, audio: Audio) -> list[tuple[int, tuple[int, int]]]:
        """The events in order of time, each with its number."""
        frames = [
            (k, (round(start * audio.rate), min(audio.frames, round(stop * audio.rate))))
            for k, (start, stop) in enumerate(self.events)
        ]
        return sorted(
            [one for one in frames if one[1][0] < one[1][1]], key=lambda one: one[1][0]
        )

    def _edit(self, lifted: Lifted, over: tuple[int, int], at: int, rate: int) -> Edit:
        low, high = lifted.bands_hz or (0.0, 0.0)
        reason = self.reasons[at] if at < len(self.reasons) else "over a limit"
        return Edit(
            self.name,
            lifted.start / rate,
            lifted.stop / rate,
            self.depth * lifted.deepest_db,
            reason,
            None,
            (("low_hz", low), ("high_hz", high)),
            over[0],
        )


def lift_id(over: tuple[int, int]) -> str:
    """The name of the lift of these windows, in frames."""
    return edit_id(Lift.name, None, over[0])
