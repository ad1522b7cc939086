"""Looming: sound that swells faster than it fades, as something that approaches does."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lead_in import first_sound
from asmrmaster.dsp.novelty import ASSESSED_FROM_S, HISTORY_S
from asmrmaster.dsp.novelty import SHORTEST_S as SHORTEST_SOUND_S
from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading

Levels = NDArray[np.float32]

STEP_S = 0.1
"""Momentary loudness is looked at this often."""
ALONE_S = 4.0
"""A peak is the loudest moment for this long before and after it."""
SIDE_S = 9.0
"""How far from its peak a rise may start and a fall may end."""
TOP_LU, BASE_LU = -1.0, -11.0
"""A rise, or fall, is the way between these levels re its peak: 10 LU, without its rippled top."""
SHORTEST_S, LONGEST_S = 1.0, 4.0
RATIO = 2.0
GAP_S, PERCENTILE = 1.0, 95.0
QUIET_LU = -6.0
"""What a listener is used to: of the 30 s that ended 1 s before, and never less than this."""


class Looming(Reading):
    """Swells of 10 LU in 1 to 4 s to above what a listener is used to.

    Accustomed is the 95th percentile of the momentary loudness of the 30 s that ended 1 s before,
    and never less than 6 LU below programme loudness.
    """

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "looming_per_10_min", "/10 min", "swells that approach",
            "Rises of momentary loudness by 10 LU within 1 to 4 s that end above the accustomed "
            "level and are more than twice as fast as the fall after them, per 10 min; from 15 s "
            "on, not for sound shorter than 36 s.",
            "asmrmaster; after Bach et al. 2008 and 2009 (rising sound warns)",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The rate, and an event from base to top of each rise, its size the rise time in s."""
        name = cls.quantities[0].name
        programme = measured.values["integrated_lufs"]
        every = round(STEP_S / HOP_S)
        levels = measured.curves["momentary_lufs"].values[every - 1 :: every].astype(np.float32)
        assessed_s = len(levels) * STEP_S - ASSESSED_FROM_S
        if programme is None or assessed_s < SHORTEST_SOUND_S - ASSESSED_FROM_S:
            return Measurement({name: None})
        events = [
            Event(name, (base + 1) * STEP_S, (top + 1) * STEP_S, (top - base) * STEP_S)
            for base, top in find_swells(levels, programme)
        ]
        return Measurement({name: len(events) * 600 / assessed_s}, events=tuple(events))


def find_swells(levels_lufs: Levels, programme_lufs: float) -> list[tuple[int, int]]:
    """Points where each looming rise leaves its base and reaches its top.

    levels_lufs: momentary loudness every ``STEP_S``, shape (points,).
    """
    alone, side = round(ALONE_S / STEP_S), round(SIDE_S / STEP_S)
    if len(levels_lufs) <= side:
        return []
    silent = np.full(side, -np.inf, dtype=np.float32)
    padded = np.concatenate([silent, levels_lufs, silent])
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * side + 1)
    before, after = around[:, side - alone : side], around[:, side + 1 : side + alone + 1]
    highest = (levels_lufs > before.max(axis=1)) & (levels_lufs >= after.max(axis=1))
    highest &= levels_lufs > programme_lufs + QUIET_LU
    highest[: first_sound(levels_lufs) + round(ASSESSED_FROM_S / STEP_S)] = False
    peaks = np.flatnonzero(highest)
    below = around[peaks] - levels_lufs[peaks, None]
    base, top = _slope(below[:, side::-1])
    end, start = _slope(below[:, side:])
    rise = (base - top) * STEP_S
    found = (base > 0) & (rise >= SHORTEST_S - 1e-9) & (rise <= LONGEST_S + 1e-9)
    found &= (end == 0) | ((end - start) * STEP_S > RATIO * rise)
    return [
        (int(peaks[k] - base[k]), int(peaks[k] - top[k]))
        for k in np.flatnonzero(found)
        if levels_lufs[peaks[k]] > _accustomed(levels_lufs, int(peaks[k]))
    ]


def _slope(below_lu: Levels) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How far from each peak its side first reaches the base, 0 for never, and last the top.

    below_lu: levels re the peak, the peak first, shape (peaks, points).
    """
    at_base = below_lu < BASE_LU
    base = at_base.argmax(axis=1)
    points = np.arange(below_lu.shape[1])
    top = np.where((below_lu >= TOP_LU) & (points < base[:, None]), points, 0).max(axis=1)
    return base, top


def _accustomed(levels_lufs: Levels, at: int) -> float:
    """The level the history of this point stays below for most of the time."""
    first, last = at - round((HISTORY_S + GAP_S) / STEP_S), at - round(GAP_S / STEP_S)
    return float(np.percentile(levels_lufs[max(0, first) : last], PERCENTILE))
