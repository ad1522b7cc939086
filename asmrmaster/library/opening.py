"""Opening the file of a ledger: to write or only to read, and whether it is one at all."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from asmrmaster.errors import InputError
from asmrmaster.library.causes import LedgerDamagedError, LedgerError
from asmrmaster.library.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, TABLES

BUSY_S = 30
"""How long a reader or writer waits for another before it gives up."""
BACKUP = ".backup"
"""Follows the name of a ledger whose copy it is."""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def backup_of(ledger: Path) -> Path:
    """Where the copy of a ledger lies: beside it."""
    return ledger.with_name(f"{ledger.name}{BACKUP}")


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turns errors of SQLite and of the disk into ours; a wrong use of SQLite stays what it is."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InputError(
            "this is not text (UTF-8), and no name in a ledger is like it",
            subject=error.object,
            hint="Rename it, or type it anew",
        ) from None
    except OSError as error:
        raise _unusable(path, error) from None
    except sqlite3.Error as error:
        code = _primary(error)
        if code is None:
            raise
        if code not in _DAMAGED:
            raise _unusable(path, error) from None
        copy = backup_of(path)
        raise LedgerDamagedError(
            f"the ledger is damaged ({error})",
            subject=path,
            hint=f"Move it away and rename its copy {copy.name} to {path.name}"
            if copy.is_file()
            else "Move it away, then `asmrmaster library rebuild` finds the masters that are there",
        ) from None


def _unusable(path: Path, error: Exception) -> LedgerError:
    return LedgerError(
        f"the ledger cannot be used ({error})",
        subject=path,
        hint="Check the disk, its free space and permissions; --ledger names another file",
    )


def _primary(error: sqlite3.Error) -> int | None:
    """SQLite's code of an error, without what it says in detail; None for a wrong use of it."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None or code == sqlite3.SQLITE_MISUSE else code & 0xFF


def to_write(path: Path) -> sqlite3.Connection:
    """The ledger at ``path``, begun where there is none, in the form of now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        form = _form(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        if form < SCHEMA_VERSION:
            _bring_up_to_date(db)
    except BaseException:
        db.close()
        raise
    return db


def to_read(path: Path) -> sqlite3.Connection:
    """The ledger at ``path``, which is left as it is, wherever it lies.

    One of an earlier form is brought up to date first, or is copied to memory where it must not be.
    """
    db = _readable(path)
    try:
        if _form(db, path) == SCHEMA_VERSION:
            return db
        if _may_write(path):
            db.close()
            return to_write(path)
        copy = sqlite3.connect(":memory:", isolation_level=None)
        with closing(db):
            db.backup(copy)
        _bring_up_to_date(copy)
    except BaseException:
        db.close()
        raise
    return copy


def _readable(path: Path) -> sqlite3.Connection:
    where = path.absolute().as_uri()
    if _may_write(path):  # who may write leaves nothing lying about; who must not, may have to
        db = sqlite3.connect(f"{where}?mode=rw", timeout=BUSY_S, isolation_level=None, uri=True)
        db.execute("PRAGMA query_only = ON")
        return db
    where += "?mode=ro"
    db = sqlite3.connect(where, timeout=BUSY_S, isolation_level=None, uri=True)
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        db.close()
        log = path.with_name(f"{path.name}-wal")
        if _primary(error) not in _UNWRITABLE:
            raise
        if log.is_file() and log.stat().st_size:
            raise LedgerError(
                "a run is at work on it, or was killed, and its folder must not be written to",
                subject=path,
                hint=f"Copy it together with {log.name} to a folder of yours and look there",
            ) from None
        db = sqlite3.connect(f"{where}&immutable=1", isolation_level=None, uri=True)
    return db


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _form(db: sqlite3.Connection, path: Path) -> int:
    """The form of a ledger; 0 for a file that holds nothing yet. Raises OutputError for others."""
    form = int(db.execute("PRAGMA user_version").fetchone()[0])
    owner = db.execute("PRAGMA application_id").fetchone()[0]
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    early = owner == 0 and form in (1, 2) and {"ledger", "masters", "settings"} <= tables
    if not (early or owner == APPLICATION_ID or (owner == form == 0 and not tables)):
        raise InputError(
            "this is a database of another program, not a ledger",
            subject=path,
            hint="Let --ledger name another file; this one was left as it is",
        )
    if form > SCHEMA_VERSION:
        raise LedgerError(
            f"this ledger is of a later asmrmaster (its form is {form})",
            subject=path,
            hint="Install that version, or let --ledger name another file",
        )
    return form


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        form = db.execute("PRAGMA user_version").fetchone()[0]  # another may have been first
        for statements in [TABLES] if form == 0 else MIGRATIONS[form - 1 : SCHEMA_VERSION - 1]:
            for statement in statements.split(";\n"):
                db.execute(statement)
        if form == 0:
            db.execute("INSERT INTO ledger VALUES (?, '')", (uuid.uuid4().hex[:12],))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def back_up(db: sqlite3.Connection, ledger: Path) -> None:
    """Copy an open ledger to where its copy lies: whole or not at all, beside whoever writes."""
    part = ledger.with_name(f"{ledger.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        db.backup(copy, pages=4096)
    os.replace(part, backup_of(ledger))
