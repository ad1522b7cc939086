"""Limits of a profile as a planner sees them: how many dB a moment is over what is accepted.

The moments are found by the functions that screen (``dsp.novelty``), on the same curves, so what
is planned and what is judged afterwards cannot disagree. Each rule gives, for windows ending at
each hop, by how much the sound is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp import novelty
from asmrmaster.dsp.level import loudness, moving_mean
from asmrmaster.dsp.smoothing import sliding_max
from asmrmaster.meters.base import HOP_S
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.float64]
Levels = NDArray[np.floating[Any]]

SUDDEN: Mapping[str, str] = {
    "max_level_novelty_lu": "level_novelty",
    "max_band_novelty_lu": "band_novelty",
    "max_momentary_above_programme_lu": "momentary_lufs",
    "max_short_term_above_programme_lu": "short_term_lufs",
}
"""Quantities whose limits a sudden sound exceeds, and the curves they are the maxima of."""
M_HOPS, S_HOPS = 40, 300
"""The momentary and the short-term window, in hops of 10 ms."""
FREEZE_HOPS = 1000
"""What a listener was used to before an event stays the reference for up to 10 s of it: an event
may not teach its own limit upward."""


@dataclass(frozen=True)
class Stretch:
    """The curves from hop ``start`` on, with the dips planned so far already in them.

    energy: (hops,) weighted K energy on the 10 ms grid. bands: (hops / 2, bands) on the 20 ms
    grid, or None. programme_lufs: loudness everything is relative to. begin: hop of the whole at
    which its programme begins, behind silence or room tone.
    """

    start: int
    energy: Levels
    bands: Levels | None
    programme_lufs: float
    begin: int = 0

    @property
    def unassessed(self) -> int:
        """Hops of this stretch that have too little history, counted from the beginning."""
        return max(0, self.begin + round(novelty.ASSESSED_FROM_S / HOP_S) - self.start)


@dataclass(frozen=True)
class Rule:
    """One limit of the profile as a planner sees it.

    step: grid in hops of 10 ms. window: length in steps of the windows that are judged.
    levels: from a stretch, the judged values and the references they are held against, one row per
    window *ending* at that step (rows before the first whole window are −inf).
    excess: from such rows, how many dB the sound in the window is over; ≤ 0 is inside.
    weight: what is averaged over a window and cut, per step, given the references at the start of
    the event; an energy, or an amplitude where ``decade_db`` is 20.
    reason: plain words for an excess in dB.
    """

    step: int
    window: int
    levels: Callable[[Stretch], tuple[Array, Array]]
    excess: Callable[[Array, Array], Levels]
    weight: Callable[[Stretch, Array], Levels]
    reason: Callable[[float], str]
    decade_db: float = 10.0


def _ending(means: Array, window: int, fill: float) -> Array:
    """Rows for windows ending at each step, filled before the first whole one."""
    return np.concatenate([np.full((window - 1, *means.shape[1:]), fill), means])


def _relative(stretch: Stretch, window: int) -> Array:
    """Loudness of windows ending at each hop, LU above programme."""
    means = moving_mean(stretch.energy, window)
    return _ending(loudness(means) - stretch.programme_lufs, window, -np.inf)


def _energy(stretch: Stretch, reference: Array) -> Levels:
    return stretch.energy


def above_programme(limit_lu: float, window: int, what: str) -> Rule:
    """Windows may not stand more than ``limit_lu`` above programme loudness (L3, L4)."""
    return Rule(
        step=1,
        window=window,
        levels=lambda s: (_relative(s, window), np.zeros(len(s.energy))),
        excess=lambda value, ref: value - limit_lu,
        weight=_energy,
        reason=lambda over: f"{limit_lu + over:.1f} LU above programme loudness ({what})",
    )


def pairs(energy: Levels) -> Levels:
    """Energies of the 20 ms grid from those of the 10 ms grid."""
    return piecewise(lambda both: both.mean(axis=1), energy[: len(energy) // 2 * 2].reshape(-1, 2))


def _judged(levels: Levels, references: Levels, stretch: Stretch) -> tuple[Array, Array]:
    """Levels and references of a novelty, one row per step, silent where it is not assessed."""
    judged = np.array(levels, dtype=np.float64).reshape(len(levels), -1)
    judged[: stretch.unassessed // 2] = -200.0
    return judged, np.asarray(references, dtype=np.float64).reshape(len(judged), -1)


def louder_than_before(limit_lu: float) -> Rule:
    """No moment may exceed the loudest of its last half minute by more (level novelty)."""

    def levels(s: Stretch) -> tuple[Array, Array]:
        momentary = novelty.window_levels(pairs(s.energy))
        found = novelty.level_novelty(momentary, s.programme_lufs)
        return _judged(found.levels_lufs, found.references_lufs, s)

    return Rule(
        step=2,
        window=novelty.hops(novelty.WINDOW_S),
        levels=levels,
        excess=lambda value, ref: novelty.reduction_for(value, ref, limit_lu),
        weight=lambda s, ref: pairs(s.energy),
        reason=lambda over: f"{limit_lu + over:.1f} LU louder than anything in the 30 s before",
    )


def newer_than_before(limit_lu: float) -> Rule:
    """No moment may bring more new loudness, band by band, than this (band novelty)."""

    def levels(s: Stretch) -> tuple[Array, Array]:
        momentary = novelty.window_levels(pairs(s.energy))
        assert s.bands is not None
        momentary = momentary[: len(s.bands)]
        values, measured = novelty.bands_heard(s.bands)
        above: NDArray[np.bool_] = np.any(values > measured, axis=1)
        references = novelty.band_references(measured, momentary, s.programme_lufs, above)
        over = novelty.reduction_for(values, references, limit_lu) > 0
        if over.any():  # an event is judged by the references from its beginning on
            lasting = sliding_max(np.pad(over, (FREEZE_HOPS // 2, 0)), FREEZE_HOPS // 2 + 1)
            wanted = above | lasting
            references = novelty.band_references(measured, momentary, s.programme_lufs, wanted)
        return _judged(values, references, s)

    def weight(s: Stretch, reference: Array) -> Array:
        assert s.bands is not None
        result: Array = np.sqrt(s.bands) @ np.power(10.0, -reference / 20)
        return result

    return Rule(
        step=2,
        window=novelty.hops(novelty.WINDOW_S),
        levels=levels,
        excess=lambda value, ref: novelty.reduction_for(value, ref, limit_lu),
        weight=weight,
        reason=lambda over: f"a new sound, to be {over:.1f} dB quieter to fit the 30 s before it",
        decade_db=20.0,
    )


def intro(limit_lu: float) -> Rule:
    """The first 15 s may not stand above ``limit_lu`` over programme loudness (E2)."""

    def levels(s: Stretch) -> tuple[Array, Array]:
        value = _relative(s, M_HOPS)
        value[s.unassessed :] = -np.inf
        return value, np.zeros(len(value))

    return Rule(
        step=1,
        window=M_HOPS,
        levels=levels,
        excess=lambda value, ref: value - limit_lu,
        weight=_energy,
        reason=lambda over: f"the beginning stands {over:.1f} LU above what the rest allows",
    )


def rules_for(limits: Mapping[str, float]) -> list[Rule]:
    """The rules that keep each of these limited quantities inside; unknown names have none."""
    makers: dict[str, Callable[[float], Rule]] = {
        "max_level_novelty_lu": louder_than_before,
        "max_band_novelty_lu": newer_than_before,
        "max_momentary_above_programme_lu": lambda x: above_programme(x, M_HOPS, "0.4 s"),
        "max_short_term_above_programme_lu": lambda x: above_programme(x, S_HOPS, "3 s"),
        "intro_above_rest_lu": intro,
    }
    return [make(limits[name]) for name, make in makers.items() if name in limits]
