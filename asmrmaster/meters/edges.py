"""How the sound begins and ends: cut-in, intro, fade-out."""

from __future__ import annotations

from typing import ClassVar

from asmrmaster.dsp.lead_in import first_sound
from asmrmaster.dsp.level import loudness
from asmrmaster.meters.base import HOP_S, Event, Measurement, Quantity, Reading
from asmrmaster.meters.loudness import M_HOPS, maximum, momentary, weighted
from asmrmaster.streams.curves import piecewise

INTRO_S = 15.0
FULL_LU = -6.0


class Edges(Reading):
    """Momentary loudness at both ends, beside programme loudness."""

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "cut_in_lu", "LU", "start above programme",
            "Loudness of the first 0.4 s minus programme loudness.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
        Quantity(
            "intro_above_rest_lu", "LU", "intro above the rest",
            "Maximum momentary loudness of the first 15 s minus that of all windows that begin "
            "later. Not for sound that ends before 15.4 s.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
        Quantity(
            "fade_out_s", "s", "length of the ending",
            "Time from the last momentary loudness within 6 LU of programme loudness to the end.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
        Quantity(
            "last_400ms_lu", "LU", "end above programme",
            "Loudness of the last 0.4 s minus programme loudness.",
            "asmrmaster, on EBU Tech 3341 (2023)",
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The values; None without a programme. An event where an intro is louder than the rest."""
        values: dict[str, float | None] = {quantity.name: None for quantity in cls.quantities}
        programme = measured.values["integrated_lufs"]
        if programme is None:
            return Measurement(values)
        k_energy = measured.curves["k_energy"].values
        energy = momentary(weighted(k_energy, k_energy.shape[1]))
        values["cut_in_lu"] = float(loudness(energy[M_HOPS - 1])) - programme
        values["last_400ms_lu"] = float(loudness(energy[-1])) - programme
        full = piecewise(lambda one: loudness(one) >= programme + FULL_LU, energy)
        values["fade_out_s"] = int(full[::-1].argmax()) * HOP_S
        hops = round(INTRO_S / HOP_S)
        begin = first_sound(piecewise(loudness, energy))
        if begin > M_HOPS:  # silence is no beginning, …
            hops = begin + min(hops, (len(energy) - begin) // 2)  # … and what follows may be short
        intro, rest = maximum(energy[:hops]), maximum(energy[hops + M_HOPS - 1 :])
        if intro is None or rest is None:
            return Measurement(values)
        above, end_s = intro[0] - rest[0], (intro[1] + 1) * HOP_S
        values["intro_above_rest_lu"] = above
        event = Event("intro_above_rest_lu", end_s - M_HOPS * HOP_S, end_s, above)
        return Measurement(values, events=(event,) if above > 0 else ())
