"""Rebuilding clipped peaks."""

from __future__ import annotations

import numpy as np

from asmrmaster.dsp.level import db
from asmrmaster.dsp.rebuild import rebuild, runs
from tests.signals import Array, pink, sine


def sdr_db(clean: Array, other: Array) -> float:
    return float(db(float(np.sum(clean**2)) / float(np.sum((other - clean) ** 2))))


def test_runs_are_first_and_one_past_last() -> None:
    flags = np.array([True, False, True, True, False, True])
    assert runs(flags) == [(0, 1), (2, 4), (5, 6)]
    assert runs(np.zeros(3, dtype=bool)) == []


def test_the_tops_of_a_tone_come_back() -> None:
    clean = (sine(500, 0, 0.06) + sine(1510, -10, 0.06) + pink(-70, 0.06))[:, 0]
    clipped = np.clip(clean, -0.8, 0.8)
    result = rebuild(clipped, np.abs(clipped) >= 0.8, 48)
    assert sdr_db(clean, result) > sdr_db(clean, clipped) + 14


def test_no_sample_comes_back_smaller_or_beyond_its_flanks() -> None:
    clean = pink(-12, 0.06, seed=3)[:, 0]
    level = np.abs(clean).max() * 0.5
    clipped = np.clip(clean, -level, level)
    flags = np.abs(clipped) >= level
    result = rebuild(clipped, flags, 48)
    assert np.array_equal(result[~flags], clipped[~flags])
    inner = flags.copy()
    inner[:48] = inner[-48:] = False
    assert np.all(np.abs(result[inner]) >= level - 1e-12)
    steepest = np.abs(np.diff(clipped)).max()
    longest = max(last - first for first, last in runs(flags))
    assert np.abs(result).max() <= level + steepest * longest
