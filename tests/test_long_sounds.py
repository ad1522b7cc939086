"""All meters and readings on sounds long enough for every value, and on odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite

import numpy as np
import pytest

from asmrmaster.meters import METERS, measure, read_curves
from asmrmaster.meters.base import Measurement
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, pink, silence, sine

MADE_OF = 37.3
"""Seconds: long enough for every value that needs the past."""


def sound(rate: int, channels: int) -> Array:
    """A little of everything: noise, taps, a pause, a slam, a tone, a click."""
    samples = pink(-40, MADE_OF, rate, channels)
    for at_s in np.arange(0.5, 30, 0.7):
        start = round(float(at_s) * rate)
        tap = noise(-25, 0.05, rate, channels, seed=start)
        samples[start : start + len(tap)] += tap * np.linspace(1, 0, len(tap))[:, None] ** 2
    samples[round(12 * rate) : round(12.8 * rate)] *= 1e-4
    samples[round(31 * rate) : round(31.3 * rate)] += noise(-22, 0.3, rate, channels)[
        : round(31.3 * rate) - round(31 * rate)
    ]
    samples[round(33 * rate), 0] += 0.5
    samples += sine(3000, -40, MADE_OF, rate, channels)[: len(samples)]
    return samples


def measured(samples: Array, rate: int, cuts: list[int] | None = None) -> Measurement:
    """Through blocks that end at the cuts, whatever ``in_whole_seconds`` would make of them."""
    meters = [meter(rate, samples.shape[1]) for meter in METERS]
    for start, stop in pairwise([0, *(cuts or []), len(samples)]):
        for meter in meters:
            meter.add(samples[start:stop])
    return Measurement.merge(meter.result() for meter in meters)


def same(one: Measurement, other: Measurement) -> Iterator[str]:
    """Names of what differs by more than rounding."""
    for name, value in one.values.items():
        if other.values[name] != (value and pytest.approx(value, abs=1e-9)):
            yield f"{name}: {value} and {other.values[name]}"
    for name, curve in one.curves.items():
        if not np.allclose(curve.values, other.curves[name].values, rtol=1e-6, atol=1e-12):
            yield name
    if len(one.events) != len(other.events):
        yield f"{len(one.events)} and {len(other.events)} events"


@pytest.mark.parametrize(("rate", "channels"), [(22_050, 2), (16_000, 1)])
def test_the_result_does_not_depend_on_the_blocks(rate: int, channels: int) -> None:
    samples = sound(rate, channels)
    whole = measured(samples, rate, list(range(rate, len(samples), rate)))
    rng = np.random.default_rng(rate)
    cuts = sorted(rng.integers(0, len(samples), 60).tolist())
    assert not list(same(whole, measured(samples, rate, cuts)))
    read = read_curves(whole)
    assert not list(same(read, read_curves(measured(samples, rate, [1, 2, 3, *cuts[:9]]))))
    # The sound has all it takes: this test would not be worth much on Nones.
    unknown = {name for name, value in read.values.items() if value is None}
    assert unknown <= {
        "trigger_density_per_min", "min_reentry_s", "max_drift_lu", "late_rise_lu",
        *(("balance_lu", "correlation", "negative_correlation_s", "mono_loss_lu", "one_ear_run_s",
           "one_ear_share_percent", "side_jump_db") if channels == 1 else ()),
        "noise_floor_lufs", "noise_floor_dbfs", "programme_above_floor_lu", "floor_step_lu",
    }  # fmt: skip


def cases() -> dict[str, tuple[Array, int]]:
    return {
        "nothing": (silence(0), 48_000),
        "one frame": (np.full((1, 2), 0.5), 48_000),
        "399 ms": (noise(-20, 0.399), 48_000),
        "0.9 s mono": (noise(-20, 0.9, 8000, 1), 8000),
        "3 s of six channels": (noise(-30, 3.0, 48_000, 6), 48_000),
        "silence": (silence(40, 16_000), 16_000),
        "silence with one click": (concat(silence(20, 16_000), np.ones((1, 2))), 16_000),
        "an offset": (np.full((40 * 16_000, 1), 0.5), 16_000),
        "full scale": (np.sign(noise(0, 5.0)), 48_000),
        "a tone": (sine(440, -20, 40, 22_050, 1), 22_050),
        "sound, then silence": (concat(noise(-20, 3, 16_000), silence(37, 16_000)), 16_000),
        "far above full scale": (noise(40, 3.0), 48_000),
        "next to nothing": (noise(-180, 3.0), 48_000),
    }


@pytest.mark.parametrize("case", cases())
def test_every_value_is_a_number_or_none(case: str) -> None:
    samples, rate = cases()[case]
    measured = measure(Audio.from_array(samples, rate))
    for name, value in measured.values.items():
        assert value is None or isfinite(value), f"{name} is {value}"
    for event in measured.events:
        assert all(map(isfinite, (event.start_s, event.end_s, event.size))), event
        assert -0.5 <= event.start_s <= event.end_s <= len(samples) / rate + 1, event
    for name, curve in measured.curves.items():
        assert np.isfinite(curve.values).all(), name
