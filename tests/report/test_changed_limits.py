"""Whoever moves a limit is seen to have moved it, on everything that is handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from asmrmaster.errors import PresetError, ReportError
from asmrmaster.presets import Profile, load
from asmrmaster.report import Report, limits_in_words, rescore
from asmrmaster.views import compare, csv, folder, html, junit, markers, plan, sheet, text
from asmrmaster.web.profile_edits import adjusted
from tests.judged import GENERAL, passing
from tests.judged import report as judged
from tests.page_reader import Page

MOVED = {"limit.O1b.max": "6", "limit.L4.max": "8", "limit.E3a.min": "1"}


def changed(**values: float | None) -> Report:
    """A report by moved limits, which make everything pass."""
    given = {
        **passing(),
        "max_band_novelty_lu": 5.5,
        "max_momentary_above_programme_lu": 6.0,
        **values,
    }
    return rescore(judged(given), adjusted("general", MOVED), "Dr. A", "30 Nov 2026")


OUTPUTS: dict[str, Callable[[Report], str]] = {
    "page": lambda r: Page(html.render(r)).text,
    "saved report": lambda r: Page(html.render(Report.from_json(r.to_json()))).text,
    "sheet": lambda r: Page(sheet.render(r)).text,
    "plan": lambda r: Page(plan.render(r)).text,
    "comparison": lambda r: Page(compare.render([compare.Entry(r)])).text,
    "folder page": lambda r: Page(folder.render([folder.Entry(r)])).text,
    "text": lambda r: " ".join(text.render(r).replace("! ", "").split()),
    "csv": lambda r: csv.render([r]),
    "junit": lambda r: junit.render([r]),
    "markers": lambda r: markers.times(r),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_output_shows_what_was_changed_and_what_the_shipped_limits_say(name: str) -> None:
    report = changed()
    assert report.verdict.startswith("meets")
    shown = OUTPUTS[name](report)
    for one in ("new kind of sound 4 → 6 (looser)", "oudest moment 12 → 8 (stricter)"):
        assert one in shown or one[0].upper() + one[1:] in shown, one
    assert "By the shipped limits: Not as it is" in shown


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_output_says_where_limits_are_the_shipped_ones(name: str) -> None:
    shown = OUTPUTS[name](judged({**passing(), "content_tags_declared": 1.0}))
    assert "shipped" in shown
    assert "changed by" not in shown


def test_the_id_alone_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "general.toml"
    path.write_text(
        'extends = "general"\nid = "general"\nversion = "1.3.0"\ndate = 2026-11-30\n'
        'status = "draft"\ntitle = "General screening"\nwhen = "x"\ntext = "y"\n'
        'drop = ["O1a"]\n[override.L4]\nrequirement = "advisory"\nreason = "z"\n'
    )
    report = rescore(judged(passing()), load(Profile, path))
    assert report.profile.standing == "changed"
    head, rest = limits_in_words(report.profile)
    assert head == "Two limits changed"
    assert "louder than anything just before asked → dropped (looser)" in rest
    assert "loudest moment, requirement required → advisory (looser)" in rest


def test_the_sentence_names_four_and_counts_the_rest() -> None:
    five = {f"limit.{key}.max": "1" for key in ("O1a", "O1b", "L3", "L4", "E2", "L5")}
    _, rest = limits_in_words(rescore(judged(passing()), adjusted("general", five)).profile)
    assert rest.count("→") == 4
    assert rest.endswith("and 2 more.")


@pytest.mark.parametrize(("limit", "value"), [("O1a.max", "13"), ("E3a.min", "0.1"),
                                              ("C4.max", "1"), ("L1.max", "-5")])  # fmt: skip
def test_a_limit_too_loose_to_say_anything_is_refused(limit: str, value: str) -> None:
    with pytest.raises(PresetError, match=r"too loose|cannot be moved"):
        adjusted("general", {f"limit.{limit}": value})


def test_a_file_judged_by_an_absurd_limit_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    base = 'extends = "general"\nid = "mine"\nversion = "1.0.0"\ndate = 2026-11-30\n'
    base += 'status = "draft"\ntitle = "Mine"\nwhen = "x"\ntext = "y"\n'
    path.write_text(f'{base}[override.O1a]\nmax = 40.0\nreason = "z"\n')
    report = rescore(judged(passing()), load(Profile, path))
    assert report.profile.standing == "own"
    assert report.answered.state == "unknown"
    path.write_text(f'{base}drop = ["C4"]\n')
    with pytest.raises(PresetError, match="C4 cannot be changed or dropped"):
        load(Profile, path)


def test_an_altered_report_is_refused() -> None:
    report = judged({**passing(), "max_band_novelty_lu": 9.0})
    data = report.to_dict()
    assert Report.from_dict(data) == report
    for change in (
        {"verdict": "meets"},
        {"state": "meets"},
        {"after": {**data["after"], "values": passing()}},
        {"profile": {**data["profile"], "sha256": "0" * 64}},
    ):
        with pytest.raises(ReportError, match="altered"):
            Report.from_dict({**data, **change})


def test_a_report_of_version_1_is_read_and_shown() -> None:
    data = judged({**passing(), "max_band_novelty_lu": 9.0}).to_dict()
    for name in ("state", "headline", "second_line", "answers", "moments", "changed_limits",
                 "shipped_result", "judgements", "notes", "made"):  # fmt: skip
        del data[name]
    data["schema"] = "asmrmaster.report/1"
    data["profile"] = {key: data["profile"][key] for key in ("id", "version", "sha256")}
    data["profile"]["sha256"] = "1" * 64  # of limits that are shipped no more
    for finding in data["findings"]:
        for name in ("group", "role", "close", "vetoed", "beyond"):
            del finding[name]
    old = Report.from_dict(data)
    assert old.answered.state == "stop"
    assert old.profile.standing == "unknown"
    assert "limits not compared" in Page(html.render(old)).text
    assert GENERAL.order == old.profile.order
