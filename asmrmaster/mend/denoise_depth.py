"""Denoise because the profile asks: as deep as its required limits on the noise floor need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from asmrmaster.edits.corrections import Corrections
from asmrmaster.meters.base import Measurement
from asmrmaster.presets.recipe import Recipe
from asmrmaster.ride import Ride
from asmrmaster.ride.target import HISS_A_DB
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Stage
from asmrmaster.stages.denoise import USUAL_DB, Denoise

ASKING = (
    "noise_floor_lufs",
    "noise_floor_dbfs",
    "programme_above_floor_lu",
    "noise_floor_a_dbfs",
    "programme_above_noise_db",
)
"""What a quieter floor makes better: a floor by a maximum, the programme above it by a minimum."""
MARGIN_DB = 0.2
"""A forecast may be off by less."""
LEAST_DB = 0.05
"""What is off by less is as deep as it was."""


def deepened(
    made_by: Recipe, plan: Ride, wished_db: float, duration_s: float, corrections: Corrections
) -> Recipe | None:
    """The recipe with denoise deep enough for the profile; None where it is, or may be no deeper.

    plan: of the master by ``made_by``. wished_db: its static gain before denoise was asked for.
    From then on gain lifts the floor no further than to where it meets: what denoise cannot take
    away, loudness gives way for. A denoise that the preset sets to 0 dB, or that was taken back by
    its id, stays off.
    """
    preset = made_by.preset
    stage = preset.stages.get(Denoise.name)
    off = isinstance(stage, Denoise) and not stage.reduction_db
    excesses = sorted(_excesses(made_by, plan.forecast, duration_s))
    if (
        not excesses
        or plan.floor_a_dbfs is None
        or off
        or f"{Denoise.name}-0-0000000" in corrections.undo
    ):
        return None
    excess_db, criterion = excesses[-1]
    missing_db = excess_db + max(0.0, wished_db - plan.static_gain_db)
    denoise = (
        stage
        if isinstance(stage, Denoise)
        else Denoise(reduction_db=0, protect=corrections.protect)
    )
    needed_db = denoise.reduction_db + missing_db + MARGIN_DB
    reduction_db = round(min(needed_db, max(USUAL_DB, denoise.reduction_db)), 2)
    deep_enough = reduction_db < denoise.reduction_db + LEAST_DB and excess_db <= LEAST_DB
    if missing_db <= LEAST_DB or deep_enough:
        return None
    deeper = denoise.model_copy(update={"reduction_db": reduction_db}).asked(criterion, needed_db)
    stages: dict[str, Stage] = {**preset.stages, Denoise.name: deeper}
    meets_a_dbfs = plan.floor_a_dbfs + plan.static_gain_db - excess_db - MARGIN_DB
    most_lufs = min(preset.target.max_floor_lufs, meets_a_dbfs - HISS_A_DB)
    changed = {
        "stages": {name: stages[name] for name in STAGES if name in stages},
        "target": preset.target.model_copy(update={"max_floor_lufs": round(most_lufs, 3)}),
    }
    return replace(made_by, preset=preset.model_copy(update=changed))


def _excesses(
    made_by: Recipe, forecast: Measurement, duration_s: float
) -> Iterator[tuple[float, str]]:
    """How far the floor is beyond each required limit on it, in dB, and whose limit it is."""
    for name in ASKING:
        criterion, value = made_by.profile.required(name), forecast.values.get(name)
        if criterion is None or value is None or duration_s < criterion.min_duration_s:
            continue
        if name.startswith("programme_above"):
            if criterion.min is not None:
                yield criterion.min - value, criterion.title
        elif criterion.max is not None:
            yield value - criterion.max, criterion.title
