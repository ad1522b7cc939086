"""What is mended unasked: which repairs a take's figures ask for, and why.

In the order of the chain; what comes later is asked again once the earlier ones are in, because a
hum less is a good part of a floor. Lifts and the ride come after all of these. Figures and limits:
engineering judgement on recordings with planted faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from asmrmaster.dsp.level import db
from asmrmaster.dsp.noise_floor import LINES
from asmrmaster.edits.corrections import Corrections
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.noise import ABOVE, ANSWER, CONFIDENCE, NOISE
from asmrmaster.presets.recipe import Recipe
from asmrmaster.ride.target import SURE
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Stage
from asmrmaster.stages.declip import Declip
from asmrmaster.stages.denoise import USUAL_DB, Denoise
from asmrmaster.stages.deplosive import Deplosive
from asmrmaster.stages.hum import Hum, HumLine, find_hum
from asmrmaster.stages.repair import Repair
from asmrmaster.streams.audio import Audio

INAUDIBLE_LU = 45.0
"""Hum this far below programme loudness is left."""
BUMP_DB, BUMP_HOPS = 10.0, 3
"""Bass that comes to so much above the programme for 50 ms is a plosive or a bump: the largest of
voices untouched reads +4, planted ones +21."""
MARGIN_DB, LEAST_DB = 0.3, 0.1
DEPTH_AGAIN_DB = 0.5
"""A floor that came out so much higher than planned is lowered again."""


@dataclass(frozen=True)
class Mended:
    """A repair that was chosen, or would be: its stage, and the figure that asks for it."""

    stage: Stage
    why: str

    @property
    def name(self) -> str:
        """Name of the stage."""
        return self.stage.name


Audition = Callable[[], Audio]
"""The sound that hum would be looked for in, once it is worth a pass."""


def before_ride(
    measured: Measurement, clipped_runs: float | None, sound: Audition | None
) -> tuple[Mended, ...]:
    """Repairs that a take asks for whatever its loudness will be, in the order they run.

    measured: with the values of ``Loudness`` and ``Noise``. clipped_runs: of the take as it came.
    sound: what to look for hum in, a pass more; None where nobody wants it gone.
    """
    found: list[Mended] = []
    if clipped_runs:
        found.append(Mended(Declip(), f"{clipped_runs:.0f} clipped peaks"))
    programme = measured.values.get("integrated_lufs")
    if programme is None:
        return tuple(found)
    lines = _audible_hum(measured, programme, sound) if sound else ()
    if lines:
        loudest = max(lines, key=lambda line: line.level_dbfs)
        why = f"mains hum at {loudest.freq_hz:.0f} Hz, {loudest.level_dbfs:.0f} dBFS"
        found.append(Mended(Hum(), why))
    bump_db = largest_bump_db(measured.curves["noise_band_energy"]) - programme
    if bump_db >= BUMP_DB:
        why = f"bursts of bass up to {bump_db:.0f} dB above the programme"
        found.append(Mended(Deplosive(), why))
    return tuple(found)


def denoised(measured: Measurement, excess_db: float, done_db: float = 0.0) -> Mended | None:
    """Denoise as deep as loudness wants it; None where nothing asks, or there is no steady noise.

    excess_db: how much quieter the noise has to be for the wanted loudness. done_db: how deep it is
    lowered already, in what was measured.
    """
    if not _sure_noise(measured) or excess_db < (DEPTH_AGAIN_DB if done_db else LEAST_DB):
        return None
    depth_db = min(USUAL_DB, done_db + excess_db + MARGIN_DB)
    if depth_db < done_db + LEAST_DB:
        return None
    above = measured.values[ABOVE.name]
    why = f"steady noise {above:.0f} dB below the sound, {done_db + excess_db:.1f} dB too loud"
    return Mended(Denoise(reduction_db=round(depth_db, 1)), why)


def allowed(chosen: Iterable[Mended], recipe: Recipe, corrections: Corrections) -> list[Mended]:
    """Those of the repairs that the preset makes unasked and nobody has turned off or set."""
    preset = recipe.preset
    return [
        one
        for one in chosen
        if one.name in preset.mend.repairs
        and one.name not in preset.stages
        and one.name not in preset.off
        and f"{one.name}-0-0000000" not in corrections.undo
    ]


def with_repairs(recipe: Recipe, chosen: Iterable[Mended], corrections: Corrections) -> Recipe:
    """The recipe with these repairs in it, told of what they must leave alone."""
    stages: dict[str, Stage] = dict(recipe.preset.stages)
    for one in chosen:
        stage = one.stage
        if isinstance(stage, Repair):
            told = {"protect": corrections.protect, "skip_edits": corrections.undo}
            stage = stage.model_copy(update=told)
        stages[one.name] = stage
    ordered = {name: stages[name] for name in STAGES if name in stages}
    return replace(recipe, preset=recipe.preset.model_copy(update={"stages": ordered}))


def largest_bump_db(bands: Curve) -> float:
    """Level of the loudest 60 ms below 112 Hz, dBFS; ``noise_band_energy``."""
    bass = bands.values[:, :LINES].sum(axis=1, dtype=np.float64)
    if len(bass) < BUMP_HOPS:
        return -200.0
    summed = np.convolve(bass, np.full(BUMP_HOPS, 1 / BUMP_HOPS), "valid")
    return float(db(float(summed.max())))


def _sure_noise(measured: Measurement) -> bool:
    values: Mapping[str, float | None] = measured.values
    confidence = values.get(CONFIDENCE.name)
    return values.get(ANSWER.name) == NOISE and confidence is not None and confidence >= SURE


def _audible_hum(measured: Measurement, programme: float, sound: Audition) -> tuple[HumLine, ...]:
    """The lines of a hum that can be heard, where there is steady noise for it to be part of."""
    if measured.values.get(ANSWER.name) != NOISE:
        return ()
    # The quietest tenth of a second in twenty tells whether a low line can be there at all.
    low = np.percentile(measured.curves["noise_band_energy"].values[:, : LINES + 2], 10, axis=0)
    if float(db(float(low.max()))) < programme - INAUDIBLE_LU:
        return ()
    lines = find_hum(sound())
    loudest = max((line.level_dbfs for line in lines), default=-200.0)
    return lines if loudest >= programme - INAUDIBLE_LU else ()
