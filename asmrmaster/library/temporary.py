"""Folders for what a worker fetches: gone when it is done, or swept up after it was killed.

Each has a lock beside it that the system takes back when its holder dies, however it dies; whoever
comes next on that machine removes the folders whose lock is free.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".lock"


def base() -> Path:
    """Where the folders of this user lie; nobody else may look into it."""
    folder = Path(tempfile.gettempdir(), f"asmrmaster-work-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix="asmrmaster-"))  # somebody else was there first
    return folder


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder for as long as the context lasts; what dead ones left is swept before."""
    where = base()
    sweep(where)
    folder = where / os.urandom(8).hex()
    lock = where / f"{folder.name}{LOCK}"
    with lock.open("x") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def sweep(where: Path) -> None:
    """Remove the folders of processes that are no more."""
    for lock in where.glob(f"*{LOCK}"):
        with suppress(OSError), lock.open("r") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its holder lives
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
