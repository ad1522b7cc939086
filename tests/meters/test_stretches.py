"""Moments joined into stretches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.meters.stretches import JOIN_S, Stretches


def told(times_s: list[float], calls: list[int]) -> list[tuple[float, float, float]]:
    stretches = Stretches("gaps", channel=1)
    at = np.array(times_s)
    for part in np.split(at, sorted(calls)):
        stretches.extend(part, part + 0.01, np.ones(len(part)))
    assert all(event.channel == 1 for event in stretches.events)
    return [(event.start_s, event.end_s, event.size) for event in stretches.events]


def test_moments_less_than_a_second_apart_are_one() -> None:
    assert told([1.0, 1.5, 2.25, 3.5], []) == [(1.0, 2.26, 3.0), (3.5, 3.51, 1.0)]
    assert told([], []) == []


@given(
    st.lists(st.integers(0, 3000), max_size=40, unique=True),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_how_they_are_told_does_not_matter_and_none_is_lost(
    hundredths: list[int], calls: list[int]
) -> None:
    times = [value / 10 for value in sorted(hundredths)]
    events = told(times, calls)
    assert events == told(times, [])
    assert sum(size for *_, size in events) == len(times)
    for (_, end, _), (start, *_) in pairwise(events):
        assert start - end >= JOIN_S
