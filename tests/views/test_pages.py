"""Every page: one file, nothing from elsewhere, no name that runs, readable by everyone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import pytest

from asmrmaster.report import Declared, Report
from asmrmaster.views import folder, html, sheet
from asmrmaster.views.excerpts import Excerpt
from asmrmaster.views.page import TEMPLATES
from tests import made_reports
from tests.page_reader import Page

SOUND = Excerpt(30.0, 34.0, f"{made_reports.HOSTILE}: loud", b"after", b"before")


def hostile() -> Report:
    """A report in which every text that comes from outside is hostile."""
    bad = made_reports.HOSTILE
    report = made_reports.mastered(output=bad, path=f"</title></style>{bad}")
    assert report.ride is not None
    assert report.output is not None
    dips = tuple(dip.model_copy(update={"reason": bad}) for dip in report.ride.dips)
    return report.model_copy(
        update={
            "output": report.output.model_copy(update={"notes": (bad,), "format": bad}),
            "ride": report.ride.model_copy(update={"dips": dips, "target_reason": bad}),
            "edits": tuple(
                e.model_copy(update={"reason": bad, "stage": bad}) for e in report.edits
            ),
            "findings": tuple(
                f.model_copy(
                    update={"title": bad, "why": bad, "advice": bad, "protects": bad, "source": bad}
                )
                for f in made_reports.checked(bad).findings
            ),
            "declared": Declared(title=bad, tags=(bad,), reviewed_by=bad),
            "versions": {bad: bad},
            "notice": bad,
        }
    )


PAGES: dict[str, Callable[[], str]] = {
    "mastered": lambda: html.render(made_reports.mastered(), [SOUND]),
    "checked": lambda: html.render(made_reports.checked()),
    "mono": lambda: html.render(made_reports.checked("mono.wav", channels=1)),
    "ten hours": lambda: html.render(made_reports.ten_hours()),
    "hostile": lambda: html.render(hostile(), [SOUND]),
    "nothing measured": lambda: html.render(
        made_reports.checked("nothing.wav", dict.fromkeys(made_reports.AFTER_VALUES))
    ),
    "sheet": lambda: sheet.render(made_reports.mastered(), title="Rain"),
    "hostile sheet": lambda: sheet.render(
        hostile(),
        title=made_reports.HOSTILE,
        creator=made_reports.HOSTILE,
    ),
    "folder": lambda: folder.render(
        [
            folder.Entry(made_reports.mastered(), "a.html"),
            folder.Entry(hostile(), f"{made_reports.HOSTILE}/b.html"),
            folder.Entry(made_reports.checked(), "javascript:alert(1)"),
        ],
        title=made_reports.HOSTILE,
    ),
}


@pytest.fixture(scope="module", params=PAGES, ids=str)
def source(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]()


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_it_is_whole(source: str, page: Page) -> None:
    assert source.startswith("<!doctype html>")
    assert page.broken == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.ids) == len(set(page.ids))


def test_nothing_comes_from_elsewhere(source: str, page: Page) -> None:
    for name, attributes in page.tags:
        for key in ("src", "href", "data", "poster", "srcset", "action", "xlink:href"):
            value = attributes.get(key, "#")
            assert value.startswith(("#", "data:image/png", "data:audio/", "./")), (name, value)
        assert "style" not in attributes
    assert "url(" not in "".join(page.styles)
    assert "@import" not in "".join(page.styles)
    assert "://" not in "".join(page.styles + page.scripts)
    assert not page.all("link")
    assert not page.all("iframe")


def test_nothing_else_can_run(page: Page) -> None:
    """Content Security Policy Level 3: only what has this hash."""
    policy = page.all("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; ")
    for directive, parts in (("style-src", page.styles), ("script-src", page.scripts)):
        allowed = re.search(rf"{directive} ([^;]+)", policy)
        assert allowed is not None
        hashes = {
            f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in parts
        }
        assert set(allowed[1].split()) == (hashes or {"'none'"})
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]


def test_a_hostile_name_is_only_a_name(source: str, page: Page) -> None:
    assert len([a for a in page.all("script") if a.get("type") != "application/json"]) <= 1
    assert "<img src=x" not in source
    assert not [a for a in page.all("img") if a.get("src") == "x"]
    assert "\u202e" not in source
    assert "\x07" not in source


def test_a_name_is_shown_as_it_is() -> None:
    shown = Page(PAGES["hostile"]()).text
    assert "=<script>alert(1)<img src=x onerror=alert(2)>\"'&{{ 7*7 }}{% raw %}" in shown


def test_headings_lead_down_step_by_step(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(page.headings))


def test_every_link_and_label_leads_somewhere(page: Page) -> None:
    for _, attributes in page.tags:
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in page.ids
        for key in ("aria-labelledby", "aria-describedby", "for"):
            assert set(attributes.get(key, "").split()) <= set(page.ids)


def test_every_picture_has_words_or_is_hidden(page: Page) -> None:
    for attributes in page.all("svg"):
        named = attributes.get("role") == "img" and attributes.get("aria-labelledby")
        assert named or attributes.get("aria-hidden") == "true"
    assert all(len(attributes["alt"]) > 20 for attributes in page.all("img"))


def test_every_heading_cell_says_of_what(page: Page) -> None:
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_nothing_plays_unasked(page: Page) -> None:
    for attributes in page.all("audio"):
        assert attributes["preload"] == "none"
        assert "controls" in attributes
        assert attributes["aria-labelledby"]
        assert not {"autoplay", "loop"} & attributes.keys()


def test_nothing_moves(page: Page) -> None:
    """WCAG 2.2, 2.3.3: without motion nothing has to be reduced for those who ask for less."""
    style = "".join(page.styles)
    for word in ("transition", "animation", "@keyframes", "smooth", "parallax"):
        assert word not in style


def test_it_claims_no_more_than_was_measured(page: Page) -> None:
    for word in ("safe", "approved", "validated", "certified", "therapeutic"):
        assert not re.search(rf"\b{word}\b", page.text, re.IGNORECASE), word


@pytest.mark.parametrize("name", PAGES)
def test_the_same_report_gives_the_same_page(name: str) -> None:
    assert PAGES[name]() == PAGES[name]()


# --- colours --------------------------------------------------------------------------------------


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme: light, or what dark and print put over it."""
    style = (TEMPLATES / "tokens.css").read_text(encoding="utf-8")
    start = {"light": "", "dark": "(prefers-color-scheme:dark)", "print": "@media print"}
    found: dict[str, str] = {}
    for wanted in dict.fromkeys(("light", scheme)):
        part = style[style.index(start[wanted]) :]
        block = part[part.index(":root {") : part.index("}", part.index(":root {"))]
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block))
    before = re.findall(r"--before: (#[0-9a-f]+);", style)
    found["before"] = before[scheme == "dark"]
    return found


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * d for d in colour[1:])
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_right() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_stands_out(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    of = colours(scheme)
    states = ("stop", "close", "fix", "unknown", "fine")
    for ground in ("paper", "card"):
        for ink in ("ink", "soft", "link", *states):
            assert contrast(of[ink], of[ground]) >= 5.0, (ink, ground)
    for state in states:
        assert contrast(of[state], of[f"{state}-bg"]) >= 4.5, state


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_of_drawings_stand_out(scheme: str) -> None:
    """WCAG 2.2, 1.4.11: 3 to 1 for what is needed to understand a drawing."""
    of = colours(scheme)
    for ink in ("link", "before", "stop", "close", "soft", "edge"):
        assert contrast(of[ink], of["paper"]) >= 3.0, ink
