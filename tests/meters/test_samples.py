"""Damage, offset, first and last sample."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters.base import Measurement
from asmrmaster.meters.samples import Samples
from tests.signals import Array, noise, silence, sine


def measured(samples: Array, rate: int = 48_000, block: int = 48_000) -> Measurement:
    meter = Samples(rate, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.result()


def test_offset_of_the_worse_channel() -> None:
    x = sine(100, -20, 1)
    x[:, 1] -= 0.01
    assert measured(x).values["dc_offset_dbfs"] == pytest.approx(-40, abs=0.01)
    x[:, 1] += 0.01
    offset = measured(x).values["dc_offset_dbfs"]
    assert offset is not None
    assert offset < -150


def test_edges_take_the_larger_channel() -> None:
    x = np.zeros((1000, 2))
    x[0, 1], x[-1, 0] = -0.5, 0.25
    values = measured(x, block=7).values
    assert values["first_sample_dbfs"] == pytest.approx(-6.02, abs=0.01)
    assert values["last_sample_dbfs"] == pytest.approx(-12.04, abs=0.01)


def test_zero_reads_minus_200_and_no_sound_reads_nothing() -> None:
    values = measured(silence(0.1)).values
    assert values["first_sample_dbfs"] == values["dc_offset_dbfs"] == -200
    nothing = measured(np.zeros((0, 2))).values
    assert nothing == {
        "non_finite_samples": 0,
        "dc_offset_dbfs": None,
        "first_sample_dbfs": None,
        "last_sample_dbfs": None,
    }


@pytest.mark.parametrize("block", [1000, 48_000])
def test_damage_is_counted_placed_and_kept_out_of_the_rest(block: int) -> None:
    x = silence(4)
    x[0] = np.inf
    x[48_000 : 48_000 + 480, 0] = np.nan
    x[48_000 + 4800, 1] = -1e30
    x[-1] = -np.inf
    got = measured(x, block=block)
    assert got.values["non_finite_samples"] == 2 + 481 + 2
    assert got.values["dc_offset_dbfs"] == got.values["first_sample_dbfs"] == -200
    assert got.values["last_sample_dbfs"] == -200
    assert [round(event.size) for event in got.events] == [483, 2]
    assert got.events[0].start_s == 0
    assert got.events[0].end_s == pytest.approx(1.1, abs=1e-4)
    assert got.events[1].end_s == pytest.approx(4.0)


def test_loud_is_not_damaged() -> None:
    assert measured(1e6 * noise(0, 0.1)).values["non_finite_samples"] == 0
