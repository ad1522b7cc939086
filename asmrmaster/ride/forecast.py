"""What a master will measure: the readings of a file, on the curves as a ride will leave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.ride.rules import pairs
from asmrmaster.streams.curves import piecewise

Array = NDArray[np.floating[Any]]


def forecast(
    measured: Measurement, amplitude: Array, gain: Array, ceiling_dbtp: float
) -> Measurement:
    """Every reading of the curves as they will be: ``gain`` in power per hop, limiter included."""
    values = dict(measured.values)
    ends_db = 20 * np.log10(np.maximum(amplitude[[0, -1]].astype(np.float64), 1e-10))
    loudest_db = 20 * np.log10(float(amplitude.max()))
    for name, gain_db in (
        ("first_sample_dbfs", ends_db[0]),
        ("last_sample_dbfs", ends_db[1]),
        ("dc_offset_dbfs", loudest_db),
        ("sample_peak_dbfs", loudest_db),
        ("true_peak_dbtp", loudest_db),
    ):
        if (value := values.get(name)) is not None:
            values[name] = max(-200.0, value + float(gain_db))
    for name in ("sample_peak_dbfs", "true_peak_dbtp"):
        if (value := values.get(name)) is not None:
            values[name] = min(value, ceiling_dbtp)
    return read_curves(Measurement(values, _Scaled(measured.curves, gain), measured.events))


class _Scaled(Mapping[str, Curve]):
    """Curves with a gain in power per hop in them, each worked out when it is asked for.

    All at once they would take as much memory as what was measured.
    """

    def __init__(self, curves: Mapping[str, Curve], gain: Array) -> None:
        slow = pairs(gain)
        self._curves = curves
        self._gains = dict.fromkeys(("k_energy", "k_cross", "energy"), gain)
        self._gains |= dict.fromkeys(
            ("novelty_band_energy", "tone_energy", "tonal_peak_energy"), slow
        )

    def __getitem__(self, name: str) -> Curve:
        curve = self._curves[name]
        if (gain := self._gains.get(name)) is None:
            return curve
        hops = min(len(curve.values), len(gain))
        shaped = gain[:hops].reshape(-1, *(1,) * (curve.values.ndim - 1))
        return replace(curve, values=piecewise(np.multiply, curve.values[:hops], shaped))

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)
