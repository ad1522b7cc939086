"""De-ess: piercing sibilance and harsh bursts lowered to what the take itself can carry."""

from __future__ import annotations

from typing import Annotated, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from asmrmaster.dsp.level import db, power
from asmrmaster.dsp.stft import frame_size
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from asmrmaster.meters.timbre import ACTIVE_LU, LEAST_S
from asmrmaster.stages.base import EditLog
from asmrmaster.stages.dynamic_band import Band, DipMask
from asmrmaster.stages.repair import Measured
from asmrmaster.stages.spectral_mask import masked
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

SIBILANT = Band("sibilance", 5000, 9000)
HARSH = Band("harshness", 2000, 5500)
OWN_DB = 6.0
"""Sibilance no louder than this above its own median is how the take sounds, whatever the limit."""
SAFETY_DB = 0.5
ABSOLUTE_LUFS, RELATIVE_LU = -70.0, -10.0
"""Gates of BS.1770-5, for the level from which a frame is active."""


class Balance(NamedTuple):
    """What is usual in a take, in dB (mean square, channels added), over its active frames.

    total_db: median of the K-weighted level of all; sibilant_db, harsh_db: medians of the bands.
    """

    total_db: float
    sibilant_db: float
    harsh_db: float


class Deess(Measured):
    """Lower 5–9 kHz and 2–5.5 kHz while they exceed the take's own balance, all channels alike."""

    name: ClassVar[str] = "deess"
    title: ClassVar[str] = "De-ess"
    done: ClassVar[str] = "sharp s sounds softened"
    lowers: ClassVar[bool] = True

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"balance": [-40, -60, -50], "protect": [[0.1, 0.2]]}]}
    )

    sibilance_db: Annotated[
        float,
        Field(
            ge=-6, le=12, description="5–9 kHz may exceed the take's usual loudness by this much"
        ),
    ] = 3.0
    harshness_db: Annotated[
        float, Field(ge=6, le=40, description="2–5.5 kHz may exceed its own median by this much")
    ] = 18.0
    max_reduction_db: Annotated[float, Field(ge=0, le=18, description="deepest a dip may be")] = (
        12.0
    )
    balance: Annotated[
        Balance | None,
        Field(description="what is usual in this take, dB; none: measure"),
    ] = None

    def fitted(self, audio: Audio) -> Self:
        """This stage with the balance of this take, if it has enough sound to have one."""
        if self.balance is not None:
            return self
        return self.model_copy(update={"balance": learn_balance(audio)})

    def apply(self, audio: Audio, log: EditLog) -> Audio:
        """The sound with its sibilance and harsh bursts lowered."""
        if self.balance is None or not self.max_reduction_db:
            return audio
        usual, size = self.balance, frame_size(audio.rate)
        limits_db = np.array(
            [
                max(usual.total_db + self.sibilance_db - SAFETY_DB, usual.sibilant_db + OWN_DB),
                usual.harsh_db + self.harshness_db,
            ]
        )

        def need(level_db: Array, _: Array) -> Array:
            excess: Array = np.clip(level_db - limits_db, 0.0, self.max_reduction_db)
            return excess

        def make() -> DipMask:
            return DipMask(self, (SIBILANT, HARSH), need, size, audio, log)

        return masked(audio, self, size, make)


def learn_balance(audio: Audio) -> Balance | None:
    """The balance of a take, None if less than five seconds of it are active. Reads it once."""
    meter = Spectrum(audio.rate, audio.channels)
    for block in audio.open():
        meter.add(block)
    curve = meter.result().curves["tone_energy"]
    energy = dict(zip(TONE_COLUMNS, curve.values.T.astype(np.float64), strict=True))
    loud = energy["k_weighted"] > power(ABSOLUTE_LUFS)
    for gate_lu in (RELATIVE_LU, ACTIVE_LU):
        if not loud.any():
            return None
        mean = float(energy["k_weighted"][loud].mean())
        loud = energy["k_weighted"] > mean * power(gate_lu)
    if loud.sum() * curve.hop_s < LEAST_S:
        return None
    columns = ("k_weighted", "sibilant", "harsh")
    return Balance(*(round(float(np.median(db(energy[name][loud]))), 2) for name in columns))
