"""The ledger: what is entered stays, whole or not at all, and one run has it to itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from asmrmaster.errors import InputError, OutputError, ReportError
from asmrmaster.library import report_files
from asmrmaster.library.ledger import Ledger, settings_key
from asmrmaster.library.lock import alone
from asmrmaster.library.maintenance import orphans, prune
from asmrmaster.library.opening import backup_of
from asmrmaster.library.report_files import packed
from asmrmaster.library.schema import SCHEMA_VERSION, Entry
from asmrmaster.presets.recipe import load_recipe

HOLD = """
import sys
from pathlib import Path
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.lock import alone
with Ledger(Path(sys.argv[1]), create=True) as ledger, alone(ledger.path, ledger.holder):
    ledger.begin()
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", create=True) as opened:
        yield opened


def entry(key: str, take: str = "/in/a.wav", **fields: Any) -> Entry:
    return Entry(take, key, take.rpartition("/")[2], 10, "10:1")._replace(**fields)


def save(ledger: Ledger, one: Entry, **more: Any) -> None:
    with ledger.transaction():
        ledger.save(one, **more)


def test_what_is_entered_comes_back(ledger: Ledger) -> None:
    key = ledger.record(load_recipe())
    one = entry(key, state="done", verdict="meets", output="a.wav", seconds=1.5)
    save(ledger, one, values={"integrated_lufs": -24.0, "gaps": None}, report=packed('{"a": 1}'))
    with Ledger(ledger.path) as again:
        assert again.entries("/in/a.wav") == {key: one}
        assert again.report(one) == '{"a": 1}'
        assert list(again.select("verdict = ?", "meets")) == [one]


def test_a_change_keeps_figures_and_report_unless_new_ones_come(ledger: Ledger) -> None:
    key = ledger.record(load_recipe())
    one = entry(key, state="done")
    save(ledger, one, values={"integrated_lufs": -24.0}, report=packed("{}"))
    save(ledger, one._replace(stamp="10:2"))
    assert ledger.report(one) == "{}"
    figures = "SELECT figures, quantities FROM masters JOIN shapes ON shapes.id = shape"
    assert ledger.first_row(figures) == ("[-24.0]", '["integrated_lufs"]')
    save(ledger, one, values={"integrated_lufs": -20.0, "gaps": None}, report=packed("[]"))
    assert ledger.report(one) == "[]"
    assert ledger.first_row(figures) == ("[-20.0,null]", '["integrated_lufs", "gaps"]')
    assert ledger.first_row("SELECT count(*) FROM masters") == (1,)


def test_pruning_forgets_reports_nobody_has_any_more(ledger: Ledger, tmp_path: Path) -> None:
    key = ledger.record(load_recipe())
    here, away = tmp_path / "here.wav", tmp_path / "away.wav"
    here.touch()
    ledger.add_roots([str(tmp_path)])
    for number, path in enumerate((here, away)):
        save(ledger, entry(key, str(path)), values={}, report=packed(f"[{number}]"))
    assert len(list(report_files.all_kept(ledger.path))) == 2
    assert prune(ledger, orphans(ledger), masters=False) == 1
    assert len(list(report_files.all_kept(ledger.path))) == 1
    assert ledger.report(entry(key, str(here))) == "[0]"


def test_a_report_that_was_changed_is_not_taken_for_the_one_that_was_kept(ledger: Ledger) -> None:
    key = ledger.record(load_recipe())
    save(ledger, entry(key), report=packed("{}"))
    ((_, file),) = report_files.all_kept(ledger.path)
    file.write_bytes(packed("[]"))
    with pytest.raises(ReportError, match="changed or damaged"):
        ledger.report(entry(key))
    file.unlink()
    with pytest.raises(ReportError, match="cannot be read"):
        ledger.report(entry(key))


def test_a_transaction_is_whole_or_nothing(ledger: Ledger) -> None:
    key = ledger.record(load_recipe())

    def breaks_off() -> None:
        with ledger.transaction():
            ledger.save(entry(key))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert list(ledger.select()) == []
    save(ledger, entry(key))
    assert len(list(ledger.select())) == 1


def test_settings_are_told_apart_by_all_they_hold(ledger: Ledger) -> None:
    recipes = [
        load_recipe(),
        load_recipe("whisper"),
        load_recipe(profile="sleep"),
        load_recipe(eq="warm"),
        load_recipe(settings={"target.integrated_lufs": -26}),
    ]
    assert len({settings_key(one) for one in recipes}) == len(recipes)
    assert settings_key(load_recipe()) == ledger.record(recipes[0])
    kept = ledger.first_row("SELECT preset, preset_sha256 FROM settings")
    assert kept == ("gentle", recipes[0].preset.sha256)


