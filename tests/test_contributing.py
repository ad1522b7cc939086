"""The contributor's guide names files and commands that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`([\w./]+\.py|[\w/]+/)`", GUIDE)) - {"dist/"}
    assert len(named) > 15
    for name in named:
        places = (ROOT / name, ROOT / "asmrmaster" / name, ROOT / "tests" / name)
        assert any(place.exists() for place in places), name


def test_every_make_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", GUIDE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
