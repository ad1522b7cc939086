"""The ledger: which take became which master, by which preset, profile and version.

One SQLite file (write-ahead log, every commit on the disk before it counts). A master is entered
*before* it gets its name: its entry says where it is staged and what it is to be called, so that
whatever moment a run is killed at, the next one finishes what was entered and forgets the rest.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from asmrmaster.errors import InputError, OutputError
from asmrmaster.library import report_files
from asmrmaster.library.opening import back_up, plainly, to_read, to_write
from asmrmaster.library.paths import is_remote
from asmrmaster.library.schema import COLUMNS, UPSERT, Entry

if TYPE_CHECKING:  # looking into a ledger needs no numerical library
    from asmrmaster.presets.recipe import Recipe
    from asmrmaster.report import Reference

SETTINGS = "INSERT INTO settings VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
WORK_FOLDER = ".asmrmaster"
"""Our folder among the masters: the ledger, and what is not finished."""


def settings_key(recipe: Recipe) -> str:
    """What distinguishes choices of settings: a hash of preset and profile with all values."""
    return key_of(recipe.preset.sha256, recipe.profile.sha256)


def key_of(preset_sha256: str, profile_sha256: str) -> str:
    """The key of a choice of settings, from the hashes of its preset and its profile."""
    import hashlib

    both = f"{preset_sha256} {profile_sha256}"
    return hashlib.sha256(both.encode()).hexdigest()[:16]


def default_ledger(out: str, *, checks: bool = False) -> Path:
    """Where the ledger lies by default. OutputError for object storage, which holds none.

    checks: the one of files that are only checked; masters may lie in the same folder.
    """
    if is_remote(out):
        raise OutputError(
            "a ledger cannot lie in object storage",
            subject=out,
            hint="Say --ledger FILE, on a disk of this machine",
        )
    return Path(out) / WORK_FOLDER / ("checks.db" if checks else "ledger.db")


class Ledger:
    """An open ledger. Raises OutputError in plain words where the file cannot be used."""

    def __init__(self, path: Path, *, create: bool = False, write: bool = True) -> None:
        """Open the ledger, or begin one. InputError where there is none and none may be made.

        write: whether it is to be changed; without it a file nobody may write to can be read, too.
        """
        if not create and not (path.is_file() and path.stat().st_size):
            raise InputError(
                "there is no ledger",
                subject=path,
                hint="Name the folder a batch has written to, or its ledger",
            )
        self.path, self.writable = path, create or write
        with plainly(path):
            self._db = to_write(path) if self.writable else to_read(path)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: all changes inside or none, on the disk when the block is left."""
        with plainly(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, as they come."""
        with plainly(self.path):
            yield from self._db.execute(query, values)

    def first_row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        with plainly(self.path):
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return row

    @property
    def id(self) -> str:
        """Identifies this ledger among all others."""
        row = self.first_row("SELECT id FROM ledger")
        assert row is not None
        return str(row[0])

    @property
    def out(self) -> str:
        """The folder of the masters: the one it lies in, or else the one it was begun for."""
        if self.path.parent.name == WORK_FOLDER:
            return str(self.path.absolute().parent.parent)
        row = self.first_row("SELECT out FROM ledger")
        return "" if row is None else str(row[0])

    def bind(self, out: str) -> None:
        """Bind it to a folder of masters; OutputError where it is bound to another."""
        if not self.out:
            with self.transaction():
                self._db.execute("UPDATE ledger SET out = ?", (out,))
        elif self.out != out:
            raise OutputError(
                f"this ledger is of the masters in {self.out}",
                subject=self.path,
                hint="Let --ledger name another file",
            )

    def add_roots(self, roots: Iterable[str]) -> None:
        """Add folders that takes are looked for in."""
        with self.transaction():
            self._db.executemany("INSERT OR IGNORE INTO roots VALUES (?)", ((r,) for r in roots))

    def roots(self) -> list[str]:
        """The folders that takes were ever looked for in."""
        return [place for (place,) in self.rows("SELECT place FROM roots")]

    # --- runs -------------------------------------------------------------------------------------

    def begin(self) -> int:
        """Record that a run begins; returns its number."""
        values = (socket.gethostname(), os.getpid(), time.time())
        with self.transaction():
            row = self._db.execute(
                "INSERT INTO runs (host, pid, started_at) VALUES (?, ?, ?) RETURNING id", values
            ).fetchone()
        return int(row[0])

    def end(self, run: int) -> None:
        """Record that a run came to its end."""
        with self.transaction():
            self._db.execute("UPDATE runs SET ended_at = ? WHERE id = ?", (time.time(), run))

    def holder(self) -> str:
        """The run that began last, in words."""
        row = self.first_row("SELECT host, pid, started_at FROM runs ORDER BY id DESC LIMIT 1")
        if row is None:
            return "another run"
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row[2]))
        return f"the run on {row[0]} (process {row[1]}, since {since})"

    # --- settings ---------------------------------------------------------------------------------

    def record(self, recipe: Recipe, *, check: bool = False) -> str:
        """Record a choice of settings with all its values; returns its key.

        check: takes are only judged, and no preset is used.
        """
        preset, profile = recipe.preset, recipe.profile
        made = ("", "", "") if check else (preset.id, preset.version, preset.sha256)
        key = key_of(made[2], profile.sha256)
        with self.transaction():
            self._db.execute(
                f"{SETTINGS} ON CONFLICT (key) DO UPDATE SET recipe = excluded.recipe"
                " WHERE recipe = '{}'",
                (
                    key,
                    *made,
                    *(profile.id, profile.version, profile.sha256),
                    json.dumps(
                        {
                            "preset": None if check else preset.model_dump(mode="json"),
                            "profile": profile.model_dump(mode="json"),
                        }
                    ),
                ),
            )
        return key

    def record_reference(self, key: str, preset: Reference, profile: Reference) -> None:
        """Record a choice of settings of which only names and hashes are known."""
        both = [(one.id, one.version, one.sha256) for one in (preset, profile)]
        with self.transaction():
            self._db.execute(
                f"{SETTINGS} ON CONFLICT (key) DO NOTHING", (key, *both[0], *both[1], "{}")
            )

    # --- entries ----------------------------------------------------------------------------------

    def entries(self, take: str) -> dict[str, Entry]:
        """What is known of a take, by settings."""
        found = map(Entry._make, self.rows(f"SELECT {COLUMNS} FROM masters WHERE take = ?", take))
        return {entry.settings: entry for entry in found}

    def select(self, where: str = "", *values: object) -> Iterator[Entry]:
        """Entries that fit a condition on the table ``masters``, in order of names."""
        query = f"SELECT {COLUMNS} FROM masters {where and 'WHERE ' + where} ORDER BY name, take"
        return map(Entry._make, self.rows(query, *values))

    def save(
        self,
        entry: Entry,
        values: Mapping[str, float | None] | None = None,
        report: bytes | None = None,
    ) -> None:
        """Add or change one take; its figures and report stay unless new ones are given.

        report: as ``packed`` made it. Call inside a ``transaction``.
        """
        shape, figures = (None, "[]") if values is None else self._figures(values)
        kept = "" if report is None else report_files.keep(self.path, report)
        self._db.execute(UPSERT, (*entry, kept, shape, figures))

    def _figures(self, values: Mapping[str, float | None]) -> tuple[int, str]:
        """Which quantities, and their values as a JSON list: as small and quick as can be."""
        names = json.dumps(list(values))
        row = self._db.execute("SELECT id FROM shapes WHERE quantities = ?", (names,)).fetchone()
        if row is None:
            row = self._db.execute(
                "INSERT INTO shapes (quantities) VALUES (?) RETURNING id", (names,)
            ).fetchone()
        return int(row[0]), json.dumps(list(values.values()), separators=(",", ":"))

    def remove(self, entry: Entry) -> None:
        """Forget an entry. Call inside a ``transaction``."""
        self._db.execute(
            "DELETE FROM masters WHERE take = ? AND settings = ?", (entry.take, entry.settings)
        )

    def rename(self, old: Entry, new: Entry, report: bytes | None) -> None:
        """Record a take under the place it has now. Call inside a ``transaction``."""
        self.remove(new)
        self._db.execute(
            "UPDATE masters SET take = ? WHERE take = ? AND settings = ?",
            (new.take, old.take, old.settings),
        )
        self.save(new, report=report)

    def replaced(self, entry: Entry) -> None:
        """Mark other masters of this take under the same name as replaced by this one."""
        self._db.execute(
            "UPDATE masters SET state = 'replaced', output_sha256 = '', staged = ''"
            " WHERE take = ? AND settings != ? AND output = ? AND state = 'done'",
            (entry.take, entry.settings, entry.output),
        )

    def report(self, entry: Entry) -> str | None:
        """The report on a take as JSON text, or None."""
        row = self.first_row(
            "SELECT report, data FROM masters LEFT JOIN reports ON id = master"
            " WHERE take = ? AND settings = ?",
            entry.take,
            entry.settings,
        )
        return None if row is None else self.report_text(*row)

    def report_text(self, sha256: str, data: bytes | None) -> str | None:
        """The text of a report, by its hash, or as a ledger of an early form has it in itself."""
        if sha256:
            return report_files.kept(self.path, sha256)
        return None if data is None else report_files.unpacked(data)

    def move_reports_out(self) -> None:
        """Lay the reports that a ledger of an early form has in itself beside it."""
        some = "SELECT master, data FROM reports LIMIT 500"
        while rows := list(self.rows(some)):
            with self.transaction():
                for master, data in rows:
                    text = report_files.unpacked(data)
                    kept = report_files.keep(self.path, report_files.packed(text))
                    self._db.execute("UPDATE masters SET report = ? WHERE id = ?", (kept, master))
                    self._db.execute("DELETE FROM reports WHERE master = ?", (master,))
            if len(rows) < 500:
                self._db.execute("VACUUM")

    def back_up(self) -> None:
        """Copy the ledger to beside itself. Raises OutputError."""
        with plainly(self.path):
            back_up(self._db, self.path)

    def figures(self, take: str, settings: str) -> dict[str, float | None] | None:
        """The figures of a master that was made, by quantity."""
        row = self.first_row(
            "SELECT quantities, figures FROM masters JOIN shapes ON shapes.id = shape"
            " WHERE take = ? AND settings = ? AND state = 'done'",
            take,
            settings,
        )
        return None if row is None else dict(zip(*map(json.loads, row), strict=True))

    # --- series -----------------------------------------------------------------------------------

    def survey(self, take: str, settings: str, stamp: str) -> dict[str, float] | None:
        """What was surveyed of a take as it is now, or None."""
        query = "SELECT data FROM surveys WHERE take = ? AND settings = ? AND stamp = ?"
        row = self.first_row(query, take, settings, stamp)
        return None if row is None else json.loads(row[0])

    def record_survey(
        self, take: str, settings: str, stamp: str, data: Mapping[str, float]
    ) -> None:
        """Record what was surveyed of a take."""
        with self.transaction():
            values = (take, settings, stamp, json.dumps(data))
            self._db.execute("INSERT OR REPLACE INTO surveys VALUES (?, ?, ?, ?)", values)

    def series(self, folder: str, key: str) -> dict[str, float] | None:
        """What was aimed at for a series, or None."""
        query = "SELECT data FROM series WHERE folder = ? AND settings = ?"
        row = self.first_row(query, folder, key)
        return None if row is None else json.loads(row[0])

    def record_series(self, folder: str, key: str, data: Mapping[str, float]) -> None:
        """Record what is aimed at for a series."""
        with self.transaction():
            values = (folder, key, json.dumps(data))
            self._db.execute("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", values)
