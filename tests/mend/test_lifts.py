"""Planning lifts: what is over is found, lifted and measured again; what cannot be is left."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp import novelty
from asmrmaster.mend.lifts import curves_of, plan_lifts
from asmrmaster.meters.loudness import integrated
from asmrmaster.ride import rules
from asmrmaster.stages.lift import Lift
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, sine
from tests.stages.test_lift import put

RATE, SECONDS = 24_000, 50.0
LIMITS = {"max_level_novelty_lu": 3.0, "max_band_novelty_lu": 2.5}


def planned(take: Array, **told: object) -> tuple[Lift, list[str], Array]:
    """The stage, the reasons of what is left, and the sound after it."""
    audio = Audio.from_array(take, RATE)
    plan = plan_lifts(audio, *curves_of(take, RATE), LIMITS, Lift.model_validate(told))
    again = curves_of(plan.stage(audio).to_array(), RATE)
    if plan.stage.events:
        quiet = 10 * np.log10(np.maximum(again[0], 1e-12) / np.maximum(plan.energy, 1e-12))
        assert np.abs(quiet).max() < 0.01  # spliced against measured again
    return plan.stage, [one.why for one in plan.left], plan.stage(audio).to_array()


def novelties(samples: Array) -> tuple[float, float]:
    energy, bands = curves_of(samples, RATE)
    programme = integrated(energy)
    assert programme is not None
    momentary = novelty.window_levels(rules.pairs(energy))[: len(bands)]
    level, band = novelty.novelty_curves(bands, momentary, programme)
    return float(level.max()), float(band.max())


def test_a_bed_that_passes_is_not_touched() -> None:
    bed = pink(-40, SECONDS, RATE)
    stage, left, out = planned(bed)
    assert stage.events == ()
    assert left == []
    assert np.array_equal(out, bed)


def test_each_of_a_pair_is_found_and_both_go() -> None:
    bed = pink(-40, SECONDS, RATE)
    bark = noise(-16, 0.3, RATE, seed=3)
    stage, left, out = planned(bed + put(bed, bark, 25.0) + put(bed, bark, 27.0))
    assert len(stage.events) == 2
    assert left == []
    assert all("louder" in r or "new" in r for r in stage.reasons)
    level, band = novelties(out)
    assert level < 3.0
    assert band < 2.5


def test_the_first_15_s_are_judged_by_what_follows() -> None:
    bed = pink(-40, SECONDS, RATE)
    stage, _, out = planned(bed + put(bed, noise(-16, 0.3, RATE, seed=3), 5.0))
    assert len(stage.events) == 1
    assert 4.0 < stage.events[0][0] < 5.0
    part = slice(round(5.0 * RATE), round(5.3 * RATE))
    assert abs(10 * np.log10(np.mean(out[part] ** 2) / np.mean(bed[part] ** 2))) < 1.0


def test_a_scene_of_ten_seconds_is_left_to_the_ride() -> None:
    bed = pink(-40, SECONDS, RATE)
    stage, left, _ = planned(bed + put(bed, sine(700, -22, 10.0, RATE), 25.0))
    assert stage.events == ()
    assert "scene" in left[0]


def test_what_is_new_all_the_time_is_its_nature() -> None:
    bed = pink(-60, SECONDS, RATE)
    loud = bed.copy()
    for number in range(12):
        strike = sine(400 * 1.12**number, -50 + 3.2 * number, 0.4, RATE)
        loud += put(bed, strike, 16.0 + 2.6 * number)
    stage, left, out = planned(loud)
    assert stage.events == ()
    assert "nature" in left[0]
    assert np.array_equal(out, loud)


@pytest.mark.parametrize("kept", [True, False])
def test_what_recurs_is_kept_where_the_preset_says_so(kept: bool) -> None:
    seconds = 130.0
    bed = pink(-40, seconds, RATE)
    bowl = sine(660, -22, 0.5, RATE)
    take = bed + sum(put(bed, bowl, at) for at in (20.0, 60.0, 100.0))
    stage, left, _ = planned(take, keep_recurring=kept)
    assert len(stage.events) == (0 if kept else 3)
    assert len(left) == (3 if kept else 0)
    assert all("recurs" in why for why in left)


def test_what_was_taken_back_is_left_as_it_is() -> None:
    bed = pink(-40, SECONDS, RATE)
    take = bed + put(bed, noise(-16, 0.3, RATE, seed=3), 25.0)
    stage, _, _ = planned(take)
    name = f"lift-0-{round(stage.events[0][0] * RATE):07d}"
    again, left, out = planned(take, skip_edits=frozenset({name}))
    assert again.events == ()
    assert left == ["it was taken back"]
    assert np.array_equal(out, take)
