"""Scenes: where one texture gives way to another, and whether it does so abruptly."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, loudness, moving_mean, power
from asmrmaster.meters.base import Curve, Event, Measurement, Quantity, Reading
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.float64]

STEP_HOPS = 10
"""Bands are looked at every 200 ms."""
SIDE, GAP = 25, 10
"""Steps compared before and after a change, 5 s each, and left out between them, 2 s."""
HALF = SIDE + GAP // 2
QUIET_LU, ACTIVE_LU = -50.0, -20.0
"""A band is no quieter than this re programme loudness; a scene is no quieter than that."""
DIFFERENT_DB = 6.0
ABRUPT_S = 2.0
RAMPS_S = (0.01, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
SHORTEST_S = 30.0


class Scenes(Reading):
    """Changes of texture, which is the shape of the spectrum over some seconds, not its level.

    Texture: mean levels of the novelty bands over 5 s, each less their mean. Of 136 pairs of gentle
    recordings cut together 79 % differ by 6 dB or more and 74 % are found as abrupt; of the 17
    recordings one, a gusty wind, differs that much within itself.
    """

    needs = ("novelty_band_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "scene_changes_per_10_min", "/10 min", "abrupt changes of scene",
            "Places where the mean band levels of the 5 s before and after differ in shape by 6 dB "
            "RMS or more and which fit a crossfade shorter than 2 s better than a longer one, per "
            "10 min; not for sound shorter than 30 s.",
            "asmrmaster",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The rate, and an event of 2 s around each change, its size the difference in dB."""
        name = cls.quantities[0].name
        programme = measured.values["integrated_lufs"]
        curve = measured.curves["novelty_band_energy"]
        step_s = STEP_HOPS * curve.hop_s
        steps = len(curve.values) // STEP_HOPS
        if programme is None or steps * step_s < SHORTEST_S:
            return Measurement({name: None})
        events = [
            Event(name, at * step_s - ABRUPT_S / 2, at * step_s + ABRUPT_S / 2, size)
            for at, size in find_changes(_energy(curve, programme), step_s)
        ]
        rate = len(events) * 600 / ((steps - 2 * HALF) * step_s)
        return Measurement({name: rate}, events=tuple(events))


def _energy(curve: Curve, programme_lufs: float) -> Array:
    """Band energies every 200 ms re programme loudness, shape (steps, bands)."""
    steps = len(curve.values) // STEP_HOPS
    energy: NDArray[Any] = curve.values[: steps * STEP_HOPS].reshape(steps, STEP_HOPS, -1)
    programme = power(programme_lufs)
    return piecewise(lambda step: step.mean(axis=1, dtype=np.float64) / programme, energy)


def find_changes(energy: Array, step_s: float) -> list[tuple[int, float]]:
    """Steps where scenes change abruptly, and by how many dB.

    energy: of bands, re programme loudness, shape (steps, bands).
    """
    level = piecewise(lambda step: np.maximum(db(step), QUIET_LU), energy)
    shape = piecewise(_centred, moving_mean(level, SIDE))
    active = loudness(moving_mean(energy.sum(axis=1), SIDE)) > ACTIVE_LU
    apart = SIDE + GAP
    difference = piecewise(
        lambda a, b: np.sqrt(np.mean((a - b) ** 2, axis=1)), shape[apart:], shape[:-apart]
    )
    difference[~(active[apart:] & active[:-apart])] = 0.0
    padded = np.pad(difference, HALF)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * HALF + 1)
    highest = (difference > around[:, :HALF].max(axis=1)) & (difference >= around.max(axis=1))
    level = piecewise(_centred, level)
    changes = []
    for at in np.flatnonzero(highest & (difference >= DIFFERENT_DB)).tolist():
        length_s, later = _crossfade(level[at : at + 2 * HALF], step_s)
        if length_s < ABRUPT_S:
            changes.append((at + HALF + later, float(difference[at])))
    return changes


def _centred(level: Array) -> Array:
    """The level of each band re the mean of all."""
    centred: Array = level - level.mean(axis=1, keepdims=True)
    return centred


def _crossfade(shape: Array, step_s: float) -> tuple[float, int]:
    """Length in s of the straight ramp that fits a change best, and how far from the middle it is.

    shape: of band levels, (2·HALF steps, bands). The distance is in steps.
    """
    before, after = shape[:SIDE].mean(axis=0), shape[-SIDE:].mean(axis=0)
    change = after - before
    way = (shape - before) @ change / (change @ change)  # 0 before, 1 after
    time_s = (np.arange(len(way)) - HALF + 0.5) * step_s
    centres = np.arange(-GAP, GAP + 1)
    late = (time_s - centres[:, None] * step_s)[None] / np.array(RAMPS_S)[:, None, None]
    errors = np.sum((np.clip(late + 0.5, 0, 1) - way) ** 2, axis=2)
    ramp, centre = np.unravel_index(int(errors.argmin()), errors.shape)
    return RAMPS_S[ramp], int(centres[centre])
