"""The delivery sheet: what it must hold, and that it is one page whatever is put into it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from asmrmaster.declarations.content import TAGS
from asmrmaster.report import Declared, Report
from asmrmaster.report.sentences import title
from asmrmaster.views import phrases, sheet
from tests import made_reports
from tests.page_reader import Page


def test_it_says_what_was_checked_and_what_that_does_not_mean() -> None:
    report = made_reports.checked()
    text = Page(sheet.render(report, title="Rain at night", creator="Quiet Hours")).text
    for expected in (
        "Rain at night Quiet Hours",
        "Not as it is: Two sudden sounds, at 0:32 and 0:52",
        "1 min 15 s; WAV, 24 bit, stereo, 48 kHz",
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
        assert (title(finding) in text) == (finding.requirement != "report")
        assert finding.requirement == "report" or phrases.measured(finding) in text
    assert text.count(": fails") == 5
    assert "1 more criterion does not apply or is reported only." in text


def declared(**given: Any) -> Report:
    return made_reports.mastered().model_copy(update={"declared": Declared(**given)})


def test_what_was_declared_is_said_or_left_to_be_ticked() -> None:
    boxes = Page(sheet.render(made_reports.mastered()))
    assert len([a for a in boxes.all("span") if a.get("class") == "box"]) == len(TAGS) + 1
    assert "Listened to the named moments: Creator" in boxes.text
    given = declared(
        title="Rain <at> night",
        tags=("whisper", "rain <heavy>"),
        forewarning="spoken",
        reviewed_by="Dr. Ear",
    )
    said = Page(sheet.render(given))
    assert "Delivery sheet Rain <at> night Result" in said.text
    assert "whispered or very soft speech rain <heavy>" in said.text
    assert "eating and drinking" not in said.text
    assert "Forewarning of what is to come: spoken." in said.text
    assert "Listened to the named moments: Dr. Ear Creator" in said.text
    assert "None of the listed content." in Page(sheet.render(declared(tags=()))).text


def test_a_long_declaration_is_cut_and_says_so() -> None:
    text = Page(sheet.render(declared(tags=tuple(f"sound {k}" for k in range(30))))).text
    assert "sound 11 and 18 more" in text
    assert "sound 12" not in text


def test_without_a_title_it_carries_the_name_of_the_file() -> None:
    page = sheet.render(made_reports.mastered(output="/folder/evening rain.flac"))
    assert "<h1>evening rain</h1>" in page
    assert "/folder" not in page, "nor in the report that it holds"


def crowded() -> Report:
    """Four times as many criteria as usual, names that do not fit, and much that is declared."""
    report = made_reports.checked("x" * 250 + ".wav")
    given = Declared(
        tags=tuple(f"a long description of the content number {k}" for k in range(40)),
        forewarning="written",
        reviewed_by="Dr. Ear " * 30,
    )
    return report.model_copy(update={"findings": report.findings * 4, "declared": given})


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
    if tool := shutil.which("pdftotext"):  # nothing is cut off at its foot
        words = subprocess.run([tool, pdf, "-"], capture_output=True, text=True, check=True).stdout
        assert "Clinician, date:" in words
    printed = pdf.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    size = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert size is not None
    assert [float(side) for side in size.groups()] == pytest.approx([595, 842], abs=1)  # A4
