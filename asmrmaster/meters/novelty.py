"""Intrusions: moments that are new to a listener who has heard the half minute before."""

from __future__ import annotations

from typing import ClassVar

from asmrmaster.dsp import novelty
from asmrmaster.dsp.level import channel_weights
from asmrmaster.meters.base import Curve, Event, Measurement, Quantity, Reading
from asmrmaster.streams.curves import piecewise

_SOURCE = "asmrmaster; calibrated on recordings, not on listeners"

LEVEL = Quantity(
    "max_level_novelty_lu",
    "LU",
    "louder than anything just heard",
    "The most by which the momentary loudness exceeds its own maximum over the 30 s before "
    "it (or 6 LU below programme loudness, if that is more); from 15 s on.",
    _SOURCE,
)
BAND = Quantity(
    "max_band_novelty_lu",
    "LU",
    "new in some part of the spectrum",
    "The most by which a moment exceeds, band by band, everything heard in the 30 s before it: the "
    "root mean square over eight bands of the excess in each; from 15 s on.",
    _SOURCE,
)
RATE = Quantity(
    "novel_events_per_10_min",
    "/10 min",
    "how often something new comes",
    "Runs with a level novelty above 3 LU or a band novelty above 2 LU, merged within 1 s, per "
    "10 min of the assessed part.",
    _SOURCE,
)


class Novelty(Reading):
    """How new the newest moments are, where they are, and both measures over time.

    Curves ``level_novelty`` and ``band_novelty`` on the 20 ms grid: point k stands for the 400 ms
    that end with hop k. Sound shorter than 36 s and silence are not assessed: values are None and
    there are no curves. Events belong to ``max_level_novelty_lu`` or ``max_band_novelty_lu``,
    whichever is over the size that makes an event; one moment can have both.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = (LEVEL, BAND, RATE)
    needs: ClassVar[tuple[str, ...]] = ("k_energy", "novelty_band_energy")

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Values, curves and events; uses ``integrated_lufs``, read earlier."""
        programme = measured.values.get("integrated_lufs")
        bands = measured.curves["novelty_band_energy"].values
        energy = measured.curves["k_energy"].values
        points = min(len(bands), len(energy) // 2)
        if programme is None or points < novelty.hops(novelty.SHORTEST_S):
            return Measurement(values={quantity.name: None for quantity in cls.quantities})
        weights = channel_weights(energy.shape[1]).astype(energy.dtype)
        pairs = energy[: 2 * points].reshape(points, 2, -1)
        slow = piecewise(lambda both: both.mean(axis=1) @ weights, pairs)
        momentary = novelty.window_levels(slow)
        level, band = novelty.novelty_curves(bands[:points], momentary, programme)
        moments = novelty.novel_events(level, band)
        assessed_s = points * novelty.NOVELTY_HOP_S - novelty.ASSESSED_FROM_S
        return Measurement(
            values={
                LEVEL.name: float(level.max()),
                BAND.name: float(band.max()),
                RATE.name: len(moments) * 600 / assessed_s,
            },
            curves={
                "level_novelty": Curve(level, novelty.NOVELTY_HOP_S, "LU"),
                "band_novelty": Curve(band, novelty.NOVELTY_HOP_S, "LU"),
            },
            events=tuple(
                Event(quantity.name, moment.start_s, moment.end_s, size)
                for moment in moments
                for quantity, size, least in (
                    (LEVEL, moment.level_novelty_lu, novelty.EVENT_LEVEL_LU),
                    (BAND, moment.band_novelty_lu, novelty.EVENT_BAND_LU),
                )
                if size > least
            ),
        )
