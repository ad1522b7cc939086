"""Levelling: bringing quiet and loud passages closer, so slowly that nobody hears it move.

Planned on the energy curve before the dips. What counts is the mean momentary loudness of the
active parts around a moment; where it strays far from the median of the take, the gain leans the
other way. Time stands still in pauses: the gain is worked out on active time alone and held while
the sound rests, so a noise floor never swells or sinks by itself. A take that is steady is left
alone, exactly.

Source: own measurements on beds with planted steps; gating as in ITU-R BS.1770-5, momentary
windows as in EBU Tech 3341 (2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import loudness, moving_mean
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.meters.drift import Drift
from asmrmaster.meters.floor import LEAST_S, find_pauses
from asmrmaster.meters.loudness import M_HOPS, integrated, momentary
from asmrmaster.presets import Criterion, Preset, Profile
from asmrmaster.streams.curves import empty, extremes, piecewise

Array = NDArray[np.floating[Any]]

ACTIVE_LU, LOUD_LU = -12.0, 6.0
"""Only moments above the first, re programme loudness, have a level worth following; a moment
above the second counts as no more, so that a door slam does not look like a loud passage."""
SPREAD_S = 6.0
"""Standard deviation of the Gaussian weight on the moments around."""
CELL_HOPS = 10
MAX_SLOPE_DB_PER_S = 0.5
STEADY_DB = 1.5
"""Straying less than this from the median is what living sound does."""
STEADY_WHERE_REQUIRED_DB = 0.5
"""The same where a profile does not accept the take's drift: there every half dB helps."""
STEPS_DB = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
LEAST_ACTIVE_S = 30.0
"""Less sound has no passages to compare."""
DRIFT_MARGIN_LU = 0.1
REQUIRED = ("max_drift_lu", "late_rise_lu")
"""Quantities that levelling can bring inside their limits."""


@dataclass(frozen=True)
class Level:
    """The planned gain in dB per 10 ms hop, and why there is more of it than was asked for."""

    gain_db: NDArray[np.float32]
    reason: str = ""

    @property
    def max_slope_db_per_s(self) -> float:
        """Fastest it moves."""
        moves_db = piecewise(lambda a, b: np.abs(b - a), self.gain_db[:-1], self.gain_db[1:])
        return extremes(moves_db)[1] / HOP_S


def plan(energy: Array, preset: Preset, profile: Profile) -> Level:
    """The levelling a preset asks for, or as much more as the profile needs.

    energy: weighted K energy on the 10 ms grid, shape (hops,), of a take with a programme.
    """
    most_db = preset.ride.level_max_db
    required = _required(profile, len(energy) * HOP_S)
    idle = Level(_zero(len(energy)))
    activity = Activity.of(energy, preset) if most_db or required else None
    if activity is None:
        return idle
    level = Level(activity.gain_db(most_db, STEADY_DB)) if most_db else idle
    over_lu, reason = _excess(activity.ridden(level.gain_db), required)
    if over_lu <= 0:
        return level
    best = level
    for most_db in _stronger(preset):
        tried = activity.gain_db(most_db, STEADY_WHERE_REQUIRED_DB)
        left_lu, _ = _excess(activity.ridden(tried), required)
        if left_lu < over_lu:
            best, over_lu = Level(tried, reason), left_lu
        if left_lu <= 0:
            break
    return best


def _stronger(preset: Preset) -> Iterator[float]:
    """Strengths to try where the profile needs more, in rising order."""
    ride = preset.ride
    yield from (x for x in STEPS_DB if ride.level_max_db <= x < ride.level_most_db)
    if ride.level_most_db > ride.level_max_db:
        yield ride.level_most_db


def _required(profile: Profile, duration_s: float) -> dict[str, Criterion]:
    found = {name: profile.required(name) for name in REQUIRED}
    return {
        name: c
        for name, c in found.items()
        if c is not None and c.max is not None and duration_s >= c.min_duration_s
    }


def _excess(energy: Array, required: dict[str, Criterion]) -> tuple[float, str]:
    """How far the worst of these quantities lies beyond its limit in LU, with a sentence."""
    if not required:
        return 0.0, ""
    curves = {"k_energy": Curve(energy[:, None], HOP_S, "mean square")}
    values = Drift.read(Measurement(curves=curves)).values
    worst, reason = 0.0, ""
    for name, criterion in required.items():
        value = values[name]
        assert criterion.max is not None
        if value is not None and value - criterion.max + DRIFT_MARGIN_LU > worst:
            worst = value - criterion.max + DRIFT_MARGIN_LU
            what = "drifts" if name == "max_drift_lu" else "rises towards the end by"
            reason = f"the level {what} {value:.1f} LU, and the profile accepts {criterion.max:g}"
    return worst, reason


