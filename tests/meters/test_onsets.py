"""Onsets: the standard's figures, its table of ramps, and the values read from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from asmrmaster.dsp.level import db
from asmrmaster.dsp.onsets import (
    fast_energy,
    find_onsets,
    impulse_adjustment_db,
    prominence,
    sudden_onset_adjustment_db,
)
from asmrmaster.meters.base import Curve, Event, Measurement
from asmrmaster.meters.onsets import Onsets, density_per_min, irregularity
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from tests.signals import Array, concat, silence, sine


def test_prominence_and_adjustment_of_the_standard() -> None:
    """NT ACOU 112 clauses 7 and 8, figures from its published implementation."""
    rates, differences = np.array([1000.0, 1200, 300, 60]), np.array([30.0, 32, 18, 11])
    assert prominence(rates, differences) == pytest.approx([11.954, 12.25, 9.94, 7.42], abs=0.005)
    assert impulse_adjustment_db(12.25) == pytest.approx(13.05)
    assert impulse_adjustment_db(10) == pytest.approx(9.0)
    assert impulse_adjustment_db(5.0) == 0
    assert impulse_adjustment_db(4.0) == 0


def test_sudden_onset_adjustment_of_both_studies() -> None:
    assert sudden_onset_adjustment_db(30) == 0
    assert sudden_onset_adjustment_db(10) == 0
    assert sudden_onset_adjustment_db(150) == pytest.approx(11)
    assert sudden_onset_adjustment_db(1000) == pytest.approx(11)
    assert sudden_onset_adjustment_db(67.08) == pytest.approx(5.5, abs=0.01)  # halfway in log
    assert sudden_onset_adjustment_db(15, 15) == 0
    assert sudden_onset_adjustment_db(75, 15) == pytest.approx(11 * np.log10(5), abs=0.001)


RAMPS = {
    10: (6.7, 6.9, 6.8, 6.3, 5.7, None, None, None),
    20: (7.9, 8.2, 8.3, 7.9, 7.2, 6.4, None, None),
    30: (8.6, 9.0, 9.2, 8.7, 8.1, 7.3, 6.4, None),
}
"""Prominence of a rise by so many dB in 1, 25, 100, 250, 500 ms, 1, 2 and 4 s, sampled at 10 ms."""
SECONDS = (0.001, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


def ramp(rise_db: float, seconds: float, hop_s: float) -> Array:
    """Mean squares per hop of a level that rises so far in so long, after 5 s."""
    time_s = np.arange(0, seconds + 14, 1e-4)
    power = 10 ** (np.clip((time_s - 5) / seconds, 0, 1) * rise_db / 10)
    step = round(hop_s / 1e-4)
    result: Array = power[: len(power) // step * step].reshape(-1, step).mean(axis=1)
    return result


@pytest.mark.parametrize("rise_db", RAMPS)
@pytest.mark.parametrize("hop_s", [0.01, 0.02])
def test_the_table_of_ramps(rise_db: int, hop_s: float) -> None:
    for seconds, expected in zip(SECONDS, RAMPS[rise_db], strict=True):
        onsets = find_onsets(db(fast_energy(ramp(rise_db, seconds, hop_s), hop_s)), hop_s)
        if expected is None:
            assert not len(onsets.first), f"{rise_db} dB in {seconds} s"
            continue
        assert len(onsets.first) == 1
        # The coarser grid, which the standard allows too, sees the end of a step a little later.
        tolerance = 0.1 if hop_s == 0.01 else 0.35
        assert onsets.prominence[0] == pytest.approx(expected, abs=tolerance)
        # The end of a rise under time weighting F is slower than 10 dB/s.
        assert rise_db - 2.5 < onsets.difference_db[0] < rise_db


def test_a_straight_onset_has_its_slope_and_height() -> None:
    """30 dB in 0.3 s: the example of the published implementation."""
    level = np.concatenate([np.full(10, 40.0), 40 + 2.0 * np.arange(1, 16), np.full(15, 70.0)])
    onsets = find_onsets(level, 0.02)
    assert onsets.rate_db_per_s == pytest.approx([100])
    assert onsets.difference_db == pytest.approx([30])
    assert onsets.prominence == pytest.approx([8.95], abs=0.01)


@pytest.mark.parametrize(("dent_s", "count"), [(0.04, 1), (0.06, 2)])
def test_an_irregularity_up_to_50_ms_does_not_end_an_onset(dent_s: float, count: int) -> None:
    rise = np.arange(20) * 1.0
    flat = np.full(round(dent_s / 0.01), rise[-1])
    level = np.concatenate([np.zeros(5), rise, flat, rise[-1] + rise + 1, np.full(5, 40.0)])
    assert len(find_onsets(level, 0.01).first) == count


def test_a_rise_after_a_fall_is_another_onset() -> None:
    up = np.arange(20) * 1.0
    level = np.concatenate([up, [10.0], 8 + 0.5 * np.arange(10)])
    assert len(find_onsets(level, 0.01).first) == 2


def test_slower_than_10_db_per_s_is_no_onset() -> None:
    assert len(find_onsets(np.arange(300) * 0.099, 0.01).first) == 0
    assert len(find_onsets(np.arange(300) * 0.101, 0.01).first) == 1


def test_the_fast_level_falls_34_7_db_per_s_and_starts_settled() -> None:
    energy = np.concatenate([np.ones(100), np.full(200, 1e-12)])
    level = db(fast_energy(energy, 0.01))
    assert level[:100] == pytest.approx(np.zeros(100), abs=1e-9)
    assert (level[150] - level[250]) == pytest.approx(34.74, abs=0.01)  # IEC 61672-1: 10·lg e/τ
    assert not len(find_onsets(level, 0.01).first)
    assert fast_energy(np.empty(0), 0.01).shape == (0,)


@given(hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(-200, 0, width=32)))
@settings(max_examples=100, deadline=None)
def test_onsets_always_rise_in_order(level: Array) -> None:
    onsets = find_onsets(level, 0.02)
    assert np.all(onsets.first < onsets.last)
    assert np.all(onsets.last[:-1] <= onsets.first[1:])
    assert np.all(onsets.difference_db > 0)
    assert np.all(onsets.rate_db_per_s > 10)


# --- the reading ----------------------------------------------------------------------------------


def measured(level_db: Array, programme: float | None = -30.0) -> Measurement:
    """A measurement with this A-weighted level per 20 ms."""
    energy = np.zeros((len(level_db), len(TONE_COLUMNS)), dtype=np.float32)
    energy[:, TONE_COLUMNS.index("a_weighted")] = 10 ** (level_db / 10)
    curve = Curve(energy, 0.02, "mean square")
    return Measurement({"integrated_lufs": programme}, {"tone_energy": curve})


def taps(times_s: list[float], seconds: float, height_db: float = 30.0) -> Array:
    """A bed at −60 dB with taps of 60 ms on it."""
    level = np.full(round(seconds * 50), -60.0)
    for time_s in times_s:
        level[round(time_s * 50) :][:3] += height_db
    return level


def test_a_minute_of_taps_has_its_density_and_regularity() -> None:
    values = Onsets.read(measured(taps(list(np.arange(0.5, 119, 0.8)), 120))).values
    assert values["trigger_density_per_min"] == pytest.approx(75, abs=1)
    assert values["onset_irregularity"] == pytest.approx(0, abs=0.02)
    rng = np.random.default_rng(0)
    uneven = np.cumsum(rng.choice([0.4, 1.6], 100))
    values = Onsets.read(measured(taps(list(uneven[uneven < 119]), 120))).values
    # Of 0.4 and 1.6 in equal shares the deviation is 0.6 of the mean.
    assert values["onset_irregularity"] == pytest.approx(0.6, abs=0.15)


def test_faint_taps_are_no_triggers() -> None:
    """6 dB in 60 ms under time weighting F: prominence below 7."""
    values = Onsets.read(measured(taps(list(np.arange(0.5, 119, 1.0)), 120, 6))).values
    assert values["trigger_density_per_min"] == 0
    assert values["onset_irregularity"] is None


def test_windows_of_ten_seconds_need_eight_onsets() -> None:
    assert irregularity(np.arange(0.0, 60, 1.26), 60) is not None
    assert irregularity(np.arange(0.0, 60, 1.45), 60) is None
    assert irregularity(np.empty(0), 60) is None


def test_density_needs_a_minute() -> None:
    assert density_per_min(np.arange(0.0, 59.9, 1.0), 59.9) is None
    assert density_per_min(np.arange(0.0, 60, 1.0), 60) == 60
    assert density_per_min(np.empty(0), 60) == 0


def with_events(measured: Measurement, *events: tuple[float, float]) -> Measurement:
    values = {**measured.values, "max_level_novelty_lu": 5.0}
    found = tuple(Event("max_band_novelty_lu", start, end, 3.0) for start, end in events)
    return Measurement(values, measured.curves, found)


def test_novel_events_have_the_onset_that_leads_into_them() -> None:
    level = taps([20.0], 60, 10)
    level[40 * 50 : 41 * 50] = -20  # the steep one is not in the event
    read = Onsets.read(with_events(measured(level), (20.0, 20.1)))
    everything = read.values["max_impulse_adjustment_db"]
    assert everything is not None
    assert everything > 7
    rate, adjustment = (
        read.values[f"max_novel_{name}"]
        for name in ("onset_rate_db_per_s", "impulse_adjustment_db")
    )
    assert rate is not None
    assert adjustment is not None
    assert adjustment < everything - 2
    (event,) = (e for e in read.events if e.quantity == "max_novel_onset_rate_db_per_s")
    assert event.size == rate
    assert 19.9 < event.start_s < event.end_s < 20.2


def test_without_novel_events_there_is_nothing_sudden_in_them() -> None:
    values = Onsets.read(with_events(measured(taps([20.0], 60)))).values
    assert values["max_novel_onset_rate_db_per_s"] == 0
    assert values["max_novel_impulse_adjustment_db"] == 0
    far = Onsets.read(with_events(measured(taps([20.0], 60)), (45.0, 45.2))).values
    assert far["max_novel_onset_rate_db_per_s"] == 0


def test_unassessed_novelty_and_silence_give_no_value() -> None:
    values = Onsets.read(measured(taps([20.0], 60))).values
    assert values["max_novel_onset_rate_db_per_s"] is None
    assert values["max_impulse_adjustment_db"] is not None
    assert set(Onsets.read(measured(taps([], 60), None)).values.values()) == {None}


def test_rises_out_of_the_inaudible_are_none() -> None:
    """−200 to −91 dB lies below 60 LU under the programme and is no rise."""
    level = np.full(3000, -200.0)
    level[1500:] = -91
    assert Onsets.read(measured(level)).values["max_impulse_adjustment_db"] == 0
    level[1500:] = -40
    assert Onsets.read(measured(level)).values["max_impulse_adjustment_db"] == pytest.approx(
        impulse_adjustment_db(3 * np.log10(290) + 2 * np.log10(50)), abs=1.5
    )


def test_a_tone_rising_in_a_file_reads_as_in_the_table() -> None:
    """30 dB in 100 ms, through the spectrum meter and its 40 ms frames: P 9.2, KI 7.5."""
    quiet, loud = sine(1000, -50, 4), sine(1000, -20, 4)
    rise = sine(1000, -50, 0.1) * 10 ** (np.linspace(0, 30, 4800)[:, None] / 20)
    meter = Spectrum(48_000, 2)
    meter.add(concat(quiet, rise, loud, silence(0.1)))
    measured = Measurement({"integrated_lufs": -20.0}, meter.result().curves)
    assert Onsets.read(measured).values["max_impulse_adjustment_db"] == pytest.approx(7.5, abs=0.4)
