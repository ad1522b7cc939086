"""Lift: an intrusion goes, its bed goes on, and elsewhere nothing changes.

Figures are those of the reference design: what the mask leaves of the event is 10 dB below the bed
or less, and the bed's level stays within half a dB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from asmrmaster.dsp.lift import analyse, context
from asmrmaster.stages.base import Edit
from asmrmaster.stages.lift import Lift
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array, noise, pink, silence, sine

RATE = 24_000
BEFORE_S = 20.0
SECONDS = 34.0


def level_db(samples: Array) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-30))


def put(bed: Array, event: Array, at_s: float = BEFORE_S, rate: int = RATE) -> Array:
    """The event alone, in a sound as long as the bed, faded in over 5 ms and out over 20."""
    alone = np.zeros_like(bed)
    shaped = event.copy()
    up, down = rate // 200, rate // 50
    if len(event) > up + down:
        shaped[:up] *= np.linspace(0, 1, up)[:, None]
        shaped[-down:] *= np.linspace(1, 0, down)[:, None]
    start = round(at_s * rate)
    alone[start : start + len(event)] = shaped[: len(bed) - start]
    return alone


def lifted(take: Array, *events: tuple[float, float], rate: int = RATE, **told: object) -> Array:
    stage = Lift.model_validate({"events": events, **told})
    return stage(Audio.from_array(take, rate)).to_array()


def around(at_s: float = BEFORE_S, length_s: float = 1.0) -> tuple[float, float]:
    """The windows that an event is over a limit in: 0.4 s more on either side."""
    return round(max(0.0, at_s - 0.38), 2), round(at_s + length_s + 0.38, 2)


def test_a_tone_over_noise_goes_and_the_noise_stays() -> None:
    bed = pink(-40, SECONDS, RATE)
    event = put(bed, sine(900, -14, 1.0, RATE))
    span = around()
    out = lifted(bed + event, span)
    inside = slice(round(BEFORE_S * RATE), round((BEFORE_S + 1) * RATE))
    assert abs(level_db(out[inside]) - level_db(bed[inside])) < 0.5
    over = round(span[0] * RATE), round(span[1] * RATE)
    first, stop = context(over, RATE, len(bed))
    found = analyse((bed + event)[first:stop], RATE, (over[0] - first, over[1] - first))
    assert found is not None
    left = event[first:stop].copy()
    taken = found.taken_of(left)
    left[found.first : found.first + len(taken)] += taken
    middle = slice(inside.start - first + RATE // 10, inside.stop - first - RATE // 10)
    band = slice(round(800 * 0.8), round(1000 * 0.8))  # bins of 0.8 s: about one critical band
    powers = [
        np.sum(np.abs(np.fft.rfft(x[:, 0])[band]) ** 2)
        for x in (left[middle], bed[first:stop][middle])
    ]
    assert 10 * np.log10(powers[0] / powers[1]) < -10


def test_outside_of_the_event_every_sample_stays() -> None:
    bed = pink(-40, SECONDS, RATE)
    take = bed + put(bed, noise(-20, 0.5, RATE))
    out = lifted(take, around(length_s=0.5))
    changed = np.flatnonzero(np.any(out != take, axis=1)) / RATE
    assert len(changed)
    assert changed[0] > BEFORE_S - 0.25
    assert changed[-1] < BEFORE_S + 0.5 + 0.6


def test_blocks_do_not_matter_and_a_second_pass_is_the_same() -> None:
    bed = pink(-40, SECONDS, RATE)
    take = bed + put(bed, noise(-20, 0.5, RATE))
    stage = Lift(events=(around(length_s=0.5),))
    whole = Audio.from_array(take, RATE, block=len(take))

    def blocks() -> Iterator[Block]:
        for start in range(0, len(take), 7777):
            yield take[start : start + 7777]

    out = stage(whole).to_array()
    parts = Lift(events=stage.events)(Audio(RATE, 2, len(take), blocks))
    assert np.array_equal(out, parts.to_array())
    assert np.array_equal(out, stage(whole).to_array())


def test_two_equal_barks_both_go() -> None:
    bed = pink(-40, SECONDS, RATE)
    bark = noise(-16, 0.3, RATE, seed=3)
    event = put(bed, bark) + put(bed, bark, BEFORE_S + 1.5)
    out = lifted(bed + event, around(length_s=0.3), around(BEFORE_S + 1.5, 0.3))
    for at in (BEFORE_S, BEFORE_S + 1.5):
        part = slice(round(at * RATE), round((at + 0.3) * RATE))
        assert abs(level_db(out[part]) - level_db(bed[part])) < 1.0


def test_an_event_in_one_ear_leaves_the_other_bit_for_bit() -> None:
    bed = noise(-40, SECONDS, RATE)
    event = put(bed, noise(-22, 0.6, RATE))
    event[:, 1] = 0
    take = bed + event
    out = lifted(take, around(length_s=0.6))
    assert np.array_equal(out[:, 1], take[:, 1])
    part = slice(round(BEFORE_S * RATE), round((BEFORE_S + 0.6) * RATE))
    assert abs(level_db(out[part, 0]) - level_db(bed[part, 0])) < 0.7


def taps(seconds: float) -> Array:
    """A soft tap every 0.4 s over a floor."""
    samples = pink(-62, seconds, RATE)
    time = np.arange(RATE // 20) / RATE
    for number in range(int(seconds / 0.4) - 1):
        tap = np.sin(2 * np.pi * 1300 * time) * np.exp(-time / 0.008) * 0.05
        start = round((0.2 + 0.4 * number) * RATE)
        samples[start : start + len(tap)] += tap[:, None]
    return samples


def test_taps_go_on_under_a_slam() -> None:
    bed = taps(SECONDS)
    time = np.arange(round(0.8 * RATE)) / RATE
    slam = (noise(-10, 0.8, RATE, seed=9)[:, :1] * np.exp(-time / 0.1)[:, None]).repeat(2, axis=1)
    out = lifted(bed + put(bed, slam), around(length_s=0.8))
    part = slice(round(BEFORE_S * RATE), round((BEFORE_S + 1.2) * RATE))
    assert abs(level_db(out[part]) - level_db(bed[part])) < 3.0


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_any_rate(rate: int) -> None:
    bed = pink(-40, 26, rate, 1)
    event = put(bed, noise(-18, 0.4, rate, 1, seed=4), 18.0, rate)
    out = lifted(bed + event, around(18.0, 0.4), rate=rate)
    part = slice(round(18.0 * rate), round(18.4 * rate))
    assert abs(level_db(out[part]) - level_db(bed[part])) < 1.0


@pytest.mark.parametrize("at_s", [0.0, 3.0, 33.5])
def test_at_the_start_and_at_the_end(at_s: float) -> None:
    bed = pink(-40, SECONDS, RATE)
    event = put(bed, noise(-18, 0.4, RATE, seed=4), at_s)
    out = lifted(bed + event, (max(0.0, at_s - 0.38), min(SECONDS, at_s + 0.78)))
    part = slice(round((at_s + 0.05) * RATE), round((at_s + 0.35) * RATE))
    assert abs(level_db(out[part]) - level_db(bed[part])) < 1.5
    assert out.shape == bed.shape


def test_a_shot_of_5_ms() -> None:
    bed = pink(-40, SECONDS, RATE)
    event = put(bed, noise(-2, 0.005, RATE, seed=5))
    out = lifted(bed + event, around(length_s=0.005))
    part = slice(round(BEFORE_S * RATE) - 50, round((BEFORE_S + 0.005) * RATE) + 50)
    assert level_db(out[part]) < level_db(bed[part]) + 3.0


def test_clean_rain_lifted_by_force_stays_rain() -> None:
    bed = pink(-40, SECONDS, RATE)
    out = lifted(bed, around(length_s=0.5))
    part = slice(round(BEFORE_S * RATE), round((BEFORE_S + 0.5) * RATE))
    assert level_db(out[part]) > level_db(bed[part]) - 1.0


def test_between_ticks_in_digital_silence_nothing_breaks() -> None:
    bed = silence(SECONDS, RATE)
    bed[:: RATE // 2] = 0.01
    event = put(bed, noise(-20, 0.6, RATE, seed=6))
    out = lifted(bed + event, around(length_s=0.6))
    assert np.isfinite(out).all()
    assert level_db(out[: round(19 * RATE)]) == level_db(bed[: round(19 * RATE)])


def test_what_is_undone_or_protected_stays_and_the_rest_does_not() -> None:
    bed = pink(-40, SECONDS, RATE)
    places = (17.0, 22.0, 27.0)
    take = bed + sum(put(bed, noise(-20, 0.3, RATE, seed=7), at) for at in places)
    spans = [around(at, 0.3) for at in places]
    edits: list[Edit] = []
    stage = Lift(events=tuple(spans))
    stage(Audio.from_array(take, RATE), edits.append).to_array()
    assert [edit.id for edit in edits] == [f"lift-0-{round(s * RATE):07d}" for s, _ in spans]
    assert all(edit.amount_db < -10 and edit.reason for edit in edits)
    told: list[dict[str, Any]] = [
        {"skip_edits": frozenset({edits[1].id})},
        {"protect": ((22.1, 22.2),)},
    ]
    for kept in told:
        out = lifted(take, *spans, **kept)
        second = slice(round(21 * RATE), round(24 * RATE))
        assert np.array_equal(out[second], take[second])
        for at in (17.0, 27.0):
            part = slice(round(at * RATE), round((at + 0.3) * RATE))
            assert level_db(out[part]) < level_db(take[part]) - 10


def test_half_a_lift_takes_half_and_none_takes_nothing() -> None:
    bed = pink(-40, SECONDS, RATE)
    take = bed + put(bed, noise(-20, 0.3, RATE, seed=7))
    whole, half = (lifted(take, around(length_s=0.3), depth=depth) for depth in (1.0, 0.5))
    assert np.allclose(half - take, (whole - take) / 2)
    assert Lift(events=(around(),), depth=0).idle
    assert Lift().idle
