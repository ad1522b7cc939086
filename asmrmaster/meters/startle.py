"""What startles without being louder than everything: outliers, impulses, stops, tones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from asmrmaster.dsp import novelty, startle
from asmrmaster.dsp.level import channel_weights
from asmrmaster.dsp.startle import Levels
from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading

_SOURCE = "asmrmaster; calibrated on recordings, not on listeners"

OUTLIER = Quantity(
    "max_outlier_lu",
    "LU",
    "moments that stand out of what is usual around them",
    "The most by which the momentary loudness exceeds the level that 85 % of the moments within "
    "30 s before and after it stay below (or 6 LU below programme loudness, if that is more); "
    "from the first second on.",
    _SOURCE,
)
IMPULSE = Quantity(
    "max_impulse_lu",
    "LU",
    "cracks too short for the momentary loudness",
    "The most by which the loudness of 10 ms exceeds the level that 99.5 % of such windows within "
    "30 s before and after it stay below (or 6 LU below programme loudness, if that is more).",
    _SOURCE,
)
STOP = Quantity(
    "max_sudden_stop_lu",
    "LU",
    "sound that stops at once and comes back",
    "The most by which the loudness of 0.2 s falls, within half a second, below the quietest 0.2 s "
    "of the 30 s before, less what the loudest 0.2 s of the next 20 s lack to the level that 85 % "
    "of those around it stay below; silence counts as 60 LU below programme loudness. Pauses that "
    "fall to the floor of earlier pauses, fades and ends count for nothing.",
    _SOURCE,
)
TONE = Quantity(
    "max_new_tone_lu",
    "LU",
    "beeps and alarms from 2 to 5 kHz",
    "The most by which a tone of 0.2 s or more from 2 to 5 kHz exceeds all such tones of the 30 s "
    "before, or 12 LU below what is usual around it, if that is more; where there is no such tone, "
    "0.",
    _SOURCE,
)

OUTLIER_EVENT_LU, IMPULSE_EVENT_LU, STOP_EVENT_LU, TONE_EVENT_LU = 6.0, 8.0, 4.0, 5.0
"""From this size on a moment is an event."""
MERGED_S = 1.0
_STRETCH, _CONTEXT = 60_000, 3200  # hops looked at at a time, and before and after


class Startle(Reading):
    """Moments that stand out of what is usual around them, however loud the loudest was before.

    Sound shorter than 36 s and silence are not assessed: values are None.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = (OUTLIER, IMPULSE, STOP, TONE)
    needs: ClassVar[tuple[str, ...]] = ("k_energy", "tonal_peak_energy", "tonal_peak_hz")

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Values and events; uses ``integrated_lufs``, read earlier."""
        programme = measured.values.get("integrated_lufs")
        energy = measured.curves["k_energy"].values
        if programme is None or len(energy) * HOP_S < novelty.SHORTEST_S:
            return Measurement({quantity.name: None for quantity in cls.quantities})
        most = dict.fromkeys((quantity.name for quantity in cls.quantities), 0.0)
        events: list[Event] = []
        peaks, hz = (measured.curves[f"tonal_peak_{what}"].values for what in ("energy", "hz"))
        weights = channel_weights(energy.shape[1]).astype(energy.dtype)
        for start in range(0, len(energy), _STRETCH):
            first = max(0, start - _CONTEXT)
            part = energy[first : start + _STRETCH + _CONTEXT] @ weights
            here = slice(first // 2, first // 2 + len(part) // 2)
            tones = startle.tone_levels(peaks[here, 0], peaks[here, 1], hz[here])
            inside = slice(start - first, start - first + _STRETCH)
            for name, sizes, least, hop_s in _measures(part, tones, programme):
                step = round(hop_s / HOP_S)
                shown = sizes[inside.start // step : inside.stop // step]
                most[name] = max(most[name], float(shown.max(initial=0.0)))
                events += _events(name, shown, least, hop_s, start * HOP_S)
        return Measurement(dict(most), events=tuple(events))


def _measures(
    energy: Levels, tones: Levels, programme_lufs: float
) -> Iterator[tuple[str, Levels, float, float]]:
    """Each quantity, its size at every point, what makes an event, and the grid in seconds."""
    moments = startle.levels_of(energy, startle.MOMENT_S)
    above = startle.above_usual(moments, startle.MOMENT_SHARE, programme_lufs)
    yield OUTLIER.name, above, OUTLIER_EVENT_LU, HOP_S
    short = startle.levels_of(energy, startle.IMPULSE_S)
    above = startle.above_usual(short, startle.IMPULSE_SHARE, programme_lufs)
    yield IMPULSE.name, above, IMPULSE_EVENT_LU, HOP_S
    stops = startle.levels_of(energy, startle.STOP_S)
    fallen = startle.sudden_stops(stops, programme_lufs)
    yield STOP.name, startle.coming_back(fallen, stops), STOP_EVENT_LU, HOP_S
    usual = startle.usual_around(moments, startle.MOMENT_SHARE)[::2][: len(tones)]
    usual = np.maximum(usual, programme_lufs + startle.QUIET_LU)
    history = novelty.history_maximum(tones)
    fresh = startle.new_tones(tones[: len(usual)], usual, history[: len(usual)])
    yield TONE.name, fresh, TONE_EVENT_LU, startle.TONE_HOP_S


def _events(
    name: str, sizes: Levels, least: float, hop_s: float, origin_s: float
) -> Iterator[Event]:
    """Runs above a size, merged within a second."""
    places = np.flatnonzero(sizes > least)
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) > MERGED_S / hop_s)
    firsts = places[np.concatenate([[0], breaks + 1])]
    lasts = places[np.concatenate([breaks, [len(places) - 1]])]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        size = float(sizes[first : last + 1].max())
        start_s, end_s = origin_s + first * hop_s, origin_s + (last + 1) * hop_s
        yield Event(name, round(start_s, 2), round(end_s, 2), size)
