"""Novelty: against plain definitions, on planted intrusions, and on real sound."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pytest
import scipy.signal as ss
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.dsp import novelty as nv
from asmrmaster.dsp.level import db, loudness
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.novelty import Novelty
from asmrmaster.meters.passes import run_meters
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from tests import signals
from tests.signals import Array

RATE = 24_000
noise = partial(signals.noise, rate=RATE, channels=1)
pink = partial(signals.pink, rate=RATE, channels=1)
sine = partial(signals.sine, rate=RATE, channels=1)


def read(samples: Array, rate: int = RATE) -> Measurement:
    """What the reading finds; programme loudness is taken over everything, which is enough here."""
    measured = run_meters(Audio.from_array(samples, rate), [KEnergy, Spectrum])
    energy = measured.curves["k_energy"].values.astype(np.float64).sum(axis=1)
    programme = float(loudness(energy.mean())) if len(energy) else None
    return Novelty.read(Measurement({"integrated_lufs": programme}, measured.curves))


def values(samples: Array, rate: int = RATE) -> tuple[float, float, float]:
    found = read(samples, rate).values
    level, band = found["max_level_novelty_lu"], found["max_band_novelty_lu"]
    events = found["novel_events_per_10_min"]
    assert level is not None
    assert band is not None
    assert events is not None
    return level, band, events


def with_burst(bed: Array, burst: Array, at_s: float, rate: int = RATE) -> Array:
    mixed = bed.copy()
    start = round(at_s * rate)
    mixed[start : start + len(burst)] += burst
    return mixed


def filtered(samples: Array, low_hz: float, high_hz: float) -> Array:
    sos = ss.butter(4, [low_hz, high_hz], "bandpass", fs=RATE, output="sos")
    result: Array = ss.sosfilt(sos, samples, axis=0)
    return result


# Definitions, computed the plain way


@given(st.integers(0, 4000), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_history_maximum_is_the_maximum_of_30_s_up_to_the_moment(count: int, seed: int) -> None:
    levels = np.random.default_rng(seed).normal(-30, 6, count)
    found = nv.history_maximum(levels)
    assert len(found) == count
    for k in np.random.default_rng(seed).integers(0, max(count, 1), 40 if count else 0):
        history = levels[max(0, k - 1519) : max(0, k - 19)]
        assert found[k] == (history.max() if len(history) else -np.inf)


@pytest.mark.parametrize("count", [0, 1, 19, 20, 60, 900, 1551, 5003])
def test_history_percentile_is_within_a_tenth_of_the_exact_one(count: int) -> None:
    rng = np.random.default_rng(count)
    levels = nv.window_levels(rng.exponential(1e-3, count))
    found = nv.history_percentile(levels)
    assert len(found) == count
    assert np.all(found[:20] == -np.inf)
    for k in range(200, count, 173):
        history = levels[max(0, k - 1519) : k - 19]
        assert found[k] == pytest.approx(np.percentile(history, 95), abs=0.1 if k > 1000 else 0.4)


@pytest.mark.parametrize("count", [1, 60, 900, 5003])
def test_a_percentile_that_is_wanted_in_places_is_the_same_there(count: int) -> None:
    rng = np.random.default_rng(count)
    levels = nv.window_levels(rng.exponential(1e-3, count))
    wanted = rng.random(count) < 0.02
    whole, some = nv.history_percentile(levels), nv.history_percentile(levels, where=wanted)
    assert np.array_equal(some[wanted], whole[wanted])
    assert ((some == whole) | (some == -np.inf)).all()


def test_leaving_out_references_that_nothing_exceeds_changes_no_novelty() -> None:
    rng = np.random.default_rng(5)
    energy = rng.exponential(1e-3, (6000, 8)) * 10 ** rng.normal(0, 1, (1, 8))
    energy[3000:3050] *= 20
    momentary = nv.window_levels(energy.sum(axis=1))
    levels, measured = nv.bands_heard(energy)
    whole = nv.band_references(measured, momentary, -25.0, np.ones(len(energy), dtype=bool))
    found = nv.band_novelty(energy, momentary, -25.0)
    assert np.any(found.references_lufs < whole)
    expected = nv.excess(levels, whole)
    expected[: nv.hops(nv.ASSESSED_FROM_S)] = 0
    assert expected.max() > 1
    np.testing.assert_array_equal(found.novelty_lu, expected)


def test_window_levels_are_levels_of_the_last_400_ms() -> None:
    energy = np.random.default_rng(0).exponential(1e-3, 200)
    found = nv.window_levels(energy)
    for k in (19, 20, 87, 199):
        assert found[k] == pytest.approx(float(loudness(energy[k - 19 : k + 1].mean())))
    assert found[0] == pytest.approx(float(loudness(energy[0] / 20)))


def test_band_levels_are_levels_of_mean_amplitudes() -> None:
    steady, click = np.full(40, 1e-3), np.zeros(40)
    click[20] = 20e-3  # the same energy in one hop of a window
    assert nv.band_levels(steady)[-1] == pytest.approx(float(loudness(1e-3)))
    assert nv.window_levels(click)[30] == pytest.approx(nv.window_levels(steady)[30])
    assert nv.band_levels(click)[30] == pytest.approx(float(loudness(1e-3)) - 13.01, abs=0.01)


def test_excess_is_the_root_mean_square_over_bands() -> None:
    levels = np.array([[-20.0, -30.0, -40.0, -50.0]])
    references = np.array([[-23.0, -34.0, -20.0, -50.0]])
    assert nv.excess(levels, references) == pytest.approx([2.5])  # √((9 + 16) / 4)


def test_causal_nothing_later_changes_the_past() -> None:
    rng = np.random.default_rng(0)
    energy = rng.exponential(1e-3, (3000, 6))
    later = energy.copy()
    later[2000:] *= 100
    for end, curves in ((2000, energy), (2000, later)):
        momentary = nv.window_levels(curves.sum(axis=1))
        level = nv.level_novelty(momentary, -20.0).novelty_lu[:end]
        band = nv.band_novelty(curves, momentary, -20.0).novelty_lu[:end]
        if curves is energy:
            first = level, band
    assert np.array_equal(first[0], level)
    assert np.array_equal(first[1], band)


def test_stretches_join_without_a_seam() -> None:
    rng = np.random.default_rng(2)
    energy = rng.exponential(1e-3, (70_001, 2)).astype(np.float32)
    energy[29_990:30_010] *= 30  # new on both sides of a seam
    momentary = nv.window_levels(energy.sum(axis=1))
    level, band = nv.novelty_curves(energy, momentary, -20.0)
    whole = nv.band_novelty(energy, momentary, -20.0).novelty_lu
    assert whole[29_995:30_010].max() > 5
    assert np.abs(band - whole).max() < 1e-4
    whole = nv.level_novelty(momentary, -20.0).novelty_lu
    assert whole[29_995:30_010].max() > 5
    assert np.abs(level - whole).max() < 1e-4


def test_gain_changes_nothing() -> None:
    energy = np.random.default_rng(1).exponential(1e-3, (3000, 6))
    found = []
    for gain_db in (0.0, -30.0):
        scaled = energy * 10 ** (gain_db / 10)
        momentary = nv.window_levels(scaled.sum(axis=1))
        programme = float(loudness(scaled.sum(axis=1).mean()))
        found.append(nv.band_novelty(scaled, momentary, programme).novelty_lu)
    assert found[0] == pytest.approx(found[1], abs=1e-3)


# Gain reduction


@given(st.integers(1, 24), st.floats(0, 12), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_reduction_brings_the_excess_to_the_limit_and_no_lower(
    bands: int, limit_lu: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    references = rng.normal(-40, 10, (50, bands))
    levels = references + rng.normal(0, 15, (50, bands))
    reduction = nv.reduction_for(levels, references, limit_lu)
    before = nv.excess(levels, references)
    after = nv.excess(levels - reduction[:, None], references)
    assert (reduction >= 0).all()
    assert (after <= limit_lu + 1e-6).all()
    touched = before > limit_lu + 1e-6
    assert (reduction[~touched] < 1e-5).all()
    assert after[touched] == pytest.approx(np.full(touched.sum(), limit_lu), abs=1e-6)


def test_reduction_of_one_band_is_plain_arithmetic() -> None:
    levels, references = np.array([[-20.0], [-30.0]]), np.array([[-29.0], [-29.0]])
    assert nv.reduction_for(levels, references, 3.0) == pytest.approx([6.0, 0.0])


def test_nothing_reduces_without_levels() -> None:
    nothing = np.empty((0, 6))
    assert nv.reduction_for(nothing, nothing, 2.0).shape == (0,)


# Planted intrusions


def test_a_steady_bed_holds_nothing_new() -> None:
    level, band, events = values(pink(-30, 40.0))
    assert level < 1
    assert band < 1
    assert events == 0


@pytest.mark.parametrize("rise_lu", [6.0, 12.0])
def test_a_louder_moment_reads_how_much_louder_it_is(rise_lu: float) -> None:
    bed = pink(-30, 40.0)
    bed[20 * RATE : 21 * RATE] *= 10 ** (rise_lu / 20)
    level, band, events = values(bed)
    assert level == pytest.approx(rise_lu, abs=0.6)
    assert band == pytest.approx(rise_lu, abs=1)
    assert events == pytest.approx(600 / 25)


def test_a_new_sound_below_the_level_of_the_bed_is_found_by_its_bands_alone() -> None:
    bed = filtered(pink(-20, 40.0), 100, 600)
    whistle = sine(3000, -28, 0.5)
    level, band, _ = values(with_burst(bed, whistle, 22.0))
    assert level < 2
    assert band > 4


def test_a_new_sound_that_lasts_is_found_among_louder_taps() -> None:
    """What a window's energy cannot see, because the taps already fill it."""
    bed = pink(-50, 40.0)
    for at_s in np.arange(0.3, 39, 0.31):
        bed = with_burst(bed, noise(-12, 0.02), float(at_s))
    level, band, _ = values(with_burst(bed, filtered(pink(-20, 1.0), 500, 5000), 22.0))
    assert level < 2
    assert band > 4


