"""The ride: everything that turns the sound up or down slowly, planned as one curve.

Static gain, fades and dips on intrusions are all gains, so they are planned together on the curves
heard in the first pass, without a second look at the samples: gain on the energy curve predicts
the loudness after it (energies × gain²), and the same readings that judge a file judge the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asmrmaster import dips
from asmrmaster.dips import Dip, Planner, Shape
from asmrmaster.dsp.level import db, loudness, moving_mean
from asmrmaster.dsp.novelty import ASSESSED_FROM_S
from asmrmaster.meters import read_curves
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.meters.edges import Edges
from asmrmaster.meters.loudness import integrated, weighted
from asmrmaster.presets import Preset, Profile
from asmrmaster.stages.limit_forecast import limited_energy

Array = NDArray[np.float64]

MAX_FALL_DB_PER_S = 150.0
"""A Hann descent is steepest at twice its mean slope; the look-ahead is widened to stay below."""
FADE_STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)
"""A fade is lengthened by these factors until the profile's edge criteria are forecast to pass."""
MAX_FADE_SHARE = 0.3
DEFAULT_CEILING_DBTP = -1.0
"""EBU R 128 (2023), clause 4, where a profile says nothing of true peaks."""
SOLVER_ROUNDS = 8


@dataclass(frozen=True)
class Ride:
    """One planned gain curve and what it is expected to do.

    amplitude: linear gain at the start of each 10 ms hop, static gain included, shape (hops + 1,).
    static_gain_db, ceiling_dbtp: what the verify loop may correct; allowed_dbtp: the peak no master
    may exceed. target_reason: why the target
    is not the wanted one, or empty. forecast: the measurement expected of the master.
    """

    amplitude: NDArray[np.float32]
    reduction_db: NDArray[np.float32]
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

    def corrected(self, gain_db: float, ceiling_db: float) -> Ride:
        """The same ride with its static gain and ceiling moved by what a render was off."""
        return replace(
            self,
            amplitude=(self.amplitude * 10 ** (gain_db / 20)).astype(np.float32),
            static_gain_db=self.static_gain_db + gain_db,
            ceiling_dbtp=self.ceiling_dbtp + ceiling_db,
        )

    @property
    def moved_db(self) -> NDArray[np.float32]:
        """The curve without its static gain, per hop, in dB; a closed fade reads −100."""
        shape = self.amplitude / np.float32(10 ** (self.static_gain_db / 20))
        result: NDArray[np.float32] = 20 * np.log10(np.maximum(shape, np.float32(1e-5)))
        return result

    @property
    def max_fall_db_per_s(self) -> float:
        """Steepest descent of the dips."""
        return float(max(0.0, np.diff(self.reduction_db, prepend=np.float32(0)).max()) / HOP_S)

    @property
    def max_rise_db_per_s(self) -> float:
        """Steepest recovery of the dips."""
        return float(max(0.0, -np.diff(self.reduction_db, append=np.float32(0)).min()) / HOP_S)


def plan(heard: Measurement, preset: Preset, profile: Profile) -> Ride:
    """The ride for a toned take, as heard, that the profile is forecast to accept.

    ``heard`` must hold a measurable programme (``integrated_lufs`` is not None).
    """
    curve = heard.curves["k_energy"]
    channels = curve.values.shape[1]
    energy = weighted(curve.values, channels).astype(np.float64)
    fade_in_s, fade_out_s = _fades(heard, energy, preset, profile)
    fade = _fade_curve(len(energy), fade_in_s, fade_out_s)
    planner = _plan_dips(heard, energy, fade, preset, profile)
    shape = fade * _at_edges(np.power(10.0, planner.reduction_db.astype(np.float64) / -20))
    gain = _solve(heard, energy, shape, preset, profile)
    amplitude = (shape * 10 ** (gain.static_db / 20)).astype(np.float32)
    return Ride(
        amplitude=amplitude,
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
    )


# --- gain on curves -------------------------------------------------------------------------------


def _at_edges(per_hop: Array) -> Array:
    """Amplitudes at hop starts from amplitudes of whole hops: the mean of the neighbours."""
    inner = (per_hop[1:] + per_hop[:-1]) / 2
    return np.concatenate([per_hop[:1], inner, per_hop[-1:]])


