"""Intrusions: the moments of a sound that a profile's limits of novelty and level do not accept.

They are read from the curves whose maxima are judged, so there is an intrusion exactly where a
check finds one of these criteria failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from asmrmaster.dsp import novelty
from asmrmaster.dsp.level import channel_weights
from asmrmaster.meters.base import HOP_S, Measurement
from asmrmaster.presets import Criterion, Profile
from asmrmaster.ride.rules import SUDDEN

LEAST_BAND_LU = 0.1
"""A band in which less is new is not named."""

_LOOKBACK_HOPS = novelty.hops(novelty.HISTORY_S + 2 * novelty.WINDOW_S)


@dataclass(frozen=True)
class BandExcess:
    """A part of the spectrum and by how much it stands out of the half minute before, in LU."""

    low_hz: float
    high_hz: float
    excess_lu: float


@dataclass(frozen=True)
class Intrusion:
    """A moment over a limit.

    start_s, end_s: seconds from the start of the sound. excess_lu: how far it is over the limit it
    exceeds most. quantity: whose limit that is. bands: where in the spectrum it is new, lowest
    first; none where it is merely loud, or nothing came before it.
    """

    start_s: float
    end_s: float
    excess_lu: float
    quantity: str
    bands: tuple[BandExcess, ...] = ()


def find_intrusions(measured: Measurement, profile: Profile) -> tuple[Intrusion, ...]:
    """The intrusions in a sound by the required limits of a profile, in order of time.

    measured: values and curves of all meters and readings. Sound that is not assessed, because it
    is silent or too short, has none.
    """
    over: list[tuple[float, float, float, str]] = []
    energy = measured.curves["k_energy"]
    duration_s = len(energy.values) * energy.hop_s
    for quantity, curve in SUDDEN.items():
        criterion = profile.required(quantity)
        if criterion is not None and duration_s >= criterion.min_duration_s:
            over += _over(measured, quantity, curve, criterion)
    merged: list[tuple[float, float, float, str]] = []
    for start_s, end_s, excess_lu, quantity in sorted(over):
        if merged and start_s - merged[-1][1] <= novelty.EVENT_MERGED_S:
            first_s, last_s, most, by = merged.pop()
            if most >= excess_lu:
                excess_lu, quantity = most, by
            start_s, end_s = first_s, max(last_s, end_s)
        merged.append((start_s, end_s, excess_lu, quantity))
    return tuple(
        Intrusion(start_s, end_s, excess_lu, quantity, _bands(measured, start_s, end_s))
        for start_s, end_s, excess_lu, quantity in merged
    )


def _over(
    measured: Measurement, quantity: str, name: str, criterion: Criterion
) -> Iterator[tuple[float, float, float, str]]:
    """Start, end, excess and quantity of each run over one limit."""
    curve, programme = measured.curves.get(name), measured.values.get("integrated_lufs")
    if curve is None or programme is None or criterion.max is None:
        return
    limit = criterion.max + (programme if curve.unit == "LUFS" else 0.0)
    excess = curve.values - limit
    places = np.flatnonzero(excess > criterion.tolerance)
    gap = round(novelty.EVENT_MERGED_S / curve.hop_s)
    for run in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1):
        if len(run):
            start_s, end_s = int(run[0]) * curve.hop_s, (int(run[-1]) + 1) * curve.hop_s
            yield round(start_s, 2), round(end_s, 2), round(float(excess[run].max()), 4), quantity


def _bands(measured: Measurement, start_s: float, end_s: float) -> tuple[BandExcess, ...]:
    """How far each band exceeds its reference in this moment, at most."""
    programme, energy = measured.values.get("integrated_lufs"), measured.curves["k_energy"].values
    bands = measured.curves["novelty_band_energy"].values
    start, stop = novelty.hops(start_s), min(len(bands), max(1, novelty.hops(end_s)))
    first = max(0, start - _LOOKBACK_HOPS)
    if programme is None or start >= stop or start < novelty.hops(novelty.ASSESSED_FROM_S):
        return ()
    ratio = round(novelty.NOVELTY_HOP_S / HOP_S)
    pairs = energy[ratio * first : ratio * stop].reshape(stop - first, ratio, -1)
    weighted = pairs.mean(axis=1) @ channel_weights(energy.shape[1])
    found = novelty.band_novelty(bands[first:stop], novelty.window_levels(weighted), programme)
    above = (found.levels_lufs - found.references_lufs)[start - first :].max(axis=0)
    return tuple(
        BandExcess(low_hz, high_hz, round(float(excess), 2))
        for (low_hz, high_hz), excess in zip(novelty.BAND_EDGES_HZ, above, strict=False)
        if excess >= LEAST_BAND_LU
    )
