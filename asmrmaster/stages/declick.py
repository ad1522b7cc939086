"""Declick: isolated electrical and digital clicks, rebuilt from the sound around them.

Wanted transients are the hard part: a tap, a keystroke and a drop are impulses too. A click is
repaired only where everything speaks for one (``dsp.impulses``): it is whiter than the sound it is
in, shorter than any body, nothing like it is near, the sound goes on after it as it came, and
filling the gap leaves nothing behind. What does not meet all of that stays, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, PrivateAttr

from asmrmaster.dsp.gaps import Fill, fill
from asmrmaster.dsp.impulses import (
    CONTEXT_HOPS,
    SEGMENT_HOPS,
    Impulse,
    find_impulses,
)
from asmrmaster.dsp.level import db
from asmrmaster.dsp.residual import hop_frames
from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.repair import Patch, Repair, patched
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

LEAST_MATCH = 12.0
"""Robust deviations in the matched filter."""
MOST_ISOLATION = 0.3
"""Next largest match within 25 ms, over the candidate's own."""
LEAST_WHITENESS = 0.9
"""Match over plain residual: a click is whiter than the sound it is in."""
MOST_BODY = 1.9
"""Residual just after or just before, over what it was before."""
MOST_STOP = 20.0
"""The same the other way round: where a sound is cut off, nothing is to be rebuilt."""
OVERWHELMING_MATCH, OVERWHELMING_ISOLATION = 25.0, 0.05
"""An impulse 26 dB above all others around needs no other witness: no natural one in the
recordings tried came closer than 21 dB."""
MOST_LEFTOVER, LEAST_REMOVED_DB = 1.5, 20.0
"""A fill either leaves the residual as it was before the gap, or takes nearly all of it away."""
STEP = 2.0**-15
"""Of 16 bits; a sample that a fault set to 0 is no minus infinity."""
WIDEST, WORTHWHILE = 6, 0.9
"""A gap grows by a frame at both ends, six times at most, while that leaves 10 % less behind."""


class Declick(Repair):
    """Find and rebuild isolated clicks of up to ``longest_ms``; per channel."""

    name: ClassVar[str] = "declick"
    title: ClassVar[str] = "Remove clicks"
    done: ClassVar[str] = "clicks removed"

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sensitivity": 2, "longest_ms": 2, "protect": [[0.05, 0.1]]}]
        }
    )

    sensitivity: Annotated[
        float,
        Field(
            ge=0.25,
            le=2,
            description="1 suits most takes; less for crackling material, more to dig deeper",
        ),
    ] = 1.0
    longest_ms: Annotated[
        float, Field(ge=0.05, le=2, description="longest click repaired; mouth clicks are longer")
    ] = 0.5

    _places: tuple[int, ...] | None = PrivateAttr(None)

    def after(self, edits: Iterable[Edit]) -> Self:
        """This stage, which looks only where it made these edits."""
        known = self.model_copy()
        known._places = tuple(e.first_frame or 0 for e in edits if e.stage == self.name)
        return known

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound without the clicks that could be told from it."""
        hop = hop_frames(audio.rate)

        def find(window: Array, origin: int) -> list[Patch]:
            return [
                patch
                for channel, samples in enumerate(window)
                for impulse in find_impulses(
                    samples,
                    audio.rate,
                    LEAST_MATCH / self.sensitivity,
                    max(0, -origin),
                    min(len(samples), audio.frames - origin),
                )
                if (patch := self._repair(samples, impulse, channel, origin, audio.rate))
            ]

        return patched(audio, SEGMENT_HOPS * hop, CONTEXT_HOPS * hop, find, log, self._places)

    def _repair(
        self, samples: Array, impulse: Impulse, channel: int, origin: int, rate_hz: int
    ) -> Patch | None:
        """The patch for one candidate, None where it is no click or must not be touched."""
        if not self._is_click(impulse, rate_hz):
            return None
        filled = _clean_fill(samples, impulse, rate_hz)
        if filled is None:
            return None
        first, last = filled.start + origin, filled.end + origin
        if not self.may_edit(channel, first, last, rate_hz):
            return None
        was = samples[filled.start : filled.end]
        edit = Edit(
            self.name,
            first / rate_hz,
            last / rate_hz,
            _change_db(was, filled.values),
            "isolated click, rebuilt from the sound around it",
            channel,
            (
                ("match", impulse.match),
                ("isolation_db", -20 * float(np.log10(max(impulse.isolation, 1e-6)))),
                ("width_ms", 1000 * (last - first) / rate_hz),
                ("removed_db", filled.removed_db),
            ),
            first,
        )
        return Patch(filled.values, edit)

    def _is_click(self, impulse: Impulse, rate_hz: int) -> bool:
        """Whether the evidence gathered before any repair speaks for a click."""
        too_long = impulse.end - impulse.start > self.longest_ms / 1000 * rate_hz
        if too_long or impulse.stop > MOST_STOP:
            return False
        s = self.sensitivity
        if (
            impulse.isolation < OVERWHELMING_ISOLATION * s
            and impulse.match > OVERWHELMING_MATCH / s
        ):
            return True
        return (
            impulse.isolation < min(0.5, MOST_ISOLATION * s)
            and impulse.match > LEAST_WHITENESS * impulse.residual
            and impulse.body < MOST_BODY
        )


def _clean_fill(samples: Array, impulse: Impulse, rate_hz: int) -> Fill | None:
    """The narrowest fill that a wider one does not better, None if it leaves something behind.

    A cut in a recording also looks like an impulse; but no few samples put there make it whole.
    """
    best = fill(samples, impulse.start, impulse.end, rate_hz)
    for _ in range(WIDEST):
        wider = fill(samples, best.start - 1, best.end + 1, rate_hz)
        if wider.leftover > WORTHWHILE * best.leftover:
            break
        best = wider
    clean = best.leftover < MOST_LEFTOVER or best.removed_db > LEAST_REMOVED_DB
    return best if clean else None


def _change_db(was: Array, now: Array) -> float:
    """Level of the new samples over that of the old ones, neither taken for less than a step."""
    now_db, was_db = (db(max(float(np.mean(x**2)), STEP**2)) for x in (now, was))
    return float(now_db - was_db)
