"""Loudness and sharpness at an assumed level: slow, on request, and never part of a pass.

Not among ``METERS``: it needs to know how loud the file is played, which no file tells.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import a_weighting_power
from asmrmaster.dsp.fourier import rfft
from asmrmaster.dsp.level import Hops, db, power
from asmrmaster.dsp.zwicker import (
    THIRD_OCTAVES_HZ,
    loudness_sone,
    sharpness_acum,
    specific_loudness,
    third_octave_response,
)
from asmrmaster.errors import ParameterError
from asmrmaster.meters.base import Curve, Measurement, Meter, Quantity
from asmrmaster.meters.exposure import LOUDEST_DBA, QUIETEST_DBA
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]

FRAME_S = 0.5
BATCH = 64
"""Frames whose patterns are worked out together."""
SILENCE = 1e-20
"""Mean squares below −200 dBFS are digital silence."""
AUDIBLE_SONE = 0.1
"""Quieter frames have no sharpness to speak of."""


class ThirdOctaves(Meter):
    """Mean squares of the 28 third-octave bands every 0.5 s, averaged over channels.

    Curves: ``third_octave_energy``, shape (frames, 28), and ``third_octave_a_energy``, shape
    (frames,), all A-weighted. Bands are those of Butterworth filters of third order per edge.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._hops = Hops(rate, channels, FRAME_S)
        self._weights = np.empty((0, 0))
        self._parts: list[Array] = [np.empty((0, len(THIRD_OCTAVES_HZ) + 1))]

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._hops.cut(block.T)
        for start, stop in pairwise(edges):
            self._parts.append(self._energies(samples[:, start:stop])[None])

    def result(self) -> Measurement:
        """The curves; a last frame that the sound does not fill is left out."""
        energies = np.concatenate(self._parts)
        return Measurement(
            curves={
                "third_octave_energy": Curve(energies[:, :-1], FRAME_S, "mean square"),
                "third_octave_a_energy": Curve(energies[:, -1], FRAME_S, "mean square"),
            }
        )

    def _energies(self, frame: Array) -> Array:
        length = frame.shape[1]
        window = np.hanning(length + 1)[:-1] * np.sqrt(16 / 3) / length
        spectra = rfft((frame * window).astype(np.float32))
        lines = np.square(np.abs(spectra), dtype=np.float64).mean(axis=0)
        if self._weights.shape[1] != len(lines):  # frames may differ by a sample
            freq = np.arange(len(lines)) * self.rate / length
            self._weights = np.vstack([third_octave_response(freq), a_weighting_power(freq)])
        result: Array = self._weights @ lines
        return result


ASSUMED = Quantity(
    "assumed_level_dba", "dB(A)", "assumed mean level at the ear",
    "Assumed, or from a calibration by the user: no file tells how loud it is played.",
    "asmrmaster",
    0,
)  # fmt: skip
SHARPNESS_QUANTITIES = (
    ASSUMED,
    Quantity(
        "sharpness_s5_acum", "acum", "sharpness",
        "Sharpness exceeded in 5 % of the half seconds above 0.1 sone, at the assumed level.",
        "DIN 45692:2009 on ISO 532-1:2017, stationary, free field, per half second",
        2,
        ASSUMED.name,
    ),
    Quantity(
        "loudness_n5_sone", "sone", "loudness of the loud moments",
        "Loudness exceeded in 5 % of the half seconds, at the assumed level.",
        "ISO 532-1:2017, stationary, free field, per half second",
        assumes=ASSUMED.name,
    ),
    Quantity(
        "loudness_n50_sone", "sone", "usual loudness",
        "Median loudness of the half seconds, at the assumed level.",
        "ISO 532-1:2017, stationary, free field, per half second",
        assumes=ASSUMED.name,
    ),
)  # fmt: skip
"""What ``measure_sharpness`` returns."""


def measure_sharpness(audio: Audio, assumed_level_dba: float) -> Measurement:
    """Loudness and sharpness if the mean A-weighted level at each ear is ``assumed_level_dba``.

    A pass of its own. All values are None for silence and for less than half a second. Raises
    ParameterError for a level outside 0 to 120 dB(A).
    """
    return sharpness_at(run_meters(audio, [ThirdOctaves]), assumed_level_dba)


def sharpness_at(measured: Measurement, assumed_level_dba: float) -> Measurement:
    """The values of ``measure_sharpness`` from what ``ThirdOctaves`` measured."""
    if not QUIETEST_DBA <= assumed_level_dba <= LOUDEST_DBA:
        raise ParameterError(
            f"{assumed_level_dba} dB(A) is not between {QUIETEST_DBA:g} and {LOUDEST_DBA:g}"
        )
    values: dict[str, float | None] = {quantity.name: None for quantity in SHARPNESS_QUANTITIES}
    weighted = measured.curves["third_octave_a_energy"].values
    if not len(weighted) or weighted.max() < SILENCE:
        return Measurement(values)
    mean = float(weighted.mean())
    energy = measured.curves["third_octave_energy"].values * (
        float(power(assumed_level_dba)) / mean
    )
    sones, acums = [], []
    for start in range(0, len(energy), BATCH):
        pattern = specific_loudness(db(energy[start : start + BATCH]))
        sones.append(loudness_sone(pattern))
        acums.append(sharpness_acum(pattern))
    sone, acum = np.concatenate(sones), np.concatenate(acums)
    values[ASSUMED.name] = assumed_level_dba
    values["loudness_n5_sone"] = float(np.percentile(sone, 95))
    values["loudness_n50_sone"] = float(np.percentile(sone, 50))
    if (audible := acum[sone > AUDIBLE_SONE]).size:
        values["sharpness_s5_acum"] = float(np.percentile(audible, 95))
    return Measurement(values)
