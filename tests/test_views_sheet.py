"""The delivery sheet: what it must hold, and that it is one page whatever is put into it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from asmrmaster.report import Report
from asmrmaster.views import sheet, wording
from tests import made_reports
from tests.page_reader import Page


def test_it_says_what_was_checked_and_what_that_does_not_mean() -> None:
    report = made_reports.checked()
    text = Page(sheet.render(report, title="Rain at night", creator="Quiet Hours")).text
    for expected in (
        "Rain at night Quiet Hours",
        "Does not meet the profile general 1.0.0",
        "1 min 15 s; WAV/PCM_24, 2 ch, 48000 Hz",
        report.input.sha256,
        report.profile.sha256,
        "Checked by asmrmaster 0.1.0",
        f"What a pass does not mean {report.notice}",
        "no client names",
        "Why this track",
        "How to listen",
        "Clinician, date:",
    ):
        assert expected in text, expected
    for finding in report.findings:
        assert finding.title in text
        assert wording.measured(finding) in text
    assert text.count(": fails") == 5


def test_what_was_declared_is_said_or_left_to_be_ticked() -> None:
    report = made_reports.mastered()
    boxes = Page(sheet.render(report))
    assert len([a for a in boxes.all("span") if a.get("class") == "box"]) == len(sheet.CONTENTS) + 1
    said = Page(sheet.render(report, declared=["whispering", "rain <heavy>"]))
    assert "whispering rain <heavy>" in said.text
    assert "eating or drinking" not in said.text
    assert "Nothing was declared." in Page(sheet.render(report, declared=[])).text


def test_a_long_declaration_is_cut_and_says_so() -> None:
    many = [f"sound {k}" for k in range(30)]
    text = Page(sheet.render(made_reports.mastered(), declared=many)).text
    assert "sound 11 and 18 more" in text
    assert "sound 12" not in text


def test_without_a_title_it_carries_the_name_of_the_file() -> None:
    page = sheet.render(made_reports.mastered(output="/folder/evening rain.flac"))
    assert "<h1>evening rain</h1>" in page
    assert "/folder" not in page


def crowded() -> Report:
    """Three times as many criteria as usual, and a file name that does not fit."""
    report = made_reports.checked("x" * 250 + ".wav")
    return report.model_copy(update={"findings": report.findings * 3})


@pytest.mark.parametrize(
    ("report", "text"),
    [(made_reports.mastered(), "Rain"), (crowded(), "Lorem ipsum dolor sit amet " * 20)],
    ids=["usual", "crowded"],
)
def test_it_prints_on_one_page(tmp_path: Path, report: Report, text: str) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("needs chromium to print, which is not installed")
    page, pdf = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    page.write_text(sheet.render(report, title=text, creator=text), encoding="utf-8")
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    printed = pdf.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    size = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert size is not None
    assert [float(side) for side in size.groups()] == pytest.approx([595, 842], abs=1)  # A4
