"""The image of two channels."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.passes import run_meters
from asmrmaster.meters.stereo import Stereo
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, pink, silence


def measured(samples: Array, rate: int = 48_000) -> Measurement:
    audio = Audio.from_array(samples, rate)
    return read_curves(run_meters(audio, (KEnergy,)), (Loudness, Stereo))


def value(samples: Array, name: str) -> float:
    got = measured(samples).values[name]
    assert got is not None
    return got


def panned(samples: Array, left_db: float, right_db: float) -> Array:
    return samples * 10 ** (np.array([left_db, right_db]) / 20)


def alike(level_dbfs: float, seconds: float) -> Array:
    return np.repeat(pink(level_dbfs, seconds, channels=1), 2, axis=1)


def test_alike_in_both_channels() -> None:
    values = measured(alike(-30, 3)).values
    assert values["balance_lu"] == pytest.approx(0, abs=1e-6)
    assert values["correlation"] == pytest.approx(1, abs=1e-6)
    assert values["mono_loss_lu"] == pytest.approx(0, abs=1e-4)
    assert values["negative_correlation_s"] == values["one_ear_run_s"] == 0
    assert values["side_jump_db"] == pytest.approx(0, abs=1e-4)


def test_independent_channels_lose_3_lu_in_mono() -> None:
    values = measured(noise(-30, 10)).values
    assert values["mono_loss_lu"] == pytest.approx(3.01, abs=0.1)
    assert values["correlation"] == pytest.approx(0, abs=0.02)
    assert values["negative_correlation_s"] == 0


def test_inverted_polarity_loses_all_and_says_how_long() -> None:
    x = alike(-30, 6)
    x[2 * 48_000 : 5 * 48_000, 1] *= -1
    got = measured(x)
    # A window of 0.4 s is mostly inverted for as long as the inverted part itself, and reads
    # below -0.5 when three quarters of it are.
    assert got.values["negative_correlation_s"] == pytest.approx(3 - 0.2, abs=0.05)
    (event,) = (e for e in got.events if e.quantity == "negative_correlation_s")
    assert event.start_s == pytest.approx(2.3, abs=0.05)
    assert event.end_s == pytest.approx(5.1, abs=0.05)
    x = alike(-30, 3) * [1, -1]
    assert value(x, "correlation") == pytest.approx(-1, abs=1e-6)
    assert value(x, "mono_loss_lu") == pytest.approx(value(x, "integrated_lufs") + 70, abs=1e-3)


def test_faint_opposite_noise_does_not_count() -> None:
    x = concat(alike(-25, 3), alike(-60, 3) * [1, -1], alike(-25, 3))
    assert value(x, "negative_correlation_s") == 0


def test_balance_is_the_distance_of_the_channels() -> None:
    for left_db, right_db in ((0, -7), (-7, 0)):
        x = panned(noise(-30, 5), left_db, right_db)
        assert value(x, "balance_lu") == pytest.approx(7, abs=0.05)
    one = panned(noise(-30, 5), 0, -200)
    left = value(one, "integrated_lufs")
    assert value(one, "balance_lu") == pytest.approx(left + 70, abs=0.01)


def test_a_passage_in_one_ear_is_timed_named_and_shared() -> None:
    x = alike(-30, 20)
    x[4 * 48_000 : 12 * 48_000, 0] *= 10 ** (-30 / 20)
    got = measured(x)
    assert got.values["one_ear_run_s"] == pytest.approx(8, abs=0.5)
    assert got.values["one_ear_share_percent"] == pytest.approx(40, abs=3)
    (event,) = (e for e in got.events if e.quantity == "one_ear_run_s")
    assert event.channel == 1
    assert event.start_s == pytest.approx(4, abs=0.5)


def test_pauses_do_not_end_a_passage_in_one_ear_but_the_other_ear_does() -> None:
    word = panned(noise(-25, 2), 0, -40)
    spoken = concat(*[part for _ in range(4) for part in (word, silence(0.8))])
    assert value(spoken, "one_ear_run_s") > 10
    answered = concat(word, silence(0.8), word[:, ::-1], silence(0.8), word)
    assert 1.5 < value(answered, "one_ear_run_s") < 2.6
    apart = concat(word, silence(3), word)
    assert 1.5 < value(apart, "one_ear_run_s") < 2.6


def test_14_db_is_not_one_ear() -> None:
    assert value(panned(noise(-30, 5), 0, -14), "one_ear_share_percent") == 0
    assert value(panned(noise(-30, 5), 0, -16), "one_ear_share_percent") == 100


def test_a_sudden_change_of_ear_jumps_and_a_slow_one_does_not() -> None:
    left, right = panned(noise(-30, 4), 0, -30), panned(noise(-30, 4), -30, 0)
    sudden = measured(concat(left, right))
    jump = sudden.values["side_jump_db"]
    assert jump is not None
    assert jump > 20
    (event,) = (e for e in sudden.events if e.quantity == "side_jump_db")
    assert event.start_s == pytest.approx(4.1, abs=0.3)
    slide = np.linspace(-15, 15, 8 * 48_000)[:, None] * [1, -1]
    assert value(noise(-30, 8) * 10 ** (slide / 20), "side_jump_db") < 2.5


@pytest.mark.parametrize(
    "samples", [silence(5), noise(-20, 0.3), pink(-20, 2, channels=1), noise(-20, 2, channels=6)]
)
def test_no_image_without_two_sounding_channels(samples: Array) -> None:
    values = measured(samples).values
    assert {values[quantity.name] for quantity in Stereo.quantities} == {None}