def test_none_is_begun_by_looking(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no ledger"):
        Ledger(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_ledger_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(OutputError, match="Move it away"):
        Ledger(path)


def test_a_ledger_of_a_later_version_is_left_alone(ledger: Ledger) -> None:
    with sqlite3.connect(ledger.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(OutputError, match="later asmrmaster"):
        Ledger(ledger.path)


def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(ledger: Ledger) -> None:
    early(ledger.path, 1)
    with Ledger(ledger.path) as opened:
        opened.add_roots(["/in", "/in"])
        assert opened.roots() == ["/in"]
        assert opened.first_row("PRAGMA user_version") == (SCHEMA_VERSION,)


def early(path: Path, form: int) -> None:
    """Makes a ledger what it was in an early form, with its reports in itself."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "ALTER TABLE masters DROP COLUMN code; ALTER TABLE masters DROP COLUMN report;"
            f"PRAGMA application_id = 0; PRAGMA user_version = {form}"
        )
        if form == 1:
            db.executescript("DROP TABLE roots; DROP INDEX by_name")
        db.execute(
            "INSERT INTO reports SELECT id, ? FROM masters", (zlib.compress(b'{"early": 1}'),)
        )
        db.commit()


@pytest.mark.parametrize("form", [1, 2])
def test_an_early_ledger_gives_its_reports_and_then_lays_them_beside_itself(
    ledger: Ledger, form: int
) -> None:
    key = ledger.record(load_recipe())
    save(ledger, entry(key, state="done"), values={"integrated_lufs": -24.0})
    early(ledger.path, form)
    with Ledger(ledger.path) as opened:
        assert opened.report(entry(key)) == '{"early": 1}'
        opened.move_reports_out()
        assert opened.first_row("SELECT count(*) FROM reports") == (0,)
        assert opened.report(entry(key)) == '{"early": 1}'
        assert opened.figures("/in/a.wav", key) == {"integrated_lufs": -24.0}


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE photos (name TEXT); PRAGMA user_version = 2")
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(InputError, match="another program"):
            Ledger(path, create=create)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


READ = """
import os, sys
from pathlib import Path
from asmrmaster.library.ledger import Ledger
os.setgid(65534)
os.setuid(65534)
with Ledger(Path(sys.argv[1]), write=False) as ledger:
    print([entry.name for entry in ledger.select()])
"""


@pytest.mark.parametrize("form", [2, SCHEMA_VERSION])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_ledger_is_read_by_those_who_must_not_write(form: int) -> None:
    # Not in the folder of the tests, which nobody else may enter.
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "ledger.db")
        with Ledger(path, create=True) as ledger:
            save(ledger, entry(ledger.record(load_recipe())))
        if form == 2:
            early(path, form)
        path.parent.chmod(0o555)
        path.chmod(0o444)
        before = path.read_bytes()
        found = subprocess.run(
            [sys.executable, "-c", READ, path], capture_output=True, text=True, check=False
        )
        assert found.stdout == "['a.wav']\n", found.stderr
        assert path.read_bytes() == before
        assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_looking_into_a_ledger_leaves_nothing_behind(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", create=True):
        pass
    before = (tmp_path / "ledger.db").read_bytes()
    with Ledger(tmp_path / "ledger.db", write=False) as ledger:
        assert list(ledger.select()) == []
        with pytest.raises(OutputError):
            ledger.begin()
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_the_copy_of_a_damaged_ledger_takes_its_place(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db", create=True) as ledger:
        key = ledger.record(load_recipe())
        save(ledger, entry(key, state="done"), report=packed("{}"))
        ledger.back_up()
    ledger.path.write_bytes(b"not a database" * 1000)
    with pytest.raises(OutputError, match=r"ledger\.db\.backup") as error:
        Ledger(ledger.path)
    assert error.value.exit_code == 5
    backup_of(ledger.path).replace(ledger.path)
    with Ledger(ledger.path) as again:
        assert again.report(entry(key)) == "{}"


def test_a_wrong_use_of_sqlite_is_no_damage(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(sqlite3.ProgrammingError):
        pool.submit(lambda: ledger.id).result()


def test_a_full_disk_is_said_to_be(ledger: Ledger) -> None:
    key = ledger.record(load_recipe())
    ledger._db.execute("PRAGMA max_page_count = 1")  # what SQLite calls full
    with pytest.raises(OutputError, match=r"full.*free space"):
        save(ledger, entry(key, cause="0" * 1_000_000))


def test_a_ledger_belongs_to_one_folder(ledger: Ledger) -> None:
    ledger.bind("/masters")
    ledger.bind("/masters")
    with pytest.raises(OutputError, match="of the masters in /masters"):
        ledger.bind("/others")


def _holder(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is told a line."""
    words: list[str | Path] = [sys.executable, "-c", HOLD, path]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_one_run_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    other = _holder(path)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with Ledger(path) as ledger:
            with (
                pytest.raises(OutputError, match=rf"process {other.pid}, since .* is at work"),
                alone(path, ledger.holder),
            ):
                pass
            other.kill()  # however it dies, the lock is free
            other.wait()
            with alone(path, ledger.holder):
                pass
    finally:
        other.kill()
        other.communicate()


def test_a_run_can_wait_for_another(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    other = _holder(path)
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "held\n"
    told: list[str] = []

    def wait(message: str) -> None:
        told.append(message)
        other.communicate("go\n")

    with Ledger(path) as ledger, alone(path, ledger.holder, on_wait=wait):
        assert other.returncode == 0
    assert len(told) == 1
    assert str(other.pid) in told[0]