@dataclass(frozen=True)
class Activity:
    """The active time of a take: what levelling follows, and how far it may lift each pause.

    energy: (hops,). index: active hops before each hop, shape (hops,). slow_lu: mean loudness
    around each cell of active time re the median of all, shape (cells,). room_db: most positive
    gain each cell may have so that no pause comes out above the bound on the noise floor.
    """

    energy: Array
    index: NDArray[np.int32]
    slow_lu: Array
    room_db: Array

    @classmethod
    def of(cls, energy: Array, preset: Preset) -> Activity | None:
        """None where there is too little activity to speak of passages."""
        programme = integrated(energy)
        if programme is None or len(energy) < M_HOPS:
            return None
        target = preset.target
        factor = 10 ** ((target.integrated_lufs - programme) / 10)
        scaled = piecewise(lambda one: one * factor, energy)
        lufs = _centred(scaled)
        active = lufs > target.integrated_lufs + ACTIVE_LU
        count = int(active.sum()) // CELL_HOPS
        if count * CELL_HOPS * HOP_S < LEAST_ACTIVE_S:
            return None
        level = np.minimum(lufs[active], target.integrated_lufs + LOUD_LU)
        cells = level[: count * CELL_HOPS].reshape(-1, CELL_HOPS).mean(axis=1)
        slow = _smoothed(cells, SPREAD_S / (CELL_HOPS * HOP_S))
        index = np.cumsum(active, out=empty(active.shape, np.int32))
        index -= active
        room = np.full(count, np.inf)
        for start, floor_lufs in _rests(scaled, lufs, active, target.integrated_lufs):
            cell = min(int(index[start]) // CELL_HOPS, count - 1)
            near = slice(max(0, cell - 1), cell + 2)
            room[near] = np.minimum(room[near], max(0.0, target.max_floor_lufs - floor_lufs))
        return cls(scaled, index, slow - np.median(slow), room)

    def gain_db(self, most_db: float, steady_db: float) -> NDArray[np.float32]:
        """Gain per hop, no larger than ``most_db``, 0 where the level strays by ``steady_db``."""
        stray = np.sign(self.slow_lu) * np.maximum(np.abs(self.slow_lu) - steady_db, 0.0)
        wanted = np.clip(-stray, -most_db, most_db)
        if not wanted.any():
            return _zero(len(self.index))
        step_db = MAX_SLOPE_DB_PER_S * CELL_HOPS * HOP_S
        gentle = (_lower_envelope(wanted, step_db) - _lower_envelope(-wanted, step_db)) / 2
        allowed = np.minimum(gentle, _lower_envelope(self.room_db, step_db))
        centres = (np.arange(len(allowed)) + 0.5) * CELL_HOPS
        return piecewise(
            lambda index: np.interp(index, centres, allowed).astype(np.float32), self.index
        )

    def ridden(self, gain_db: NDArray[np.float32]) -> Array:
        """The energy after this gain, at the loudness the preset aims for."""
        return piecewise(lambda e, one_db: e * np.power(10.0, one_db / 10), self.energy, gain_db)


def _zero(hops: int) -> NDArray[np.float32]:
    """No gain at all, in dB, without the memory for it."""
    return np.broadcast_to(np.float32(0.0), hops)


def _smoothed(values: Array, spread: float) -> Array:
    """Gaussian average with this standard deviation in points, mirrored at the ends."""
    reach = round(4 * spread)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    mirrored = np.pad(values, reach, mode="symmetric")
    return np.convolve(mirrored, weights / weights.sum(), "valid")


def _centred(energy: Array) -> Array:
    """Momentary loudness of the window around each hop, shape (hops,)."""
    lufs, before = empty(energy.shape, energy.dtype), M_HOPS // 2
    whole = lufs[before : before + len(energy) - M_HOPS + 1]
    whole[:] = piecewise(loudness, moving_mean(energy, M_HOPS))
    lufs[:before], lufs[before + len(whole) :] = whole[0], whole[-1]
    return lufs


def _rests(
    energy: Array, lufs: Array, active: NDArray[np.bool_], programme_lufs: float
) -> Iterator[tuple[int, float]]:
    """A hop in each rest and its noise floor in LUFS; none for a take without pauses.

    In a take that has no pauses at all (rain, waves) a quiet stretch is the sound itself.
    """
    pauses, _ = find_pauses(piecewise(loudness, momentary(energy)), programme_lufs)
    if sum(stop - start for start, stop in pauses) * HOP_S < LEAST_S:
        return
    edges = np.flatnonzero(np.diff(np.concatenate([[True], active, [True]])))
    for start, stop in edges.reshape(-1, 2):
        yield int(start), float(lufs[start:stop].min())


def _lower_envelope(values: Array, step: float) -> Array:
    """The largest curve nowhere above ``values`` that moves by no more than ``step`` a point."""
    run = np.arange(len(values)) * step
    ahead = np.minimum.accumulate(values - run) + run
    back = np.minimum.accumulate(values[::-1] - run)[::-1] + run[::-1]
    result: Array = np.minimum(ahead, back)
    return result
