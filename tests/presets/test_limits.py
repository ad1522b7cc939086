"""Limits: what lies within them, and by how much something does not."""

from __future__ import annotations

import doctest

import pytest

from asmrmaster.presets import limits
from asmrmaster.presets.limits import Band, excess, is_within, narrowed, over, under


def test_the_examples_hold() -> None:
    assert doctest.testmod(limits).failed == 0


@pytest.mark.parametrize(
    ("value", "high", "low"),
    [(-1.0, 1.0, 0.0), (-2.0, 0.0, 0.0), (-25.0, 0.0, 0.0), (-26.0, 0.0, 0.0), (-28.0, 0.0, 2.0)],
)
def test_a_limit_itself_is_within(value: float, high: float, low: float) -> None:
    band = Band(-26.0, -2.0)
    assert (over(value, band), under(value, band)) == (high, low)
    assert is_within(value, band) == (high == low == 0)


def test_tolerance_lets_pass_what_lies_so_much_beyond() -> None:
    assert is_within(-1.9, Band(max=-2.0), 0.1 + 1e-9)
    assert not is_within(-1.8, Band(max=-2.0), 0.1 + 1e-9)
    assert excess(1e9, Band()) == 0.0


def test_narrowed_limits_lie_inside() -> None:
    assert narrowed(Band(-20.0, 10.0), 0.1) == (-18.0, 9.0)
    assert narrowed(Band(), 0.1) == (None, None)
