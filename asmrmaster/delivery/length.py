"""Sound of a prescribed length: cut out of a take, or a bed repeated without a seam.

Both are streams around a stream: nothing is held but a crossfade.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import moving_mean
from asmrmaster.errors import ParameterError
from asmrmaster.meters import run_meters
from asmrmaster.meters.base import HOP_S
from asmrmaster.meters.energy import Energy
from asmrmaster.streams.audio import Audio, Block

SEARCH_S = 10.0
"""A cut is looked for this far before and after the mark."""
_QUIET_S = 0.4
"""A place is as quiet as one momentary window there (BS.1770-5)."""


CROSSFADE_S = 4.0
"""Of a loop, where the sound is at least four times as long; else a quarter of it."""


@dataclass(frozen=True)
class Length:
    """How long a master shall be: cut from start_s to about duration_s later, or looped to loop_s.

    All in seconds; None leaves it as it is.
    """

    start_s: float = 0.0
    duration_s: float | None = None
    loop_s: float | None = None


def prescribed(audio: Audio, wanted: Length) -> tuple[Audio, str]:
    """The sound at this length, and a plain sentence on what was done.

    A cut ends at the quietest place near its mark. Raises ParameterError.
    """
    start = round(wanted.start_s * audio.rate)
    end_s = audio.duration_s
    asked_s = wanted.start_s + (wanted.duration_s or 0.0)
    if asked_s > end_s or wanted.start_s >= end_s:
        raise ParameterError(
            f"a cut up to {asked_s:.1f} s of a take of {end_s:.1f} s",
            hint="Ask for less; --loop makes a bed longer than its take",
        )
    if wanted.duration_s is not None:
        end_s = asked_s
        if end_s < audio.duration_s:
            energy = run_meters(audio, (Energy,)).curves["energy"].values
            search_s = min(SEARCH_S, wanted.duration_s / 4)
            end_s = quietest_s(energy, end_s, search_s)
    end = audio.frames if end_s == audio.duration_s else round(end_s * audio.rate)
    cut = audio if (start, end) == (0, audio.frames) else trimmed(audio, start, end - start)
    said = f"Cut from {wanted.start_s:.1f} s to {end_s:.1f} s of the take."
    if wanted.loop_s is None:
        return cut, said
    crossfade = round(min(CROSSFADE_S, cut.duration_s / 4) * cut.rate)
    loop = looped(cut, round(wanted.loop_s * cut.rate), crossfade)
    fade_s = crossfade / audio.rate
    return loop, f"{said} Looped to {wanted.loop_s:.1f} s, {fade_s:.1f} s of crossfade."


def trimmed(audio: Audio, start: int, frames: int) -> Audio:
    """``frames`` of the sound from frame ``start`` on, sample for sample.

    ParameterError where the sound does not hold them.
    """
    if start < 0 or frames <= 0 or start + frames > audio.frames:
        raise ParameterError(
            f"frames {start} to {start + frames} are not within 0 to {audio.frames}",
            hint=f"The sound is {audio.duration_s:.1f} s long",
        )

    def blocks() -> Iterator[Block]:
        done = 0
        for block in audio.open():
            first, last = max(start - done, 0), min(start + frames - done, len(block))
            if first < last:
                yield block[first:last]
            done += len(block)
            if done >= start + frames:
                return

    return Audio(audio.rate, audio.channels, frames, blocks)


def looped(audio: Audio, frames: int, crossfade: int) -> Audio:
    """The sound over and over, ``frames`` long; each end runs into the beginning again.

    The last ``crossfade`` frames of one round are mixed with the first of the next at constant
    power, so that a bed without a rhythm keeps its level. ParameterError where the crossfade is
    longer than half of the sound.
    """
    if frames <= 0 or not 0 <= crossfade <= audio.frames // 2:
        raise ParameterError(
            f"a crossfade of {crossfade} frames in {audio.frames} for {frames} frames",
            hint="A crossfade is at most half as long as the sound",
        )
    angle = np.pi / 2 * (np.arange(crossfade) + 0.5) / max(crossfade, 1)
    rise, fall = np.sin(angle)[:, None], np.cos(angle)[:, None]

    def blocks() -> Iterator[Block]:
        left = frames
        tail: Block | None = None
        while left:
            kept: list[Block] = []
            for block in _round(audio, crossfade, tail, rise, fall, kept):
                piece = block[:left]
                left -= len(piece)
                if len(piece):
                    yield piece
                if not left:
                    return
            tail = np.concatenate(kept) if kept else None

    return Audio(audio.rate, audio.channels, frames, blocks)


def _round(
    audio: Audio,
    crossfade: int,
    tail: Block | None,
    rise: NDArray[np.float64],
    fall: NDArray[np.float64],
    kept: list[Block],
) -> Iterator[Block]:
    """One round without its last ``crossfade`` frames, which are put into ``kept``."""
    done, body = 0, audio.frames - crossfade
    for block in audio.open():
        head = 0
        if tail is not None and done < crossfade:
            head = min(crossfade - done, len(block))
            part = slice(done, done + head)
            yield tail[part] * fall[part] + block[:head] * rise[part]
        last = min(max(body - done, 0), len(block))
        if head < last:
            yield block[head:last]
        if last < len(block):
            kept.append(block[last:].copy())
        done += len(block)


def quietest_s(energy: NDArray[np.floating], mark_s: float, search_s: float = SEARCH_S) -> float:
    """The middle of the quietest 0.4 s within ``search_s`` of the mark, s; nearest where alike.

    energy: mean square of all channels on the 10 ms grid, shape (hops,) or (hops, channels).
    """
    mean = energy.reshape(len(energy), -1).sum(axis=1, dtype=np.float64)
    width = round(_QUIET_S / HOP_S)
    first = max(0, round((mark_s - search_s) / HOP_S) - width // 2)
    last = min(len(mean), round((mark_s + search_s) / HOP_S) + width // 2)
    if last - first < width:
        return mark_s
    level_db = 10 * np.log10(np.maximum(moving_mean(mean[first:last], width), 1e-20))
    middle_s = (first + width / 2 + np.arange(len(level_db))) * HOP_S
    near = np.flatnonzero(level_db <= level_db.min() + 1.0)  # 1 dB is alike
    return float(middle_s[near[np.argmin(np.abs(middle_s[near] - mark_s))]])
