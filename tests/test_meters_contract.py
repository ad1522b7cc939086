"""What every meter and every reading promises, over the registries."""

from __future__ import annotations

import warnings
from functools import cache
from math import isfinite
from time import process_time

import numpy as np
import pytest

from asmrmaster.meters import METERS, QUANTITIES, READINGS, measure, read_curves, run_meters
from asmrmaster.meters.base import Measurement, Meter, Reading
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, pink, silence, sine

SUFFIXES = {
    "LUFS": "_lufs", "LU": "_lu", "dB": "_db", "dBFS": "_dbfs", "dBTP": "_dbtp", "Hz": "_hz",
    "s": "_s", "ms": "_ms", "%": "_percent", "dB/s": "_db_per_s",
}  # fmt: skip

HEARD = [q.name for meter in METERS for q in meter.quantities]
HEARD += [q.name for reading in READINGS for q in reading.quantities]

meters = pytest.mark.parametrize("meter", METERS, ids=lambda meter: meter.__name__)
readings = pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.__name__)


def lively(rate: int, channels: int) -> Array:
    """A second and a half with all there is to find: noise, a clipped burst, a gap, a step."""
    x = pink(-25, 1.57, rate, channels)
    start = round(0.4 * rate)
    burst = np.clip(sine(200, 3, 0.1, rate, channels), -0.95, 0.95)
    x[start : start + len(burst)] = burst
    x[round(0.9 * rate) : round(0.93 * rate)] = 0
    x[-round(0.2 * rate) :] *= 0.1
    return np.asfortranarray(x)


def measured(meter: type[Meter], samples: Array, rate: int, sizes: list[int]) -> Measurement:
    ear, start, turn = meter(rate, samples.shape[1]), 0, 0
    samples.flags.writeable = False  # whoever writes into a block raises
    while start < len(samples):
        stop = start + sizes[turn % len(sizes)]
        ear.add(samples[start:stop])
        start, turn = stop, turn + 1
    return ear.result()


def assert_same(one: Measurement, two: Measurement) -> None:
    assert one.values.keys() == two.values.keys()
    for name, value in one.values.items():
        assert two.values[name] == (value and pytest.approx(value, abs=1e-9)), name
    assert one.curves.keys() == two.curves.keys()
    for name, curve in one.curves.items():
        scale = np.abs(curve.values).max(initial=1e-30)
        got = two.curves[name].values
        np.testing.assert_allclose(got, curve.values, rtol=1e-6, atol=1e-7 * scale)
        assert curve.values.dtype == got.dtype
    assert [(e.quantity, e.channel) for e in one.events] == [
        (e.quantity, e.channel) for e in two.events
    ]
    for a, b in zip(one.events, two.events, strict=True):
        np.testing.assert_allclose(
            [a.start_s, a.end_s, a.size], [b.start_s, b.end_s, b.size], atol=1e-9
        )


def assert_sound(measurement: Measurement) -> None:
    """Numbers or None, never NaN or infinity, and everything told by name."""
    for name, value in measurement.values.items():
        assert name in QUANTITIES
        assert value is None or isfinite(value), name
    for name, curve in measurement.curves.items():
        assert np.isfinite(curve.values).all(), name
    for event in measurement.events:
        assert event.quantity in QUANTITIES
        assert isfinite(event.size)
        assert 0 <= event.start_s <= event.end_s + 1e-9


