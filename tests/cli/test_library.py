"""The commands batch and library: what they print, and the codes they leave with."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from asmrmaster.cli import main
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.presets.recipe import load_profile, load_recipe
from tests.library_material import take
from tests.signals import pink


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert "Traceback" not in result.output, result.output
    return result


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``in`` and ``out``: one that meets, one that does not, one that is broken."""
    folder = tmp_path_factory.mktemp("library")
    x = pink(-30, 40)
    fade = np.minimum(1, np.arange(len(x)) / 200_000)
    (folder / "in" / "sub").mkdir(parents=True)
    soundfile.write(folder / "in" / "calm.wav", x * (fade * fade[::-1])[:, None], 48_000, "PCM_24")
    take(folder / "in" / "sub" / "short.wav")
    (folder / "in" / "bad.wav").write_bytes(b"RIFF nonsense")
    result = run("batch", folder / "in", folder / "out", "--report", folder / "reports", "--paths",
                 "--jobs", 1)  # fmt: skip
    assert result.exit_code == 3
    assert "3 takes: meets 1, meets with advisories 0, does not meet 1, no verdict 1." in (
        result.stdout
    )
    return folder


def test_the_summary_names_what_did_not_meet_or_gave_no_verdict(library: Path) -> None:
    again = run("batch", library / "in", library / "out")
    lines = again.stdout.splitlines()
    assert "0 made" in lines[1]
    assert lines.index("    sub/short.wav") > lines.index("Does not meet (1):")
    assert lines.index("    bad.wav") > lines.index("No verdict (1):")
    assert again.exit_code == 3


def test_reports_lie_in_the_same_tree(library: Path) -> None:
    saved = {p.relative_to(library / "reports") for p in (library / "reports").rglob("*.json")}
    assert saved == {
        Path("calm.wav.report.json"),
        Path("sub/short.does-not-meet.wav.report.json"),
    }


def test_exit_codes(library: Path, tmp_path: Path) -> None:
    good = library / "in" / "calm.wav"
    assert run("batch", good, library / "out").exit_code == 0
    assert run("batch", good, library / "in" / "sub", library / "out").exit_code == 1
    assert run("batch", library / "in", library / "in").exit_code == 2
    assert run("batch", library / "in").exit_code == 2
    missing = run("batch", tmp_path / "gone", tmp_path / "out")
    assert missing.exit_code == 2
    assert missing.stderr.startswith("asmrmaster: ")
    assert not (tmp_path / "out").exists()


def test_a_summary_as_json(library: Path) -> None:
    data = json.loads(run("batch", library / "in", library / "out", "--json").stdout)
    assert data["takes"] == 3
    assert [one["name"] for one in data["without"]] == ["bad.wav"]


def test_a_dry_run_says_what_it_would_do(library: Path) -> None:
    result = run("batch", library / "in", library / "out", "--preset", "whisper", "--dry-run")
    assert result.exit_code == 3
    assert "2 takes to work on" in result.stdout
    assert "bad.wav" in result.stdout.partition("In the way (1):")[2]
    assert re.search(r"calm\.wav  ->  calm\.whisper-general-\w+\.wav \(other", result.stdout)
    assert "as the others took" in result.stdout
    assert len(list((library / "out").glob("*.wav"))) == 1


def test_wrong_options_are_said_before_any_work(library: Path, tmp_path: Path) -> None:
    for words in (
        ("--preset", "wisper"), ("--set", "limiter.hold=3"), ("--jobs", "0"),
        ("--series", "same-loudness", "--watch"),
    ):  # fmt: skip
        result = run("batch", library / "in", tmp_path / "out", *words)
        assert result.exit_code == 2, words
        assert not list(tmp_path.rglob("*.wav"))


def test_list_and_its_filters(library: Path) -> None:
    out = library / "out"
    assert len(run("library", "list", out).stdout.splitlines()) == 3
    assert "calm.wav" in run("library", "list", out, "--verdict", "meets").stdout
    assert run("library", "list", out, "--state", "refused").stdout.count("bad.wav") == 1
    assert len(run("library", "list", out, "--name", "sub/*").stdout.splitlines()) == 1
    assert len(run("library", "list", out, "--limit", "2").stdout.splitlines()) == 2
    assert run("library", "list", out, "--preset", "gentle", "--limit", 1).stdout != ""
    rows = [json.loads(line) for line in run("library", "list", out, "--json").stdout.splitlines()]
    assert [row["name"] for row in rows] == ["bad.wav", "calm.wav", "sub/short.wav"]


