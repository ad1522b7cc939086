"""Hours of curves: what is read of them and planned on them does not need hours of memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from asmrmaster import ride
from asmrmaster.engine.measure import PLANNING
from asmrmaster.meters import METERS, read_curves, run_meters
from asmrmaster.meters.base import Curve, Measurement, Meter
from asmrmaster.presets import recipe
from asmrmaster.stages.peak_detail import Detail
from asmrmaster.streams import curves
from asmrmaster.streams.audio import Audio
from asmrmaster.streams.curves import Store
from tests.signals import noise, pink

RATE_HZ, PIECE_S = 16_000, 60
MOST_MB = 16
"""Half an hour of the two dozen long curves that are worked with on the way takes 35 MB."""


@pytest.fixture(scope="module")
def measured() -> Measurement:
    """A minute with a passage that is louder, a pause, and an intrusion."""
    samples = pink(-40, PIECE_S, RATE_HZ, 2)
    samples[20 * RATE_HZ : 30 * RATE_HZ] *= 2.5
    samples[31 * RATE_HZ : 33 * RATE_HZ] *= 1e-3
    samples[45 * RATE_HZ : 46 * RATE_HZ] += noise(-18, 1.0, RATE_HZ, 2)
    meters: dict[type[Meter], None] = dict.fromkeys((*METERS, *PLANNING))
    return run_meters(Audio.from_array(samples, RATE_HZ), meters)


def again(measured: Measurement, times: int) -> Measurement:
    """The same minute so many times, as a pass would have stored it."""

    def long(curve: Curve) -> Curve:
        rows = curve.values.reshape(len(curve.values), -1)
        store = Store(rows.shape[1], curve.values.dtype)
        for _ in range(times):
            store.extend(rows)
        values = store.array().reshape(-1, *curve.values.shape[1:])
        if not isinstance(curve, Detail):
            return replace(curve, values=values)
        starts = np.arange(times, dtype=np.int32)[:, None] * round(PIECE_S / curve.hop_s)
        return replace(curve, values=values, hops=(curve.hops + starts).ravel())

    curves = {name: long(curve) for name, curve in measured.curves.items()}
    return Measurement(measured.values, curves, measured.events)


def planned(measured: Measurement) -> tuple[Measurement, ride.Ride]:
    """What is read of curves, and a ride that levels, dips, fades and limits."""
    made_by = recipe.load_recipe("roleplay", "trauma", settings={"target.integrated_lufs": -22})
    read = read_curves(measured)
    return read, ride.plan(replace(read, curves=measured.curves), made_by.preset, made_by.profile)


def test_pieces_and_files_change_no_digit(
    measured: Measurement, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes = again(measured, 3)
    read, plan = planned(minutes)
    assert plan.dips
    assert plan.fade_in_s
    assert np.ptp(plan.level.gain_db) > 1
    monkeypatch.setattr(curves, "IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr(curves, "PIECE_ROWS", 1024)
    other_read, other = planned(again(measured, 3))
    for name, value in read.values.items():
        assert other_read.values[name] == pytest.approx(value, abs=1e-6), name
    for name, curve in read.curves.items():
        np.testing.assert_allclose(
            other_read.curves[name].values, curve.values, rtol=1e-6, err_msg=name
        )
    np.testing.assert_allclose(other.amplitude, plan.amplitude, rtol=1e-5)
    assert other.dips == plan.dips


def test_hours_take_little_memory(measured: Measurement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "IN_MEMORY_BYTES", 100_000)
    half_an_hour = again(measured, 30)
    tracemalloc.start()
    planned(half_an_hour)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MOST_MB * 1e6, f"{most / 1e6:.0f} MB"