def power_gain(amplitude: NDArray[np.floating]) -> Array:
    """Mean square of a straight run between neighbouring amplitudes, per hop: (a² + ab + b²)/3."""
    a, b = amplitude[:-1].astype(np.float64), amplitude[1:].astype(np.float64)
    result: Array = (a * a + a * b + b * b) / 3
    return result


def _forecast(
    heard: Measurement, amplitude: NDArray[np.float32], gain: Array, ceiling_dbtp: float
) -> Measurement:
    """Every reading of the curves as they will be: ``gain`` in power per hop, limiter included."""
    slow = power_gain(amplitude)
    slow = slow[: len(slow) // 2 * 2].reshape(-1, 2).mean(axis=1)
    curves = dict(heard.curves)
    for name in ("k_energy", "k_cross", "energy"):
        if name in curves:
            curves[name] = _scaled(curves[name], gain)
    for name in ("novelty_band_energy", "tone_energy"):
        if name in curves:
            curves[name] = _scaled(curves[name], slow)
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
    return read_curves(Measurement(values, curves, heard.events))


def _scaled(curve: Curve, gain: Array) -> Curve:
    hops = min(len(curve.values), len(gain))
    scale = gain[:hops].astype(curve.values.dtype)
    shaped = scale.reshape(-1, *(1,) * (curve.values.ndim - 1))
    return replace(curve, values=curve.values[:hops] * shaped)


# --- fades ----------------------------------------------------------------------------------------

_HEAD = ("cut_in_lu", "first_sample_dbfs")
_TAIL = ("fade_out_s", "last_400ms_lu", "last_sample_dbfs")
"""Quantities a fade-in and a fade-out can cure."""


def _fades(
    heard: Measurement, energy: Array, preset: Preset, profile: Profile
) -> tuple[float, float]:
    """Lengths in seconds: 0 where the edges pass as they are, else as long as it takes."""
    longest = len(energy) * HOP_S * MAX_FADE_SHARE

    def steps(shortest_s: float) -> list[float]:
        return [0.0, *(min(longest, shortest_s * step) for step in FADE_STEPS)]

    def passes(names: tuple[str, ...], fade_in_s: float, fade_out_s: float) -> bool:
        faded = energy * power_gain(_fade_curve(len(energy), fade_in_s, fade_out_s))
        curves = {"k_energy": Curve(faded[:, None], HOP_S, "mean square")}
        found = dict(Edges.read(Measurement({"integrated_lufs": integrated(faded)}, curves)).values)
        for name, fade_s in (("first_sample_dbfs", fade_in_s), ("last_sample_dbfs", fade_out_s)):
            found[name] = None if fade_s else heard.values[name]
        return all(_inside(profile, name, found[name]) for name in names)

    fade_in_s = next((s for s in steps(preset.ride.fade_in_s) if passes(_HEAD, s, 0.0)), longest)
    fade_out_s = next(
        (s for s in steps(preset.ride.fade_out_s) if passes(_TAIL, fade_in_s, s)), longest
    )
    return fade_in_s, fade_out_s


def _inside(profile: Profile, quantity: str, value: float | None) -> bool:
    criterion = profile.required(quantity)
    if criterion is None or value is None:
        return True
    low = criterion.min is None or value >= criterion.min
    return low and (criterion.max is None or value <= criterion.max)


def _fade_curve(hops: int, fade_in_s: float, fade_out_s: float) -> Array:
    """Raised-cosine amplitudes at hop starts, shape (hops + 1,): 0 at a faded edge, 1 between."""
    time_s = np.arange(hops + 1) * HOP_S
    curve = np.ones(hops + 1)
    if fade_in_s:
        curve *= (1 - np.cos(np.pi * np.minimum(time_s / fade_in_s, 1.0))) / 2
    if fade_out_s:
        curve *= (1 - np.cos(np.pi * np.minimum(time_s[::-1] / fade_out_s, 1.0))) / 2
    return curve


# --- dips -----------------------------------------------------------------------------------------

_DIPPED = (
    "max_level_novelty_lu",
    "max_band_novelty_lu",
    "max_momentary_above_programme_lu",
    "max_short_term_above_programme_lu",
)
_ROUNDS = 4
"""Dips lower the programme loudness that limits are relative to; it settles in two rounds."""


def _plan_dips(
    heard: Measurement, energy: Array, fade: Array, preset: Preset, profile: Profile
) -> Planner:
    """Dips on everything the profile's required limits forbid."""
    ride = preset.ride
    faded = energy * power_gain(fade)
    bands = heard.curves["novelty_band_energy"].values.astype(np.float64)
    descent_ms = 2000 * ride.max_dip_db / MAX_FALL_DB_PER_S
    lookahead = round(max(ride.lookahead_ms, descent_ms) / 1000 / HOP_S)
    planner = Planner(faded, bands, Shape(lookahead, ride.release_db_per_s), ride.max_dip_db)
    limits = {
        name: criterion.max - dips.MARGIN_LU
        for name in _DIPPED
        if (criterion := profile.required(name)) is not None
        and criterion.max is not None
        and len(energy) * HOP_S >= criterion.min_duration_s
    }
    intro = profile.required("intro_above_rest_lu")
    programme = integrated(faded)
    for _ in range(_ROUNDS):
        if programme is None:
            break
        rules = dips.rules_for(limits)
        if intro is not None and intro.max is not None:
            rest = _loudest_rest(planner, programme)
            rules.append(dips.intro(rest + intro.max - dips.MARGIN_LU))
        planner.apply(rules, programme)
        settled = integrated(planner.lowered(0, len(energy), programme).energy)
        if settled is None or abs(settled - programme) < 0.02:
            break
        programme = settled
    return planner


def _loudest_rest(planner: Planner, programme_lufs: float) -> float:
    """Loudest 0.4 s after the beginning, LU above programme; high where there is no rest."""
    energy = planner.lowered(0, planner.hops, programme_lufs).energy
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
    heard: Measurement, energy: Array, shape: Array, preset: Preset, profile: Profile
) -> _Gain:
    """Static gain for the wanted loudness, limiter included, or as near as the bounds allow.

    Limiting lowers loudness, so gain and limiter are solved together on the 1 ms grid.
    """
    target = preset.target
    criterion = profile.required("true_peak_dbtp")
    limit_dbtp = DEFAULT_CEILING_DBTP
    if criterion is not None and criterion.max is not None:
        limit_dbtp = criterion.max
    ridden = energy * power_gain(shape)
    programme = integrated(ridden)
    assert programme is not None
    edges = np.maximum(shape[:-1], shape[1:])
    peak = float(
        (
            heard.curves["peak"].values[: len(edges)] * edges[: len(heard.curves["peak"].values)]
        ).max()
    )
    peak_dbtp = float(db(peak**2))
    bounds = {
        _noise_bound(heard, target.max_floor_lufs): (
            f"more gain would lift the noise floor above {target.max_floor_lufs:g} LUFS"
        ),
        limit_dbtp + target.max_reduction_db - peak_dbtp: (
            f"more gain would make the limiter take off over {target.max_reduction_db:g} dB"
        ),
    }
    most = min(bounds)
    gain_db, result, ceiling = target.integrated_lufs - programme, ridden, limit_dbtp
    for _ in range(SOLVER_ROUNDS):
        gain_db = min(gain_db, most)
        height = target.integrated_lufs + target.max_peak_height_lu
        ceiling = min(limit_dbtp, max(height, peak_dbtp + gain_db - target.max_reduction_db))
        result = limited_energy(heard, energy, shape * 10 ** (gain_db / 20), ceiling, preset.limit)
        reached = integrated(result)
        if reached is None:
            break
        missing = target.integrated_lufs - reached
        if abs(missing) < 0.005 or (gain_db >= most and missing > 0):
            break
        gain_db += missing
    reached = integrated(result)
    bound = gain_db >= most and (reached is None or reached < target.integrated_lufs - 0.05)
    return _Gain(
        static_db=gain_db,
        ceiling_dbtp=ceiling,
        target_lufs=reached if bound and reached is not None else target.integrated_lufs,
        reason=bounds[most] if bound else "",
        energy=result,
    )


def _noise_bound(heard: Measurement, max_floor_lufs: float) -> float:
    """Most gain in dB that the noise floor allows; unbounded where the sound has no pauses."""
    floor = heard.values.get("noise_floor_lufs")
    return np.inf if floor is None else max(0.0, max_floor_lufs - floor)
