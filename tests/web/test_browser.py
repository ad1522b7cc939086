"""The page in a real browser: drop, read, play, move a limit, print; master, compare, download.

Needs Chromium, and skips by name without it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from asmrmaster.audio import Audio, Format, read, write
from asmrmaster.demo import take
from asmrmaster.views import folder as folder_page
from asmrmaster.views import html, sheet
from asmrmaster.views.excerpts import Excerpt
from asmrmaster.web.resource_limits import Limits
from tests import made_reports, signals, web_workers
from tests.web_client import Visitor, serving

SECOND_MS = 1000
FLAC = Format("FLAC", "PCM_16", bits=16)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium, which is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write(Audio.from_array(take(40), 48_000), folder / "take.flac", FLAC)
    write(Audio.from_array(take(12), 48_000), folder / "brief.flac", FLAC)
    short = Audio.from_array(signals.pink(-30, 1, 8_000, 1), 8_000)
    write(short, folder / "short.wav", Format("WAV", "PCM_16", bits=16))
    return folder


@pytest.fixture(scope="module")
def visitor(folder: Path) -> Iterator[Visitor]:
    with serving(folder) as visitor:
        yield visitor


@pytest.fixture
def page(browser: Browser, visitor: Visitor) -> Iterator[Page]:
    """A page that may not complain, and may not ask anyone else."""
    with asking(browser, visitor) as page:
        yield page


class asking:
    """A fresh window, let in by the printed address; what it complains of fails the test, but for
    what is ``excused``."""

    def __init__(
        self, browser: Browser, visitor: Visitor, *, excused: str = "", **how: object
    ) -> None:
        self._excused = excused
        self._context = browser.new_context(
            viewport={"width": 1000, "height": 900},
            **how,  # type: ignore[arg-type]
        )
        self._visitor = visitor
        self._said: list[str] = []
        self._asked: set[str] = set()

    def __enter__(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(30 * SECOND_MS)
        page.on("console", self._listen)
        page.on("pageerror", self._fail)
        page.on("request", lambda request: self._asked.add(request.url.split("/")[2]))
        page.goto(self._visitor.access.address)
        return page

    def __exit__(self, *error: object) -> None:
        self._context.close()
        assert self._said == []
        own = f"127.0.0.1:{self._visitor.access.port}"
        assert {where for where in self._asked if where} <= {own}

    def _listen(self, message: ConsoleMessage) -> None:
        if not self._excused or self._excused not in message.text:
            self._said.append(message.text)

    def _fail(self, error: Error) -> None:
        self._said.append(str(error))


def report_on(page: Page, folder: Path) -> None:
    """Choose the take, check it, and wait for its report and excerpts."""
    page.set_input_files("#file", folder / "take.flac")
    page.get_by_role("button", name="Check").click()
    page.locator("#gentle").wait_for()


@pytest.fixture(scope="module")
def checked(visitor: Visitor, folder: Path) -> str:
    job = visitor.job("/check", folder / "take.flac")
    visitor.wait(job, sounds=True)
    return visitor.base + job


@pytest.fixture(scope="module")
def mastered(visitor: Visitor, folder: Path) -> str:
    job = visitor.job("/make", folder / "take.flac")
    visitor.wait(job, sounds=True)
    return visitor.base + job


def test_a_dropped_file_becomes_a_report_that_prints(page: Page, folder: Path) -> None:
    data = (folder / "short.wav").read_bytes()
    handle = page.evaluate_handle(
        """(bytes) => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(bytes)], "dropped.wav"));
            return given;
        }""",
        list(data),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": handle})
    expect(page.get_by_role("status")).to_contain_text("dropped.wav")
    expect(page.locator("#go")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Too short to tell")
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2


def until(page: Page, wanted: str) -> None:
    """Wait for a JavaScript expression to be true, which the page itself may not evaluate."""
    for _ in range(600):
        if page.evaluate(wanted):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {wanted}")


def test_the_whole_file_plays_from_its_marks_and_escape_ends_it(page: Page, checked: str) -> None:
    page.goto(checked)
    status = page.locator("#status")
    expect(status).to_have_text("")
    page.locator("#lead").select_option("5")
    page.locator(".mark").first.click()  # 0:32, from 5 s before
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    until(page, "Number(document.querySelector('#seek').value) > 27.2")
    expect(status).to_contain_text("Sudden sound in", timeout=30 * SECOND_MS)
    page.keyboard.press("Escape")
    expect(status).to_have_text("")
    expect(page.get_by_role("button", name="Listen gently")).to_be_visible()
    before = float(page.locator("#seek").input_value())
    page.locator("#seek").press("ArrowLeft")
    assert float(page.locator("#seek").input_value()) == pytest.approx(before - 5, abs=0.3)


def test_an_upload_shows_how_far_it_is_and_can_be_stopped(
    page: Page, visitor: Visitor, folder: Path
) -> None:
    network = page.context.new_cdp_session(page)
    slowly = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000}
    network.send("Network.emulateNetworkConditions", slowly)
    before = len(list(home(visitor)))
    page.set_input_files("#file", folder / "take.flac")
    page.get_by_role("button", name="Check").click()
    sent = page.get_by_role("progressbar", name="How much is taken in")
    expect(sent).to_be_visible()
    until(page, "document.querySelector('#sending progress').value > 0")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("Stopped; nothing was kept.")
    expect(page.get_by_role("button", name="Check")).to_be_enabled()
    for _ in range(500):
        if len(list(home(visitor))) == before:
            return
        page.wait_for_timeout(20)
    raise AssertionError("what had come was kept")


def home(visitor: Visitor) -> Iterator[Path]:
    """The folders of jobs."""
    return visitor.workspace.iterdir()


def test_a_refused_upload_is_told_where_it_was_asked_for(
    browser: Browser, visitor: Visitor
) -> None:
    with asking(browser, visitor, excused="status of 422") as page:
        page.evaluate("document.querySelector('[name=profile]:checked').value = 'nonsense'")
        page.set_input_files("#file", files={"name": "a.wav", "mimeType": "", "buffer": b"x" * 100})
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("status")).to_contain_text("Unknown choice 'nonsense'")


def test_a_moved_limit_changes_the_verdict_at_once(page: Page, checked: str) -> None:
    page.goto(checked)
    page.get_by_text("Move a limit").click()
    page.get_by_text("Limits of General screening").click()
    cell = page.locator("[data-result=L1]")
    expect(cell).to_have_text("fails")
    page.get_by_label("Overall volume: at least LUFS").fill("-45")
    expect(cell).to_have_text("passes", timeout=30 * SECOND_MS)
    page.get_by_label("Changed by").fill("Dr. A")
    page.get_by_role("button", name="Show the report with these limits").click()
    expect(page.locator("[data-strip]")).to_contain_text("One limit changed by Dr. A")


def test_another_profile_judges_at_once(page: Page, checked: str) -> None:
    page.goto(checked)
    page.get_by_text("Move a limit").click()
    with page.expect_response(re.compile("judge")) as answer:
        page.get_by_label("Profile", exact=True).select_option("sleep")
    assert answer.value.ok
    page.get_by_role("button", name="Show the report with these limits").click()
    expect(page.locator(".judged")).to_contain_text("Judged for Sleep 1.")


def test_a_master_is_made_compared_and_downloaded(page: Page, folder: Path, tmp_path: Path) -> None:
    page.get_by_role("link", name="Make a master").click()
    page.set_input_files("#file", folder / "brief.flac")
    page.get_by_label("Whispered affirmations").check()
    page.get_by_role("button", name="Master").click()
    page.locator("#both").wait_for()
    page.locator("#swap").click()
    expect(page.locator("#hearing")).to_have_text("Playing the master")
    page.get_by_role("switch", name="Hear the master").press("Space")
    expect(page.locator("#hearing")).to_have_text("Playing the take")
    page.keyboard.press("Escape")
    expect(page.locator("#hearing")).to_have_text("")
    page.get_by_text("Figures", exact=True).click()
    expect(page.locator("#ride svg.drawing")).to_be_visible()
    with page.expect_download() as got:
        page.locator("#keep").get_by_role("link", name="Master", exact=True).click()
    path = tmp_path / got.value.suggested_filename
    got.value.save_as(path)
    assert path.name.startswith("brief.master")
    assert read(path).audio.frames == 12 * 48_000


def download(page: Page, folder: Path, name: str) -> NDArray[np.float64]:
    """The master on this page, read by another reader than ours."""
    with page.expect_download() as got:
        page.locator("#next").get_by_role("link", name="Master", exact=True).click()
    path = folder / f"{name}{Path(got.value.suggested_filename).suffix}"
    got.value.save_as(path)
    samples: NDArray[np.float64] = soundfile.read(path, always_2d=True)[0]
    return samples


def test_a_lift_is_taken_back_and_heard_again(page: Page, mastered: str, tmp_path: Path) -> None:
    """The door at 0:32 was lifted out; without that edit it is in the next master, by keyboard."""
    page.goto(mastered)
    lifted = download(page, tmp_path, "lifted")
    page.locator("#take-back summary").focus()
    page.keyboard.press("Enter")
    door = page.get_by_role("group", name=re.compile("^0:3[12]: sudden sounds lifted out", re.I))
    door.get_by_label("Take this back").focus()
    page.keyboard.press("Space")
    assert violations(page) == []
    page.get_by_role("button", name="Make it again").focus()
    page.keyboard.press("Enter")
    page.get_by_text("an earlier master").wait_for()
    door.wait_for(state="detached")
    kept = download(page, tmp_path, "kept")
    at = slice(round(32.0 * 48_000), round(32.3 * 48_000))
    peaks = [20 * np.log10(np.abs(x[at]).max() / np.sqrt(np.mean(x**2))) for x in (lifted, kept)]
    assert peaks[1] > peaks[0] + 6
    page.get_by_role("link", name="an earlier master").click()
    expect(page.locator("#take-back")).to_contain_text("sudden sounds lifted out", ignore_case=True)


def test_a_master_that_is_too_short_becomes_long_enough_by_one_button(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    page.get_by_role("link", name="Make a master").click()
    page.set_input_files("#file", folder / "brief.flac")
    page.get_by_role("button", name="Master").click()
    again = page.get_by_role("button", name="Make it two minutes long")
    again.wait_for()
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 800})
    again.click()
    page.get_by_text("an earlier master").wait_for()
    again.wait_for(state="detached")
    assert len(download(page, tmp_path, "long")) == 120 * 48_000


def test_cancel_and_two_at_once(browser: Browser, folder: Path) -> None:
    with (
        serving(folder, limits=Limits(jobs=2), work=web_workers.hang) as visitor,
        asking(browser, visitor) as page,
    ):
        jobs = [visitor.job("/check", picked="take.flac") for _ in range(3)]
        page.goto(visitor.base + jobs[0])
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.25")
        page.reload()  # it goes on, and is found again
        expect(page.get_by_role("status")).to_contain_text("25 percent done")
        assert [visitor.state(job)["status"] for job in jobs].count("working") == 2
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
        for job in jobs[1:]:
            visitor.http.post(f"{job}/cancel")


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    """From the address line to a signed report, without a mouse."""

    def to(selector: str) -> None:
        """Press Tab until this has the focus."""
        for _ in range(300):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"{selector} is never reached")

    to("[name=profile]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    to("#picked")
    page.keyboard.type("take")
    to("#go")
    page.keyboard.press("Enter")
    page.locator("#gentle").wait_for()
    to("#gentle")
    page.keyboard.press("Enter")
    expect(page.locator("#gentle")).to_have_text("■ Stop")
    page.keyboard.press("Escape")
    to("#q-sudden > summary")
    page.keyboard.press("Enter")
    expect(page.locator("#q-sudden .crit")).to_be_visible()
    to("[name=answer0]")
    page.keyboard.press("Space")
    to("[name=note0]")
    page.keyboard.type("A door.")
    to("#who")
    page.keyboard.type("Dr. Keys")
    to("#sign")
    page.keyboard.press("Enter")
    expect(page.locator(".prev").first).to_contain_text("Dr. Keys")
    expect(page.locator(".prev").first).to_contain_text("A door.")


def test_nothing_stands_in_the_way(
    browser: Browser, visitor: Visitor, checked: str, mastered: str
) -> None:
    """WCAG 2.2 AA and good practice, as far as axe-core can tell."""
    nowhere = f"{visitor.base}/jobs/{'0' * 24}"
    with asking(browser, visitor, excused="status of 404") as page:
        compared, plan = f"{visitor.base}/compare", f"{mastered}/plan"
        for address in (
            *(visitor.base, f"{visitor.base}/master", nowhere),
            *(checked, mastered, compared, plan),
        ):
            page.goto(address)
            assert violations(page) == []


def test_colours_stand_out_in_the_dark(browser: Browser, visitor: Visitor, checked: str) -> None:
    with asking(browser, visitor, color_scheme="dark") as page:
        for address in (f"{visitor.base}/master", checked):
            page.goto(address)
            assert violations(page, runOnly=["color-contrast"]) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["checked", "mastered", "sheet", "folder"])
def test_what_is_saved_stands_in_nobodys_way(
    browser: Browser, tmp_path: Path, name: str, scheme: Literal["light", "dark"]
) -> None:
    """Saved pages, opened from a file: axe-core, no sideways scrolling, nothing complained of."""
    reports = [made_reports.checked(), made_reports.mastered()]
    pages: dict[str, Callable[[], str]] = {
        "checked": lambda: html.render(reports[0]),
        "mastered": lambda: html.render(reports[1], [Excerpt(30.5, 34.5, "a dip", b"a", b"b")]),
        "sheet": lambda: sheet.render(reports[1]),
        "folder": lambda: folder_page.render(folder_page.Entry(r, "a.html") for r in reports),
    }
    file = tmp_path / "saved.html"
    file.write_text(pages[name](), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 800})
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    assert said == []
    context.close()


def test_a_folder_is_sorted_and_filtered(browser: Browser, tmp_path: Path) -> None:
    loud = {**made_reports.AFTER_VALUES, "integrated_lufs": -16.5}
    entries = [
        folder_page.Entry(made_reports.checked(f"quiet {k}.wav", made_reports.AFTER_VALUES))
        for k in range(30)
    ]
    entries.append(folder_page.Entry(made_reports.checked("loud.wav", loud)))
    entries.append(folder_page.Entry(made_reports.checked("door.wav")))
    file = tmp_path / "folder.html"
    file.write_text(folder_page.render(entries), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    first = page.locator("tbody tr:visible th").first
    expect(first).to_have_text("door.wav")  # what does not meet, then what stands apart
    expect(page.locator("tbody tr th").nth(1)).to_have_text("loud.wav")
    loudness = page.get_by_role("button", name="Programme loudness")
    loudness.press("Enter")
    expect(first).to_have_text("door.wav")  # −45.3 LUFS
    loudness.press("Enter")
    expect(first).to_have_text("loud.wav")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Programme loudness")
    page.get_by_label("Show files with this").fill("two sudden sounds")
    expect(page.get_by_role("status")).to_have_text("1 of 32 files shown")
    page.get_by_label("Show files with this").fill("")
    page.get_by_label("does not meet (1)").uncheck()
    expect(page.get_by_role("status")).to_have_text("31 of 32 files shown")
    page.close()


def test_a_page_that_stands_in_the_way_would_be_seen(page: Page) -> None:
    page.evaluate("document.querySelector('label[for=file]').remove()")
    assert [rule for rule, _ in violations(page)] == ["label"]


def violations(page: Page, **options: object) -> list[tuple[str, str]]:
    """Rules axe-core finds broken with everything on the page opened, and where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    wanted = {"resultTypes": ["violations"], **options}  # what is right need not be listed
    found = axe.Axe().run(page, options=wanted).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found]


def test_it_fits_a_narrow_window(browser: Browser, visitor: Visitor, checked: str) -> None:
    """WCAG 2.2, 1.4.10: at 320 CSS pixels nothing but wide tables and drawings scrolls sideways."""
    with asking(browser, visitor) as page:
        page.set_viewport_size({"width": 320, "height": 800})
        for address in (visitor.base, f"{visitor.base}/master", checked):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_it_works_without_script(browser: Browser, visitor: Visitor, folder: Path) -> None:
    with asking(browser, visitor, java_script_enabled=False) as page:
        page.set_input_files("#file", folder / "brief.flac")
        page.get_by_role("button", name="Check").click()
        page.wait_for_url(re.compile("/jobs/"))
        visitor.wait(page.url.removeprefix(visitor.base), sounds=True)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Too short to tell")
        page.get_by_text("Move a limit").click()
        page.get_by_text("Limits of General screening").click()
        page.get_by_label("Overall volume: at least LUFS").fill("-45")
        page.get_by_role("button", name="Show the report with these limits").click()
        expect(page.locator("[data-strip]")).to_contain_text("One limit changed")
