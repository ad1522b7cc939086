"""Rows of the figures a page shows: a quantity before and after, and what is accepted of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asmrmaster.report import Report
from asmrmaster.views import phrases

KEY = (
    "integrated_lufs",
    "true_peak_dbtp",
    "max_momentary_above_programme_lu",
    "noise_floor_a_dbfs",
)
NOISE = (
    "noise_floor_a_dbfs",
    "programme_above_noise_db",
    "noise_confidence",
    "noise_floor_lufs",
    "programme_above_floor_lu",
    "floor_step_lu",
    "pause_share_percent",
    "silent_share_percent",
)
STEREO = (
    "balance_lu",
    "correlation",
    "negative_correlation_s",
    "mono_loss_lu",
    "one_ear_run_s",
    "one_ear_share_percent",
    "side_jump_db",
)


@dataclass(frozen=True)
class Figure:
    """A quantity in print."""

    name: str
    title: str
    unit: str
    before: str
    after: str
    change: str
    accepted: str


def figures(report: Report, names: Sequence[str] | None = None) -> list[Figure]:
    """Those of the quantities that were measured, in this order; None for all there are."""
    before: Mapping[str, float | None] = report.before.values if report.before else {}
    after = report.after.values
    accepted = {f.quantity: phrases.limit(f.limit) for f in report.findings}
    wanted = list({**after, **before}) if names is None else names
    return [
        _figure(name, before.get(name), after.get(name), accepted.get(name, ""))
        for name in wanted
        if after.get(name) is not None or before.get(name) is not None
    ]


def _figure(name: str, old: float | None, new: float | None, accepted: str) -> Figure:
    known = phrases.quantity(name)
    before, after = (phrases.figure(name, value, unit=False) for value in (old, new))
    change = ""
    if old is not None and new is not None and phrases.SILENCE not in (before, after):
        step = round(new, known.decimals) - round(old, known.decimals)
        change = phrases.number(step, known.decimals, sign=True)
    return Figure(name, phrases.title(name), known.unit, before, after, change, accepted)
