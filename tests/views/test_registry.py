"""Saved reports shown again: every view by its name, many at once, and nothing written over."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asmrmaster.cli import main
from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views import files, registry
from tests import made_reports


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def saved(folder: Path, report: Report | None = None) -> Path:
    """A report saved in a folder; its sound is not there."""
    files.save(report or made_reports.checked(), folder)
    return next(folder.glob(f"*{registry.SAVED}"))


@pytest.mark.parametrize("kind", ["json", "text", "html", "sheet"])
def test_a_saved_report_gives_the_file_that_was_saved_with_it(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, made_reports.mastered())
    ending, _ = registry.ONE[kind]
    again = tmp_path / "again"
    assert run("view", path, "--as", kind, "-o", again).exit_code == 0
    assert again.read_bytes() == (tmp_path / f"take.master.wav{ending}").read_bytes()
    assert run("view", path, "--as", kind).stdout == again.read_text("utf-8")


@pytest.mark.parametrize("kind", [*registry.ONE, *registry.MANY])
def test_every_view_is_named_in_the_help_and_has_a_file(tmp_path: Path, kind: str) -> None:
    assert re.search(rf"\b{kind}\b", run("view", "--help").output)
    out = tmp_path / "view"
    assert run("view", saved(tmp_path), "--as", kind, "-o", out).exit_code == 0
    assert out.stat().st_size > 100


def test_a_folder_stands_for_all_reports_below_it(tmp_path: Path) -> None:
    saved(tmp_path / "a")
    saved(tmp_path / "b" / "c", made_reports.mastered())
    (tmp_path / "b" / f"torn{registry.SAVED}").write_text('{"schema": ')
    done = run("view", tmp_path, "--as", "csv")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "file",
        "found.wav",
        "take.master.wav",
    ]
    assert "torn.report.json: is not JSON" in done.stderr
    assert done.exit_code == 2
    out = tmp_path / "b" / "all.html"
    run("view", tmp_path / "a", tmp_path / "b" / "c", "--as", "folder", "-o", out)
    links = re.findall(r'href="(\./[^"]+)"', out.read_text("utf-8"))
    assert sorted(links) == ["./../a/found.wav.report.html", "./c/take.master.wav.report.html"]
    assert all((out.parent / link).is_file() for link in links)


def test_nothing_is_written_over_unless_asked_for(tmp_path: Path) -> None:
    path, out = saved(tmp_path), tmp_path / "mine.html"
    out.write_text("mine")
    done = run("view", path, "--as", "html", "-o", out)
    assert (done.exit_code, out.read_text()) == (2, "mine")
    assert "mine.html: exists already" in done.stderr
    assert run("view", path, "--as", "html", "-o", out, "--force").exit_code == 0
    assert out.read_text("utf-8").startswith("<!doctype html>")
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_shown_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path)
    for words, message in (
        ((path, "--as", "htlm"), "did you mean 'html'?"),
        ((path, path, "--as", "html"), "html shows one report; csv, junit, folder show many"),
        ((tmp_path / "gone.json",), "gone.json: cannot be read"),
    ):
        done = run("view", *words)
        assert done.exit_code == 2
        assert message in done.stderr


def test_the_page_of_a_folder_is_brought_up_to_date_and_no_other_file(tmp_path: Path) -> None:
    saved(tmp_path)
    path = files.save_index(tmp_path)
    assert "1 file:" in path.read_text("utf-8")
    files.save(made_reports.mastered(), tmp_path)
    assert "2 files:" in files.save_index(tmp_path).read_text("utf-8")
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        files.save_index(tmp_path)


def test_two_thousand_reports_are_one_quick_page(tmp_path: Path) -> None:
    """CPU seconds, so that a busy machine does not matter; reading them is most of it."""
    report = made_reports.checked()
    many = (registry.Saved(Path(f"{k}.report.json"), report) for k in range(2000))
    began = time.process_time()
    page = registry.MANY["folder"](many, tmp_path)
    assert time.process_time() - began < 3
    assert "2000 files:" in page
    assert len(page.encode()) < 5_000_000
