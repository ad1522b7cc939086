"""Hush: broadband hiss made quieter where nothing else is, by a few decibels and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from asmrmaster.audio.stream import Audio, Block
from asmrmaster.dsp.hiss import (
    AHEAD,
    BACK,
    EDGES_HZ,
    band_bins,
    band_power,
    frame_size,
    mask_db,
    overlapped,
    spectra,
    spread,
)
from asmrmaster.dsp.level import db, power
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog
from asmrmaster.stages.repair import Measured

Array = NDArray[np.float64]

HALVES = 96
"""Half frames worked on at a time."""
BLOCK_FRAMES = 5
"""Frames in a stretch that is judged loud or quiet, about 200 ms."""
QUIETEST = 0.05
"""Share of the stretches that are the floor."""
LEAST_BLOCKS, LEAST_QUIET = 15, 3
FROM_HZ = 300
"""What is quiet is judged above this: rumble comes and goes."""
LOUD, LEAST_GAP_DB = 90, 12.0
"""Where nine in ten stretches have no frame further above it, that is no floor but the sound: rain,
a fan."""
SILENCE_DBFS = -110.0


class Hush(Measured):
    """Lower the take's own noise floor between the sounds, one mask for all channels."""

    name: ClassVar[str] = "hush"
    title: ClassVar[str] = "Lower hiss"

    reduction_db: Annotated[
        float, Field(ge=0, le=12, description="how much quieter the floor gets")
    ] = 6.0
    floor_dbfs: Annotated[
        tuple[float, ...] | None,
        Field(
            max_length=len(EDGES_HZ) - 1,
            description="the floor per critical band, all channels added; none: measure",
        ),
    ] = None

    def fitted(self, audio: Audio) -> Self:
        """This stage with the floor of this take."""
        if self.floor_dbfs is not None:
            return self
        return self.model_copy(update={"floor_dbfs": learn_floor(audio)})

    def apply(self, audio: Audio, log: EditLog) -> Audio:
        """The sound with its floor lowered."""
        floor = power(np.array(self.floor_dbfs or ()))
        untouched = not len(floor) or not self.reduction_db
        if untouched or not self.may_edit(None, 0, 0, audio.rate):
            return audio
        size = frame_size(audio.rate)
        half = size // 2

        def blocks() -> Iterator[Block]:
            log(self._edit(audio, floor))
            length, before, after = HALVES * half, (BACK + 1) * half, (AHEAD + 1) * half
            windows = Windows(audio.channels, length, before, after)
            start = 0
            for block in audio.open():
                for window in windows.feed(block):
                    yield self._hushed(window, length, start, size, floor, audio.rate)
                    start += length
            for window, count in windows.finish():
                yield self._hushed(window, length, start, size, floor, audio.rate)[:count]
                start += length

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def _hushed(
        self, window: Array, length: int, start: int, size: int, floor: Array, rate_hz: int
    ) -> Block:
        """The middle of a window, shape (length, channels)."""
        half = size // 2
        middle = window[:, (BACK + 1) * half :][:, :length]
        frames = spectra(window, size)
        heard = band_power(frames, size, rate_hz)[:, : len(floor)]
        gain_db = mask_db(heard, floor[: heard.shape[1]], self.reduction_db)
        removed = 1 - 10 ** (spread(_wide(gain_db, size, rate_hz), size, rate_hz) / 20)
        # What goes is taken away from the sound, so that where nothing goes it stays bit for bit.
        gone = overlapped(frames[:, BACK : len(heard) - AHEAD] * removed, size)
        share = self.share(start, length, rate_hz)
        result: Block = (middle - (gone if share is None else share * gone)).T
        return result

    def _edit(self, audio: Audio, floor: Array) -> Edit:
        return Edit(
            self.name,
            0.0,
            audio.duration_s,
            -self.reduction_db,
            "noise floor lowered between the sounds",
            evidence=(("floor_dbfs", float(db(float(np.sum(floor))))),),
            first_frame=0,
        )


def _wide(gain_db: Array, size: int, rate_hz: int) -> Array:
    """The mask for all bands of this rate; bands above the floor's are as the last known one."""
    missing = len(band_bins(size, rate_hz)) - 1 - gain_db.shape[1]
    return np.pad(gain_db, ((0, 0), (0, missing)), mode="edge")


def learn_floor(audio: Audio) -> tuple[float, ...]:
    """The noise floor of a take from its own quietest stretches; empty where it has none.

    Level per critical band in dBFS (mean square), all channels added. A take without pauses, whose
    quietest stretches are hardly quieter than the others, has no floor: the rain is the sound.
    Reads the take once.
    """
    size = frame_size(audio.rate)
    first = next(i for i, edge in enumerate(EDGES_HZ) if edge >= FROM_HZ)
    parts: list[NDArray[np.float32]] = []
    loudest: list[float] = []
    windows = Windows(audio.channels, BLOCK_FRAMES * size, 0, 0)
    for block in audio.open():
        for window in windows.feed(block):
            heard = band_power(spectra(window, size), size, audio.rate)
            parts.append(heard.mean(axis=0).astype(np.float32))
            loudest.append(float(heard[:, first:].sum(axis=1).max()))
    if len(parts) < LEAST_BLOCKS:
        return ()
    blocks = np.array(parts, dtype=np.float64)
    level_db = db(blocks[:, first:].sum(axis=1))
    order = np.argsort(level_db, kind="stable")
    order = order[level_db[order] > SILENCE_DBFS]
    if len(order) < LEAST_BLOCKS:
        return ()
    quiet = order[: max(LEAST_QUIET, round(QUIETEST * len(order)))]
    loud_db = db(float(np.percentile(np.array(loudest)[order], LOUD)))
    if loud_db - level_db[quiet].mean() < LEAST_GAP_DB:
        return ()
    return tuple(round(float(x), 2) for x in db(blocks[quiet].mean(axis=0)))
