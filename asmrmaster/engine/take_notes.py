"""What measuring shows of a take that its reader should know, in plain sentences."""

from __future__ import annotations

from dataclasses import replace

from asmrmaster.audio.source import Source
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.loudness import weighted
from asmrmaster.report.formatting import clock
from asmrmaster.ride.planning import lead_in_of


def with_lead_in(source: Source, measured: Measurement) -> Source:
    """The source with a note on silence or room tone before its programme, and the way out."""
    curve = measured.curves["k_energy"].values
    found = lead_in_of(weighted(curve, curve.shape[1]))
    if found is None:
        return source
    what = "silence" if found.level_lufs is None else f"room tone ({found.level_lufs:.0f} LUFS)"
    start = clock(int(10 * found.seconds) / 10).removesuffix(".0")
    note = f"{start} of {what} lie before the programme; --start {start} leaves that out."
    return replace(source, notes=(*source.notes, note))
