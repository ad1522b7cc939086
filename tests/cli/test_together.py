"""Tracks side by side, and a listening plan."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from asmrmaster.cli import main
from asmrmaster.views import html
from tests import made_reports
from tests.page_reader import Page
from tests.report.test_answers import report as judged


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_saved_reports_stand_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(judged("trauma").to_json())
    (tmp_path / "b.html").write_text(html.render(made_reports.checked("door.wav")))
    (tmp_path / "c.json").write_text("{}")
    output = tmp_path / "compare.html"
    paths = [tmp_path / name for name in ("a.json", "b.html", "c.json")]
    result = run("compare", *paths, "-o", output)
    assert result.exit_code == 2  # one could not be read
    page = Page(output.read_text())
    assert "Two tracks side by side" in page.text
    assert "Not compared: c.json" in page.text
    assert [a["href"] for a in page.all("a")] == ["./b.html"]
    assert page.text.index("Meets the profile") < page.text.index("Not as it is")
    assert run("compare", paths[0], "-o", output).exit_code == 2  # it exists
    assert run("compare", paths[0], "-o", output, "--force").exit_code == 0


def test_a_plan_is_made_but_for_what_is_not_as_it_is(tmp_path: Path) -> None:
    saved, output = tmp_path / "a.json", tmp_path / "plan.html"
    saved.write_text(judged("trauma").to_json())
    assert run("plan", saved, "-o", output).exit_code == 0
    page = Page(output.read_text())
    assert "Listening plan" in page.text
    assert "The maker says: water." in page.text
    assert "Meets the profile No sudden sound found; even throughout." in page.text
    saved.write_text(made_reports.checked().to_json())
    refused = run("plan", saved, "-o", tmp_path / "other.html")
    assert refused.exit_code == 2
    assert "is not as it is: Two sudden sounds" in refused.stderr
    assert not (tmp_path / "other.html").exists()
