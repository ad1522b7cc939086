"""Putting a finished file in its place: whole or not at all, and never over another unasked."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from asmrmaster.audio.validation import unwritable
from asmrmaster.errors import AsmrmasterError, OutputError

_BEGINS = ".asmrmaster-"
YOUNG_S = 60.0
"""A draft that was written to a moment ago may be one that is just being made."""


def check_target(path: Path, takes: Iterable[Path] = (), force: bool = False) -> None:
    """OutputError if ``path`` may not or cannot be written.

    It may not lie in a missing or protected folder, be one of the takes (by whatever name: links
    are followed), be a folder, or exist already, unless ``force``.
    """
    for take in takes:
        if _same(path, take):
            raise OutputError(
                f"this is the take {take}, which is never written over",
                subject=path,
                hint="Choose another name",
            )
    try:
        if path.is_dir():
            raise OutputError("this is a folder", subject=path, hint="Add the name of a file")
    except OSError as error:
        raise unwritable(error, path) from None
    if not force and os.path.lexists(path):
        raise _exists(path)
    with Draft(path):  # the one sure way to know whether a file can be made there
        pass


def _same(path: Path, take: Path) -> bool:
    try:
        return path.samefile(take)
    except OSError:  # one of them does not exist
        return path.resolve() == take.resolve()


def _exists(path: Path) -> OutputError:
    return OutputError(
        "a file of this name exists already",
        subject=path,
        hint="Choose another name, or say --force to replace it",
    )


_REPLACES = os.name != "nt"  # whether renaming replaces what has the new name


class Draft:
    """A hidden file beside the destination, gone on leaving unless it was published.

        with Draft(final) as draft:
            write(sound, draft.path, format)
            draft.publish(final)

    ``path`` ends as the destination does, so that its name says the format. Raises OutputError.
    """

    def __init__(self, final: Path) -> None:
        self._final = final
        self.path = final.with_name(f"{_BEGINS}{secrets.token_hex(6)}.part{final.suffix}")
        self._held = -1

    def __enter__(self) -> Draft:
        sweep(self.path.parent)
        try:
            self.path.open("xb").close()
        except OSError as error:
            raise unwritable(error, self.path.parent) from None
        self._held = _held(self.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # a folder that has gone takes the draft with it
            self.path.unlink(missing_ok=True)
        if self._held >= 0:
            os.close(self._held)
        if isinstance(error, AsmrmasterError) and error.subject == str(self.path):
            error.subject = str(self._final)  # the draft's name means nothing to anyone

    def publish(self, final: Path, force: bool = False) -> Path:
        """Give the draft its name ``final``, in the same folder, once it is safely on the disk.

        The name appears at once with all of the file behind it. Without ``force`` a file that has
        that name is left alone, even one that came up this very moment: OutputError.
        """
        return place(self.path, final, force)


def sweep(folder: Path) -> None:
    """Take away drafts that a process left which was killed: nobody holds them any more.

    Where a file system does not tell who holds what, they stay.
    """
    try:
        left = [one for one in os.scandir(folder) if one.name.startswith(_BEGINS)]
    except OSError:
        return
    for one in left:
        path = Path(one.path)
        with suppress(OSError):
            if ".part" not in one.name or one.stat().st_mtime > time.time() - YOUNG_S:
                continue
            if (held := _held(path)) >= 0:
                path.unlink()
                os.close(held)


def _held(path: Path) -> int:
    """A handle that holds a file until it is closed, or its process ends in any way (flock(2)).

    -1 where somebody else holds it, or the system has no such thing.
    """
    try:
        import fcntl
    except ImportError:
        return -1
    handle = -1
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if handle >= 0:
            os.close(handle)
        return -1
    return handle


def place(part: Path, final: Path, force: bool = False) -> Path:
    """Give a finished file on the same disk its name ``final``, as ``Draft.publish`` does."""
    try:
        flush(part)
        if force:
            os.replace(part, final)
        else:
            _rename_to_new(part, final)
        _flush_folder(final.parent)
    except FileExistsError:
        raise _exists(final) from None
    except OSError as error:
        raise unwritable(error, final) from None
    return final


def _rename_to_new(part: Path, final: Path) -> None:
    """Rename, or raise FileExistsError; no moment lies between looking and doing."""
    if not _REPLACES:
        os.rename(part, final)
        return
    try:
        os.link(part, final)
        part.unlink()
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name first, then fill it
        final.open("xb").close()
        os.replace(part, final)


def flush(path: Path) -> None:
    """Have what was written into a file on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Write the folder's list of names to disk, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
