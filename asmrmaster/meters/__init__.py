"""Everything measured: the registries of meters and readings, and one pass with all of them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable
from typing import cast

from asmrmaster.meters.after_codec import AFTER_CODEC
from asmrmaster.meters.base import Curve, Measurement, Meter, Quantity, Reading
from asmrmaster.meters.clicks import Clicks
from asmrmaster.meters.clipping import Clipping
from asmrmaster.meters.declared import DECLARED
from asmrmaster.meters.drift import Drift
from asmrmaster.meters.dropouts import Dropouts, Gaps
from asmrmaster.meters.edges import Edges
from asmrmaster.meters.end_levels import EndLevels
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.exposure import Exposure
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.looming import Looming
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.noise import Noise
from asmrmaster.meters.novelty import Novelty
from asmrmaster.meters.onsets import Onsets
from asmrmaster.meters.passes import Tap, run_both, run_each, run_meters
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.pops import Bass, Pops
from asmrmaster.meters.reentry import Reentry
from asmrmaster.meters.rise_time import Rises, RiseTime
from asmrmaster.meters.samples import Samples
from asmrmaster.meters.scenes import Scenes
from asmrmaster.meters.sharpness import SHARPNESS_QUANTITIES
from asmrmaster.meters.silence import Silence
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.meters.startle import Startle
from asmrmaster.meters.stereo import Stereo
from asmrmaster.meters.timbre import Timbre
from asmrmaster.meters.tonal_lines import TonalLines
from asmrmaster.streams.audio import Audio
from asmrmaster.streams.curves import drop_pages
from asmrmaster.streams.runner import HERE, Runner

__all__ = [
    "ASKED_BY",
    "METERS",
    "QUANTITIES",
    "READINGS",
    "Tap",
    "measure",
    "read_curves",
    "run_both",
    "run_each",
    "run_meters",
]

METERS: tuple[type[Meter], ...] = (
    Spectrum,
    KEnergy,
    Peaks,
    Gaps,
    Clicks,
    TonalLines,
    Clipping,
    Rises,
    Bass,
    Energy,
    Samples,
)
"""What measures samples, the costliest first, because two threads share the work."""

READINGS: tuple[type[Reading], ...] = (
    Loudness,
    Drift,
    Edges,
    Floor,
    Noise,
    Silence,
    Stereo,
    Dropouts,
    Novelty,
    Startle,
    Onsets,
    RiseTime,
    Reentry,
    Looming,
    Timbre,
    Pops,
    Scenes,
    Exposure,
)
"""What reads curves, in this order: a reading may use the values of earlier ones."""

ASKED_BY: dict[str, str] = {
    quantity.name: how
    for quantities, how in (
        (DECLARED, "not declared; see asmrmaster content new"),
        (SHARPNESS_QUANTITIES, "not asked for; see asmrmaster check --sharpness"),
        (AFTER_CODEC, "not asked for; see asmrmaster check --codec"),
    )
    for quantity in quantities
}
"""Quantities that no pass over a file gives, by name, and how to get them."""

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantities in (
        *(m.quantities for m in METERS),
        *(r.quantities for r in READINGS),
        DECLARED,
        SHARPNESS_QUANTITIES,
        AFTER_CODEC,
        EndLevels.quantities,
    )
    for quantity in quantities
}
"""Every number this program can name, by name; the last four groups are not measured in a pass."""


def measure(
    audio: Audio,
    meters: Iterable[type[Meter]] = METERS,
    readings: Iterable[type[Reading]] = READINGS,
    progress: Callable[[float], None] | None = None,
    runner: Runner = HERE,
) -> Measurement:
    """What is measured in one pass over the sound, and what is read from it; see ``run_meters``."""
    return read_curves(run_meters(audio, meters, progress, runner), readings)


def read_curves(measured: Measurement, readings: Iterable[type[Reading]] = READINGS) -> Measurement:
    """``measured`` and all that these readings find in it, each seeing what earlier ones found.

    Values and events they found before are replaced, so curves with a gain applied can be read
    again. A reading whose curves were not measured is left out.
    """
    readings = [reading for reading in readings if set(reading.needs) <= set(measured.curves)]
    found = {quantity.name for reading in readings for quantity in reading.quantities}
    values, events = dict(measured.values), [e for e in measured.events if e.quantity not in found]
    curves: dict[str, Curve] = {}
    # Layers, because the curves below may be worked out only when they are asked for.
    layered = ChainMap(curves, cast("dict[str, Curve]", measured.curves))
    for reading in readings:
        read = reading.read(Measurement(values, layered, tuple(events)))
        values.update(read.values)
        curves.update(read.curves)
        events.extend(read.events)
        drop_pages()
    return Measurement(values, layered, tuple(events))
