"""Lift: intrusions taken out where they intrude, in time and in frequency; the bed goes on.

Where they are is planned (``mend.lifts``): the stage is given the moments. How it is done, and why
that is nearer to the undisturbed bed than any dip, says ``dsp.lift``. Each lift hears the half
minute before it with the earlier lifts in it, so one that is taken back redoes those after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar
from zlib import crc32

import numpy as np
from pydantic import ConfigDict, Field, PrivateAttr

from asmrmaster.dsp.lift import Event, Lifted, analyse, context
from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.repair import Repair, Span
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.rolling import Rolling

MOST_KEPT_BYTES = 1 << 26
"""Lifts are kept in memory up to here, longer ones worked out each time the take is read."""

_Key = tuple[tuple[int, int], tuple[tuple[int, int], ...], tuple[Span, ...], frozenset[str], int]


class Lift(Repair):
    """Take intrusions out of the sound around them; all channels together."""

    name: ClassVar[str] = "lift"
    title: ClassVar[str] = "Lift intrusions out"
    done: ClassVar[str] = "sudden sounds lifted out"

    model_config = ConfigDict(json_schema_extra={"examples": [{"depth": 0.5}]})

    lowers: ClassVar[bool] = True

    depth: Annotated[
        float,
        Field(ge=0, le=1, description="share of an intrusion that is taken out; 0 lifts nothing"),
    ] = 1.0
    keep_recurring: Annotated[
        bool,
        Field(description="leave what comes back, such as a bowl struck now and then, to the ride"),
    ] = False
    events: Annotated[
        tuple[Span, ...],
        Field(description="moments over a limit, in seconds; planned for each take"),
    ] = ()
    reasons: Annotated[
        tuple[str, ...], Field(description="why each of them is lifted; planned for each take")
    ] = ()

    _known: dict[_Key, Lifted | None] = PrivateAttr(default_factory=dict)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to lift."""
        return not self.events or not self.depth

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound without the events, bit for bit the same elsewhere."""
        if self.idle:
            return audio

        def blocks() -> Iterator[Block]:
            sound = Rolling(audio)
            for at, over in self.in_frames(audio):
                first, stop = context(over, audio.rate, audio.frames)
                yield from sound.until(first)
                samples = sound.around(first, stop)
                lifted = self._lifted(samples, first, over, audio)
                if lifted is None:
                    continue
                begin = lifted.first - first
                samples[begin : begin + len(lifted.change)] += self.depth * lifted.change
                log(self._edit(lifted, over, at, audio.rate))
            yield from sound.rest()

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def event(
        self, samples: Block, first: int, over: tuple[int, int], audio: Audio
    ) -> Event | None:
        """One event, given the samples of its context from frame ``first`` on.

        None where nothing can be told from the bed, or must not be touched. What lies before it and
        was lifted teaches nothing.
        """
        if self.taken_back(None, over[0]):
            return None
        found = analyse(
            samples,
            audio.rate,
            (over[0] - first, over[1] - first),
            tuple((start - first, stop - first) for start, stop in self._earlier(over, audio)),
        )
        if found is None or not self.may_edit(
            None, found.first + first, found.stop + first, audio.rate
        ):
            return None
        return found

    def change(
        self, event: Event, samples: Block, first: int, over: tuple[int, int], audio: Audio
    ) -> Lifted:
        """What to add to the samples of its context for an event, as ``event`` found it there.

        It is remembered: a take is read two or three times, and what is heard is the same each
        time.
        """
        lifted = event.lifted().moved(first, len(samples))
        self._keep(self._key(samples, over, audio), lifted)
        return lifted

    def undone_near(self, frame: int, rate_hz: int) -> bool:
        """Whether a lift that began within half a second of this frame was taken back.

        With another one taken back as well, the same event may be over another limit, and begin
        some windows earlier or later.
        """
        names = (one.rpartition("-") for one in self.skip_edits)
        frames = [int(last) for first, _, last in names if first == f"{self.name}-0"]
        return any(abs(one - frame) < rate_hz / 2 for one in frames)

    def in_frames(self, audio: Audio) -> list[tuple[int, tuple[int, int]]]:
        """The events in order of time, in frames, each with its number."""
        frames = [
            (k, (round(start * audio.rate), min(audio.frames, round(stop * audio.rate))))
            for k, (start, stop) in enumerate(self.events)
        ]
        return sorted([one for one in frames if one[1][0] < one[1][1]], key=lambda one: one[1][0])

    def _earlier(self, over: tuple[int, int], audio: Audio) -> tuple[tuple[int, int], ...]:
        return tuple(one for _, one in self.in_frames(audio) if one[1] <= over[0])

    def _lifted(
        self, samples: Block, first: int, over: tuple[int, int], audio: Audio
    ) -> Lifted | None:
        """The change for one event, from memory where the same was asked before."""
        key = self._key(samples, over, audio)
        if key in self._known:
            return self._known[key]
        found = self.event(samples, first, over, audio)
        if found is not None:
            return self.change(found, samples, first, over, audio)
        self._keep(key, None)
        return None

    def _keep(self, key: _Key, lifted: Lifted | None) -> None:
        kept = sum(one.change.nbytes for one in self._known.values() if one is not None)
        if lifted is None or kept + lifted.change.nbytes <= MOST_KEPT_BYTES:
            self._known[key] = lifted

    def _key(self, samples: Block, over: tuple[int, int], audio: Audio) -> _Key:
        heard = 0
        for channel in samples.T:
            heard = crc32(np.ascontiguousarray(channel).view(np.uint8).data, heard)
        return over, self._earlier(over, audio), self.protect, self.skip_edits, heard

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
