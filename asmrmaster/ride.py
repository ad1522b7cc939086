"""The ride: everything that turns the sound up or down slowly, planned as one curve.

Static gain, levelling, fades and dips on intrusions are all gains, so they are planned together on
the curves heard in the first pass, without a second look at the samples: gain on the energy curve
predicts the loudness after it (energies × gain²), and the same readings that judge a file judge the
plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster import dips, levelling
from asmrmaster.dips import MARGIN_LU, Dip, Planner, Shape
from asmrmaster.dsp.gains import edges_from_db, power_gain
from asmrmaster.dsp.level import db, loudness, moving_mean, power
from asmrmaster.dsp.novelty import ASSESSED_FROM_S
from asmrmaster.errors import InputError
from asmrmaster.fades import fade_curve, fade_lengths
from asmrmaster.levelling import Level
from asmrmaster.meters import read_curves
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.presets import Preset, Profile
from asmrmaster.stages.limit_forecast import limited_energy, true_peaks

Array = NDArray[np.floating[Any]]
"""Curves are planned in single precision: exact to a millionth of a dB, and ten hours are long."""

MAX_FALL_DB_PER_S = 150.0
"""A Hann descent is steepest at twice its mean slope; the look-ahead is widened to stay below."""
DEFAULT_CEILING_DBTP = -1.0
"""EBU R 128 (2023), clause 4, where a profile says nothing of true peaks."""
SOLVER_ROUNDS = 8
PLANS = 3
"""A plan whose own forecast misses a limit is made again with a wider margin this often."""
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
    planned. target_reason: why the target is not the wanted one, or empty. forecast: the
    measurement expected of the master.
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
    margin_lu: float = MARGIN_LU

    def corrected(self, gain_db: float, ceiling_db: float) -> Ride:
        """The same ride with its static gain and ceiling moved by what a render was off."""
        return replace(
            self,
            amplitude=(self.amplitude * 10 ** (gain_db / 20)).astype(np.float32),
            static_gain_db=self.static_gain_db + gain_db,
            ceiling_dbtp=self.ceiling_dbtp + ceiling_db,
        )

    @property
    def moved_db(self) -> Array:
        """The curve without its static gain, per hop, in dB; a closed fade reads −100."""
        shape = self.amplitude / np.float32(10 ** (self.static_gain_db / 20))
        result: Array = 20 * np.log10(np.maximum(shape, np.float32(1e-5)))
        return result

    @property
    def max_fall_db_per_s(self) -> float:
        """Steepest descent of the dips; a sound that begins inside one does not descend there."""
        return float(np.diff(self.reduction_db).max(initial=0.0) / HOP_S)

    @property
    def max_rise_db_per_s(self) -> float:
        """Steepest recovery of the dips."""
        return float(-np.diff(self.reduction_db).min(initial=0.0) / HOP_S)


def plan(
    heard: Measurement, preset: Preset, profile: Profile, margin_lu: float = MARGIN_LU
) -> Ride:
    """The ride for a toned take, as heard, that the profile is forecast to accept.

    ``heard`` must hold a measurable programme (``integrated_lufs`` is not None). margin_lu: how far
    below their limits the dips bring what they lower.
    """
    for _ in range(PLANS):
        ride = _planned(heard, preset, profile, margin_lu)
        over_lu = excess_lu(ride.forecast, profile)
        if over_lu <= 0:
            break
        margin_lu += over_lu + MARGIN_LU / 3
    return ride


def _planned(heard: Measurement, preset: Preset, profile: Profile, margin_lu: float) -> Ride:
    """One plan with this margin."""
    curve = heard.curves["k_energy"]
    channels = curve.values.shape[1]
    energy = weighted(curve.values, channels)
    level = levelling.plan(energy, preset, profile)
    levelled = edges_from_db(level.gain_db)
    floor_lufs = _floor_lufs(heard, level, energy * power_gain(levelled))
    bands = heard.curves["novelty_band_energy"].values
    planner = Planner(energy, None, _dip_shape(preset), preset.ride.max_dip_db)
    limiter = np.ones_like(energy)
    for _ in range(PLAN_ROUNDS):
        left = limiter * power_gain(levelled)
        dipped = energy * left * power(-planner.reduction_db)
        fade_in_s, fade_out_s = fade_lengths(heard, dipped, preset, profile)
        del dipped  # hours of it
        fade = fade_curve(len(energy), fade_in_s, fade_out_s)
        planner.hear(energy, bands, left * power_gain(fade))
        _plan_dips(planner, profile, margin_lu)
        shape = levelled * fade * edges_from_db(-planner.reduction_db)
        gain = _solve(heard, energy, shape, preset, profile, floor_lufs)
        ridden = energy * power_gain(shape * 10 ** (gain.static_db / 20))
        limiter = np.minimum(gain.energy / np.maximum(ridden, 1e-30), 1.0)
        if limiter.min() > IDLE:
            break
    amplitude = shape * 10 ** (gain.static_db / 20)
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
        forecast=_forecast(
            heard, amplitude, gain.energy / np.maximum(energy, 1e-30), gain.ceiling_dbtp
        ),
        margin_lu=margin_lu,
    )


def excess_lu(found: Measurement, profile: Profile) -> float:
    """How far a measurement exceeds the worst of the limits that dips keep, 0 where none."""
    over = [0.0]
    for name in _DIPPED:
        criterion, value = profile.required(name), found.values.get(name)
        if criterion is not None and criterion.max is not None and value is not None:
            over.append(value - criterion.max)
    return max(over)


# --- gain on curves -------------------------------------------------------------------------------


def _forecast(
    heard: Measurement, amplitude: Array, gain: Array, ceiling_dbtp: float
) -> Measurement:
    """Every reading of the curves as they will be: ``gain`` in power per hop, limiter included."""
    values = dict(heard.values)
    ends_db = 20 * np.log10(np.maximum(amplitude[[0, -1]].astype(np.float64), 1e-10))
    loudest_db = 20 * np.log10(float(amplitude.max()))
    for name, gain_db in (
        ("first_sample_dbfs", ends_db[0]),
        ("last_sample_dbfs", ends_db[1]),
        ("dc_offset_dbfs", loudest_db),
        ("sample_peak_dbfs", loudest_db),
        ("true_peak_dbtp", loudest_db),
    ):
        if (value := values.get(name)) is not None:
            values[name] = max(-200.0, value + float(gain_db))
    for name in ("sample_peak_dbfs", "true_peak_dbtp"):
        if (value := values.get(name)) is not None:
            values[name] = min(value, ceiling_dbtp)
    return read_curves(Measurement(values, _Scaled(heard.curves, gain), heard.events))


class _Scaled(Mapping[str, Curve]):
    """Curves with a gain in power per hop in them, each worked out when it is asked for.

    All at once they would take as much memory as what was heard.
    """

    def __init__(self, curves: Mapping[str, Curve], gain: Array) -> None:
        slow = dips.pairs(gain)
        self._curves = curves
        self._gains = dict.fromkeys(("k_energy", "k_cross", "energy"), gain)
        self._gains |= dict.fromkeys(("novelty_band_energy", "tone_energy"), slow)

    def __getitem__(self, name: str) -> Curve:
        curve = self._curves[name]
        if (gain := self._gains.get(name)) is None:
            return curve
        hops = min(len(curve.values), len(gain))
        shaped = gain[:hops].reshape(-1, *(1,) * (curve.values.ndim - 1))
        return replace(curve, values=curve.values[:hops] * shaped)

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)


# --- dips -----------------------------------------------------------------------------------------

_DIPPED = (
    "max_level_novelty_lu",
    "max_band_novelty_lu",
    "max_momentary_above_programme_lu",
    "max_short_term_above_programme_lu",
)
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
        for name in _DIPPED
        if (criterion := profile.required(name)) is not None
        and criterion.max is not None
        and planner.hops * HOP_S >= criterion.min_duration_s
    }
    intro = profile.required("intro_above_rest_lu")
    programme = integrated(planner.lowered_energy(0, planner.hops))
    for _ in range(_ROUNDS):
        if programme is None:
            return
        rules = dips.rules_for(limits)
        if intro is not None and intro.max is not None:
            rest = _loudest_rest(planner, programme)
            rules.append(dips.intro(rest + intro.max - margin_lu))
        planner.apply(rules, programme)
        settled = integrated(planner.lowered_energy(0, planner.hops))
        if settled is None or abs(settled - programme) < 0.02:
            return
        programme = settled


def _loudest_rest(planner: Planner, programme_lufs: float) -> float:
    """Loudest 0.4 s after the beginning, LU above programme; high where there is no rest."""
    energy = planner.lowered_energy(0, planner.hops)
    rest = moving_mean(energy, dips.M_HOPS)[round(ASSESSED_FROM_S / HOP_S) :]
    return float(loudness(rest).max()) - programme_lufs if len(rest) else 99.0


# --- static gain and limiter ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Gain:
    """Static gain and ceiling that belong together, and the energy per hop they lead to."""

    static_db: float
    ceiling_dbtp: float
    target_lufs: float
    reason: str
    energy: Array


def _solve(
    heard: Measurement,
    energy: Array,
    shape: Array,
    preset: Preset,
    profile: Profile,
    floor_lufs: float | None,
) -> _Gain:
    """Static gain for the wanted loudness, or as near to it as noise and limiter allow.

    Rather than limit much the target gives way, but not below what the profile accepts as long as
    the limiter can bear it.
    """
    target = preset.target
    noise_bound_db = _noise_bound(floor_lufs, target.max_floor_lufs)

    def bounded(wanted_lufs: float, max_reduction_db: float) -> _Gain:
        return _bounded(
            heard, energy, shape, preset, profile, wanted_lufs, max_reduction_db, noise_bound_db
        )

    gain = bounded(target.integrated_lufs, target.max_reduction_db)
    lowest = profile.required("integrated_lufs")
    if lowest is None or lowest.min is None:
        return gain
    wanted = lowest.min + MARGIN_LU
    if gain.target_lufs >= wanted or "limiter" not in gain.reason:
        return gain
    harder = bounded(wanted, target.most_reduction_db)
    reason = harder.reason or (
        f"{gain.reason}, so it is {wanted:g} LUFS, close to the lowest the profile accepts"
    )
    return replace(harder, reason=reason)


def _bounded(
    heard: Measurement,
    energy: Array,
    shape: Array,
    preset: Preset,
    profile: Profile,
    wanted_lufs: float,
    max_reduction_db: float,
    noise_bound_db: float,
) -> _Gain:
    """Static gain for ``wanted_lufs`` with no more than this reduction, solved with the limiter.

    Limiting lowers loudness, so gain and limiter are solved together on the 1 ms grid.
    """
    target = preset.target
    peaks = profile.required("true_peak_dbtp")
    limit_dbtp = DEFAULT_CEILING_DBTP if peaks is None or peaks.max is None else peaks.max
    ridden: Array = energy * power_gain(shape)
    programme = integrated(ridden)
    if programme is None:
        raise InputError(
            "is too short or too quiet for fades and a gain to be planned",
            hint="Master a longer take",
        )
    highest = float(np.max(true_peaks(heard, len(energy)) * np.maximum(shape[:-1], shape[1:])))
    peak_dbtp = float(db(highest**2))
    bounds = {
        noise_bound_db: (
            f"more gain would lift the noise floor above {target.max_floor_lufs:g} LUFS"
        ),
        limit_dbtp + max_reduction_db - peak_dbtp: (
            f"more gain would make the limiter take off over {max_reduction_db:g} dB"
        ),
    }
    most = min(bounds)
    gain_db, result, ceiling = wanted_lufs - programme, ridden, limit_dbtp
    for _ in range(SOLVER_ROUNDS):
        gain_db = min(gain_db, most)
        height = wanted_lufs + target.max_peak_height_lu
        ceiling = min(limit_dbtp, max(height, peak_dbtp + gain_db - max_reduction_db))
        result = limited_energy(heard, energy, shape * 10 ** (gain_db / 20), ceiling, preset.limit)
        reached = integrated(result)
        if reached is None:
            break
        missing = wanted_lufs - reached
        if abs(missing) < 0.005 or (gain_db >= most and missing > 0):
            break
        gain_db += missing
    reached = integrated(result)
    bound = gain_db >= most and (reached is None or reached < wanted_lufs - 0.05)
    return _Gain(
        static_db=gain_db,
        ceiling_dbtp=ceiling,
        target_lufs=reached if bound and reached is not None else wanted_lufs,
        reason=bounds[most] if bound else "",
        energy=result,
    )


def _floor_lufs(heard: Measurement, level: Level, levelled: Array) -> float | None:
    """Noise floor in the pauses, with the levelling in it where that is higher."""
    floor = heard.values.get("noise_floor_lufs")
    if floor is None or not level.gain_db.any():
        return floor
    curves = {
        "k_energy": Curve(levelled[:, None], HOP_S, "mean square"),
        "energy": heard.curves["energy"],
    }
    raised = Floor.read(Measurement({"integrated_lufs": integrated(levelled)}, curves)).values
    return max(floor, raised["noise_floor_lufs"] or floor)


def _noise_bound(floor_lufs: float | None, max_floor_lufs: float) -> float:
    """Most gain in dB that the noise floor allows; unbounded where the sound has no pauses."""
    return np.inf if floor_lufs is None else max(0.0, max_floor_lufs - floor_lufs)