def test_show(library: Path) -> None:
    shown = run("library", "show", library / "out", "sub/short.wav")
    assert shown.exit_code == 1
    assert "Formally: does not meet" in shown.stdout
    (report,) = json.loads(run("library", "show", library / "out", "calm.wav", "--json").stdout)
    assert report["output"]["path"] == str(library / "out" / "calm.wav")
    assert "no report" in run("library", "show", library / "out", "calm").stderr


def test_export_holds_every_figure(library: Path, tmp_path: Path) -> None:
    printed = run("library", "export", library / "out").stdout
    path = tmp_path / "library.csv"
    assert run("library", "export", library / "out", "-o", path).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    assert list(csv.DictReader(io.StringIO(printed, newline=""))) == rows
    with Ledger(default_ledger(str(library / "out"))) as ledger:
        for row in rows:
            figures = ledger.figures(row["take"], row["settings"]) or {}
            for quantity, value in figures.items():
                assert (float(row[quantity]) if row[quantity] else None) == value
    by_name = {row["name"]: row for row in rows}
    assert float(by_name["calm.wav"]["integrated_lufs"]) == pytest.approx(-24, abs=0.1)
    assert by_name["bad.wav"]["integrated_lufs"] == ""
    assert by_name["bad.wav"]["preset"] == "gentle"
    assert "exists" in run("library", "export", library / "out", "-o", path).stderr


