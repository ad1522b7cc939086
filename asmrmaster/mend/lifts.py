"""Which intrusions are lifted out of a take: where the profile's limits are over, the same functions
that screen ask again after each lift, until nothing is over or what is left is for the ride.

The earliest event is lifted first, that stretch is measured again, and its curves are spliced into
those of the take: a first bark licenses the second, which shows only once the first is gone. Only
the curves of a few seconds are measured again; the forecast is within a hundredth of an LU of
measuring everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp import novelty
from asmrmaster.dsp.lift import EARLY_S, context
from asmrmaster.dsp.lift_support import LONGEST_S
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.meters.passes import hear_each
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.ride import rules
from asmrmaster.ride.dips import GAP_HOPS, HISTORY_HOPS, MARGIN_LU
from asmrmaster.ride.rules import FREEZE_HOPS, Rule, Stretch
from asmrmaster.stages.lift import Lift
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.rolling import Rolling

Array = NDArray[np.float64]
Curve = NDArray[np.floating]

LIFTED = (
    "max_level_novelty_lu",
    "max_band_novelty_lu",
    "max_momentary_above_programme_lu",
    "max_short_term_above_programme_lu",
)
"""Limits that a lift can bring a moment inside of."""
CHUNK_HOPS = 6000
TRIES = 3
"""As often one place is lifted at most; what is over then is left to the ride."""
ROUNDS = 3
"""Lifting lowers the programme loudness that limits are relative to; it settles at once or twice."""
SETTLED_LU = 0.02
AROUND_S = 1.0
BACK_S = 10.0
LEAST_LIFTED_S = 3.0
WINDOW_S = novelty.WINDOW_S
MOST_SHARE = 0.05
"""Of a take that is lifted at most (a judgement); beyond it, this is its nature, not an accident."""


@dataclass(frozen=True)
class Over:
    """Windows over a limit: hops in which the first and the last of them end, by how much, why."""

    first: int
    last: int
    excess_db: float
    reason: str
    name: str


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


def first_over(
    energy: Curve, bands: Curve, limits: Mapping[str, float], programme_lufs: float, here: int
) -> Over | None:
    """The earliest event over a limit from hop ``here`` on, None where there is none.

    energy: weighted K energy on the 10 ms grid; bands: on the 20 ms grid. An event runs from its
    first window over the limit on, held against what was usual at its beginning, to the last one
    that no gap of 0.6 s parts from it.
    """
    for start in range(here, len(energy), CHUNK_HOPS):
        first = max(0, start - HISTORY_HOPS) // 2 * 2
        last = min(len(energy), start + CHUNK_HOPS + FREEZE_HOPS)
        stretch = Stretch(first, energy[first:last], bands[first // 2 : last // 2], programme_lufs)
        found = [
            over
            for name, rule in zip(_named(limits), rules.rules_for(limits), strict=True)
            if (over := _first_event(rule, stretch, start, name)) is not None
            and over.first < start + CHUNK_HOPS
        ]
        if found:
            return min(found, key=lambda one: one.first)
    return None


def _named(limits: Mapping[str, float]) -> list[str]:
    return [name for name in LIFTED if name in limits]


def _first_event(rule: Rule, stretch: Stretch, start: int, name: str) -> Over | None:
    value, reference = rule.levels(stretch)
    freeze, gap = FREEZE_HOPS // rule.step, GAP_HOPS // rule.step
    here = max(0, -(-(start - stretch.start) // rule.step))
    hot = np.flatnonzero(rule.excess(value[here:], reference[here:]) > 0)
    if not len(hot):
        return None
    first = here + int(hot[0])
    held = np.minimum(reference[first : first + freeze], reference[first])
    excess = rule.excess(value[first : first + freeze], held)
    inside = np.flatnonzero(excess > 0)
    breaks = np.flatnonzero(np.diff(inside) > gap)
    last = first + int(inside[breaks[0]] if len(breaks) else inside[-1])
    size = float(excess[: last - first + 1].max())
    ends = (stretch.start + (k + 1) * rule.step for k in (first, last))
    return Over(*ends, size, rule.reason(size), name)


def first_early(
    energy: Curve, limits: Mapping[str, float], programme_lufs: float
) -> Over | None:
    """The latest event of the first 15 s that stands out of what *follows* it.

    There is no past to be used to yet, so the question is asked backwards in time: level novelty
    of the reversed curve, which has half a minute of history there.
    """
    limit = limits.get("max_level_novelty_lu")
    hops = round((EARLY_S + novelty.HISTORY_S + 1.0) / HOP_S)
    if limit is None or len(energy) < hops:
        return None
    backwards = np.ascontiguousarray(energy[:hops][::-1])
    over = _first_event(
        rules.louder_than_before(limit),
        Stretch(0, backwards, None, programme_lufs),
        round((novelty.HISTORY_S + 1.0) / HOP_S),
        "max_level_novelty_lu",
    )
    if over is None:
        return None
    window = round(novelty.WINDOW_S / HOP_S)
    first, last = hops - over.last + window, hops - over.first + window
    reason = f"{limit + over.excess_db:.1f} LU louder than anything in the 30 s after"
    return Over(first, last, over.excess_db, reason, over.name)


def measured(samples: Block, rate_hz: int) -> tuple[Curve, Curve]:
    """Weighted K energy on the 10 ms grid and band energies on the 20 ms grid of a sound."""
    audio = Audio.from_array(samples, rate_hz, max(1, len(samples)))
    heard = Measurement.merge(hear_each(audio, (KEnergy, Spectrum)).values())
    energy = heard.curves["k_energy"].values
    return weighted(energy, samples.shape[1]), heard.curves["novelty_band_energy"].values


def plan_lifts(
    audio: Audio, energy: Curve, bands: Curve, limits: Mapping[str, float], stage: Lift
) -> LiftPlan:
    """What to lift out of a sound, so that it keeps to ``limits``.

    energy, bands: its curves, see ``first_over``. limits: by name of the quantity. stage: with what
    is protected and taken back. The sound is read only if something is over, once or twice.
    """
    planner = _Planner(audio, energy, bands, limits, stage)
    programme = integrated(planner.energy)
    for _ in range(ROUNDS):
        count = len(planner.stage.events)
        if programme is None:
            break
        planner.sweep(programme)
        programme, before = integrated(planner.energy), programme
        if len(planner.stage.events) == count or (
            programme is not None and abs(programme - before) < SETTLED_LU
        ):
            break
    if planner.too_many:
        return LiftPlan(stage, (), np.asarray(energy), np.asarray(bands))
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
        self._audio, self._limits = audio, {name: limits[name] for name in _named(limits)}
        self.energy, self.bands = np.array(energy), np.array(bands)
        self.stage, self.left = stage.model_copy(update={"events": (), "reasons": ()}), []

    def sweep(self, programme_lufs: float) -> None:
        """Find and lift, in one pass over the sound with the lifts planned so far in it."""
        sound: Rolling | None = None
        self.left: list[Left] = []
        here, tries, early = 0, 0, True
        while True:
            over = first_early(self.energy, self._limits, programme_lufs) if early else None
            if over is None:
                early = False
                over = first_over(self.energy, self.bands, self._limits, programme_lufs, here)
            if over is None or self.too_many:
                return
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

    @property
    def too_many(self) -> bool:
        """Whether more is lifted by now than can be an accident."""
        lifted_s = sum(stop - start for start, stop in self.stage.events)
        return lifted_s > MOST_SHARE * self._audio.duration_s + LEAST_LIFTED_S

    def _lift(self, sound: Rolling, over: Over) -> str:
        """Lift one event; why not, where it cannot be."""
        rate, frames = self._audio.rate, self._audio.frames
        start_s, stop_s = max(0.0, over.first * HOP_S - WINDOW_S), over.last * HOP_S
        if stop_s - start_s > LONGEST_S:
            return f"it lasts {stop_s - start_s:.0f} s, which is a scene and no intrusion"
        span = round(start_s * rate), min(frames, round(stop_s * rate))
        if self.stage.taken_back(None, span[0]):
            return "it was taken back"
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
        lifted = stage.lifted(samples, first, span, self._audio)
        if lifted is None:
            return "nothing of it stands out band by band, or it must not be touched"
        begin = lifted.first - first
        samples[begin : begin + len(lifted.change)] += stage.depth * lifted.change
        self._splice(samples, first, begin, begin + len(lifted.change))
        self.stage = stage
        return ""

    def _splice(self, samples: Block, origin: int, first: int, stop: int) -> None:
        """Measure what was changed again, and put it into the curves.

        Whole seconds of the sound, so that the grids fall together.
        """
        rate = self._audio.rate
        begin = max(0, -(-origin // rate), int((origin + first) / rate - AROUND_S))
        end = min(origin + len(samples), round((int((origin + stop) / rate + AROUND_S) + 1) * rate))
        energy, bands = measured(samples[begin * rate - origin : end - origin], rate)
        skip = 0 if begin == 0 else round(AROUND_S / 2 / HOP_S)
        at = round(begin / HOP_S)
        last = len(energy) if end >= self._audio.frames else len(energy) - skip
        self.energy[at + skip : at + last] = energy[skip:last][: len(self.energy) - at - skip]
        bands = bands[skip // 2 : last // 2]
        where = (at + skip) // 2
        self.bands[where : where + len(bands)] = bands[: len(self.bands) - where]


def required_limits(limits: Mapping[str, float]) -> dict[str, float]:
    """Limits with the distance that a plan keeps below them."""
    return {name: most - MARGIN_LU for name, most in limits.items() if name in LIFTED}
