"""Gates, maxima and range, on energies made by hand; EBU and oracle tests stand in their files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp.level import LOUDNESS_OFFSET_DB, power
from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import (
    Loudness,
    gated,
    integrated,
    loudness_range,
    momentary,
    short_term,
    weighted,
)
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, silence, sine


def energy(*parts: tuple[float, float]) -> Array:
    """Weighted energy of parts of so many seconds at so many LUFS."""
    return np.concatenate(
        [np.full(round(s * 100), float(power(lufs - LOUDNESS_OFFSET_DB))) for s, lufs in parts]
    )


def read(samples: Array, rate: int = 48_000) -> Measurement:
    return read_curves(run_meters(Audio.from_array(samples, rate), (KEnergy,)), (Loudness,))


def read_energy(values: Array) -> Measurement:
    k_energy = Curve(values[:, None].astype(np.float32), 0.01, "mean square")
    return Loudness.read(Measurement(curves={"k_energy": k_energy}))


def test_a_point_is_the_window_that_ends_with_its_hop() -> None:
    one = np.zeros(1000)
    one[500] = 1.0
    np.testing.assert_array_equal(np.flatnonzero(momentary(one)), np.arange(500, 540))
    np.testing.assert_array_equal(np.flatnonzero(short_term(one)), np.arange(500, 800))
    assert momentary(one).max() == pytest.approx(1 / 40)
    assert not momentary(np.ones(100))[:39].any()
    assert momentary(np.ones(100))[39:].tolist() == [1.0] * 61
    assert not momentary(np.ones(39)).any()


def test_the_gates_stand_at_minus_70_and_10_lu_below_what_that_leaves() -> None:
    assert integrated(energy((10, -70.0001))) is None
    assert integrated(energy((10, -69.9999))) == pytest.approx(-70, abs=1e-3)
    assert integrated(energy((10, -23), (100, -75))) == pytest.approx(-23, abs=0.1)
    # The mean of half at -20 and half 12.7 LU below is 2.78 LU below: the relative gate is at
    # -32.78, so a half at -32.6 is just heard and one at -33 is not.
    both = 10 * np.log10((10**-2 + 10**-3.26) / 2)
    assert integrated(energy((50, -20), (50, -32.6))) == pytest.approx(both, abs=0.02)
    assert integrated(energy((50, -20), (50, -33))) == pytest.approx(-20, abs=0.02)
    kept, blocks = gated(energy((50, -20), (50, -29)))
    assert len(kept) == blocks == (10_000 - 40) // 10 + 1


def test_less_than_a_window_or_all_silent_is_none() -> None:
    for samples in (silence(0), silence(10), noise(-20, 0.399), noise(-150, 2)):
        values = read(samples).values
        assert values["integrated_lufs"] is None
        assert values["loudness_range_lu"] is None
        assert values["max_momentary_above_programme_lu"] is None
    assert read(silence(10)).values["max_momentary_lufs"] is None
    assert read(silence(10)).values["gated_share_percent"] == 100
    assert read(noise(-20, 0.4)).values["integrated_lufs"] == pytest.approx(-13.8, abs=0.3)
    assert read(noise(-20, 0.4)).values["max_short_term_lufs"] is None


def test_sound_below_the_gate_still_has_a_maximum() -> None:
    values = read(sine(1000, -80, 5)).values
    assert values["integrated_lufs"] is None
    assert values["max_momentary_lufs"] == pytest.approx(-80, abs=0.1)


def test_mono_reads_3_lu_below_the_same_sound_in_two_channels() -> None:
    mono, stereo = (read(sine(1000, -20, 2, channels=n)).values["integrated_lufs"] for n in (1, 2))
    assert mono is not None
    assert stereo is not None
    assert stereo - mono == pytest.approx(3.01, abs=0.01)


def test_maxima_stand_beside_programme_and_have_a_place() -> None:
    measured = read(concat(sine(1000, -30, 20), sine(1000, -18, 1), sine(1000, -30, 20)))
    programme = measured.values["integrated_lufs"]
    assert programme is not None
    assert measured.values["max_momentary_above_programme_lu"] == pytest.approx(
        -18 - programme, abs=0.05
    )
    places = {event.quantity: (event.start_s, event.end_s) for event in measured.events}
    start_s, end_s = places["max_momentary_lufs"]
    assert 19.99 <= start_s < end_s <= 21.01
    assert end_s - start_s == pytest.approx(0.4)
    start_s, end_s = places["max_short_term_lufs"]
    assert start_s <= 20 < 21 <= end_s
    assert end_s - start_s == pytest.approx(3.0)


def test_gated_share() -> None:
    assert read_energy(energy((30, -20), (70, -80))).values["gated_share_percent"] == pytest.approx(
        70, abs=1
    )
    assert read_energy(energy((3, -20))).values["gated_share_percent"] == 0


def test_range_percentiles_take_the_nearest_window_halves_upward() -> None:
    """Six windows: places 1 + 5·0.10 = 1.5 → 2 and 1 + 5·0.95 = 5.75 → 6 (Tech 3342, 3)."""
    levels = [-20.0, -21, -22, -23, -24, -25]
    windows = np.concatenate([energy((3, level)) for level in levels])
    assert loudness_range(windows, step_hops=300) == pytest.approx(-20 - -24, abs=1e-6)
    assert loudness_range(energy((3, -20))) == 0.0
    assert loudness_range(energy((2.99, -20))) is None


def test_range_gates_20_lu_below_the_mean_of_what_is_above_the_absolute_gate() -> None:
    near, far = energy((60, -20), (60, -39)), energy((60, -20), (60, -45))
    assert loudness_range(near) == pytest.approx(19, abs=0.1)
    assert loudness_range(far) == pytest.approx(0, abs=0.5)


def test_weighting_leaves_out_the_lfe_and_raises_the_surrounds() -> None:
    each = np.eye(6)
    np.testing.assert_allclose(weighted(each, 6), [1, 1, 1, 0, 1.41, 1.41])


@given(st.floats(-40, 10), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_gain_moves_loudness_as_much_and_no_relative_value(gain_db: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = power(rng.uniform(-45, -15, 60))
    before = np.repeat(steps, 25)
    after = read_energy(before * 10 ** (gain_db / 10)).values
    for name, value in read_energy(before).values.items():
        changed = after[name]
        assert value is not None
        assert changed is not None
        expected = value + gain_db if name.endswith("_lufs") else value
        if gain_db > -20:  # further down the absolute gate takes part
            assert changed == pytest.approx(expected, abs=1e-3)


def test_single_precision_is_enough() -> None:
    values = energy((20, -23.456), (20, -31.2), (5, -70.5))
    kept = integrated(values)
    assert kept is not None
    assert integrated(values.astype(np.float32)) == pytest.approx(kept, abs=1e-4)
