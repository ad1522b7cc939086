"""Mouth clicks, and any other short sound: taken out where the creator has marked it, only there.

A mouth click is soft, covers a part of the spectrum and looks to every measurement tried like the
mouth sounds of a trigger. So none is repaired by itself: ``find_mouth_clicks`` lists places to
listen to, and ``MouthDeclick`` mends the spans that were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, ConfigDict, Field

from asmrmaster.dsp.gaps import unmix
from asmrmaster.dsp.level import db
from asmrmaster.dsp.residual import hop_frames
from asmrmaster.dsp.softclicks import clicks_within, find_soft_clicks
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.repair import Patch, Repair, Span, patched
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

HOPS, CONTEXT_HOPS = 32, 3
WIDEST_S = 0.05
"""Longest span that may be marked."""
WHOLE_S = 2.4e-3
"""A span no longer than this is mended whole; in a longer one the clicks are looked for."""
RIM_S = 1e-4
"""Mended on either side of a span, for a mark set by eye."""
JOINED_S = 4e-3
"""Clicks that touch are mended in one go up to this length."""
APART_S = 12e-3
"""Of the clicks listed, none is so near a larger one."""
MOST_PER_MIN = 60.0


def _markable(span: tuple[float, float]) -> tuple[float, float]:
    if span[1] - span[0] > WIDEST_S:
        raise ValueError(f"a marked span is {1000 * WIDEST_S:g} ms long at most, not {span}")
    return span


class MouthDeclick(Repair):
    """Mend marked spans: up to 2.4 ms whole, in longer ones the clicks found there."""

    name: ClassVar[str] = "mouth_declick"
    title: ClassVar[str] = "Mend marked spans"
    done: ClassVar[str] = "marked spans mended"

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"spans": [[0.1, 0.102], [0.2, 0.24]]}]}
    )

    spans: Annotated[
        tuple[Annotated[Span, AfterValidator(_markable)], ...],
        Field(description="from, to in seconds: the spans to mend, in all channels"),
    ] = ()

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound with the marked spans mended."""
        if not self.spans:
            return audio
        rate, hop = audio.rate, hop_frames(audio.rate)
        length, context = HOPS * hop, CONTEXT_HOPS * hop

        def find(window: Array, origin: int) -> list[Patch]:
            return [
                patch
                for first, last in self.spans
                if context <= round(first * rate) - origin < context + length
                for channel, samples in enumerate(window)
                for start, end in _gaps(
                    samples, round(first * rate) - origin, round(last * rate) - origin, rate
                )
                if (patch := self._mend(samples, start, end, channel, origin, audio))
            ]

        return patched(audio, length, context, find, log)

    def _mend(
        self, samples: Array, start: int, end: int, channel: int, origin: int, audio: Audio
    ) -> Patch | None:
        """The patch for one gap, None where it must not be touched or lies at the file's edge."""
        first, last = start + origin, end + origin
        edge = hop_frames(audio.rate) // 8
        inside = first >= edge and last <= audio.frames - edge
        if not inside or not self.may_edit(channel, first, last, audio.rate):
            return None
        was, values = samples[start:end], unmix(samples, start, end, audio.rate)
        change_db = db(float(np.mean(values**2))) - db(float(np.mean(was**2)))
        edit = Edit(
            self.name,
            first / audio.rate,
            last / audio.rate,
            float(change_db),
            "marked by hand, mended from the sound around it",
            channel,
            (("width_ms", 1000 * (last - first) / audio.rate),),
            first,
        )
        return Patch(values, edit)


def _gaps(samples: Array, start: int, end: int, rate_hz: int) -> list[tuple[int, int]]:
    """What to mend of a marked span of one channel's window, in frames."""
    rim = round(RIM_S * rate_hz)
    if end - start <= WHOLE_S * rate_hz:
        return [(start - rim, end + rim)]
    gaps: list[tuple[int, int]] = []
    for click in clicks_within(samples, start, end, rate_hz):
        if gaps and click.start <= gaps[-1][1] and click.end - gaps[-1][0] <= JOINED_S * rate_hz:
            gaps[-1] = gaps[-1][0], click.end
        else:
            gaps.append((max(click.start, gaps[-1][1] if gaps else 0), click.end))
    return gaps


@dataclass(frozen=True)
class MouthClick:
    """A place to listen to: start_s, end_s in seconds, channel from 0, size in dB."""

    start_s: float
    end_s: float
    channel: int
    size_db: float


def find_mouth_clicks(audio: Audio, most_per_min: float = MOST_PER_MIN) -> tuple[MouthClick, ...]:
    """Soft clicks in a take, in order: the most prominent ones, so many per minute and channel.

    Many of them will be wanted sounds. Reads the take once.
    """
    hop = hop_frames(audio.rate)
    found: list[MouthClick] = []
    windows = Windows(audio.channels, HOPS * hop, CONTEXT_HOPS * hop, CONTEXT_HOPS * hop)
    start = 0

    def look(window: Array, count: int) -> None:
        nonlocal start
        low, high = CONTEXT_HOPS * hop, CONTEXT_HOPS * hop + count
        for channel, samples in enumerate(window):
            for click in find_soft_clicks(samples, audio.rate, APART_S):
                if low <= click.start < high:
                    first, last = click.start + start - low, click.end + start - low
                    times = first / audio.rate, last / audio.rate
                    found.append(MouthClick(*times, channel, click.size_db))
        start += HOPS * hop

    for block in audio.open():
        for window in windows.feed(block):
            look(window, HOPS * hop)
    for window, count in windows.finish():
        look(window, count)
    most = audio.channels * max(1, round(most_per_min * audio.duration_s / 60))
    best = sorted(found, key=lambda click: -click.size_db)[:most]
    return tuple(sorted(best, key=lambda click: (click.start_s, click.channel)))
