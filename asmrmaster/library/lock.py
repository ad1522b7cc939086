"""One run at a time on a ledger.

The lock is one that the operating system takes back when its holder dies, however it dies, so it
never goes stale: SQLite's own lock on a file beside the ledger, which works on every system it runs
on. The ledger itself stays open to readers.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asmrmaster.library.causes import LedgerError, LockedError

WAIT_S = 0.5
"""How often a waiting run looks again."""


@contextmanager
def alone(
    ledger: Path, holder: Callable[[], str], *, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lock of a ledger. ``holder`` says in words whose it is.

    on_wait: called once with whom it waits for; without it a lock that is taken raises OutputError.
    """
    file = ledger.with_name(f"{ledger.name}.lock")
    announced = False
    try:
        db = sqlite3.connect(file, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise _unusable(file, error) from None
    try:
        while not _take(db, file):
            if on_wait is None:
                raise LockedError(
                    f"{holder()} is at work on it",
                    subject=ledger,
                    hint="Wait for it to end, or say --wait",
                )
            if not announced:
                on_wait(f"{ledger}: waiting for {holder()}")
                announced = True
            time.sleep(WAIT_S)
        yield
    finally:
        db.close()


def _take(db: sqlite3.Connection, file: Path) -> bool:
    try:
        db.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise _unusable(file, error) from None
    return True


def _unusable(file: Path, error: sqlite3.Error) -> LedgerError:
    return LedgerError(
        f"this disk does not let a run have its ledger to itself ({error})",
        subject=file,
        hint="Let --ledger name a file on a disk of this machine",
    )
