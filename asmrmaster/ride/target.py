"""The static gain: as near to the wanted loudness as noise floor and limiter allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import power_gain
from asmrmaster.dsp.level import db
from asmrmaster.dsp.noise_floor import SEGMENT_S
from asmrmaster.errors import InputError
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.meters.loudness import integrated
from asmrmaster.meters.noise import ANSWER, CONFIDENCE, FLOOR, NOISE
from asmrmaster.presets import Preset, Profile
from asmrmaster.ride.dips import DIP_MARGIN_LU
from asmrmaster.ride.levelling import Level
from asmrmaster.stages.limiter_forecast import highest_peak, limited_energy
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.floating[Any]]

DEFAULT_CEILING_DBTP = -1.0
"""EBU R 128 (2023), clause 4, where a profile says nothing of true peaks."""
SOLVER_ROUNDS = 8
HISS_A_DB = -4.4
"""A-weighted level of hiss against its loudness in LUFS: limits are given in the latter."""
SURE = 0.7
"""Confidence from which on noise is acted upon."""


@dataclass(frozen=True)
class Gain:
    """Static gain and ceiling that belong together, and the energy per hop they lead to.

    noise_excess_db: how much more gain was wanted than noise allows, and the limiter would bear.
    """

    static_db: float
    ceiling_dbtp: float
    target_lufs: float
    reason: str
    energy: Array
    noise_excess_db: float = 0.0


def solve(
    measured: Measurement,
    energy: Array,
    shape: Array,
    preset: Preset,
    profile: Profile,
    floor_a_dbfs: float | None,
) -> Gain:
    """Static gain for the wanted loudness, or as near to it as noise and limiter allow.

    Rather than limit much the target gives way, but not below what the profile accepts as long as
    the limiter can bear it.
    """
    target = preset.target
    noise_bound_db = _noise_bound(floor_a_dbfs, target.max_floor_lufs)

    def bounded(wanted_lufs: float, max_reduction_db: float, noise_db: float) -> Gain:
        return _bounded(
            measured, energy, shape, preset, profile, wanted_lufs, max_reduction_db, noise_db
        )

    gain = bounded(target.integrated_lufs, target.max_reduction_db, noise_bound_db)
    lowest = profile.required("integrated_lufs")
    if lowest is None or lowest.min is None:
        return gain
    wanted = lowest.min + DIP_MARGIN_LU
    if gain.target_lufs >= wanted or not gain.reason:
        return gain
    harder = bounded(wanted, target.most_reduction_db, np.inf)
    reason = harder.reason or (
        f"{gain.reason}, so it is {wanted:g} LUFS, close to the lowest the profile accepts"
    )
    return replace(harder, reason=reason, noise_excess_db=gain.noise_excess_db)


def _bounded(
    measured: Measurement,
    energy: Array,
    shape: Array,
    preset: Preset,
    profile: Profile,
    wanted_lufs: float,
    max_reduction_db: float,
    noise_bound_db: float,
) -> Gain:
    """Static gain for ``wanted_lufs`` with no more than this reduction, solved with the limiter.

    Limiting lowers loudness, so gain and limiter are solved together on the 1 ms grid.
    """
    target = preset.target
    peaks = profile.required("true_peak_dbtp")
    limit_dbtp = DEFAULT_CEILING_DBTP if peaks is None or peaks.max is None else peaks.max
    ridden: Array = piecewise(np.multiply, energy, power_gain(shape))
    programme = integrated(ridden)
    if programme is None:
        raise InputError(
            "is too short or too quiet for fades and a gain to be planned",
            hint="Master a longer take",
        )
    peak_dbtp = float(db(highest_peak(measured, shape) ** 2))
    bounds = {
        noise_bound_db: (
            "more gain would lift the noise floor above "
            f"{target.max_floor_lufs + HISS_A_DB:g} dBFS(A)"
        ),
        limit_dbtp + max_reduction_db - peak_dbtp: (
            f"more gain would make the limiter take off over {max_reduction_db:g} dB"
        ),
    }
    most = min(bounds)
    loudest = min(wanted_lufs - programme, limit_dbtp + max_reduction_db - peak_dbtp)
    gain_db, result, ceiling = wanted_lufs - programme, ridden, limit_dbtp
    for _ in range(SOLVER_ROUNDS):
        gain_db = min(gain_db, most)
        height = wanted_lufs + target.max_peak_height_lu
        ceiling = min(limit_dbtp, max(height, peak_dbtp + gain_db - max_reduction_db))
        amplitude = piecewise(lambda a, static=10 ** (gain_db / 20): a * static, shape)
        result = limited_energy(measured, energy, amplitude, ceiling, preset.limiter)
        reached = integrated(result)
        if reached is None:
            break
        missing = wanted_lufs - reached
        if abs(missing) < 0.005 or (gain_db >= most and missing > 0):
            break
        gain_db += missing
    reached = integrated(result)
    bound = gain_db >= most and (reached is None or reached < wanted_lufs - 0.05)
    return Gain(
        static_db=gain_db,
        ceiling_dbtp=ceiling,
        target_lufs=reached if bound and reached is not None else wanted_lufs,
        reason=bounds[most] if bound else "",
        energy=result,
        noise_excess_db=max(0.0, loudest - noise_bound_db),
    )


def floor_a_dbfs(measured: Measurement, level: Level, preset: Preset) -> float | None:
    """The noise that loudness gives way to, with what levelling lifts it by; None for none.

    What is no steady noise gives an upper bound of it, which a voice gives way to as well.
    """
    floor, confidence = (measured.values.get(name) for name in (FLOOR.name, CONFIDENCE.name))
    gives_way_to = preset.mend.gives_way_to
    if floor is None or confidence is None or gives_way_to == "nothing":
        return None
    noise = measured.values[ANSWER.name] == NOISE and confidence >= SURE
    if gives_way_to == "noise" and not noise:
        return None
    lifted_db = 0.0
    if level.gain_db.any():
        hops = round(SEGMENT_S / HOP_S)
        lifted_db = max(
            float(np.mean(level.gain_db[start : start + hops]))
            for start in range(0, len(level.gain_db), hops)
        )
    return floor + max(0.0, lifted_db)


def _noise_bound(floor_a_dbfs: float | None, max_floor_lufs: float) -> float:
    """Most gain in dB that the noise allows; unbounded where there is none to give way to."""
    if floor_a_dbfs is None:
        return np.inf
    return max(0.0, max_floor_lufs + HISS_A_DB - floor_a_dbfs)
