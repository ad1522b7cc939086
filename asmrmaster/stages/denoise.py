"""Denoise: broadband hiss made quieter where nothing else is, by a few decibels and no more."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, PrivateAttr

from asmrmaster.dsp.critical_bands import EDGES_HZ, band_bins, band_power, spread
from asmrmaster.dsp.denoise_mask import OVERLAP, context_frames, depths_db, gains_db
from asmrmaster.dsp.level import db, power
from asmrmaster.dsp.noise_floor import estimate, in_bands, loudest, segments
from asmrmaster.dsp.stft import Spectra, frame_size
from asmrmaster.meters.passes import run_each
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.stages.base import Edit, EditLog
from asmrmaster.stages.repair import Measured
from asmrmaster.stages.spectral_mask import masked
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

USUAL_DB, MOST_DB = 12.0, 15.0
"""Up to the first only noise grows less; deeper, what is left of it begins to ring. Nobody plans
deeper than that, but it may be asked for, up to the second."""
LOWERED = "noise floor lowered between the sounds"
NO_FLOOR = "left as it is, because no steady noise can be told from its sounds"
Evidence = tuple[tuple[str, float], ...]


class Denoise(Measured):
    """Lower the take's own noise floor between the sounds, one mask for all channels."""

    name: ClassVar[str] = "denoise"
    title: ClassVar[str] = "Lower hiss"
    done: ClassVar[str] = "steady noise lowered"

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
    steadiness: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1)], ...],
        Field(
            max_length=len(EDGES_HZ) - 1,
            description="how steady the floor of each band is: where it is not, nothing is lowered",
        ),
    ] = ()

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
        floor, steadiness = learn_floor(audio)
        return self.model_copy(update={"floor_dbfs": floor, "steadiness": steadiness})

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
        size, rate = frame_size(audio.rate), audio.rate
        # Stages that were fitted before steadiness was known lowered every band alike.
        steadiness = np.array(self.steadiness or (1.0,) * len(floor))
        depth_db = depths_db(self.reduction_db, np.resize(steadiness, len(floor)))
        return masked(audio, self, size, lambda: _FloorMask(floor, depth_db, size, rate), OVERLAP)

    def _edit(self, audio: Audio, amount_db: float, done: str, evidence: Evidence = ()) -> Edit:
        reason = done + self._wish
        return Edit(self.name, 0.0, audio.duration_s, amount_db, reason, None, evidence, 0)


class _FloorMask:
    """Takes away a share of what is no louder than the floor."""

    def __init__(self, floor: Array, depth_db: Array, size: int, rate_hz: int) -> None:
        bins = np.diff(np.array(band_bins(size, rate_hz), dtype=np.float64))
        bands = min(len(bins), len(floor))
        self._floor, self._depth_db, self._bins = floor[:bands], depth_db[:bands], bins[:bands]
        self._more = len(bins) - bands
        self._size, self._rate = size, rate_hz
        self._frames_per_s = OVERLAP * rate_hz / size
        self.before, self.after = context_frames(float(self._depth_db.max()), self._frames_per_s)

    def __call__(self, frames: Spectra, first: int) -> Array | None:
        if not self._depth_db.any():
            return None
        heard = band_power(frames, self._size, self._rate)[:, : len(self._floor)]
        gain_db = gains_db(heard, self._floor, self._depth_db, self._bins, self._frames_per_s)
        # Bands that the floor says nothing of go with the last one it knows.
        gain_db = np.pad(gain_db, ((0, 0), (0, self._more)), mode="edge")
        removed: Array = 1 - 10 ** (spread(gain_db, self._size, self._rate) / 20)
        return removed

    def finish(self) -> None:
        """Nothing is left to do."""


def learn_floor(audio: Audio) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Floor per critical band in dBFS (mean square, all channels added), and its steadiness.

    Both empty where no steady noise can be told from the sound: the rain is the sound. Reads the
    take once.
    """
    energies = run_each(audio, (Spectrum,))[Spectrum].curves["noise_band_energy"].values
    floor = loudest(estimate(energies, audio.rate), segments(energies, audio.rate))
    if floor is None or not floor.is_noise:
        return (), ()
    size = frame_size(audio.rate)
    edges = np.array(band_bins(size, audio.rate), dtype=np.float64) * audio.rate / size
    power_, steadiness = in_bands(floor, edges, audio.rate)
    return (
        tuple(round(float(level), 2) for level in db(power_)),
        tuple(round(float(one), 3) for one in np.clip(steadiness, 0, 1)),
    )
