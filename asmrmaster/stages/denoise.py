"""Denoise: broadband hiss made quieter where nothing else is, by a few decibels and no more."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, PrivateAttr

from asmrmaster.dsp.hiss import AHEAD, BACK, EDGES_HZ, band_power, mask_db, spread
from asmrmaster.dsp.level import db, power
from asmrmaster.dsp.stft import Spectra, frame_size, spectra
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog
from asmrmaster.stages.repair import Measured
from asmrmaster.stages.spectral_mask import masked
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

BLOCK_FRAMES = 5
"""Frames in a stretch that is judged loud or quiet, about 200 ms."""
QUIETEST = 0.05
"""Share of the stretches that are the floor."""
LEAST_BLOCKS, LEAST_QUIET = 15, 3
FROM_HZ = 300
"""What is quiet is judged above this: rumble comes and goes."""
LOUD, LEAST_GAP_DB = 95, 11.0
"""Where 19 in 20 stretches have no frame further above it, that is no floor but the sound: rain,
a fan."""
SILENCE_DBFS = -110.0
MOST_DB = 12.0
"""More than this sounds like a gate."""
LOWERED = "noise floor lowered between the sounds"
NO_FLOOR = "left as it is, because no quiet stretches tell its noise from its sounds"
Evidence = tuple[tuple[str, float], ...]


class Denoise(Measured):
    """Lower the take's own noise floor between the sounds, one mask for all channels."""

    name: ClassVar[str] = "denoise"
    title: ClassVar[str] = "Lower hiss"

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"floor_dbfs": [-70] * 25, "protect": [[0.1, 0.2]]}]}
    )

    reduction_db: Annotated[
        float, Field(ge=0, le=MOST_DB, description="how much quieter the floor gets")
    ] = 6.0
    floor_dbfs: Annotated[
        tuple[float, ...] | None,
        Field(
            max_length=len(EDGES_HZ) - 1,
            description="the floor per critical band, all channels added; none: measure",
        ),
    ] = None

    _wish: str = PrivateAttr("")

    def asked(self, criterion: str, needed_db: float) -> Self:
        """This stage, which says that a criterion of this title asks for so much."""
        known = self.model_copy()
        known._wish = f"; the profile's limit ({criterion}) asks for {needed_db:.1f} dB"
        return known

    def fitted(self, audio: Audio) -> Self:
        """This stage with the floor of this take."""
        if self.floor_dbfs is not None:
            return self
        return self.model_copy(update={"floor_dbfs": learn_floor(audio)})

    def apply(self, audio: Audio, log: EditLog) -> Audio:
        """The sound with its floor lowered."""
        floor = power(np.array(self.floor_dbfs or ()))
        if not self.reduction_db or self.taken_back(None, 0):
            return audio
        if len(floor):
            evidence = (("floor_dbfs", float(db(float(np.sum(floor))))),)
            log(self._edit(audio, -self.reduction_db, LOWERED, evidence))
        elif self._wish:
            log(self._edit(audio, 0.0, NO_FLOOR))
        if not len(floor):
            return audio
        size, rate, reduction_db = frame_size(audio.rate), audio.rate, self.reduction_db
        return masked(audio, self, size, lambda: _FloorMask(floor, reduction_db, size, rate))

    def _edit(self, audio: Audio, amount_db: float, done: str, evidence: Evidence = ()) -> Edit:
        reason = done + self._wish
        return Edit(self.name, 0.0, audio.duration_s, amount_db, reason, None, evidence, 0)


class _FloorMask:
    """Takes away a share of what is no louder than the floor."""

    before, after = BACK, AHEAD

    def __init__(self, floor: Array, reduction_db: float, size: int, rate_hz: int) -> None:
        self._floor, self._reduction_db = floor, reduction_db
        self._size, self._rate = size, rate_hz

    def __call__(self, frames: Spectra, first: int) -> Array:
        measured = band_power(frames, self._size, self._rate)
        bands = min(measured.shape[1], len(self._floor))
        gain_db = mask_db(measured[:, :bands], self._floor[:bands], self._reduction_db)
        # Bands that the floor says nothing of go with the last one it knows.
        gain_db = np.pad(gain_db, ((0, 0), (0, measured.shape[1] - bands)), mode="edge")
        removed: Array = 1 - 10 ** (spread(gain_db, self._size, self._rate) / 20)
        return removed

    def finish(self) -> None:
        """Nothing is left to do."""


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
            measured = band_power(spectra(window, size), size, audio.rate)
            parts.append(measured.mean(axis=0).astype(np.float32))
            loudest.append(float(measured[:, first:].sum(axis=1).max()))
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
