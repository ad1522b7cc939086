"""One reason, one next command: what would change what came of a take."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from asmrmaster.report.facts import Finding, Next, RepairChoice

_CUT = ("cut_in_lu", "first_sample_dbfs", "last_sample_dbfs", "fade_out_s", "last_400ms_lu")


def next_for_master(
    findings: Sequence[Finding],
    target_reason: str,
    preset: str,
    values: Mapping[str, float | None],
    take: str,
    remedies: Mapping[str, str],
) -> Next | None:
    """The next step after a master; None where it meets at the loudness that was wanted.

    target_reason: why the loudness is another one, or empty. take: its path. remedies: options that
    mend what the take has, by the quantity that fails for want of them.
    """
    failed = [f for f in findings if f.applies and f.state == "fail"]
    if not failed and not target_reason:
        return None
    if failed:
        first = min(failed, key=lambda one: _ORDER.get(one.quantity, 9))
        reason = f"{first.title}: {first.why}"
        return Next(
            reason=reason,
            advice=first.advice,
            command=_command(first, preset, take, remedies),
        )
    if "noise" in target_reason:
        return Next(
            reason=target_reason,
            advice="Record closer: half the distance gains 6 dB. To have it louder with its noise, "
            "use a preset that gives way to none.",
            command=_master(take, f"--preset {preset} --set mend.gives_way_to=nothing"),
        )
    lufs = values.get("integrated_lufs")
    if lufs is None:
        return Next(reason=target_reason, advice="Make its peaks less tall.")
    return Next(
        reason=target_reason,
        advice="To ask for the loudness that its peaks allow",
        command=_master(take, f"--preset {preset} --target {lufs:.1f}"),
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


def _command(first: Finding, preset: str, take: str, remedies: Mapping[str, str]) -> str:
    """What would change this finding, if typed; empty where only the recording could."""
    if first.quantity in remedies:
        return _master(take, f"--preset {preset} {remedies[first.quantity]}")
    if first.quantity == "integrated_lufs" and first.measured is not None:
        low = first.limit.min
        if low is not None and first.measured < low:
            return _master(take, f"--preset {preset} --set target.most_reduction_db=20")
    if first.quantity in _CUT:
        return _master(take, f"--preset {preset} --set ride.fade_in_s=6 --set ride.fade_out_s=12")
    if first.quantity == "clipped_runs":
        return _master(take, f"--preset {preset} --set declip.longest_ms=10")
    if first.quantity in ("max_level_novelty_lu", "max_band_novelty_lu"):
        return _master(take, f"--preset {preset} --set ride.max_dip_db=40")
    return ""


def _master(take: str, options: str) -> str:
    return f"asmrmaster master {shlex.quote(take)} {options}"