def test_export_keeps_figures_apart_that_different_versions_measured(tmp_path: Path) -> None:
    from asmrmaster.library.export import export
    from asmrmaster.library.queries import Choice
    from asmrmaster.library.schema import Entry

    parquet = pytest.importorskip("pyarrow.parquet")
    cause = 'one, "two"\nthree\r'
    with Ledger(tmp_path / "l.db", create=True) as ledger:
        key = ledger.record(load_recipe())
        with ledger.transaction():
            ledger.save(Entry("/1", key, "1", 1, "1", cause=cause), {"old": 1.5, "both": None})
            ledger.save(Entry("/2", key, "2", 1, "1"), {"both": 2.5, "new": -3e-9})
            ledger.save(Entry("/3", key, "3", 1, "1"))
        out = io.StringIO()
        export(ledger, out, Choice())
        export(ledger, tmp_path / "l.parquet", Choice())
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    figures = [[row[name] for name in ("old", "both", "new")] for row in rows]
    assert figures == [["1.5", "", ""], ["", "2.5", "-3e-09"], ["", "", ""]]
    assert rows[0]["cause"] == cause
    assert rows[0]["preset"] == rows[2]["preset"] == load_recipe().preset.id
    numbers = {"old", "both", "new", "duration_s", "seconds", "attempts"}
    table = parquet.read_table(tmp_path / "l.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["attempts"] == "int64"
    assert kinds["finished_at"].endswith("tz=UTC]")
    assert [
        {**row, "finished_at": row["finished_at"].strftime("%Y-%m-%dT%H:%M:%SZ")}
        for row in table.to_pylist()
    ] == [
        {n: (float(v) if v else None) if n in numbers else v for n, v in row.items()}
        for row in rows
    ]


def test_export_of_takes_without_figures(tmp_path: Path) -> None:
    from asmrmaster.library.schema import Entry

    with Ledger(tmp_path / "l.db", create=True) as ledger:
        key = ledger.record(load_recipe())
        with ledger.transaction():
            ledger.save(Entry("/1", key, "1", 1, "1"))
    (row,) = csv.DictReader(run("library", "export", tmp_path / "l.db").stdout.splitlines())
    assert (row["name"], row["settings"], None in row) == ("1", key, False)


def test_export_to_parquet(library: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "library.parquet"
    assert run("library", "export", library / "out", "-o", path).exit_code == 0
    table = parquet.read_table(path).to_pylist()
    assert [row["name"] for row in table] == ["bad.wav", "calm.wav", "sub/short.wav"]
    assert table[0]["integrated_lufs"] is None
    assert table[1]["integrated_lufs"] == pytest.approx(-24, abs=0.1)


def test_rescore_judges_all_by_another_profile(library: Path) -> None:
    fresh = run("check", library / "out" / "calm.wav", "-p", "sleep", "--json")
    result = run("library", "rescore", library / "out", "-p", "sleep", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    verdicts = {row["name"]: row["verdict"] for row in rows}
    assert verdicts["calm.wav"] == json.loads(fresh.stdout)["verdict"]
    assert result.exit_code == 1
    assert f"sleep {load_profile('sleep').version}" in result.stderr


def test_verify_and_prune(library: Path, tmp_path: Path) -> None:
    takes, out = tmp_path / "in", tmp_path / "out"
    take(takes / "a.wav")
    take(takes / "b.wav", seed=1)
    run("batch", takes, out, "--jobs", 1)
    assert run("library", "verify", out).stdout == "2 of 2 masters are whole and unchanged.\n"
    master = out / "a.does-not-meet.wav"
    whole = master.read_bytes()
    master.write_bytes(whole[:-1] + b"\x55")
    result = run("library", "verify", out)
    assert result.exit_code == 2
    assert f"{master.name}: it was changed" in result.stdout
    master.unlink()
    assert f"{master.name}: it is gone" in run("library", "verify", out).stdout
    (takes / "b.wav").unlink()
    assert "1 to forget: add --yes" in run("library", "prune", out, "--masters").stdout
    assert len(run("library", "list", out).stdout.splitlines()) == 2
    run("library", "prune", out, "--masters", "--yes")
    assert len(run("library", "list", out).stdout.splitlines()) == 1
    assert list(out.glob("*.wav")) == []
    (takes / "a.wav").unlink()
    result = run("library", "prune", out, "--yes")
    assert (result.exit_code, result.stdout) == (2, "0 forgotten.\n")
    assert f"{takes}: none of its takes (1) is there" in result.stderr
    result = run("library", "prune", out, "--yes", "--deleted", takes)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "1 forgotten.")


def test_a_series_says_its_aim(tmp_path: Path) -> None:
    for number in range(2):
        take(tmp_path / "in" / f"{number}.wav", seed=number)
    result = run("batch", tmp_path / "in", tmp_path / "out", "--series", "same-loudness",
                 "--jobs", 1)  # fmt: skip
    assert "Every take aims at -24 LUFS." in result.stdout
    assert "None stands out." in result.stdout
    data = json.loads(run("batch", tmp_path / "in", tmp_path / "out", "--series", "same-loudness",
                          "--json").stdout)  # fmt: skip
    assert data["aim"] == {"target_lufs": -24.0}
    assert data["made"] == 0


def test_looking_into_nothing_is_said(tmp_path: Path) -> None:
    result = run("library", "list", tmp_path)
    assert result.exit_code == 2
    assert "there is no ledger" in result.stderr


def test_names_with_brackets_stars_and_question_marks(tmp_path: Path) -> None:
    names = ("[ASMR] rain?.wav", "b*.wav", "plain.wav")
    for name in names:
        take(tmp_path / "in" / name)
    ledger = tmp_path / "l.db"
    run("batch", tmp_path / "in", tmp_path / "out", "--ledger", ledger, "--jobs", 1)
    assert run("library", "verify", ledger).stdout == "3 of 3 masters are whole and unchanged.\n"
    for name in names:
        assert name in run("library", "show", ledger, name, "--json").stdout
        assert len(run("library", "list", ledger, "--name", name).stdout.splitlines()) == 1
    assert len(run("library", "list", ledger, "--name", "[ASMR]*").stdout.splitlines()) == 1
    assert len(run("library", "list", ledger, "--name", "SMR] r").stdout.splitlines()) == 1


def test_a_choice_that_cannot_be_meant_is_an_error(library: Path) -> None:
    out = library / "out"
    assert run("library", "list", out, "--state", "foo").exit_code == 2
    assert run("library", "list", out, "--verdict", "foo").exit_code == 2
    unknown = run("library", "list", out, "--preset", "foo")
    assert (unknown.exit_code, "It has: gentle" in unknown.stderr) == (2, True)


def test_a_name_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    take(tmp_path / "in" / "a\n\x1b[31mred.wav")
    result = run("batch", tmp_path / "in", tmp_path / "out", "--jobs", 1, "--full")
    listed = run("library", "list", tmp_path / "out")
    for shown in (result, listed):
        assert "\x1b" not in shown.output
        assert "a\\n\\x1b[31mred.wav" in shown.output


def test_a_summary_fits_on_a_screen_unless_all_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(50):
        (tmp_path / "in" / f"{number}.wav").touch()
    words = ("batch", tmp_path / "in", tmp_path / "out", "--jobs", 1)
    short = run(*words).stdout
    assert len(short.splitlines()) <= 24
    assert "and 44 more" in short
    assert run(*words, "--full").stdout.count(".wav") == 50


def test_reports_are_written_whenever_they_are_wanted(library: Path, tmp_path: Path) -> None:
    result = run("library", "report", library / "out", tmp_path, "--as", "json", "--as", "csv",
                 "--as", "junit")  # fmt: skip
    assert result.exit_code == 0
    assert result.stdout.startswith("2 reports in ")
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == {
        "calm.wav.report.json", "sub/short.does-not-meet.wav.report.json",
        "reports.csv", "reports.xml",
    }  # fmt: skip
    assert len((tmp_path / "reports.csv").read_text().splitlines()) == 3
    again = run("library", "report", library / "out", tmp_path, "--as", "csv")
    assert (again.exit_code, "exists already" in again.stderr) == (2, True)
    # A finished library writes them, too.
    run("batch", library / "in", library / "out", "--report", tmp_path / "later")
    assert len(list((tmp_path / "later").rglob("*.report.html"))) == 2


def test_a_table_has_the_form_its_name_says(library: Path, tmp_path: Path) -> None:
    for name in ("a.json", "a.jsonl"):
        assert run("library", "export", library / "out", "-o", tmp_path / name).exit_code == 0
    rows = json.loads((tmp_path / "a.json").read_text())
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert rows == [json.loads(line) for line in lines]
    by_name = {row["name"]: row for row in rows}
    assert by_name["calm.wav"]["integrated_lufs"] == pytest.approx(-24, abs=0.1)
    assert by_name["bad.wav"]["integrated_lufs"] is None
    refused = run("library", "export", library / "out", "-o", tmp_path / "a.xlsx")
    assert (refused.exit_code, ".parquet" in refused.stderr) == (2, True)
    assert not (tmp_path / "a.xlsx").exists()


def test_a_lost_ledger_is_made_anew(library: Path, tmp_path: Path) -> None:
    out = shutil.copytree(library / "out", tmp_path / "out")
    ledger = tmp_path / "new.db"
    shutil.copytree(out / ".asmrmaster" / "ledger.reports", tmp_path / "new.reports")
    # Reports name the masters by where they were made.
    result = run("library", "rebuild", library / "out", "--ledger", ledger)
    assert (result.exit_code, result.stdout.partition(".")[0]) == (0, "2 masters are known again")
    again = run("batch", library / "in", library / "out", "--ledger", ledger, "--jobs", 1)
    assert "3 takes: meets 1, meets with advisories 0, does not meet 1, no verdict 1." in (
        again.stdout
    )
    assert "0 made" in again.stdout
    assert run("library", "verify", ledger).exit_code == 0
    assert run("library", "rebuild", library / "out", "--ledger", ledger).exit_code == 2
    from_saved = tmp_path / "saved.db"
    run("library", "rebuild", library / "out", library / "reports", "--ledger", from_saved)
    assert len(run("library", "list", from_saved).stdout.splitlines()) == 2


def test_files_are_judged_without_masters_and_their_verdicts_are_kept(
    library: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "delivered"
    folder.mkdir()
    shutil.copy(library / "out" / "calm.wav", folder / "calm.wav")
    (folder / "bad.wav").write_bytes(b"RIFF nonsense")
    first = run("batch", "--check", folder, "--jobs", 1)
    assert first.exit_code == 3
    assert "1 judged" in first.stdout
    assert sorted(path.name for path in folder.iterdir()) == [".asmrmaster", "bad.wav", "calm.wav"]
    assert "0 judged" in run("batch", "--check", folder).stdout
    fresh = json.loads(run("check", folder / "calm.wav", "--json").stdout)
    (row,) = run("library", "list", folder, "--verdict", fresh["verdict"], "--json").stdout.split(
        "\n"
    )[:-1]
    assert json.loads(row)["profile"] == "general"
    (kept,) = json.loads(run("library", "show", folder, "calm.wav", "--json").stdout)
    assert kept["input"] | {"path": "calm.wav"} == fresh["input"]
    assert run("library", "verify", folder).exit_code == 0
    (folder / "calm.wav").write_bytes(b"other")
    wrong = run("library", "verify", folder)
    assert (wrong.exit_code, "since it was checked" in wrong.stdout) == (2, True)
    unclear = run("batch", "--check", folder / "calm.wav")
    assert (unclear.exit_code, "--ledger" in unclear.stderr) == (2, True)


@pytest.mark.parametrize(
    "words", [("list", "--name"), ("list", "--preset"), ("show",), ("prune", "--deleted")]
)
def test_bytes_that_are_no_text_are_said_to_be(library: Path, words: tuple[str, ...]) -> None:
    command, *option = words
    result = run("library", command, library / "out", *option, "\udcff")
    assert result.exit_code in (0, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
