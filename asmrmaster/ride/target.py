"""The static gain: as near to the wanted loudness as noise floor and limiter allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import power_gain
from asmrmaster.dsp.level import db
from asmrmaster.errors import InputError
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.loudness import integrated
from asmrmaster.presets import Preset, Profile
from asmrmaster.ride.dips import DIP_MARGIN_LU
from asmrmaster.ride.levelling import Level
from asmrmaster.stages.limiter_forecast import highest_peak, limited_energy
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.floating[Any]]

DEFAULT_CEILING_DBTP = -1.0
"""EBU R 128 (2023), clause 4, where a profile says nothing of true peaks."""
SOLVER_ROUNDS = 8


@dataclass(frozen=True)
class Gain:
    """Static gain and ceiling that belong together, and the energy per hop they lead to."""

    static_db: float
    ceiling_dbtp: float
    target_lufs: float
    reason: str
    energy: Array


def solve(
    measured: Measurement,
    energy: Array,
    shape: Array,
    preset: Preset,
    profile: Profile,
    floor_lufs: float | None,
) -> Gain:
    """Static gain for the wanted loudness, or as near to it as noise and limiter allow.

    Rather than limit much the target gives way, but not below what the profile accepts as long as
    the limiter can bear it.
    """
    target = preset.target
    noise_bound_db = _noise_bound(floor_lufs, target.max_floor_lufs)

    def bounded(wanted_lufs: float, max_reduction_db: float) -> Gain:
        return _bounded(
            measured, energy, shape, preset, profile, wanted_lufs, max_reduction_db, noise_bound_db
        )

    gain = bounded(target.integrated_lufs, target.max_reduction_db)
    lowest = profile.required("integrated_lufs")
    if lowest is None or lowest.min is None:
        return gain
    wanted = lowest.min + DIP_MARGIN_LU
    if gain.target_lufs >= wanted or "limiter" not in gain.reason:
        return gain
    harder = bounded(wanted, target.most_reduction_db)
    reason = harder.reason or (
        f"{gain.reason}, so it is {wanted:g} LUFS, close to the lowest the profile accepts"
    )
    return replace(harder, reason=reason)


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
    )


def floor_lufs(measured: Measurement, level: Level, levelled: Array) -> float | None:
    """Noise floor in the pauses, with the levelling in it where that is higher."""
    floor = measured.values.get("noise_floor_lufs")
    if floor is None or not level.gain_db.any():
        return floor
    curves = {
        "k_energy": Curve(levelled[:, None], HOP_S, "mean square"),
        "energy": measured.curves["energy"],
    }
    raised = Floor.read(Measurement({"integrated_lufs": integrated(levelled)}, curves)).values
    return max(floor, raised["noise_floor_lufs"] or floor)


def _noise_bound(floor_lufs: float | None, max_floor_lufs: float) -> float:
    """Most gain in dB that the noise floor allows; unbounded where the sound has no pauses."""
    return np.inf if floor_lufs is None else max(0.0, max_floor_lufs - floor_lufs)
