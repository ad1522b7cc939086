"""What is handed on names files, and says nothing of where they lie, unless that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.report import Next, Report, StageData
from asmrmaster.views import files
from tests.cli.test_commands import run
from tests.cli.test_verify import sound


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("annas-secret-folder")
    path = sound(folder / "rain.wav")
    report = engine.check(path)
    return path, report.model_copy(
        update={
            "next": Next(reason="so", advice="do", command=f"asmrmaster master {path} --target 1"),
            "chain": (StageData(stage="plugin", parameters={"path": f"{folder}/warm.vst3"}),),
        }
    )


def test_saved_reports_name_files_and_not_where_they_lie(
    checked: tuple[Path, Report], tmp_path: Path
) -> None:
    _, report = checked
    for saved in files.save(report, tmp_path / "a"):
        text = saved.read_text()
        assert "secret" not in text, saved.name
        assert "rain.wav" in text, saved.name
    assert "media" in (tmp_path / "a" / "rain.wav.report.html").read_text()
    told = files.save(report, tmp_path / "b", audio=False, places=True)
    assert [path.suffix for path in told if "secret" in path.read_text()] == [
        ".json", ".txt", ".html",
    ]  # fmt: skip


def test_the_command_line_does_the_same(checked: tuple[Path, Report], tmp_path: Path) -> None:
    path, _ = checked
    out = tmp_path / "out"
    assert "secret" not in run("check", path, "--json", "--report", out, "--no-audio").stdout
    assert not [one for one in out.iterdir() if "secret" in one.read_text()]
    assert str(path) in run("check", path, "--json", "--paths").stdout


def test_a_page_is_made_anew_with_its_sound_from_a_report_beside_it(
    checked: tuple[Path, Report], tmp_path: Path
) -> None:
    path, report = checked
    (saved, *_) = files.save(report, path.parent / "reports", audio=False)
    page = tmp_path / "page.html"
    assert run("view", saved, "--as", "html", "-o", page).exit_code == 0
    assert "data:audio" in page.read_text()
    assert "secret" not in page.read_text()
