"""Which intrusions are lifted out of a take, and which are left to the ride, with the reason.

The earliest moment over a limit of the profile is lifted first, that stretch is measured again, and
its curves are spliced into those of the take, before the same functions that screen are asked
again: a first bark licenses the second, which shows only once the first is gone. What is forecast
so is within a hundredth of an LU of measuring everything again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp import novelty
from asmrmaster.dsp.lift import Event, context
from asmrmaster.dsp.lift_support import LONGEST_S
from asmrmaster.mend.lift_events import (
    LIFTED,
    TONE,
    Over,
    every_over,
    first_early,
    first_over,
    new_tones,
)
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.meters.passes import run_each
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.presets import Profile
from asmrmaster.presets.recipe import Recipe
from asmrmaster.ride.dips import GAP_HOPS
from asmrmaster.stages.lift import Lift
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.rolling import Rolling

Curve = NDArray[np.floating]

TRIES = 3
"""As often one place is lifted at most; what is over then is left to the ride."""
ROUNDS = 3
"""Lifting lowers the programme loudness that limits are relative to; it settles soon."""
SETTLED_LU = 0.02
LIFT_MARGIN_LU = 0.1
"""Planned distance below a limit; the ride sees to the rest of its own."""
AROUND_S = 1.0
"""Sound measured again on either side of a lift."""
BACK_S = 10.0
SHORT_TERM_S = 3.0
MOST_SHARE, LEAST_LIFTED_S = 0.05, 3.0
"""Of a take that is lifted at most (a judgement): beyond it, this is its nature, no accident."""
TAKEN_BACK = "it was taken back"
RECURS = 3
"""As often a sound must come back to be taken for a part of the recording."""


@dataclass(frozen=True)
class Left:
    """An event that is not lifted, and why."""

    over: Over
    why: str


@dataclass(frozen=True)
class LiftPlan:
    """The stage with the events to lift, what could not be lifted, and the curves with lifts in.

    energy, bands: see ``first_over``.
    """

    stage: Lift
    left: tuple[Left, ...]
    energy: Curve
    bands: Curve


def limits_of(profile: Profile, duration_s: float) -> dict[str, float]:
    """The required limits of a profile that a lift can bring a moment inside of."""
    return {
        name: criterion.max
        for name in LIFTED
        if (criterion := profile.required(name)) is not None
        and criterion.max is not None
        and duration_s >= criterion.min_duration_s
    }


def lifted(recipe: Recipe, measured: Measurement, toned: Audio) -> tuple[Recipe, LiftPlan] | None:
    """The recipe with its lifts planned, and the plan; None where the preset does not lift.

    measured: of the take after all other stages. toned: that sound.
    """
    stage = recipe.preset.stages.get(Lift.name)
    if not isinstance(stage, Lift) or not stage.depth:
        return None
    energy = weighted(measured.curves["k_energy"].values, toned.channels)
    bands = measured.curves["novelty_band_energy"].values
    limits = limits_of(recipe.profile, toned.duration_s)
    beeps = recipe.profile.required(TONE)
    tones = new_tones(measured, beeps.max) if beeps is not None and beeps.max is not None else []
    found = plan_lifts(toned, energy, bands, limits, stage, tones)
    stages = {**recipe.preset.stages, Lift.name: found.stage}
    return replace(recipe, preset=recipe.preset.model_copy(update={"stages": stages})), found


def plan_lifts(
    audio: Audio,
    energy: Curve,
    bands: Curve,
    limits: Mapping[str, float],
    stage: Lift,
    also: Sequence[Over] = (),
) -> LiftPlan:
    """What to lift out of a sound, so that it keeps to ``limits``, and what else is ``also`` over.

    energy, bands: its curves, see ``first_over``. limits: by name of the quantity. stage: with what
    is protected and taken back. The sound is read only if something is over, once or twice.
    """
    stage = stage.model_copy(update={"events": (), "reasons": ()})
    planner = _Planner(audio, energy, bands, limits, stage)
    planner.also = list(also)
    programme = integrated(energy)
    for _ in range(ROUNDS):
        count = len(planner.stage.events)
        if programme is None:
            break
        planner.sweep(programme)
        if planner.too_many or len(planner.stage.events) == count:
            break
        settled = integrated(planner.energy)
        if settled is None or abs(settled - programme) < SETTLED_LU:
            break
        programme = settled
    if planner.too_many:
        why = "so much of this take is over the limits that it is its nature, not an accident"
        return LiftPlan(stage, (Left(planner.seen[0], why),), energy, bands)
    return LiftPlan(planner.stage, tuple(planner.left), planner.energy, planner.bands)


class _Planner:
    """Lifts what is over, from the start of a sound to its end."""

    def __init__(
        self,
        audio: Audio,
        energy: Curve,
        bands: Curve,
        limits: Mapping[str, float],
        stage: Lift,
    ) -> None:
        self._audio = audio
        self._limits = {name: limits[name] - LIFT_MARGIN_LU for name in LIFTED if name in limits}
        self.energy, self.bands, self._copied = energy, bands, False
        self.stage, self.left = stage, list[Left]()
        self.seen: list[Over] = []
        self._recurring: list[Over] = []
        self.also: list[Over] = []
        self._undone: list[tuple[float, float]] = []

    @property
    def too_many(self) -> bool:
        """Whether more is lifted by now than can be an accident."""
        lifted_s = sum(stop - start for start, stop in self.stage.events)
        return lifted_s > MOST_SHARE * self._audio.duration_s + LEAST_LIFTED_S

    def sweep(self, programme_lufs: float) -> None:
        """Find and lift, in one pass over the sound with the lifts planned so far in it."""
        sound: Rolling | None = None
        self.left = []
        if self.stage.keep_recurring and not self.seen:
            found = every_over(self.energy, self.bands, self._limits, programme_lufs)
            self._recurring = recurring(found)
        here, tries, early = 0, 0, True
        while not self.too_many:
            over = first_early(self.energy, self._limits, programme_lufs) if early else None
            if over is None:
                early = False
                over = first_over(self.energy, self.bands, self._limits, programme_lufs, here)
            if self.also and not early and (over is None or self.also[0].first <= over.first):
                over = self.also.pop(0)
            if over is None:
                return
            self.seen.append(over)
            if sound is None:
                sound = Rolling(self.stage(self._audio))
            why = self._lift(sound, over) if tries < TRIES else "lifting it leaves it over a limit"
            tries += 1
            if why:
                self.left.append(Left(over, why))
                early, tries = False, 0
                here = max(here, over.last)
            elif over.first > here + GAP_HOPS and not early:
                here, tries = over.first - GAP_HOPS, 1

    def _lift(self, sound: Rolling, over: Over) -> str:
        """Lift one event; why not, where it cannot be."""
        rate, frames = self._audio.rate, self._audio.frames
        start_s, stop_s = max(0.0, over.first * HOP_S - novelty.WINDOW_S), over.last * HOP_S
        if stop_s - start_s > LONGEST_S:
            return f"it lasts {stop_s - start_s:.0f} s, which is a scene and no intrusion"
        if any(abs(over.first - one.first) < GAP_HOPS for one in self._recurring):
            return "it recurs, and the preset keeps what does: set lift.keep_recurring=off if not"
        span = round(start_s * rate), min(frames, round(stop_s * rate))
        if self.stage.undone_near(span[0], rate):
            self._undone.append((start_s, stop_s))
        if any(start_s - SHORT_TERM_S < stop and stop_s > start for start, stop in self._undone):
            return TAKEN_BACK  # also by another limit, whose windows may be those of 3 s
        stage = self.stage.model_copy(
            update={
                "events": (*self.stage.events, (round(start_s, 2), round(stop_s, 2))),
                "reasons": (*self.stage.reasons, over.reason),
            }
        )
        first, stop = context(span, rate, frames)
        for _ in sound.until(first - round(BACK_S * rate)):
            pass
        samples = sound.around(first, stop)
        found = stage.event(samples, first, span, self._audio)
        if found is None:
            return "nothing of it stands out band by band, or it must not be touched"
        if (why := _dip_is_nearer(found, over)) != "":
            return why
        change = stage.change(found, samples, first, span, self._audio)
        begin = change.first - first
        samples[begin : begin + len(change.change)] += stage.depth * change.change
        self._splice(samples, first, begin, begin + len(change.change))
        self.stage = stage
        return ""

    def _splice(self, samples: Block, origin: int, first: int, stop: int) -> None:
        """Measure what was changed again, and put it into the curves.

        Whole seconds of the sound, so that the grids fall together.
        """
        if not self._copied:
            self.energy, self.bands, self._copied = (
                np.array(self.energy),
                np.array(self.bands),
                True,
            )
        rate = self._audio.rate
        begin = max(0, -(-origin // rate), int((origin + first) / rate - AROUND_S))
        end = min(origin + len(samples), round((int((origin + stop) / rate + AROUND_S) + 1) * rate))
        energy, bands = curves_of(samples[begin * rate - origin : end - origin], rate)
        skip = 0 if begin == 0 else round(AROUND_S / 2 / HOP_S)
        at = round(begin / HOP_S)
        last = len(energy) if end >= self._audio.frames else len(energy) - skip
        self.energy[at + skip : at + last] = energy[skip:last][: len(self.energy) - at - skip]
        bands = bands[skip // 2 : last // 2]
        where = (at + skip) // 2
        self.bands[where : where + len(bands)] = bands[: len(self.bands) - where]


def _dip_is_nearer(found: Event, over: Over) -> str:
    """Why a dip is the better choice for this event, or nothing."""
    by_lift, by_dip = found.distance_db(), found.distance_db(max(0.0, over.excess_db))
    if by_lift <= by_dip:
        return ""
    return (
        f"the bed is too uncertain to be drawn: predicted {by_lift:.1f} dB off by a lift and "
        f"{by_dip:.1f} dB by a dip"
    )


def recurring(found: list[Over]) -> list[Over]:
    """Those of the events that sound alike, band by band, as often as ``RECURS`` times."""
    if not found:
        return []
    shapes = np.array([one.shape for one in found]).reshape(len(found), -1)
    norms = np.linalg.norm(shapes, axis=1, keepdims=True)
    alike = (shapes @ shapes.T) / np.maximum(norms @ norms.T, 1e-9) > ALIKE
    return [one for one, row in zip(found, alike, strict=True) if row.sum() >= RECURS]


ALIKE = 0.95
"""Cosine of the band levels above the accustomed ones, from which on two events are of a kind."""


def curves_of(samples: Block, rate_hz: int) -> tuple[Curve, Curve]:
    """Weighted K energy on the 10 ms grid and band energies on the 20 ms grid of a sound."""
    audio = Audio.from_array(samples, rate_hz, max(1, len(samples)))
    found = Measurement.merge(run_each(audio, (KEnergy, Spectrum)).values())
    energy = found.curves["k_energy"].values
    return weighted(energy, samples.shape[1]), found.curves["novelty_band_energy"].values
