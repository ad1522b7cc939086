"""Debump: plosives, knocks on the microphone and other bursts of bass, lowered while they last."""

from __future__ import annotations

from collections import deque
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from asmrmaster.dsp.stft import frame_size
from asmrmaster.meters.pops import BASS_HZ, RISE_DB, SHARE_DB
from asmrmaster.stages.base import EditLog, no_log
from asmrmaster.stages.dynamic_band import Band, DipMask
from asmrmaster.stages.repair import Repair
from asmrmaster.stages.spectral_mask import masked
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

MARGIN_DB = 3.0
"""What the meter would just count as a pop is not to be missed for lying across two frames."""
BASS = Band("burst of bass", 0, BASS_HZ[1])
USUAL_S, LEAST_USUAL_S = 1.0, 0.4
"""What is usual: the median of the second before, or as much of it as there is."""
FAINTEST_DBFS = -75.0
"""Bass quieter than this is no bump, however quiet it was before."""


class Deplosive(Repair):
    """Lower what is below 120 Hz while it bursts out, all channels alike; nothing else."""

    name: ClassVar[str] = "deplosive"
    title: ClassVar[str] = "Lower pops and bumps"
    done: ClassVar[str] = "pops and bumps lowered"
    lowers: ClassVar[bool] = True

    rise_db: Annotated[
        float, Field(ge=9, le=30, description="rise above the second before that is a bump")
    ] = RISE_DB - MARGIN_DB
    remains_db: Annotated[
        float, Field(ge=0, le=12, description="what a bump may keep above the second before")
    ] = 6.0
    max_reduction_db: Annotated[float, Field(ge=0, le=40, description="deepest a dip may be")] = (
        24.0
    )

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound with its bumps lowered."""
        size = 2 * frame_size(audio.rate)  # 85 ms, to tell 120 Hz from a voice at 150 Hz

        def make() -> DipMask:
            need = _Bursts(self, 2 * audio.rate / size)
            return DipMask(self, (BASS,), need, size, audio, log)

        return masked(audio, self, size, make)


class _Bursts:
    """Excess of the bass over what was usual before, from its burst until it is usual again."""

    def __init__(self, stage: Deplosive, frames_per_s: float) -> None:
        self._stage = stage
        self._least = round(LEAST_USUAL_S * frames_per_s)
        self._before: deque[float] = deque(maxlen=round(USUAL_S * frames_per_s))
        self._lasts = False

    def __call__(self, level_db: Array, total_db: Array) -> Array:
        excess = np.zeros_like(level_db)
        for frame, (low_db, all_db) in enumerate(zip(level_db[:, 0], total_db, strict=True)):
            excess[frame, 0] = self._excess(float(low_db), float(all_db))
            self._before.append(float(low_db))
        return excess

    def _excess(self, low_db: float, all_db: float) -> float:
        stage = self._stage
        if len(self._before) < self._least:
            return 0.0
        rise_db = low_db - max(float(np.median(self._before)), FAINTEST_DBFS - stage.rise_db)
        starts = rise_db >= stage.rise_db and low_db >= all_db + SHARE_DB - MARGIN_DB
        self._lasts = rise_db > stage.remains_db and (starts or self._lasts)
        return min(stage.max_reduction_db, rise_db - stage.remains_db) if self._lasts else 0.0