@meters
@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (11_025, 1), (22_050, 2)])
def test_a_meter_does_not_care_how_the_sound_is_cut(
    meter: type[Meter], rate: int, channels: int
) -> None:
    x = lively(rate, channels)
    whole = measured(meter, x, rate, [len(x)])
    for sizes in ([rate], [997], [1, 7, 5000, 0, 64], [rate // 100, rate]):
        assert_same(whole, measured(meter, x, rate, sizes))


@meters
def test_a_meter_gives_what_it_declares_however_little_it_hears(meter: type[Meter]) -> None:
    declared = {quantity.name for quantity in meter.quantities}
    for channels in (1, 2, 6):
        for frames in (0, 1, 399 * 48, 400 * 48):
            x = noise(-20, 1, 48_000, channels)[:frames]
            got = measured(meter, np.asfortranarray(x), 48_000, [48_000])
            assert set(got.values) == declared
            assert_sound(got)


@meters
@pytest.mark.parametrize("rate", [8_000, 11_024, 96_000, 192_000])
def test_a_meter_works_at_any_rate(meter: type[Meter], rate: int) -> None:
    x = lively(rate, 2)
    got = measured(meter, x, rate, [rate])
    assert_sound(got)
    for name, curve in got.curves.items():
        points = len(x) / rate / curve.hop_s
        assert points - 2 <= len(curve.values) <= points + 1e-6, name


@meters
def test_a_meter_hears_each_sound_afresh(meter: type[Meter]) -> None:
    x = lively(48_000, 2)
    assert_same(measured(meter, x, 48_000, [48_000]), measured(meter, x, 48_000, [48_000]))


@cache
def before(reading: type[Reading], seconds: float, channels: int) -> Measurement:
    """What a reading is given: all meters, and the readings in front of it."""
    place = READINGS.index(reading)
    if place:
        earlier = READINGS[place - 1]
        return read_curves(before(earlier, seconds, channels), (earlier,))
    frames = round(seconds * 8_000)
    return run_meters(Audio.from_array(pink(-25, 40, 8_000, channels)[:frames], 8_000), METERS)


@readings
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_reading_gives_what_it_declares(reading: type[Reading], channels: int) -> None:
    declared = {quantity.name for quantity in reading.quantities}
    for seconds in (0, 0.009, 0.399, 0.4, 3.01, 40):
        given = before(reading, seconds, channels)
        assert set(reading.needs) <= set(given.curves)
        got = reading.read(given)
        assert set(got.values) == declared
        assert_sound(got)


def test_names_are_given_once_and_end_in_their_unit() -> None:
    assert len(HEARD) == len(set(HEARD))
    assert set(HEARD) <= set(QUANTITIES)
    for quantity in QUANTITIES.values():
        if quantity.unit in SUFFIXES:
            assert quantity.name.endswith(SUFFIXES[quantity.unit]), quantity
        assert quantity.title
        assert quantity.definition.endswith(".")
        assert quantity.source


EXTREME = {
    "dc": np.full((96_000, 2), 0.9),
    "square": np.where(sine(100, 0, 2) >= 0, 1.0, -1.0),
    "impulse": np.eye(1, 96_000, 48_000).T @ np.ones((1, 2)),
    "denormal": np.full((48_000, 2), 5e-324),
    "tiny": np.full((96_000, 2), 1e-160),
    "huge": np.full((96_000, 2), 1e8) * np.sign(sine(333, 0, 2)),
    "then silence": concat(noise(0, 1), silence(4)),
    "nan": np.where(np.arange(96_000)[:, None] % 1000, noise(-20, 2), np.nan),
    "infinite": np.where(np.arange(96_000)[:, None] % 1000, noise(-20, 2), -np.inf),
    "all nan": np.full((48_000, 2), np.nan),
    "one channel silent": noise(-20, 2) * np.array([1.0, 0.0]),
    "nothing": np.zeros((0, 2)),
    "one frame": np.ones((1, 2)),
}


@pytest.mark.parametrize("name", EXTREME)
def test_extreme_sound_gives_numbers_or_none_and_no_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = measure(Audio.from_array(EXTREME[name], 48_000))
    assert set(got.values) == set(HEARD)
    assert_sound(got)


@meters
def test_silence_after_sound_takes_no_longer_than_sound(meter: type[Meter]) -> None:
    """A filter left to ring out in denormal numbers would take forty times as long."""
    sound, nothing = np.asfortranarray(noise(-20, 1)), np.asfortranarray(silence(1))

    def seconds(block: Array) -> float:
        start = process_time()
        for _ in range(10):
            ear.add(block)
        return process_time() - start

    ear = meter(48_000, 2)
    loud_s = seconds(sound)
    for _ in range(3):
        ear.add(nothing)
    assert seconds(nothing) < 5 * loud_s + 0.02
