"""The ride: everything that turns the sound up or down slowly, planned as one curve.

Static gain, levelling, fades and dips on intrusions are all gains, so they are planned together on
the curves of the first pass, without a second look at the samples: gain on the energy curve
predicts the loudness after it (energies × gain²), and what judges a file judges the plan too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import edges_from_db, power_gain
from asmrmaster.dsp.lead_in import LeadIn, lead_in
from asmrmaster.dsp.level import loudness, moving_mean, power
from asmrmaster.dsp.novelty import ASSESSED_FROM_S
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.presets import Preset, Profile
from asmrmaster.ride import levelling, rules
from asmrmaster.ride.dips import DIP_MARGIN_LU, Dip, Planner, Shape, Spans
from asmrmaster.ride.fades import fade_curve, fade_lengths, missed
from asmrmaster.ride.forecast import forecast
from asmrmaster.ride.levelling import Level
from asmrmaster.ride.target import floor_a_dbfs, solve
from asmrmaster.streams.curves import extremes, piecewise

Array = NDArray[np.floating[Any]]
"""Curves are planned in single precision: exact to a millionth of a dB, and ten hours are long."""

MAX_FALL_DB_PER_S = 150.0
"""A Hann descent is steepest at twice its mean slope; the look-ahead is widened to stay below."""
PLANS = 3
"""A plan whose own forecast misses a limit is made again with a wider margin this often."""
LONGER = 1.4
"""… and with fades this much longer: a limiter holds down what comes before a fade, not in it."""
PLAN_ROUNDS = 2
"""The limiter takes peaks off the bed that dips are measured against, so what it brings to light is
planned with it in the curves, unless it hardly acts."""
IDLE = 0.98


@dataclass(frozen=True)
class Ride:
    """One planned gain curve and what it is expected to do.

    amplitude: linear gain at the start of each 10 ms hop, static gain included, shape (hops + 1,).
    level: the levelling in it. static_gain_db, ceiling_dbtp: what the verify loop may correct.
    allowed_dbtp: the peak no master may exceed. margin_lu: how far below their limits dips were
    planned. longer_fades: factor on the fades that seemed to be enough. target_reason: why the
    target is not the wanted one, or empty. forecast: the measurement expected of the master.
    floor_a_dbfs: the noise that bounds the gain, before static gain and fades. noise_excess_db: how
    much quieter it would have to be for the wanted loudness. begin_s: where the programme begins,
    behind silence or room tone.
    """

    amplitude: Array
    level: Level
    reduction_db: Array
    static_gain_db: float
    ceiling_dbtp: float
    allowed_dbtp: float
    fade_in_s: float
    fade_out_s: float
    dips: tuple[Dip, ...]
    wanted_lufs: float
    target_lufs: float
    target_reason: str
    forecast: Measurement
    margin_lu: float = DIP_MARGIN_LU
    longer_fades: float = 1.0
    floor_a_dbfs: float | None = None
    noise_excess_db: float = 0.0
    begin_s: float = 0.0

    def corrected(self, gain_db: float, ceiling_db: float) -> Ride:
        """The same ride with its static gain and ceiling moved by what a render was off."""
        return replace(
            self,
            amplitude=piecewise(lambda a: a * np.float32(10 ** (gain_db / 20)), self.amplitude),
            static_gain_db=self.static_gain_db + gain_db,
            ceiling_dbtp=self.ceiling_dbtp + ceiling_db,
        )

    @property
    def moved_db(self) -> Array:
        """The curve without its static gain, per hop, in dB; a closed fade reads −100."""
        static = np.float32(10 ** (self.static_gain_db / 20))
        least = np.float32(1e-5)
        return piecewise(lambda a: 20 * np.log10(np.maximum(a / static, least)), self.amplitude)

    @property
    def max_fall_db_per_s(self) -> float:
        """Steepest descent of the dips; a sound that begins inside one does not descend there."""
        return max(0.0, self._moves_db[1] / HOP_S)

    @property
    def max_rise_db_per_s(self) -> float:
        """Steepest recovery of the dips."""
        return max(0.0, -self._moves_db[0] / HOP_S)

    @property
    def _moves_db(self) -> tuple[float, float]:
        """How much deeper the dips become from hop to hop, at least and at most."""
        return extremes(piecewise(np.subtract, self.reduction_db[1:], self.reduction_db[:-1]))


def plan(
    measured: Measurement,
    preset: Preset,
    profile: Profile,
    margin_lu: float = DIP_MARGIN_LU,
    longer_fades: float = 1.0,
    kept: Spans = (),
) -> Ride:
    """The ride for a toned take, as measured, that the profile is forecast to accept.

    ``measured`` must hold a measurable programme (``integrated_lufs`` is not None). margin_lu: how
    far below their limits the dips bring what they lower. longer_fades: a factor on the fades.
    kept: spans in seconds that may stay over a limit: protected, or of a lift that was taken back.
    """
    gain_db = 0.0
    for _ in range(PLANS):
        ride = _planned(measured, preset, profile, margin_lu, longer_fades, gain_db, kept)
        over_lu = excess_lu(ride.forecast, profile, ride.begin_s)
        short = missed(ride.forecast, profile)
        if (over_lu <= 0 or kept) and not short:
            break
        if over_lu > 0 and not kept:
            margin_lu += over_lu + DIP_MARGIN_LU / 3
        if short:
            # An edge that passed as it came may not pass once it is turned up, and fades that are
            # not there do not grow.
            longer_fades *= LONGER if ride.fade_in_s or ride.fade_out_s else 1.0
            gain_db = max(0.0, ride.static_gain_db)
    return ride


def _planned(
    measured: Measurement,
    preset: Preset,
    profile: Profile,
    margin_lu: float,
    longer_fades: float,
    gain_db: float,
    kept: Spans,
) -> Ride:
    """One plan with this margin and these fades."""
    curve = measured.curves["k_energy"]
    channels = curve.values.shape[1]
    energy = weighted(curve.values, channels)
    level = levelling.plan(energy, preset, profile)
    levelled = edges_from_db(level.gain_db)
    floor = floor_a_dbfs(measured, level, preset)
    bands = measured.curves["novelty_band_energy"].values
    before = lead_in_of(energy)
    begin = round(before.seconds / HOP_S) if before else 0
    planner = Planner(energy, None, _dip_shape(preset), preset.ride.max_dip_db, begin, kept)
    left = power_gain(levelled)
    for _ in range(PLAN_ROUNDS):
        dipped = piecewise(lambda e, g, d: e * g * power(-d), energy, left, planner.reduction_db)
        fade_in_s, fade_out_s = fade_lengths(
            measured, dipped, preset, profile, longer_fades, gain_db
        )
        fade = fade_curve(len(energy), fade_in_s, fade_out_s)
        planner.update(energy, bands, _times(left, power_gain(fade)))
        _plan_dips(planner, profile, margin_lu)
        dips = edges_from_db(piecewise(np.negative, planner.reduction_db))
        shape = piecewise(lambda a, b, c: a * b * c, levelled, fade, dips)
        gain = solve(measured, energy, shape, preset, profile, floor)
        amplitude = piecewise(lambda a, static=10 ** (gain.static_db / 20): a * static, shape)
        ridden = _times(energy, power_gain(amplitude))
        limiter = piecewise(_limited, gain.energy, ridden)
        if limiter.min() > IDLE:
            break
        left = _times(limiter, power_gain(levelled))
    return Ride(
        amplitude=amplitude,
        level=level,
        reduction_db=planner.reduction_db,
        static_gain_db=gain.static_db,
        ceiling_dbtp=gain.ceiling_dbtp,
        allowed_dbtp=gain.ceiling_dbtp,
        fade_in_s=fade_in_s,
        fade_out_s=fade_out_s,
        dips=planner.dips(),
        wanted_lufs=preset.target.integrated_lufs,
        target_lufs=gain.target_lufs,
        target_reason=gain.reason,
        forecast=forecast(
            measured, amplitude, piecewise(_ratio, gain.energy, energy), gain.ceiling_dbtp
        ),
        margin_lu=margin_lu,
        longer_fades=longer_fades,
        floor_a_dbfs=floor,
        noise_excess_db=gain.noise_excess_db,
        begin_s=before.seconds if before else 0.0,
    )


def lead_in_of(energy: Array) -> LeadIn | None:
    """What lies before the programme, from its weighted K energy on the 10 ms grid, (hops,)."""
    programme = integrated(energy)
    if programme is None:
        return None
    silent = np.zeros(rules.M_HOPS - 1, energy.dtype)
    momentary = piecewise(loudness, moving_mean(np.concatenate([silent, energy]), rules.M_HOPS))
    return lead_in(momentary, programme, HOP_S)


def _times(a: Array, b: Array) -> Array:
    return piecewise(np.multiply, a, b)


def _ratio(a: Array, b: Array) -> Array:
    return a / np.maximum(b, 1e-30)


def _limited(energy: Array, ridden: Array) -> Array:
    """What the limiter leaves of each hop, in power."""
    return np.minimum(_ratio(energy, ridden), 1.0)


def excess_lu(found: Measurement, profile: Profile, begin_s: float = 0.0) -> float:
    """How far a measurement exceeds the worst of the limits that dips keep, 0 where none.

    begin_s: where the programme begins, behind silence or room tone; it is left to begin.
    """
    over = [0.0]
    for name in rules.SUDDEN:
        criterion, value = profile.required(name), _planned_value(found, name, begin_s)
        if criterion is not None and criterion.max is not None and value is not None:
            over.append(value - criterion.max)
    return max(over)


def _planned_value(found: Measurement, name: str, begin_s: float) -> float | None:
    """A value, without what the beginning of a programme behind room tone makes of it."""
    curve = found.curves.get(_NOVELTY.get(name, ""))
    if not begin_s or name not in _NOVELTY:
        return found.values.get(name)
    if curve is None:
        return None
    first, last = (round(at / curve.hop_s) for at in (begin_s, begin_s + ASSESSED_FROM_S))
    parts = (extremes(part)[1] for part in (curve.values[:first], curve.values[last:]))
    return max(parts, default=None)


_NOVELTY = {
    "max_level_novelty_lu": "level_novelty",
    "max_band_novelty_lu": "band_novelty",
}
_ROUNDS = 4
"""Dips lower the programme loudness that limits are relative to; it settles in two rounds."""


def _dip_shape(preset: Preset) -> Shape:
    """How dips may move, the look-ahead wide enough for the deepest of them."""
    ride = preset.ride
    descent_ms = 2000 * ride.max_dip_db / MAX_FALL_DB_PER_S
    lookahead = round(max(ride.lookahead_ms, descent_ms) / 1000 / HOP_S)
    return Shape(lookahead, ride.release_db_per_s)


def _plan_dips(planner: Planner, profile: Profile, margin_lu: float) -> None:
    """Dips on everything the profile's required limits forbid in the curves of the planner."""
    limits = {
        name: criterion.max - margin_lu
        for name in rules.SUDDEN
        if (criterion := profile.required(name)) is not None
        and criterion.max is not None
        and planner.hops * HOP_S >= criterion.min_duration_s
    }
    intro = profile.required("intro_above_rest_lu")
    sounding_s = (planner.hops - planner.begin) * HOP_S
    least_s = 2 * ASSESSED_FROM_S if planner.begin else 0.0
    if intro is not None and sounding_s < max(intro.min_duration_s, least_s):
        intro = None  # a second of rest says nothing of the beginning
    programme = integrated(planner.lowered_energy(0, planner.hops))
    for _ in range(_ROUNDS):
        if programme is None:
            return
        found = rules.rules_for(limits)
        if intro is not None and intro.max is not None:
            rest = _loudest_rest(planner, programme)
            found.append(rules.intro(rest + intro.max - margin_lu))
        planner.apply(found, programme)
        settled = integrated(planner.lowered_energy(0, planner.hops))
        if settled is None or abs(settled - programme) < 0.02:
            return
        programme = settled


def _loudest_rest(planner: Planner, programme_lufs: float) -> float:
    """Loudest 0.4 s after the beginning, LU above programme; high where there is no rest."""
    energy = planner.lowered_energy(0, planner.hops)
    rest = moving_mean(energy, rules.M_HOPS)[planner.begin + round(ASSESSED_FROM_S / HOP_S) :]
    return float(loudness(rest).max()) - programme_lufs if len(rest) else 99.0
