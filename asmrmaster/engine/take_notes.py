"""What measuring shows of a take that its reader should know, in plain sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from asmrmaster.audio.source import Source
from asmrmaster.audio.tags.gains import kind_of
from asmrmaster.dsp.lead_in import LeadIn
from asmrmaster.dsp.level import db, power
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.loudness import weighted
from asmrmaster.report.next_step import Remedy, start_text
from asmrmaster.ride.planning import lead_in_of
from asmrmaster.ride.rules import SUDDEN
from asmrmaster.stages.channels import MOST_TRIM_DB


def with_lead_in(source: Source, measured: Measurement) -> Source:
    """The source with a note on silence or room tone before its programme, and the way out."""
    found = _lead_in(measured)
    if found is None:
        return source
    what = "silence" if found.level_lufs is None else f"room tone ({found.level_lufs:.0f} LUFS)"
    start = start_text(_start_s(found))
    note = f"{start} of {what} lie before the programme; --start {start} leaves that out."
    return replace(source, notes=(*source.notes, note))


def with_gains(source: Source, measured: Measurement, *, left_out: bool = False) -> Source:
    """The source with a note on the gains its tags ask players for, and how loud that makes it.

    left_out: of a take, whose master does not carry them.
    """
    loudness_lufs = measured.values.get("integrated_lufs")
    notes = []
    for name, gain_db in source.gains.items():
        scope = " for its album" if "album" in name else ""
        played = "" if loudness_lufs is None else f": {loudness_lufs + gain_db:.1f} LUFS"
        notes.append(
            f"Players that honour its tags ({kind_of(name)}{scope}) play it {gain_db:+.1f} dB"
            f" from what is stored{played}."
        )
    if notes:
        notes.append(
            "The master is to play as it was measured, so those gains are left out."
            if left_out
            else "Its levels are judged at the loudest it is played; without those tags it plays as"
            " stored."
        )
    return replace(source, notes=(*source.notes, *notes))


def with_others(source: Source) -> Source:
    """The source of a master with a note on sound streams that are not mastered with it."""
    if not source.others:
        return source
    stay = "stay in a film as they are, and" if source.picture else "are left out, and"
    return replace(source, notes=(*source.notes, f"The other sound streams {stay} were not heard."))


def remedies(measured: Measurement) -> dict[str, Remedy]:
    """What would mend what only the take shows, by what fails for want of them."""
    found: dict[str, Remedy] = {}
    lead_in = _lead_in(measured)
    if lead_in is not None:
        found |= dict.fromkeys(SUDDEN, Remedy(start_s=_start_s(lead_in)))
    energy = measured.curves["k_energy"].values
    if energy.shape[1] == 2:
        left, right = energy.sum(axis=0, dtype=np.float64)
        found["balance_lu"] = Remedy(_levelled(left, right))
        found["negative_correlation_s"] = Remedy({"channels.repair": "invert_right"})
    return found


def _levelled(left: float, right: float) -> dict[str, float | str]:
    """Settings that bring two sides of these energies together: a trim, or one side on both.

    A side that lies further down than a trim reaches is dead.
    """
    louder, softer = ("left", "right") if left > right else ("right", "left")
    quiet, loud = sorted((left, right))
    if loud > quiet * power(MOST_TRIM_DB):
        return {"channels.repair": f"{louder}_to_both"}
    return {f"channels.{softer}_db": round(float(db(loud) - db(quiet)), 1) if quiet else 0.0}


def _lead_in(measured: Measurement) -> LeadIn | None:
    curve = measured.curves["k_energy"].values
    return lead_in_of(weighted(curve, curve.shape[1]))


def _start_s(lead_in: LeadIn) -> float:
    """The last whole tenth of a second before the programme."""
    return int(10 * lead_in.seconds) / 10
