"""Times: read as people type them, printed as they read them."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.audio import times
from asmrmaster.audio.times import clock, read_time
from asmrmaster.errors import ParameterError


def test_the_examples_hold() -> None:
    assert doctest.testmod(times).failed == 0


@pytest.mark.parametrize(
    "text", ["", "-1", "1:60", "1:60:00", "1:2:3:4", "abc", "1,5", "nan", "inf", "9999999"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        read_time(text)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_what_is_printed_reads_as_it_was(milliseconds: int) -> None:
    time_s = milliseconds / 1000
    assert read_time(clock(time_s, 3)) == pytest.approx(time_s, abs=1e-9)
    assert read_time(clock(time_s, 3, hours=True)) == pytest.approx(time_s, abs=1e-9)


@pytest.mark.parametrize(("seconds", "text"), [(59.9996, "1:00.000"), (3599.9996, "1:00:00.000")])
def test_no_minute_has_sixty_seconds(seconds: float, text: str) -> None:
    assert clock(seconds, 3) == text
