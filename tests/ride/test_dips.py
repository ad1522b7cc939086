"""Dips: what is forbidden is lowered, just there, just enough, at the promised speed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from asmrmaster.dsp import novelty
from asmrmaster.meters.base import HOP_S
from asmrmaster.meters.loudness import integrated
from asmrmaster.ride.dips import CHUNK_HOPS, Planner, Shape
from asmrmaster.ride.rules import FREEZE_HOPS, above_programme, intro, pairs, rules_for

Array = NDArray[np.float64]
SHAPE = Shape(lookahead_hops=40, release_db_per_s=30.0)
LIMITS = {"max_level_novelty_lu": 5.7, "max_band_novelty_lu": 3.7}


def bed(seconds: float = 60.0, seed: int = 0) -> tuple[Array, Array]:
    """Energies of a steady sound with a little life in it: 10 ms, and six bands of 20 ms."""
    rng = np.random.default_rng(seed)
    energy = 1e-3 * np.exp(rng.normal(0, 0.3, round(seconds / HOP_S)))
    bands = np.repeat(energy.reshape(-1, 2).mean(axis=1)[:, None] / 6, 6, axis=1)
    return energy, bands


def with_event(at_s: float, lu: float, length_s: float = 0.8) -> tuple[Array, Array]:
    energy, bands = bed()
    first, last = round(at_s / HOP_S), round((at_s + length_s) / HOP_S)
    energy[first:last] *= 10 ** (lu / 10)
    bands[first // 2 : last // 2] *= 10 ** (lu / 10)
    return energy, bands


def planned(energy: Array, bands: Array, limits: dict[str, float], depth: float = 30) -> Planner:
    planner = Planner(energy, bands, SHAPE, depth)
    programme = integrated(energy)
    assert programme is not None
    planner.apply(rules_for(limits), programme)
    return planner


def novelties(planner: Planner) -> tuple[float, float]:
    programme = integrated(planner.lowered(0, planner.hops, 0).energy)
    assert programme is not None
    left = planner.lowered(0, planner.hops, programme)
    assert left.bands is not None
    moments = novelty.window_levels(left.energy.reshape(-1, 2).mean(axis=1))
    level = novelty.level_novelty(moments, programme).novelty_lu.max()
    band = novelty.band_novelty(left.bands, moments, programme).novelty_lu.max()
    return float(level), float(band)


def test_no_rule_is_asked_again_in_vain() -> None:
    """Asking every rule until none finds anything plans the same, sweep by sweep."""
    energy, bands = with_event(20, 12, 3.0)
    for at_s, lu in ((35, 9), (50, 14)):
        more = with_event(at_s, lu)
        energy, bands = np.maximum(energy, more[0]), np.maximum(bands, more[1])
    programme = integrated(energy)
    assert programme is not None
    rules = [*rules_for(LIMITS), above_programme(8.0, 40, "momentary")]
    quick, thorough = (Planner(energy, bands, SHAPE, 24.0) for _ in range(2))
    quick.apply(rules, programme)
    for start in range(0, len(energy), CHUNK_HOPS):
        while sum(
            thorough._sweep(rule, thorough._around(start, programme), start) for rule in rules
        ):
            pass
    assert quick.reduction_db.max() > 3
    np.testing.assert_array_equal(quick.reduction_db, thorough.reduction_db)
    assert quick.dips() == thorough.dips()


def test_an_event_is_held_against_all_that_was_usual_before_it() -> None:
    """References are only worked out where something hangs on them: the whole of an event."""
    energy, bands = with_event(30, 12, 3.0)
    programme = integrated(energy)
    assert programme is not None
    (rule,) = rules_for({"max_band_novelty_lu": 3.7})
    stretch = Planner(energy, bands, SHAPE, 30).lowered(0, len(energy), programme)
    value, found = (np.asarray(each, np.float64) for each in rule.levels(stretch))
    assert stretch.bands is not None
    momentary = novelty.window_levels(pairs(stretch.energy))
    _, measured = novelty.bands_heard(stretch.bands)
    everywhere = np.ones(len(measured), dtype=bool)
    whole = novelty.band_references(measured, momentary, programme, everywhere)
    over = np.flatnonzero(rule.excess(value, found) > 0)
    assert len(over)
    np.testing.assert_array_equal(
        over, np.flatnonzero(rule.excess(value, np.asarray(whole, np.float64)) > 0)
    )
    for first in over:
        freeze = slice(first, first + FREEZE_HOPS // 2)
        np.testing.assert_array_equal(found[freeze], whole[freeze])


def test_a_calm_bed_is_left_alone() -> None:
    planner = planned(*bed(), LIMITS)
    assert not planner.reduction_db.any()
    assert planner.dips() == ()


@pytest.mark.parametrize("lu", [10, 15, 20, 25])
def test_an_intrusion_is_brought_inside_the_limits(lu: float) -> None:
    energy, bands = with_event(30, lu)
    before = novelties(Planner(energy, bands, SHAPE, 30))
    assert before[0] > 6
    level, band = novelties(planned(energy, bands, LIMITS))
    assert level <= 5.75
    assert band <= 3.75


def test_a_dip_is_local_and_moves_at_the_promised_speed() -> None:
    planner = planned(*with_event(30, 25), LIMITS)
    touched = np.flatnonzero(planner.reduction_db > 0.05) * HOP_S
    assert touched.min() >= 30 - 1.5
    assert touched.max() <= 30.8 + 1.5
    slopes = np.diff(planner.reduction_db) / HOP_S
    assert slopes.max() <= 150
    assert slopes.min() >= -30.1


def test_a_dip_says_where_how_deep_and_why() -> None:
    (dip,) = planned(*with_event(30, 15), LIMITS).dips()
    assert dip.start_s < 30 < dip.end_s
    assert 8 < dip.depth_db < 16
    assert "30 s before" in dip.reason


def test_a_weaker_limit_needs_a_shallower_dip() -> None:
    energy, bands = with_event(30, 15)
    deep = planned(energy, bands, {"max_level_novelty_lu": 2.7}).reduction_db.max()
    shallow = planned(energy, bands, {"max_level_novelty_lu": 5.7}).reduction_db.max()
    assert deep == pytest.approx(shallow + 3, abs=0.7)


def test_the_deepest_allowed_dip_is_kept() -> None:
    planner = planned(*with_event(30, 25), LIMITS, depth=6)
    assert planner.reduction_db.max() <= 6.001
    assert novelties(planner)[0] > 6, "the report has to say so"


def test_a_lowered_event_gives_the_next_one_no_licence() -> None:
    energy, bands = with_event(25, 15)
    second = slice(round(32 / HOP_S), round(32.8 / HOP_S))
    energy[second] *= 10**1.5
    bands[second.start // 2 : second.stop // 2] *= 10**1.5
    planner = planned(energy, bands, LIMITS)
    assert len(planner.dips()) == 2
    assert novelties(planner)[0] <= 5.75


def test_loud_moments_and_loud_beginnings_are_lowered() -> None:
    energy, bands = bed()
    energy[500:540] *= 10**1.2
    programme = integrated(energy)
    assert programme is not None
    for rule in (above_programme(8.0, 40, "0.4 s"), intro(8.0)):
        planner = Planner(energy, bands, SHAPE, 30)
        planner.apply([rule], programme)
        left = planner.lowered(480, 560, programme).energy
        mean = np.convolve(left, np.ones(40) / 40, mode="valid").max()
        assert -0.691 + 10 * np.log10(mean) - programme <= 8.01
        assert 2 < planner.reduction_db.max() < 5


def test_no_reduction_undercuts_what_is_wanted() -> None:
    rng = np.random.default_rng(1)
    wanted = np.where(rng.random(4000) > 0.99, rng.uniform(0, 30, 4000), 0)
    assert np.all(SHAPE(wanted) >= wanted - 1e-9)
