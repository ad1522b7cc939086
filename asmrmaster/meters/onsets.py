"""Onsets: how sudden, how prominent, how regular and how many."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp import onsets
from asmrmaster.dsp.level import db
from asmrmaster.dsp.onsets import impulse_adjustment_db
from asmrmaster.meters.base import Event, Measurement, Quantity, Reading
from asmrmaster.meters.novelty import BAND, LEVEL
from asmrmaster.meters.spectrum import TONE_COLUMNS
from asmrmaster.streams.curves import piecewise

Times = NDArray[np.floating[Any]]
Places = NDArray[np.signedinteger[Any]]

FAINTEST_LU = -60.0
"""Levels this far below programme loudness and lower are one: nobody hears a rise out of them."""
TRIGGER_PROMINENCE = 7.0
EARLY_S = 0.1
"""An onset belongs to an event that starts this soon after its end, or before."""
RHYTHM_S, RHYTHM_STEP_S, RHYTHM_ONSETS = 10.0, 5.0, 8
DENSITY_S, DENSITY_STEP_S = 60.0, 5.0
PERCENTILE = 90.0

_SOURCE = "NT ACOU 112:2002, ISO/PAS 1996-3:2022"


class Onsets(Reading):
    """Onsets of the A-weighted level under time weighting F, sampled every 20 ms.

    Their start and end are those of the rise of the weighted level. Values of novel events are 0
    where there is no such event or no onset leads into one, and None where novelty is not assessed.
    """

    needs = ("tone_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "max_novel_onset_rate_db_per_s", "dB/s", "steepest onset of something new",
            "Largest onset rate of the onsets that lead into novel events, the most prominent one "
            "for each; 0 without any.",
            _SOURCE,
            0,
        ),
        Quantity(
            "max_novel_impulse_adjustment_db", "dB", "impulsiveness of something new",
            "Largest adjustment KI for impulsiveness of the onsets that lead into novel events; 0 "
            "without any.",
            _SOURCE,
        ),
        Quantity(
            "max_impulse_adjustment_db", "dB", "impulsiveness",
            "Largest adjustment KI for impulsiveness of all onsets; above 5 is called highly "
            "impulsive, which gentle tapping and whispering are too.",
            _SOURCE,
        ),
        Quantity(
            "onset_irregularity", "", "irregularity of triggers",
            "90th percentile of the coefficient of variation of the times between onsets of "
            "prominence 7 or more, in windows of 10 s every 5 s with 8 such onsets or more.",
            "asmrmaster, on ISO/PAS 1996-3:2022",
            2,
        ),
        Quantity(
            "trigger_density_per_min", "/min", "density of triggers",
            "90th percentile of the count of onsets of prominence 7 or more in windows of 60 s "
            "every 5 s; not for sound shorter than 60 s.",
            "asmrmaster, on ISO/PAS 1996-3:2022",
            0,
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The values; an event per novel event, and one for the most prominent onset of all."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        programme = measured.values["integrated_lufs"]
        curve = measured.curves["tone_energy"]
        if programme is None or not len(curve.values):
            return Measurement(values)
        energy = onsets.fast_energy(curve.values[:, TONE_COLUMNS.index("a_weighted")], curve.hop_s)
        level = piecewise(lambda one: np.maximum(db(one), programme + FAINTEST_LU), energy)
        found = onsets.find_onsets(level, curve.hop_s)
        start_s, end_s = (curve.hop_s * (at + 1.0) for at in (found.first, found.last))
        events = []
        values["max_impulse_adjustment_db"] = 0.0
        if len(start_s):
            top = int(found.prominence.argmax())
            adjustment = impulse_adjustment_db(float(found.prominence[top]))
            values["max_impulse_adjustment_db"] = adjustment
            place = float(start_s[top]), float(end_s[top])
            events.append(Event("max_impulse_adjustment_db", *place, adjustment))
        if measured.values.get(LEVEL.name) is not None:
            rates, adjustments = _novel(measured, found, start_s, end_s)
            values["max_novel_onset_rate_db_per_s"] = max((e.size for e in rates), default=0.0)
            values["max_novel_impulse_adjustment_db"] = max(
                (e.size for e in adjustments), default=0.0
            )
            events += rates + adjustments
        triggers = start_s[found.prominence >= TRIGGER_PROMINENCE]
        duration_s = len(energy) * curve.hop_s
        values["onset_irregularity"] = irregularity(triggers, duration_s)
        values["trigger_density_per_min"] = density_per_min(triggers, duration_s)
        return Measurement(values, events=tuple(events))


def novel_stretches(measured: Measurement) -> list[tuple[float, float]]:
    """Start and end in seconds of the novel events, in order, each once."""
    novel = (event for event in measured.events if event.quantity in (LEVEL.name, BAND.name))
    return sorted({(event.start_s, event.end_s) for event in novel})


def _novel(
    measured: Measurement, found: onsets.Onsets, start_s: Times, end_s: Times
) -> tuple[list[Event], list[Event]]:
    """For each novel event the rate and the adjustment of the most prominent onset into it."""
    rates, adjustments = [], []
    for begin_s, finish_s in novel_stretches(measured):
        first = int(np.searchsorted(end_s, begin_s - EARLY_S))
        last = int(np.searchsorted(start_s, finish_s, side="right"))
        if first >= last:
            continue
        top = first + int(found.prominence[first:last].argmax())
        place = float(start_s[top]), float(end_s[top])
        rate = float(found.rate_db_per_s[top])
        adjustment = impulse_adjustment_db(float(found.prominence[top]))
        rates.append(Event("max_novel_onset_rate_db_per_s", *place, rate))
        adjustments.append(Event("max_novel_impulse_adjustment_db", *place, adjustment))
    return rates, adjustments


def _windows(
    times_s: Times, duration_s: float, long_s: float, step_s: float
) -> tuple[Places, Places]:
    """First and one-past-last of the times that fall into each whole window."""
    starts = np.arange(0, duration_s - long_s + 1e-9, step_s)
    first, last = (np.searchsorted(times_s, at - 1e-9) for at in (starts, starts + long_s))
    return first, last


def irregularity(times_s: Times, duration_s: float) -> float | None:
    """The value ``onset_irregularity`` for onsets at these times; None with too few of them."""
    first, last = _windows(times_s, duration_s, RHYTHM_S, RHYTHM_STEP_S)
    full = last - first >= RHYTHM_ONSETS
    if not full.any():
        return None
    variations = []
    for begin, end in zip(first[full], last[full], strict=True):
        gaps = np.diff(times_s[begin:end])
        variations.append(gaps.std() / gaps.mean())
    return float(np.percentile(variations, PERCENTILE))


def density_per_min(times_s: Times, duration_s: float) -> float | None:
    """The value ``trigger_density_per_min`` for onsets at these times; None below 60 s."""
    first, last = _windows(times_s, duration_s, DENSITY_S, DENSITY_STEP_S)
    return float(np.percentile(last - first, PERCENTILE)) if len(first) else None
