"""Filling gaps: how near it comes, and how it is known whether it went well."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp import gaps
from asmrmaster.dsp.gaps import context_frames, fill, unmix
from asmrmaster.dsp.level import db
from tests.signals import pink, sine

RATE = 48_000


@pytest.mark.parametrize(("length", "least_db"), [(1, 60), (14, 35), (48, 20), (96, 10)])
def test_a_tone_in_noise_is_filled_to_about_its_noise(length: int, least_db: float) -> None:
    samples = (sine(440, -20, 0.2) + sine(1320, -30, 0.2) + pink(-80, 0.2))[:, 0]
    filled = fill(samples, 4800, 4800 + length, RATE)
    error = samples[4800 : 4800 + length] - filled.values
    size = float(np.mean(samples[4800 - 480 : 4800] ** 2))
    assert db(size / float(np.mean(error**2))) > least_db


def test_what_stands_in_the_gap_is_not_looked_at() -> None:
    samples = pink(-30, 0.2)[:, 0]
    other = samples.copy()
    other[5000:5010] = 1.0
    one, two = (fill(x, 5000, 5010, RATE) for x in (samples, other))
    assert np.array_equal(one.values, two.values)
    assert two.removed_db > one.removed_db + 20


def test_a_clean_fill_leaves_nothing_and_a_gap_too_narrow_does() -> None:
    samples = pink(-30, 0.2)[:, 0]
    samples[5000:5008] += [0.3, -0.3, 0.2, -0.4, 0.3, -0.2, 0.3, -0.3]
    assert fill(samples, 5000, 5008, RATE).leftover == pytest.approx(1, abs=0.35)
    assert fill(samples, 5002, 5006, RATE).leftover > 3


def test_no_few_samples_make_a_cut_whole() -> None:
    samples = sine(440, -20, 0.3)[:, 0] + pink(-70, 0.3)[:, 0]
    cut = np.delete(samples, slice(6000, 6040))
    assert fill(cut, 5998, 6002, RATE).leftover > 3


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000, 192_000])
def test_it_reads_no_further_than_it_says(rate: int) -> None:
    samples = pink(-30, 0.3, rate)[:, 0]
    start, reach = len(samples) // 2, context_frames(rate)
    other = samples.copy()
    other[: start - reach] = other[start + 5 + reach :] = 0.5
    one, two = (fill(x, start, start + 5, rate) for x in (samples, other))
    assert np.array_equal(one.values, two.values)


def test_what_a_soft_click_did_not_touch_stays() -> None:
    clean = sine(200, -20, 0.2)[:, 0] + pink(-50, 0.2)[:, 0]
    time = np.arange(80) / RATE
    click = 0.3 * np.hanning(80) * np.sin(2 * np.pi * 6000 * time)
    samples = clean.copy()
    samples[4800:4880] += click
    mixed, plain = unmix(samples, 4795, 4885, RATE), fill(samples, 4795, 4885, RATE).values
    error, without = (float(np.mean((x - clean[4795:4885]) ** 2)) for x in (mixed, plain))
    assert db(without / error) > 3
    assert db(float(np.mean(click**2)) / error) > 30


def test_where_nothing_was_added_nearly_all_stays() -> None:
    clean = pink(-40, 0.2)[:, 0]
    changed = unmix(clean, 5000, 5096, RATE) - clean[5000:5096]
    assert db(float(np.mean(changed**2)) / float(np.mean(clean**2))) < -10


def test_learning_the_click_again_takes_more_of_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, rng = pink(-40, 4.0)[:, 0], np.random.default_rng(5)
    samples, time = clean.copy(), np.arange(72)
    away: dict[int, list[float]] = {0: [], gaps.ROUNDS: []}
    for start in range(9_600, 180_000, 4_800):
        level = np.sqrt(np.mean(clean[start - 1_200 : start + 1_200] ** 2))
        ring = np.exp(-time / 14) * np.sin(rng.uniform(0.25, 0.7) * time + rng.uniform(0, 6))
        click = 4 * level * ring / np.abs(ring).max()
        samples[start : start + 72] += click
        for rounds, told in away.items():
            monkeypatch.setattr(gaps, "ROUNDS", rounds)
            mended = unmix(samples, start - 5, start + 77, RATE)
            error = float(np.sum((mended - clean[start - 5 : start + 77]) ** 2))
            told.append(float(db(float(np.sum(click**2)) / error)))
    once, again = (float(np.median(told)) for told in away.values())
    assert again > once + 1.5
    assert again > 7
