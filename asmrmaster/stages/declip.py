"""Declip: short clipped peaks rebuilt from the sound around them; long ones are only reported."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from asmrmaster.dsp.level import db
from asmrmaster.dsp.rebuild import rebuild, runs
from asmrmaster.dsp.residual import hop_frames
from asmrmaster.meters.clipping import EDGE_MIN, FLATNESS, clipped_runs
from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.repair import Patch, Repair, patched
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]
Runs = list[tuple[int, int]]

FRAMES, CONTEXT = 64, 4  # half hops seen at a time, and before and after them
ORDER = 48  # up to 48 kHz, in proportion above
FULL_SCALE = 1 - 2.0**-14
"""Within two steps of 16 bits."""
MOST = 0.3
"""Share of clipped samples above which too little of the sound is left to rebuild it from."""


class Declip(Repair):
    """Rebuild clipped peaks of up to ``longest_ms``; per channel.

    What counts as clipped is what the meter counts (``meters.clipping``), if nothing within a
    second goes beyond it, and two equal samples at full scale, which brisk sound is cut to before
    it is cut to three. Once a level is known to be clipped, single tops at it are rebuilt too.
    """

    name: ClassVar[str] = "declip"
    title: ClassVar[str] = "Rebuild clipped peaks"
    done: ClassVar[str] = "clipped peaks rebuilt"

    longest_ms: Annotated[
        float, Field(ge=0.1, le=10, description="longer clipped stretches are only reported")
    ] = 3.0

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound with its clipped peaks rebuilt; they come out above full scale."""
        frame = hop_frames(audio.rate) // 2

        def find(window: Array, origin: int) -> list[Patch]:
            return [
                patch
                for channel, samples in enumerate(window)
                if (clipped := _clipped(samples, audio.rate)).any()
                for start in range(CONTEXT * frame, (CONTEXT + FRAMES) * frame, frame)
                for patch in self._frame(
                    samples, clipped, (start, start + frame), channel, origin, audio.rate
                )
            ]

        return patched(audio, FRAMES * frame, CONTEXT * frame, find, log)

    def _frame(
        self,
        samples: Array,
        clipped: NDArray[np.bool_],
        span: tuple[int, int],
        channel: int,
        origin: int,
        rate_hz: int,
    ) -> list[Patch]:
        """Patches for the runs that start in one frame of one channel."""
        frame = span[1] - span[0]
        low, high = span[0] - frame, span[1] + frame
        part, flags = samples[low:high], clipped[low:high]
        own = [
            (first, last)
            for first, last in runs(flags)
            if span[0] <= first + low < span[1] and last < len(part) - frame // 4
        ]
        if not own:
            return []
        limit = self.longest_ms / 1000 * rate_hz
        short = [run for run in own if run[1] - run[0] <= limit]
        lost = [run for run in own if run[1] - run[0] > limit]
        if np.mean(flags) > MOST:
            short, lost = [], own
        return [
            *self._patch(part, part, lost, channel, origin + low, rate_hz),
            *self._patch(
                part,
                rebuild(part, flags, ORDER * max(1, round(rate_hz / 48_000))) if short else part,
                short,
                channel,
                origin + low,
                rate_hz,
            ),
        ]

    def _patch(
        self, was: Array, now: Array, runs: Runs, channel: int, origin: int, rate_hz: int
    ) -> list[Patch]:
        """One patch over these runs; between them the samples stay."""
        if not runs:
            return []
        start, end = runs[0][0], runs[-1][1]
        if not self.may_edit(channel, start + origin, end + origin, rate_hz):
            return []
        values = was[start:end].copy()
        for first, last in runs:
            values[first - start : last - start] = now[first:last]
        rebuilt = now is not was
        reason = "clipped peaks rebuilt" if rebuilt else "clipped too long to rebuild, left"
        peak_db = (
            2 * db(float(np.max(np.abs(values)))),
            2 * db(float(np.max(np.abs(was[start:end])))),
        )
        edit = Edit(
            self.name,
            (start + origin) / rate_hz,
            (end + origin) / rate_hz,
            float(peak_db[0] - peak_db[1]),
            reason,
            channel,
            (
                ("runs", float(len(runs))),
                ("longest_ms", 1000 * max(last - first for first, last in runs) / rate_hz),
            ),
            start + origin,
        )
        return [Patch(values, edit)]


def _clipped(samples: Array, rate_hz: int) -> NDArray[np.bool_]:
    """Which samples of one channel stand at a level that is clipped.

    Nothing goes beyond a level that clips, so only tops at the largest value within a window, of
    either sign, are taken for clipped; a flat top elsewhere is the sound's own.
    """
    flags = np.zeros(len(samples), dtype=bool)
    starts, _ = clipped_runs(samples, np.arange(0, len(samples), round(rate_hz / 100)))
    for sign in (1.0, -1.0):
        flipped = sign * samples
        most = flipped.max()
        top = flipped >= most * FLATNESS
        if np.any(top[starts]) or (most >= FULL_SCALE and _cut_in_two(flipped, most)):
            flags |= top
    return flags


def _cut_in_two(samples: Array, most: float) -> bool:
    """Whether two neighbours are both the largest, with a step beside them that no top has."""
    at = np.flatnonzero(samples[1:-2] == most) + 1
    at = at[samples[at + 1] == most]
    step = most - np.minimum(samples[at - 1], samples[at + 2])
    return bool(np.any(step > EDGE_MIN))
