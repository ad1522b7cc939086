"""Pictures: levels over time in a few rows, small enough for a report and drawn later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from asmrmaster.dsp.level import db, loudness
from asmrmaster.dsp.novelty import BAND_EDGES_HZ
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.streams.curves import drop_pages

COLUMNS = 400
"""A picture has up to this many columns, whatever the length of the sound."""
SILENT_LUFS = -100
"""Levels below this are silence and kept as None."""

_CHANNELS = ("left", "right")


class Picture(BaseModel):
    """Levels in rows: column k of a row is its level over [k·hop_s, (k+1)·hop_s), in whole dB.

    The level is a mean, of peaks the highest. rows: what each row is. values: one tuple per row;
    None is silence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hop_s: float
    unit: str
    rows: tuple[str, ...]
    values: tuple[tuple[int | None, ...], ...]


def pictures(measured: Measurement) -> dict[str, Picture]:
    """What can be drawn of a measurement, from the curves it holds.

    ``bands``: K-weighted level of each band of ``novelty_band_energy``. ``channels``: K-weighted
    level of left and right, of a stereo file. ``peaks``: highest sample peak of any channel. A
    picture whose curve was not measured is left out.
    """
    found = {}
    if (bands := measured.curves.get("novelty_band_energy")) is not None:
        rows = [_band(*edges) for edges in BAND_EDGES_HZ[: bands.values.shape[1]]]
        found["bands"] = picture(bands, rows)
    sides = measured.curves.get("k_energy")
    if sides is not None and sides.values.shape[1] == len(_CHANNELS):
        found["channels"] = picture(sides, _CHANNELS)
    if (peaks := measured.curves.get("peak")) is not None:
        found["peaks"] = highest(peaks)
    return found


def highest(peaks: Curve) -> Picture:
    """A picture of one row: the highest of linear peaks, shape (hops,), in each column."""
    starts, step = _columns(len(peaks.values))
    most = np.maximum.reduceat(peaks.values, starts) if len(starts) else np.empty(0)
    drop_pages()
    return Picture(
        hop_s=peaks.hop_s * step, unit="dBFS", rows=("peak",), values=(_whole(db(most**2.0)),)
    )


def _columns(hops: int) -> tuple[NDArray[np.intp], int]:
    """Where each column begins, and how many hops it has."""
    step = max(1, -(-hops // COLUMNS))
    return np.arange(0, hops, step), step


def picture(energy: Curve, rows: Sequence[str]) -> Picture:
    """A picture of mean squares, shape (hops, rows), averaged over the stretch of each column."""
    hops = len(energy.values)
    starts, step = _columns(hops)
    sizes = np.diff(starts, append=hops)
    levels = [
        loudness(np.add.reduceat(energy.values[:, row], starts, dtype=np.float64) / sizes)
        if hops
        else np.empty(0)
        for row in range(len(rows))
    ]
    drop_pages()
    return Picture(
        hop_s=energy.hop_s * step,
        unit="LUFS",
        rows=tuple(rows),
        values=tuple(_whole(level) for level in levels),
    )


def _whole(levels: NDArray[np.floating[Any]]) -> tuple[int | None, ...]:
    return tuple(round(level) if level > SILENT_LUFS else None for level in levels.tolist())


def _band(low_hz: float, high_hz: float) -> str:
    low, high = _hertz(low_hz), _hertz(high_hz)
    if low.split()[1] == high.split()[1]:
        low = low.split()[0]
    return f"{low} to {high}"


def _hertz(freq_hz: float) -> str:
    return f"{freq_hz / 1000:g} kHz" if freq_hz >= 1000 else f"{freq_hz:g} Hz"
