"""A file at an ear: figures under stated assumptions, or the user's own calibration.

No file tells how loud it is played, so nothing here is ever part of a verdict, and every figure
stands beside the level it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from asmrmaster.errors import ParameterError
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.exposure import (
    ASSUMPTIONS_DBA,
    LOUDEST_DBA,
    QUIETEST_DBA,
    WEEK_HOURS,
    calibrated_laeq_dba,
    scenario,
)
from asmrmaster.meters.sharpness import sharpness_at
from asmrmaster.report import DECIMALS, AtEar

Basis = Literal["assumed", "calibrated"]


@dataclass(frozen=True)
class Listening:
    """How the file is listened to, as far as anyone says.

    level_dba: mean level at the ear to assume. noise_dba: instead, what the calibration noise reads
    at the ear at the same volume setting. Neither: three levels are assumed. hours_per_week: for
    the weekly dose. sharpness: also work out sharpness and loudness, a pass of its own. Raises
    ParameterError where a number is none that anyone listens at.
    """

    level_dba: float | None = None
    noise_dba: float | None = None
    hours_per_week: float = 7.0
    sharpness: bool = False

    def __post_init__(self) -> None:
        if self.level_dba is not None and self.noise_dba is not None:
            raise ParameterError("the level at the ear is assumed or calibrated, not both")
        for level in (self.level_dba, self.noise_dba):
            if level is not None and not QUIETEST_DBA <= level <= LOUDEST_DBA:
                raise ParameterError(
                    f"{level:g} dB(A) at the ear is not between {QUIETEST_DBA:g} and "
                    f"{LOUDEST_DBA:g}"
                )
        if not 0 <= self.hours_per_week <= WEEK_HOURS:
            raise ParameterError(
                f"{self.hours_per_week:g} hours a week are not between 0 and {WEEK_HOURS:g}"
            )

    def levels(self, values: Mapping[str, float | None]) -> tuple[Basis, tuple[float, ...]]:
        """Mean levels at the ear for a file with these values, and what they rest on."""
        if self.noise_dba is not None:
            level = calibrated_laeq_dba(values, self.noise_dba)
            if level is None:
                return "calibrated", ()
            return "calibrated", (round(level, 1),)
        return "assumed", ASSUMPTIONS_DBA if self.level_dba is None else (self.level_dba,)


def at_ear(
    measured: Measurement, listening: Listening, bands: Measurement | None = None
) -> tuple[Measurement, tuple[AtEar, ...]]:
    """``measured`` with what is judged of sharpness, and a scenario for each level.

    bands: what ``ThirdOctaves`` measured, where sharpness is asked for. Judged is the middle one of
    the levels; its assumption is among the values.
    """
    basis, levels = listening.levels(measured.values)
    found = [Measurement() if bands is None else sharpness_at(bands, level) for level in levels]
    scenarios = tuple(
        _scenario(basis, level, listening.hours_per_week, measured, one)
        for level, one in zip(levels, found, strict=True)
        if scenario(measured.values, level)
    )
    judged = found[len(found) // 2] if found else Measurement()
    return Measurement.merge([measured, judged]), scenarios


def default_scenarios(values: Mapping[str, float | None]) -> tuple[AtEar, ...]:
    """The scenarios at the three assumed levels, of a file with these values."""
    return at_ear(Measurement(values), Listening())[1]


def _scenario(
    basis: Basis, level_dba: float, hours: float, measured: Measurement, sharp: Measurement
) -> AtEar:
    figures: dict[str, float | None] = dict(scenario(measured.values, level_dba, hours))
    figures.update({name: x for name, x in sharp.values.items() if name in AtEar.model_fields})
    return AtEar.model_validate(
        {"basis": basis}
        | {name: None if x is None else round(x, DECIMALS) for name, x in figures.items()}
    )
