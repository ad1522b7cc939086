"""Everything heard: the registries of meters and readings, and listening with all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from asmrmaster.audio.stream import Audio
from asmrmaster.meters.base import Measurement, Meter, Reading
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.hearing import Tap, hear, read_curves

__all__ = ["METERS", "READINGS", "Tap", "hear", "listen", "read_curves"]

METERS: tuple[type[Meter], ...] = (
    KEnergy,
    Energy,
)
"""What hears samples, dearest first, because two threads share the work."""

READINGS: tuple[type[Reading], ...] = ()
"""What reads curves, in this order: a reading may use the values of earlier ones."""


def listen(
    audio: Audio,
    meters: Iterable[type[Meter]] = METERS,
    readings: Iterable[type[Reading]] = READINGS,
    progress: Callable[[float], None] | None = None,
) -> Measurement:
    """What is heard in one pass over the sound, and what is read from it; see ``hear``."""
    return read_curves(hear(audio, meters, progress), readings)
