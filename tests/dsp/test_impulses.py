"""Impulses: what a click measures and what a tap measures."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.impulses import (
    CONTEXT_HOPS,
    SEGMENT_HOPS,
    Impulse,
    find_impulses,
)
from asmrmaster.dsp.residual import hop_frames
from tests.signals import Array, noise, pink

RATE = 48_000
HOP = hop_frames(RATE)
FRAMES = (SEGMENT_HOPS + 2 * CONTEXT_HOPS) * HOP
PLACE = 40_000


def bed(level_dbfs: float = -40, rate: int = RATE) -> Array:
    frames = (SEGMENT_HOPS + 2 * CONTEXT_HOPS) * hop_frames(rate)
    return pink(level_dbfs, frames / rate, rate)[:frames, 0]


def find(samples: Array, rate: int = RATE, least: float = 12) -> list[Impulse]:
    return find_impulses(samples, rate, least, 0, len(samples))


def test_a_quiet_bed_has_none() -> None:
    assert find(bed()) == []
    assert find(noise(-40, 2)[:FRAMES, 0]) == []


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000, 96_000, 192_000])
def test_an_added_sample_is_found_to_the_frame(rate: int) -> None:
    samples = bed(rate=rate)
    place = len(samples) // 2
    samples[place] += 0.2
    (found,) = find(samples, rate)
    assert (found.start, found.end) == (place, place + 1)
    assert found.match > 25
    assert found.match > found.residual
    assert found.isolation < 0.3
    assert found.body < 1.9
    assert found.stop < 2


def test_the_match_grows_with_the_click() -> None:
    sizes = []
    for level_dbfs in (-20, -10, 0):
        samples = bed()
        samples[PLACE] += 10 ** (level_dbfs / 20)
        sizes.append(20 * np.log10(find(samples)[0].match))
    assert np.diff(sizes) == pytest.approx([10, 10], abs=1)


def test_a_burst_is_found_from_its_first_to_its_last_frame() -> None:
    samples = bed()
    samples[PLACE : PLACE + 14] += 0.2 * np.random.default_rng(2).choice([-1, 1], 14)
    (found,) = find(samples)
    assert abs(found.start - PLACE) <= 1
    assert abs(found.end - (PLACE + 14)) <= 1


@pytest.mark.parametrize("decay_s", [0.0005, 0.002, 0.01])
def test_a_tap_has_a_body_or_is_no_impulse(decay_s: float) -> None:
    samples = bed()
    length = round(8 * decay_s * RATE)
    body = np.random.default_rng(5).standard_normal(length)
    samples[PLACE : PLACE + length] += 0.2 * body * np.exp(-np.arange(length) / decay_s / RATE)
    for found in find(samples):
        assert found.body > 1.9 or found.end - found.start > 24
        assert found.isolation > 0.05


def test_neighbours_take_away_the_isolation() -> None:
    samples = bed()
    samples[[PLACE, PLACE + 480]] += 0.1
    assert all(found.isolation > 0.5 for found in find(samples))


def test_where_a_sound_stops_it_is_said() -> None:
    samples = bed()
    samples[PLACE + 1 :] *= 1e-4
    samples[PLACE] += 0.1
    assert all(found.stop > 20 for found in find(samples))


def test_a_loud_click_does_not_hide_in_its_own_model() -> None:
    samples = bed(-60)
    samples[PLACE : PLACE + 14] += 0.6 * np.random.default_rng(1).standard_normal(14)
    (found,) = find(samples)
    assert found.match > 100


def test_only_the_middle_is_searched_and_no_edge_of_the_file() -> None:
    samples = bed()
    samples[[HOP // 2, FRAMES - HOP // 2]] += 0.3
    assert find(samples) == []
    samples[PLACE] += 0.3
    assert len(find_impulses(samples, RATE, 12, 0, FRAMES)) == 1
    assert find_impulses(samples, RATE, 12, PLACE - 100, FRAMES) == []
    assert find_impulses(samples, RATE, 12, 0, PLACE + 100) == []


def test_there_is_nothing_to_judge_by_in_digital_silence() -> None:
    samples = np.zeros(FRAMES)
    samples[PLACE] = 0.5
    assert find(samples) == []