def test_what_recurs_is_not_new() -> None:
    bed = pink(-40, 60.0)
    tap = noise(-20, 0.05)
    for at_s in range(2, 58, 6):
        bed = with_burst(bed, tap, float(at_s))
    level, band, events = values(bed)
    assert level < 1
    assert band < 1
    assert events == 0
    last = with_burst(pink(-40, 60.0), tap, 50.0)  # the same tap, once, must not pass
    assert values(last)[0] > 6


def test_an_event_has_its_place_and_size() -> None:
    found = read(with_burst(pink(-40, 60.0), noise(-20, 0.3), 31.0))
    assert {event.quantity for event in found.events} == {
        "max_level_novelty_lu",
        "max_band_novelty_lu",
    }
    for event in found.events:
        assert event.start_s == pytest.approx(31.0, abs=0.03)
        assert 31.3 < event.end_s <= 31.72
        assert event.size == found.values[event.quantity]


def test_events_within_a_second_are_one() -> None:
    bed = pink(-40, 60.0)
    near = with_burst(with_burst(bed, noise(-20, 0.1), 31.0), noise(-20, 0.1), 31.9)
    far = with_burst(with_burst(bed, noise(-20, 0.1), 31.0), noise(-12, 0.1), 33.9)
    assert values(near)[2] == pytest.approx(600 / 45)
    assert values(far)[2] == pytest.approx(2 * 600 / 45)


