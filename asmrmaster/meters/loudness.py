"""Programme loudness, its maxima and its range, from K-weighted energy.

Sources: Recommendation ITU-R BS.1770-5 (2023) Annex 1 for weighting and gating, EBU Tech 3341
(2023) for momentary and short-term loudness, EBU Tech 3342 (2023) for loudness range.

Index convention: point k of a moving quantity is the window that *ends* with hop k, so it stands
for the time up to (k + 1)·10 ms and has as many points as the energy. Before the first whole
window it is 0 energy, which every gate drops and no maximum sees.
"""

from __future__ import annotations

from math import floor
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import Float, channel_weights, db, loudness, moving_mean, power
from asmrmaster.meters.base import HOP_S, Curve, Event, Measurement, Quantity, Reading
from asmrmaster.streams.curves import empty, piecewise

Array = NDArray[np.float64]
Energies = NDArray[np.floating[Any]]

M_HOPS, S_HOPS = 40, 300
"""Lengths of the momentary and the short-term window: 0.4 s and 3 s (EBU Tech 3341)."""
GATE_STEP_HOPS = 10
"""Gating blocks overlap by 75 % (BS.1770-5); the range looks at short-term loudness as often."""
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
SILENCE = 1e-20
"""Energy below −200 dB is digital silence."""


def weighted(k_energy: NDArray[Float], channels: int) -> NDArray[Float]:
    """Energy of all channels under their weights, shape (hops, channels) → (hops,)."""
    weights = channel_weights(channels).astype(k_energy.dtype)
    return piecewise(lambda sides: sides @ weights, k_energy)


def momentary(energy: NDArray[Float]) -> NDArray[Float]:
    """Mean energy of the 0.4 s ending with each hop; along axis 0, same shape."""
    return _ending(energy, M_HOPS)


def short_term(energy: NDArray[Float]) -> NDArray[Float]:
    """Mean energy of the 3 s ending with each hop; along axis 0, same shape."""
    return _ending(energy, S_HOPS)


def _ending(energy: NDArray[Float], width: int) -> NDArray[Float]:
    means = empty(energy.shape, energy.dtype)
    means[: width - 1] = 0
    moving_mean(energy, width, out=means[width - 1 :])
    return means


def gated(energy: NDArray[Float]) -> tuple[NDArray[Float], int]:
    """Energies of the gating blocks that both gates let pass, and the count of all blocks.

    BS.1770-5 Annex 1, equations 3 to 7: blocks of 400 ms every 100 ms; an absolute gate of
    −70 LUFS, then a relative one 10 LU below what is left. Louder than both, equal is not enough.
    """
    blocks = momentary(energy)[M_HOPS - 1 :: GATE_STEP_HOPS]
    kept = blocks[loudness(blocks) > ABSOLUTE_GATE_LUFS]
    if kept.size:
        kept = kept[loudness(kept) > loudness(kept.mean()) + RELATIVE_GATE_LU]
    return kept, len(blocks)


def integrated(energy: Energies) -> float | None:
    """Programme loudness in LUFS of weighted energy; None where nothing passes the gates."""
    kept, _ = gated(energy)
    return _loudness(kept)


def _loudness(kept: Energies) -> float | None:
    return float(loudness(kept.mean(dtype=np.float64))) if kept.size else None


def loudness_range(energy: Energies, step_hops: int = GATE_STEP_HOPS) -> float | None:
    """Loudness range in LU of weighted energy; None where no 3 s window passes the gates.

    EBU Tech 3342, 3: windows at −70 LUFS or more and at 20 LU below their mean or more; 95th minus
    10th percentile, the nearest window, halves upward. step_hops: how often windows are taken.
    """
    windows = loudness(short_term(energy)[S_HOPS - 1 :: step_hops])
    windows = windows[windows >= ABSOLUTE_GATE_LUFS]
    if not windows.size:
        return None
    mean = db(power(windows).mean())
    windows = np.sort(windows[windows >= mean + RANGE_GATE_LU])
    low, high = (floor((len(windows) - 1) * share + 0.5) for share in (0.10, 0.95))
    return float(windows[high] - windows[low])


def maximum(energy: Energies) -> tuple[float, int] | None:
    """Loudness in LUFS of the loudest point of a moving energy, and its index."""
    if not energy.size or energy.max() <= SILENCE:
        return None
    place = int(energy.argmax())
    return float(loudness(energy[place])), place


def _single(energy: Energies) -> NDArray[np.float32]:
    return loudness(energy).astype(np.float32)


class Loudness(Reading):
    """Programme loudness, momentary and short-term maxima, loudness range, and what was gated.

    Curves: ``momentary_lufs`` and ``short_term_lufs``, by the index convention above.
    """

    needs = ("k_energy",)
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "integrated_lufs", "LUFS", "programme loudness",
            "Loudness of the whole programme, K-weighted and gated at -70 LUFS and 10 LU below.",
            "ITU-R BS.1770-5 Annex 1",
        ),
        Quantity(
            "max_momentary_lufs", "LUFS", "maximum momentary loudness",
            "Loudest 0.4 s, ungated, looked for every 10 ms.",
            "EBU Tech 3341 (2023)",
        ),
        Quantity(
            "max_short_term_lufs", "LUFS", "maximum short-term loudness",
            "Loudest 3 s, ungated, looked for every 10 ms.",
            "EBU Tech 3341 (2023)",
        ),
        Quantity(
            "loudness_range_lu", "LU", "loudness range",
            "95th minus 10th percentile of short-term loudness, taken every 100 ms, gated at "
            "-70 LUFS and 20 LU below.",
            "EBU Tech 3342 (2023)",
        ),
        Quantity(
            "max_momentary_above_programme_lu", "LU", "loudest moment above programme",
            "Maximum momentary loudness minus programme loudness.",
            "EBU Tech 3341 (2023), ITU-R BS.1770-5",
        ),
        Quantity(
            "max_short_term_above_programme_lu", "LU", "loudest passage above programme",
            "Maximum short-term loudness minus programme loudness.",
            "EBU R 128 s1, EBU Tech 3341 (2023)",
        ),
        Quantity(
            "gated_share_percent", "%", "share outside the gates",
            "Share of the 0.4 s blocks that programme loudness leaves out as silence or pause.",
            "ITU-R BS.1770-5 Annex 1",
            0,
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """Values, events for the two maxima, and the two loudness curves."""
        curve = measured.curves["k_energy"]
        energy = weighted(curve.values, curve.values.shape[1])
        kept, blocks = gated(energy)
        programme = _loudness(kept)
        values: dict[str, float | None] = {
            "integrated_lufs": programme,
            "loudness_range_lu": loudness_range(energy),
            "gated_share_percent": 100 * (1 - len(kept) / blocks) if blocks else None,
        }
        curves, events = {}, []
        for name, mean, hops in (
            ("momentary", momentary, M_HOPS),
            ("short_term", short_term, S_HOPS),
        ):
            moving = mean(energy)
            values[f"max_{name}_lufs"] = values[f"max_{name}_above_programme_lu"] = None
            if (most := maximum(moving)) is not None:
                size, place = most
                end_s = (place + 1) * HOP_S
                values[f"max_{name}_lufs"] = size
                events.append(Event(f"max_{name}_lufs", end_s - hops * HOP_S, end_s, size))
                if programme is not None:
                    values[f"max_{name}_above_programme_lu"] = size - programme
            curves[f"{name}_lufs"] = Curve(piecewise(_single, moving), HOP_S, "LUFS")
        return Measurement(values, curves, tuple(events))
