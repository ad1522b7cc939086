"""Quiet at both ends of a file, as long as a destination asks for.

What is too long is cut off where it is quiet anyway. What is missing is laid on from the quietest
stretch of the sound itself: a room that is gone from one sample to the next is heard, and audiobook
publishers ask for room tone, not for digital silence. Where no stretch is quiet enough, digital
silence stands in, and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from asmrmaster.delivery.length import looped, trimmed
from asmrmaster.dsp.level import db, moving_mean
from asmrmaster.meters.base import HOP_S
from asmrmaster.meters.end_levels import SILENT_DBFS
from asmrmaster.presets.limits import Band, Bounds, over, under
from asmrmaster.streams.audio import Audio, Block

JOIN_S = 0.02
"""Of a crossfade where two stretches meet."""
_STRETCH_S = 0.5
_SOUNDLESS_DBFS = -100.0  # a moment quieter than this is digital silence or dither, not a room
_STEADY_DB = 6.0  # a stretch in which a moment stands out by more is no room tone
_MARGIN_S = 0.1  # a codec moves the first and last moment by some milliseconds


def missing_s(measured_s: float | None, wanted: Bounds | None) -> float:
    """How much quiet to add, s; negative to cut off, 0 where it is within bounds or unknown."""
    if measured_s is None or wanted is None:
        return 0.0
    low = 0.0 if wanted.min is None else wanted.min
    margin_s = _MARGIN_S if wanted.max is None else min(_MARGIN_S, (wanted.max - low) / 4)
    if short_s := under(measured_s, Band(low, wanted.max)):
        return short_s + margin_s
    excess_s = over(measured_s, wanted)
    return -(excess_s + margin_s) if excess_s else 0.0


def with_ends(
    audio: Audio, energy: NDArray[np.floating], head_s: float, tail_s: float
) -> tuple[Audio, tuple[str, ...]]:
    """The sound with so much more quiet before and after it; less, where a number is negative.

    energy: its mean squares on the 10 ms grid, shape (hops, channels). Returns plain sentences on
    what was done as well.
    """
    room = _room(audio, energy)
    what = "digital silence (nowhere is it quiet enough for room tone)" if room is None else (
        "room tone from its quietest stretch"
    )  # fmt: skip
    notes = []
    for length_s, place in ((head_s, "beginning"), (tail_s, "end")):
        frames = round(abs(length_s) * audio.rate)
        if not frames:
            continue
        first = place == "beginning"
        if length_s < 0:
            audio = trimmed(audio, frames if first else 0, audio.frames - frames)
            notes.append(f"{-length_s:.2f} s of quiet were cut off at the {place}.")
            continue
        join = min(round(JOIN_S * audio.rate), audio.frames // 4)
        quiet = _lasting(room, audio, frames + join)
        audio = joined(quiet, audio, join) if first else joined(audio, quiet, join)
        notes.append(f"{length_s:.2f} s of {what} were laid on at the {place}.")
    return audio, tuple(notes)


def _room(audio: Audio, energy: NDArray[np.floating]) -> Audio | None:
    """The quietest half second that is room tone; None where there is none."""
    width = round(_STRETCH_S / HOP_S)
    mean = energy.reshape(len(energy), -1).mean(axis=1, dtype=np.float64)
    if len(mean) < width:
        return None
    level = db(moving_mean(mean, width))
    hops = np.lib.stride_tricks.sliding_window_view(mean, width)
    softest, loudest = db(hops.min(axis=1)), db(hops.max(axis=1))
    fits = (softest > _SOUNDLESS_DBFS) & (loudest < SILENT_DBFS) & (loudest - level < _STEADY_DB)
    if not fits.any():
        return None
    start = round(int(np.argmin(np.where(fits, level, np.inf))) * HOP_S * audio.rate)
    frames = min(round(_STRETCH_S * audio.rate), audio.frames - start)
    return trimmed(audio, start, frames)


def _lasting(room: Audio | None, audio: Audio, frames: int) -> Audio:
    """So many frames of a room, or of digital silence."""
    if room is not None:
        return looped(room, frames, room.frames // 4)
    return Audio.from_array(np.zeros((frames, audio.channels)), audio.rate)


def joined(first: Audio, second: Audio, overlap: int) -> Audio:
    """One sound, then the other; ``overlap`` frames, which both must have, are mixed."""
    rise = (np.arange(overlap)[:, None] + 0.5) / max(overlap, 1)

    def blocks() -> Iterator[Block]:
        held = np.zeros((0, first.channels))
        for block in first.open():
            held = np.concatenate([held, block])
            ready = max(0, len(held) - overlap)
            yield held[:ready]
            held = held[ready:]
        mixed = 0
        for block in second.open():
            count = min(overlap - mixed, len(block))
            if count:
                part = slice(mixed, mixed + count)
                yield held[part] * (1 - rise[part]) + block[:count] * rise[part]
                mixed += count
            yield block[count:]

    return Audio(first.rate, first.channels, first.frames + second.frames - overlap, blocks)
