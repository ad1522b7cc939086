"""The reference pages are what the data says."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets import Profile, load, shipped
from asmrmaster.views.reference import PAGES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_data_makes_it(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: make docs"


def test_everything_is_named() -> None:
    quantities, profiles = PAGES["quantities.md"](), PAGES["profiles.md"]()
    assert all(f"`{name}`" in quantities for name in QUANTITIES)
    for name in shipped(Profile):
        for key in load(Profile, name).criteria:
            assert f"| {key} |" in profiles
