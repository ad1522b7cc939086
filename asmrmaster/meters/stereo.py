"""Left and right: balance, correlation, what a mono listener loses, and one-sided passages.

All from K-weighted energies and their mean product. Where the profile's evidence speaks of
A-weighted level differences, K-weighting stands in: both weigh the two ears alike, so the
difference between them hardly depends on which.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, loudness
from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading
from asmrmaster.meters.loudness import ABSOLUTE_GATE_LUFS, M_HOPS, Energies, integrated, momentary
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.float64]
Places = NDArray[np.intp]

ACTIVE_LU = -20.0
"""Windows quieter than this below programme loudness say nothing about the image."""
NEGATIVE = -0.5
ONE_EAR_DB = 15.0
ILD_STEP = 10
"""Level differences are looked at every 100 ms."""
PAUSE_S = 1.0
"""A passage in one ear goes on through pauses up to this long."""
JUMP_S = 0.25
LEAST_RUN_S = 1.0
"""Shorter runs count for the values but are no events."""


class Stereo(Reading):
    """The image of two-channel sound; everything is None for other counts of channels."""

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "balance_lu", "LU", "balance",
            "Distance between the programme loudness of left and of right, each gated alone; a "
            "channel that passes no gate counts as -70 LUFS.",
            "asmrmaster, on ITU-R BS.1770-5 Annex 1",
        ),
        Quantity(
            "correlation", "", "correlation of left and right",
            "Mean product of left and right over the root of their energies, K-weighted, whole "
            "file: 1 alike, 0 independent, -1 inverted.",
            "Pearson, without subtracting means",
            2,
        ),
        Quantity(
            "negative_correlation_s", "s", "longest stretch of opposite polarity",
            "Longest time for which the correlation of the last 0.4 s stays below -0.5; windows "
            "20 LU or more below programme loudness do not count.",
            "asmrmaster",
        ),
        Quantity(
            "mono_loss_lu", "LU", "loss in mono",
            "Programme loudness minus that of the mean of left and right played in both; "
            "independent channels lose 3 LU.",
            "asmrmaster, on ITU-R BS.1770-5 Annex 1",
        ),
        Quantity(
            "one_ear_run_s", "s", "longest passage in one ear",
            "Longest time for which one channel stays 15 dB or more above the other (0.4 s, every "
            "100 ms); pauses of up to 1 s do not end it.",
            "asmrmaster",
        ),
        Quantity(
            "one_ear_share_percent", "%", "share in one ear",
            "Share of the windows within 20 LU of programme loudness in which one channel is 15 dB "
            "or more above the other.",
            "asmrmaster",
            0,
        ),
        Quantity(
            "side_jump_db", "dB", "largest jump between ears",
            "Largest change of the level difference between left and right (0.4 s) within 250 ms, "
            "between windows within 20 LU of programme loudness.",
            "asmrmaster",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Values, and events for stretches of opposite polarity, one-ear passages and the jump."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        sides = measured.curves["k_energy"].values
        programme = measured.values["integrated_lufs"]
        if sides.shape[1] != 2 or programme is None:
            return Measurement(values)
        cross = measured.curves["k_cross"].values
        loud = [integrated(side) for side in sides.T]
        left, right = (ABSOLUTE_GATE_LUFS if side is None else side for side in loud)
        mono = integrated(piecewise(_mono, sides, cross))
        values["balance_lu"] = abs(left - right)
        values["correlation"] = float(_correlation(sides.sum(axis=0), cross.sum()))
        values["mono_loss_lu"] = programme - (ABSOLUTE_GATE_LUFS if mono is None else mono)

        windows = momentary(sides)
        active = piecewise(
            lambda both: loudness(both.sum(axis=1)) >= programme + ACTIVE_LU, windows
        )
        correlation = piecewise(_correlation, windows, momentary(cross))
        opposite = np.flatnonzero(active & (correlation < NEGATIVE))
        against = _runs("negative_correlation_s", opposite, opposite, HOP_S)
        values["negative_correlation_s"] = _longest(against)

        seen = np.arange(M_HOPS - 1, len(windows), ILD_STEP)
        seen = seen[active[seen]]
        ends_s = _ends_s(seen)
        ild_db = db(windows[seen, 0]) - db(windows[seen, 1])
        one_ear = [
            run
            for ear, sided in enumerate((ild_db >= ONE_EAR_DB, ild_db <= -ONE_EAR_DB))
            for at in (np.flatnonzero(sided),)
            for run in _runs("one_ear_run_s", at, seen[at], ILD_STEP * HOP_S, PAUSE_S, ear)
        ]
        values["one_ear_run_s"] = _longest(one_ear)
        values["one_ear_share_percent"] = 100 * float(np.mean(np.abs(ild_db) >= ONE_EAR_DB))
        jump = _jump(ild_db, ends_s)
        values["side_jump_db"] = jump.size
        long = [run for run in (*against, *one_ear) if run.size >= LEAST_RUN_S]
        return Measurement(values, events=(*long, jump))


def _mono(energies: Energies, cross: Energies) -> Energies:
    """Energy of both channels played as one, from theirs and their mean product."""
    both: Energies = np.maximum(energies.sum(axis=1) + 2 * cross, 0) / 2
    return both


def _correlation(energies: Energies, cross: Energies) -> Energies:
    """Mean product over the root of both energies, (…, 2) and (…) → (…); 0 where one is silent."""
    both = np.sqrt(energies[..., 0] * energies[..., 1])
    return np.divide(cross, both, out=np.zeros_like(both), where=both > 0).clip(-1, 1)


def _runs(
    quantity: str,
    at: Places,
    hops: Places,
    step_s: float,
    pause_s: float = 0.0,
    channel: int | None = None,
) -> list[Event]:
    """Runs of windows, a step and a pause apart at most.

    at: places of the windows among all that were looked at. hops: the hop each ends with.
    """
    if not at.size:
        return []
    ends_s = _ends_s(hops)
    apart = (np.diff(at) > 1) | (np.diff(ends_s) > step_s + pause_s + 1e-9)
    first = np.append(0, np.flatnonzero(apart) + 1)
    last = np.append(first[1:], len(at)) - 1
    return [
        Event(quantity, float(start), float(end), float(end - start), channel)
        for start, end in zip(ends_s[first] - step_s, ends_s[last], strict=True)
    ]


def _ends_s(hops: Places) -> Array:
    """When the windows end that end with these hops, in seconds."""
    return HOP_S * (hops.astype(np.float64) + 1)


def _longest(runs: list[Event]) -> float:
    return max((run.size for run in runs), default=0.0)


def _jump(ild_db: Array, ends_s: Array) -> Event:
    """The largest change of level difference between windows at most 250 ms apart."""
    largest = Event("side_jump_db", float(ends_s[0]), float(ends_s[0]), 0.0)
    for step in (1, 2):
        change = np.abs(ild_db[step:] - ild_db[:-step])
        change = np.where(ends_s[step:] - ends_s[:-step] <= JUMP_S, change, 0.0)
        if change.size and change.max() > largest.size:
            at = int(change.argmax())
            start_s, end_s = float(ends_s[at]), float(ends_s[at + step])
            largest = Event("side_jump_db", start_s, end_s, float(change[at]))
    return largest
