"""Level at the ear, under a stated assumption: never part of a verdict.

A file does not know how loud it is played. What can be measured is its A-weighted mean level and
how far its loudest eighth of a second lies above that; what these are at an ear follows from an
assumed or calibrated playback level, which must be printed beside every figure that rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from asmrmaster.dsp.filters import a_weighting_power, k_weighting, response
from asmrmaster.dsp.level import LOUDNESS_OFFSET_DB, db
from asmrmaster.dsp.onsets import fast_energy
from asmrmaster.errors import ParameterError
from asmrmaster.meters.base import Measurement, Quantity, Reading
from asmrmaster.meters.spectrum import TONE_COLUMNS

ASSUMPTIONS_DBA = (40.0, 50.0, 60.0)
"""Mean levels at the ear to show where nothing is known: very quiet, quiet, moderate."""
QUIETEST_DBA, LOUDEST_DBA = 0.0, 120.0
WEEK_HOURS = 168.0

ADULT_DBA, SENSITIVE_DBA, REFERENCE_HOURS = 80.0, 75.0, 40.0
"""Sound allowance of a week (Recommendation ITU-T H.870, 2022; WHO-ITU safe listening)."""
BEDROOM_LAEQ_DBA, BEDROOM_LAFMAX_DBA = 30.0, 45.0
"""For unwanted noise in bedrooms at night (WHO, Guidelines for Community Noise, 1999)."""

CALIBRATION_LUFS, CALIBRATION_HZ = -23.0, (500.0, 2000.0)
"""Pink noise to measure a playback chain with (EBU Tech 3343 (2023), 8.2)."""


class Exposure(Reading):
    """What the figures at an ear are worked out from. A-weighted, channels added, no gates."""

    needs = ("tone_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "laeq_dbfs", "dBFS", "mean level, A-weighted",
            "A-weighted mean level of all; a full-scale 1 kHz sine in one channel reads -3.",
            "IEC 61672-1",
        ),
        Quantity(
            "lafmax_above_laeq_db", "dB", "loudest moment above mean level",
            "Highest A-weighted level under time weighting F (125 ms) minus the A-weighted mean.",
            "IEC 61672-1",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Both values; None without a programme."""
        curve = measured.curves["tone_energy"]
        energy = curve.values[:, TONE_COLUMNS.index("a_weighted")]
        if measured.values["integrated_lufs"] is None or not len(energy):
            return Measurement({quantity.name: None for quantity in cls.quantities})
        mean = float(db(energy.mean(dtype=np.float64)))
        highest = float(db(fast_energy(energy, curve.hop_s).max()))
        return Measurement({"laeq_dbfs": mean, "lafmax_above_laeq_db": highest - mean})


def scenario(
    values: Mapping[str, float | None], laeq_at_ear_dba: float, hours_per_week: float = 7.0
) -> dict[str, float]:
    """Figures for one mean level at the ear, in dB(A), and so many hours of this file a week.

    Name → number, see the keys; ``…_above_…`` are differences, negative is below. Empty where the
    file has no level. Raises ParameterError for a level outside 0 to 120 dB(A) or more hours than
    a week has.
    """
    if not QUIETEST_DBA <= laeq_at_ear_dba <= LOUDEST_DBA:
        raise ParameterError(
            f"{laeq_at_ear_dba} dB(A) at the ear is not between {QUIETEST_DBA:g} and "
            f"{LOUDEST_DBA:g}"
        )
    if not 0 <= hours_per_week <= WEEK_HOURS:
        raise ParameterError(f"{hours_per_week} hours a week are not between 0 and {WEEK_HOURS:g}")
    above_db = values.get("lafmax_above_laeq_db")
    if above_db is None:
        return {}
    lafmax_dba = laeq_at_ear_dba + above_db
    return {
        "laeq_at_ear_dba": laeq_at_ear_dba,
        "lafmax_at_ear_dba": lafmax_dba,
        "hours_per_week": hours_per_week,
        "weekly_dose_adult_percent": weekly_dose_percent(laeq_at_ear_dba, hours_per_week),
        "weekly_dose_sensitive_percent": weekly_dose_percent(
            laeq_at_ear_dba, hours_per_week, SENSITIVE_DBA
        ),
        "laeq_above_bedroom_noise_db": laeq_at_ear_dba - BEDROOM_LAEQ_DBA,
        "lafmax_above_bedroom_noise_db": lafmax_dba - BEDROOM_LAFMAX_DBA,
    }


def weekly_dose_percent(
    laeq_dba: float, hours_per_week: float, allowed_dba: float = ADULT_DBA
) -> float:
    """Share of a week's sound allowance (ITU-T H.870): 40 h at ``allowed_dba`` are 100 %."""
    energy: float = 10 ** ((laeq_dba - allowed_dba) / 10)
    return 100 * hours_per_week / REFERENCE_HOURS * energy


def calibrated_laeq_dba(values: Mapping[str, float | None], noise_dba: float) -> float | None:
    """Mean level of a file at the ear where the calibration noise reads ``noise_dba`` there.

    The noise is pink from 500 Hz to 2 kHz, at −23 LUFS, played with the same volume setting. None
    where the file has no level.
    """
    laeq_dbfs = values.get("laeq_dbfs")
    if laeq_dbfs is None:
        return None
    freq = np.geomspace(*CALIBRATION_HZ, 1000)  # equal shares of pink noise
    k_weighted, a_weighted = response(k_weighting(48_000), 48_000, freq), a_weighting_power(freq)
    offset_db = float(db(a_weighted.mean() / k_weighted.mean())) - LOUDNESS_OFFSET_DB
    return noise_dba + laeq_dbfs - (CALIBRATION_LUFS + offset_db)
