"""The noise floor: what is left in the pauses, where a take has any.

A rain's quietest moments are rain, and a wave's trough is the sea; hiss is what remains when the
sound stops. So a pause must lie well below the programme and must be entered at once.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, loudness
from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading
from asmrmaster.meters.loudness import momentary, weighted
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.float64]

FULL_LU, PAUSE_LU = -6.0, -12.0
FALL_S = 1.0
NEAR_FLOOR_LU = 3.0
SHORTEST_PAUSE_S = 0.2
"""Of windows 0.4 s long: 0.6 s of quiet."""
LEAST_S = 1.0
"""Less than this in all tells nothing about a floor."""
LONG_PAUSE_S = 0.6
FLOOR_PERCENTILE = 5.0


class Floor(Reading):
    """Pauses and the level in them. All but the share is None for a take without pauses.

    A pause is a time in which momentary loudness stays 12 LU or more below programme loudness for
    0.2 s or more, and which comes to within 3 LU of its lowest point in 1 s from the last moment
    within 6 LU of programme loudness. Where there is less than 1 s of them, there are none. What
    lies before the first and after the last moment within 6 LU is no pause but a fade.
    """

    needs = ("k_energy", "energy")
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "noise_floor_lufs", "LUFS", "noise floor in the pauses",
            "5th percentile of momentary loudness in the pauses.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
        Quantity(
            "noise_floor_dbfs", "dBFS", "noise floor in the pauses, unweighted",
            "5th percentile of the RMS level of 0.4 s, averaged over channels, in the pauses; a "
            "full-scale sine reads -3.",
            "asmrmaster; ACX asks for -60",
        ),
        Quantity(
            "programme_above_floor_lu", "LU", "programme above noise floor",
            "Programme loudness minus the noise floor in the pauses.",
            "asmrmaster",
        ),
        Quantity(
            "pause_share_percent", "%", "share of pauses",
            "Share of pauses in the time from the first to the last moment within 6 LU of "
            "programme loudness; 0 where the sound never stops.",
            "asmrmaster",
            0,
        ),
        Quantity(
            "floor_step_lu", "LU", "largest step of the noise floor",
            "Largest difference between the floors (the quietest 0.4 s) of neighbouring pauses of "
            "0.6 s or more.",
            "asmrmaster",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The values; None without a programme. An event for the step."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        programme = measured.values["integrated_lufs"]
        if programme is None:
            return Measurement(values)
        k_energy = measured.curves["k_energy"].values
        lufs = piecewise(loudness, momentary(weighted(k_energy, k_energy.shape[1])))
        pauses, body = find_pauses(lufs, programme)
        quiet = np.zeros(len(lufs), dtype=bool)
        for pause in pauses:
            quiet[slice(*pause)] = True
        quiet_hops = int(quiet.sum())
        if quiet_hops * HOP_S < LEAST_S:
            return Measurement({**values, "pause_share_percent": 0.0})
        mean = piecewise(lambda sides: sides.mean(axis=1), measured.curves["energy"].values)
        level = piecewise(db, momentary(mean))
        floor = float(np.percentile(lufs[quiet], FLOOR_PERCENTILE))
        values["noise_floor_lufs"] = floor
        values["noise_floor_dbfs"] = float(np.percentile(level[quiet], FLOOR_PERCENTILE))
        values["programme_above_floor_lu"] = programme - floor
        values["pause_share_percent"] = 100 * quiet_hops / body
        long = [pause for pause in pauses if (pause[1] - pause[0]) * HOP_S >= LONG_PAUSE_S]
        lowest = np.array([lufs[slice(*pause)].min() for pause in long])
        if len(long) < 2:
            return Measurement(values)
        steps = np.abs(np.diff(lowest))
        at = int(steps.argmax())
        values["floor_step_lu"] = step = float(steps[at])
        start_s, end_s = ((place + 1) * HOP_S for place in (long[at][1], long[at + 1][0]))
        return Measurement(values, events=(Event("floor_step_lu", start_s, end_s, step),))


def find_pauses(lufs: Array, programme_lufs: float) -> tuple[list[tuple[int, int]], int]:
    """The pauses (see ``Floor``), each as first and one-past-last hop, and the hops looked at.

    lufs: momentary loudness by hop.
    """
    full = lufs >= programme_lufs + FULL_LU
    first, last = int(full.argmax()), len(full) - 1 - int(full[::-1].argmax())
    fall = round(FALL_S / HOP_S)
    quiet = np.concatenate([[False], lufs[first:last] <= programme_lufs + PAUSE_LU, [False]])
    edges = np.flatnonzero(np.diff(quiet)) + first
    pauses = []
    for start, stop in edges.reshape(-1, 2):
        if (stop - start) * HOP_S < SHORTEST_PAUSE_S:
            continue
        run = lufs[start:stop]
        arrival = start + int(np.argmax(run <= run.min() + NEAR_FLOOR_LU))
        if full[max(0, arrival - fall) : start].any():
            pauses.append((int(start), int(stop)))
    return pauses, last - first
