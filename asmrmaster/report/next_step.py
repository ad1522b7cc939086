"""One reason, one next command: what would change what came of a take."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from asmrmaster.audio.times import clock
from asmrmaster.report.facts import Finding, JudgedBy, MeasurementData, Next, RepairChoice
from asmrmaster.report.sentences import plain, spoken

LONG_ENOUGH_S = 120.0
"""As long as every criterion asks for."""
_CUT = ("cut_in_lu", "first_sample_dbfs", "last_sample_dbfs", "fade_out_s", "last_400ms_lu")


@dataclass(frozen=True)
class Remedy:
    """What another master would do otherwise: settings by dotted key, and where it would start."""

    settings: Mapping[str, float | str] = field(default_factory=dict)
    start_s: float | None = None

    @property
    def typed(self) -> str:
        """As options; empty where there is nothing that could be set."""
        start = [] if self.start_s is None else [f"--start {start_text(self.start_s)}"]
        shown = ((k, v if isinstance(v, str) else f"{v:g}") for k, v in self.settings.items())
        return " ".join([*start, *(f"--set {key}={value}" for key, value in shown)])


def start_text(seconds: float) -> str:
    """A time to start at, as it is typed: whole tenths of a second."""
    return clock(seconds).removesuffix(".0")


def next_for_master(
    findings: Sequence[Finding],
    measured: MeasurementData,
    preset: str,
    profile: JudgedBy,
    take: str,
    remedies: Mapping[str, Remedy],
) -> Next | None:
    """The one thing that would change a master, in plain words; None where nothing fails.

    measured: of the master. take: its path. remedies: what mends what the take has, by the quantity
    that fails for want of it.
    """
    judged = [f for f in findings if f.applies]
    # Options that say how to master this take for this profile; a profile of somebody's own is
    # known by its path alone, which no report holds.
    asked = f"--preset {preset}"
    if profile.standing == "shipped":
        asked += f" --profile {profile.id}"
    missing = [f for f in judged if f.state == "not assessed" and f.requirement == "required"]
    if any("shorter than" in f.why for f in missing):
        return Next(
            reason="It is too short to tell",
            advice="make it two minutes long",
            command=_master(take, f"{asked} --loop {clock(LONG_ENOUGH_S, 0)}"),
            loop_s=LONG_ENOUGH_S,
        )
    failed = [f for f in judged if f.state == "fail"]
    if not failed:
        return None
    first = min(failed, key=lambda one: _ORDER.get(one.quantity, 9))
    remedy = remedies.get(first.quantity) or Remedy(_settings(first))
    return Next(
        reason=plain(first, measured).rstrip("."),
        advice=spoken(first).creator or first.advice,
        command=_master(take, f"{asked} {remedy.typed}") if remedy.typed else "",
        settings=dict(remedy.settings),
        start_s=remedy.start_s,
    )


def next_for_take(repairs: Sequence[RepairChoice], take: str) -> Next | None:
    """The next step for a take that was only checked: to master it with what it asks for."""
    if not repairs:
        return None
    return Next(
        reason="; ".join(f"{one.stage}: {one.why}" for one in repairs),
        advice="To have that mended",
        command=_master(take, " ".join(one.command for one in repairs)),
    )


_ORDER = {"non_finite_samples": 0, "dropouts": 1, "clipped_runs": 2, "integrated_lufs": 3}
"""What is told first: damage, then what makes everything after it wrong."""


def _settings(first: Finding) -> dict[str, float | str]:
    """What would change this finding, by dotted key; empty where only the recording could."""
    if first.quantity == "integrated_lufs" and first.measured is not None:
        low = first.limit.min
        if low is not None and first.measured < low:
            return {"target.most_reduction_db": 20}
    if first.quantity in _CUT:
        return {"ride.fade_in_s": 6, "ride.fade_out_s": 12}
    if first.quantity in ("max_level_novelty_lu", "max_band_novelty_lu"):
        return {"ride.max_dip_db": 40}
    return {}


def _master(take: str, options: str) -> str:
    return f"asmrmaster master {shlex.quote(take)} {options}"
