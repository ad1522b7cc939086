"""Fades: as short as the profile lets them be, and none where the edges pass as they are."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.gains import power_gain
from asmrmaster.meters.base import HOP_S, Curve, Measurement
from asmrmaster.meters.edges import Edges
from asmrmaster.meters.loudness import integrated
from asmrmaster.presets import Preset, Profile
from asmrmaster.presets.limits import is_within, narrowed
from asmrmaster.streams.curves import empty, piecewise

Array = NDArray[np.floating[Any]]

FADE_STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)
"""A fade is lengthened by these factors until the profile's edge criteria are forecast to pass."""
MAX_FADE_SHARE = 0.4
FADE_MARGIN = 0.05
"""Edges are planned this share of their limit inside it."""

_HEAD = ("cut_in_lu", "first_sample_dbfs")
_TAIL = ("fade_out_s", "last_400ms_lu", "last_sample_dbfs")
"""Quantities a fade-in and a fade-out can cure."""


def fade_lengths(
    measured: Measurement,
    energy: Array,
    preset: Preset,
    profile: Profile,
    longer: float = 1.0,
    gain_db: float = 0.0,
) -> tuple[float, float]:
    """Lengths in seconds: 0 where the edges pass as they are, else as long as it takes.

    longer: a factor on that, where it turned out to be too short. gain_db: what the first and the
    last sample are turned up by.
    """
    longest = len(energy) * HOP_S * MAX_FADE_SHARE

    def steps(shortest_s: float) -> list[float]:
        return [0.0, *(min(longest, shortest_s * step) for step in FADE_STEPS)]

    def passes(names: tuple[str, ...], fade_in_s: float, fade_out_s: float) -> bool:
        fades = power_gain(fade_curve(len(energy), fade_in_s, fade_out_s))
        faded = piecewise(np.multiply, energy, fades)
        curves = {"k_energy": Curve(faded[:, None], HOP_S, "mean square")}
        found = dict(Edges.read(Measurement({"integrated_lufs": integrated(faded)}, curves)).values)
        for name, fade_s in (("first_sample_dbfs", fade_in_s), ("last_sample_dbfs", fade_out_s)):
            value = measured.values[name]
            found[name] = None if fade_s or value is None else value + gain_db
        return all(_inside(profile, name, found[name]) for name in names)

    fade_in_s = next((s for s in steps(preset.ride.fade_in_s) if passes(_HEAD, s, 0.0)), longest)
    fade_out_s = next(
        (s for s in steps(preset.ride.fade_out_s) if passes(_TAIL, fade_in_s, s)), longest
    )
    return min(longest, longer * fade_in_s), min(longest, longer * fade_out_s)


def missed(found: Measurement, profile: Profile) -> bool:
    """Whether a measurement misses what the profile requires of an edge that was faded."""
    for name in (*_HEAD, *_TAIL):
        criterion, value = profile.required(name), found.values.get(name)
        if criterion is not None and value is not None and not is_within(value, criterion):
            return True
    return False


def _inside(profile: Profile, quantity: str, value: float | None) -> bool:
    criterion = profile.required(quantity)
    if criterion is None or value is None:
        return True
    return is_within(value, narrowed(criterion, FADE_MARGIN))


def fade_curve(hops: int, fade_in_s: float, fade_out_s: float) -> Array:
    """Raised-cosine amplitudes at hop starts, shape (hops + 1,): 0 at a faded edge, 1 between."""
    curve = empty((hops + 1,))
    curve[:] = 1.0
    for fade_s, side in ((fade_in_s, curve), (fade_out_s, curve[::-1])):
        if fade_s:
            edge = side[: ceil(fade_s / HOP_S)]
            edge *= (1 - np.cos(np.pi * HOP_S / fade_s * np.arange(len(edge)))) / 2
    return curve
