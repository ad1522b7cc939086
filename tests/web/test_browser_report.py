"""The report page in a real browser, by state: word budgets, printed pages, and how it plays.

Needs Chromium, and skips by name without it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from asmrmaster.audio import Audio, Format, write
from asmrmaster.report import Report, open_saved
from asmrmaster.views import compare, html, plan, playback
from tests import made_reports, signals
from tests.report.test_answers import report as judged
from tests.report.test_answers import unheard

FIRST_SCREEN, WHOLE, PRINTED = 120, 600, 2
HEIGHT = 800
UNITS = re.compile(r"\b(LU|LUFS|dB|dBTP|dBFS|[LOENTSP]\d[abc]?)\b")
READ = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const holder = node.parentElement;
    const skipped = "script,style,nav,header.bar,[data-strip],.vh,[aria-hidden=true],select,footer";
    if (!holder || holder.closest(skipped) || !holder.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const [box] = range.getClientRects();
    if (box && node.textContent.trim()) found.push([box.top, node.textContent.trim()]);
  }
  return found;
}"""
"""What is read on a page with everything closed: top edge and text of each piece."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium, which is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


STATES: dict[str, Callable[[], Report]] = {
    "stop": made_reports.checked,
    "close": lambda: made_reports.checked(
        values={**made_reports.AFTER_VALUES, "max_level_novelty_lu": 6.5}
    ),
    "finish": lambda: judged(fade_out_s=0.1, cut_in_lu=0.0, true_peak_dbtp=-0.5),
    "unknown": lambda: judged(duration_s=20.0),
    "waiting": lambda: unheard("trauma"),
    "meets": lambda: judged("trauma"),
}


def words(pieces: list[tuple[float, str]], above: float = float("inf")) -> str:
    """Everything that is read above a height."""
    return " ".join(text for top, text in pieces if top < above)


def count(text: str) -> int:
    """Words, without numerals."""
    return len(re.findall(r"[^\W\d_][\w’']*", text))


@pytest.mark.parametrize("state", STATES)
def test_a_reader_has_few_words_to_read(browser: Browser, tmp_path: Path, state: str) -> None:
    report = STATES[state]()
    assert report.answered.state == state
    piece = playback.Piece(0.0, report.input.duration_s, b"opus")
    file = tmp_path / "report.html"
    file.write_text(html.render(report, pieces=[piece]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
    page.goto(file.as_uri())
    pieces = page.evaluate(READ)
    first = words(pieces, HEIGHT)
    assert count(first) <= FIRST_SCREEN
    assert not UNITS.search(first)
    assert count(words(pieces)) <= WHOLE
    pdf = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= PRINTED
    page.set_viewport_size({"width": 320, "height": HEIGHT})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


def test_a_plan_prints_on_one_page_and_a_client_never_lifts_a_stop(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "plan.html"
    file.write_text(plan.render(judged("trauma")), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    entries = [compare.Entry(make()) for make in STATES.values()]
    file.write_text(compare.render(entries), encoding="utf-8")
    page.goto(file.as_uri())
    for tag in ("", "water", "fire"):
        if tag:
            page.locator(f".filter input[value={tag}]").check()
        order = page.evaluate("[...document.querySelectorAll('tbody tr')].map(r=>r.dataset.state)")
        holds = page.evaluate(
            "[...document.querySelectorAll('tbody tr')].map(r=>r.textContent.includes('holds'))"
        )
        last = [state for state, held in zip(order, holds, strict=True) if not held]
        assert "finish" not in last[last.index("stop") :] if "stop" in last else True
        if tag:
            page.locator(f".filter input[value={tag}]").uncheck()
    page.close()


# --- playing --------------------------------------------------------------------------------------

LISTEN = """() => {
  const volumes = [];
  window.volumes = volumes;
  const set = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume").set;
  const get = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume").get;
  Object.defineProperty(HTMLMediaElement.prototype, "volume", {
    get() { return get.call(this); },
    set(value) { volumes.push([this.currentTime, value]); set.call(this, value); },
  });
}"""


@pytest.fixture
def sounding(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page with 75 s of sound, moments at 0:32 and 0:52."""
    path = tmp_path / "found.wav"
    sound = Audio.from_array(signals.pink(-45, 75, 8_000, 2), 8_000)
    write(sound, path, Format("WAV", "PCM_16", bits=16))
    made = made_reports.checked(str(path))
    facts = made.input.model_copy(update={"rate_hz": 8_000, "frames": 75 * 8_000})
    report = made.model_copy(update={"input": facts})
    file = tmp_path / "report.html"
    file.write_text(html.render(report, pieces=playback.sounds(report)), encoding="utf-8")
    page = browser.new_page()
    page.add_init_script(f"({LISTEN})()")
    page.goto(file.as_uri())
    yield page
    page.close()


def played(page: Page, how: str) -> list[tuple[float, float]]:
    """Times and volumes while the first moment passes."""
    page.locator("#lead").select_option("5")
    page.evaluate("window.volumes.length = 0")
    page.locator(f"li[data-at='32.0'] [data-play={how}]").click()
    for _ in range(400):
        if float(page.locator("#seek").input_value()) > 33.6:
            break
        page.wait_for_timeout(50)
    page.keyboard.press("Escape")
    found: list[tuple[float, float]] = page.evaluate("window.volumes")
    return found


def test_gently_is_never_louder_and_every_start_ramps(sounding: Page) -> None:
    plain, gentle = played(sounding, "plain"), played(sounding, "gentle")
    for volumes in (plain, gentle):
        assert volumes[0][1] == 0
        assert max(v for _, v in volumes) == 1
        assert all(v < 1 for t, v in volumes if t < 27.9)  # from 27.0 on, over 1.5 s
    within = [v for t, v in gentle if 31.6 <= t <= 33.2]
    assert within
    assert max(within) <= 0.2 + 1e-9  # 14 dB down
    assert all(v == 1 for t, v in plain if 31.6 <= t <= 33.2)


def test_one_gain_for_all_of_it_and_never_above_the_bounds() -> None:
    for loudness, peak, gain in ((-45.0, -10.0, 7.0), (-33.0, -20.0, 7.0), (-20.0, -1.0, 0.0)):
        values = {**made_reports.BEFORE_VALUES, "integrated_lufs": loudness, "true_peak_dbtp": peak}
        assert playback.gain_db(made_reports.checked(values=values)) == pytest.approx(gain)


def test_judgements_added_in_a_file_are_kept_in_it(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.render(unheard("trauma")), encoding="utf-8")
    page = browser.new_page(accept_downloads=True)
    page.goto(file.as_uri())
    page.locator("details.more > summary").first.click()
    page.locator("[name=answer0][value=unwelcome]").check()
    page.locator("[name=note0]").fill("A </script><b>door")
    page.locator("#who").fill("Dr. A <i>")
    page.locator("#sign").click()
    assert "Not as it is" in page.locator("#verdict .tag").inner_text()
    with page.expect_download() as got:
        page.locator("[data-save]").click()
    saved = tmp_path / "saved.html"
    got.value.save_as(saved)
    page.close()
    again = open_saved(saved)
    assert [(j.who, j.answer, j.note) for j in again.judgements] == [
        ("Dr. A <i>", "unwelcome", "A </script><b>door")
    ]
    assert (again.verdict, again.answered.state) == ("does not meet", "stop")
