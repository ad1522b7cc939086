"""Times read as people write them."""

from __future__ import annotations

import pytest

from asmrmaster.report import (
    clock,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (41.25, "0:41.2"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")],
)
def test_times_read_as_people_write_them(seconds: float, text: str) -> None:
    assert clock(seconds) == text