def test_the_first_15_s_are_not_judged() -> None:
    bed = pink(-40, 40.0)
    assert values(with_burst(bed, noise(-20, 0.3), 13.0))[0] < 1
    assert values(with_burst(bed, noise(-20, 0.3), 15.5))[0] > 10


def test_a_loud_moment_is_new_again_after_31_s() -> None:
    bed = pink(-40, 60.0)
    slam = noise(-15, 0.3)
    twice = with_burst(with_burst(bed, slam, 20.0), slam, 30.0)
    again = with_burst(with_burst(bed, slam, 20.0), slam, 53.0)
    assert len({event.start_s for event in read(twice).events}) == 1
    assert len({event.start_s for event in read(again).events}) == 2


def test_review_moments_rank_bands_first_and_keep_apart() -> None:
    level, band = np.zeros(3000), np.zeros(3000)
    for at_s, level_lu, band_lu in ((20, 9, 1), (30, 2, 8), (33, 1, 7), (50, 5, 3), (10, 20, 20)):
        level[at_s * 50], band[at_s * 50] = level_lu, band_lu
    found = nv.review_moments(level, band, 3)
    assert [round(moment.end_s) for moment in found] == [30, 50, 20]
    assert [moment.band_novelty_lu for moment in found] == [8, 3, 1]
    many = nv.review_moments(level, band, 100)
    starts = sorted(moment.start_s for moment in many)
    assert len(many) == 9
    assert np.diff(starts).min() >= 5 - 1e-9
    assert min(starts) >= 15 - 0.4


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.399, 5.0, 35.9])
def test_short_sound_is_not_assessed(seconds: float) -> None:
    found = read(pink(-30, seconds) if seconds > 0.02 else np.zeros((round(seconds * RATE), 1)))
    assert set(found.values.values()) == {None}
    assert found.events == ()


def test_silence_is_not_assessed() -> None:
    measured = run_meters(Audio.from_array(np.zeros((40 * RATE, 1)), RATE), [KEnergy, Spectrum])
    found = Novelty.read(Measurement({"integrated_lufs": None}, measured.curves))
    assert set(found.values.values()) == {None}


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_every_rate_agrees(rate: int) -> None:
    reference = with_burst(filtered(pink(-30, 40.0), 50, 9000), sine(2500, -20, 0.4), 25.0)
    moved = ss.resample_poly(reference, rate // 150, 160, axis=0)
    assert values(moved, rate)[:2] == pytest.approx(values(reference)[:2], abs=0.15)


# Cost


def test_ten_hours_are_read_in_seconds() -> None:
    points = 10 * 3600 * 50
    momentary = (-30 + 3 * np.sin(np.arange(points) * 0.01)).astype(np.float32)
    energy = np.repeat(10 ** (momentary[:, None] / 10), 2, axis=1)
    start = time.process_time()
    nv.novelty_curves(energy, momentary, -30.0)
    assert time.process_time() - start < 6
    assert float(db(energy.mean())) > -40


def test_only_what_is_over_is_worked_out() -> None:
    rng = np.random.default_rng(7)
    levels, references = rng.normal(-20, 3, (500, 8)), np.full((500, 8), -20.0)
    found = nv.reduction_for(levels, references, 2.5)
    whole = nv._reduction(np.maximum(levels - references, 0.0), 8 * 2.5**2)
    assert 0 < np.count_nonzero(found) < 500
    np.testing.assert_array_equal(found, whole)
