"""The pages written by hand name figures that are true, and links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asmrmaster.advice import second_meter
from asmrmaster.audio import validation
from asmrmaster.declarations import content, transcript
from asmrmaster.dsp import novelty
from asmrmaster.edits import label_files
from asmrmaster.engine.prepare import SHORTEST_S
from asmrmaster.report import verification

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_limits_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    low, high = (f"{rate:,}".replace(",", " ") for rate in validation.RATES_HZ)
    for said in (
        f"| {low} Hz | {high} Hz |",
        f"| {1000 * SHORTEST_S:.0f} ms |",
        f"{validation.LOUDEST_DBFS} dB above full scale",
        f"| {content.MOST_BYTES / 1e6:.0f} MB, {transcript.MOST_BYTES / 1e6:.0f} MB |",
        f"| {label_files.LARGEST_BYTES / 1e6:.0f} MB, "
        f"{f'{label_files.MOST:,}'.replace(',', ' ')} of them |",
        f"from {novelty.ASSESSED_FROM_S:.0f} s into",
        f"files of {novelty.SHORTEST_S:.0f} s and more",
    ):
        assert said in page, said


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif "://" not in link:
            assert (page.parent / link).exists(), link


def test_the_tests_that_the_method_names_are_there() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs" / "method.md").read_text(encoding="utf-8"))
    assert named
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert not set(named) - there


def test_the_tests_that_stand_behind_trust_are_there() -> None:
    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert not [name for name in named if f"def {name}(" not in written]
    assert f"{verification.TOLERANCE_DB:g} LU" in page
    assert f"{verification.TOLERANCE_SHARE:.1%}".replace("%", " %") in page
    assert f"{1000 * verification.TOLERANCE_S:.0f} ms" in page
    assert f"{second_meter.MAX_SAMPLES // 1_000_000}\nmillion samples" in page


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        assert f"({page.relative_to(ROOT).as_posix()})" in readme, page
