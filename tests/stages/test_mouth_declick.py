"""Marked spans are mended, and nothing is that is not marked."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit
from asmrmaster.stages.mouth_declick import MouthDeclick, find_mouth_clicks
from asmrmaster.streams.audio import Audio
from tests.signals import Array, pink, sine

RATE = 48_000
PLACES = (20_000, 40_000, 65_520, 90_000, 131_050)


def bed() -> Array:
    return pink(-64, 4.0) + sine(180, -45, 4.0) + sine(540, -55, 4.0)


def clicks(clean: Array, level_db: float, seconds: float = 0.0016) -> tuple[Array, Array]:
    """The bed with a mouth click at each place, ``level_db`` above it, and the clicks alone."""
    time = np.arange(round(seconds * RATE)) / RATE
    added = np.zeros_like(clean)
    size = np.sqrt(np.mean(clean**2)) * 10 ** (level_db / 20)
    for number, place in enumerate(PLACES):
        rise = (1 - np.exp(-time / 0.0001)) * np.exp(-time / 0.0004)
        wave = rise * np.sin(2 * np.pi * (1800 + 700 * number) * time + number)
        added[place : place + len(time)] = (size * wave / np.abs(wave).max())[:, None]
    return clean + added, added


def marks(seconds: float, slack_s: float = 0.0) -> tuple[tuple[float, float], ...]:
    return tuple(
        (place / RATE - slack_s, place / RATE + seconds + 0.7 * slack_s) for place in PLACES
    )


def mended(samples: Array, stage: MouthDeclick) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    return stage(Audio.from_array(samples, RATE), edits.append).to_array(), edits


def attenuation_db(clean: Array, result: Array, added: Array) -> list[float]:
    parts = [slice(place - 1000, place + 1000) for place in PLACES]
    return [
        float(
            db(float(np.sum(added[part] ** 2)) / float(np.sum((result[part] - clean[part]) ** 2)))
        )
        for part in parts
    ]


@pytest.mark.parametrize(("level_db", "least_db"), [(12, 14), (20, 17), (30, 27)])
def test_a_marked_click_goes(level_db: float, least_db: float) -> None:
    clean = bed()
    samples, added = clicks(clean, level_db)
    result, edits = mended(samples, MouthDeclick(spans=marks(0.0016)))
    assert np.median(attenuation_db(clean, result, added)) > least_db
    assert len(edits) == 2 * len(PLACES)


def test_in_a_longer_span_the_click_is_looked_for() -> None:
    clean = bed()
    samples, added = clicks(clean, 26)
    result, edits = mended(samples, MouthDeclick(spans=marks(0.0016, slack_s=0.01)))
    assert np.median(attenuation_db(clean, result, added)) > 15
    assert all(edit.end_s - edit.start_s < 0.004 for edit in edits)


def test_a_sound_without_a_click_hardly_changes() -> None:
    clean = bed()
    result, _ = mended(clean, MouthDeclick(spans=marks(0.0016)))
    for place in PLACES:
        span = slice(place - 5, place + 82)
        assert db(float(np.mean((result[span] - clean[span]) ** 2))) < -60


def test_nothing_changes_that_is_not_marked() -> None:
    samples, _ = clicks(bed(), 20)
    whole, edits = mended(samples, MouthDeclick())
    assert edits == []
    assert np.array_equal(whole, samples)
    result, edits = mended(samples, MouthDeclick(spans=marks(0.0016)))
    changed = np.zeros(samples.shape, dtype=bool)
    for edit in edits:
        changed[round(edit.start_s * RATE) : round(edit.end_s * RATE), edit.channel] = True
    assert np.array_equal(result[~changed], samples[~changed])
    assert changed.sum() <= 2 * len(PLACES) * 90


def test_a_marked_span_may_be_protected_or_taken_back() -> None:
    samples, _ = clicks(bed(), 20)
    spans = marks(0.0016)
    _, edits = mended(samples, MouthDeclick(spans=spans))
    stage = MouthDeclick(spans=spans, protect=((0.4, 0.5),), skip_edits=frozenset({edits[2].id}))
    _, fewer = mended(samples, stage)
    assert [edit.id for edit in fewer] == [edit.id for edit in edits[3:]]


def test_a_span_too_long_to_be_a_click_is_refused() -> None:
    with pytest.raises(ValueError, match="50 ms long at most"):
        MouthDeclick(spans=((1.0, 1.06),))


def test_places_to_listen_to_are_listed_with_their_times() -> None:
    samples, _ = clicks(bed(), 20)
    found = find_mouth_clicks(Audio.from_array(samples, RATE), most_per_min=120)
    for place in PLACES:
        assert any(abs(click.start_s - place / RATE) < 0.001 for click in found)
    assert list(found) == sorted(found, key=lambda click: (click.start_s, click.channel))
    few = find_mouth_clicks(Audio.from_array(samples, RATE), most_per_min=15)
    assert len(few) == 2
    assert find_mouth_clicks(Audio.from_array(bed(), RATE)) == ()
