"""Putting a finished file in its place: whole or not at all, and never over another unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from asmrmaster.audio.validation import unwritable
from asmrmaster.errors import AsmrmasterError, OutputError


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
        self.path = final.with_name(f".asmrmaster-{secrets.token_hex(6)}.part{final.suffix}")

    def __enter__(self) -> Draft:
        try:
            self.path.open("xb").close()
        except OSError as error:
            raise unwritable(error, self.path.parent) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # a folder that has gone takes the draft with it
            self.path.unlink(missing_ok=True)
        if isinstance(error, AsmrmasterError) and error.subject == str(self.path):
            error.subject = str(self._final)  # the draft's name means nothing to anyone

    def publish(self, final: Path, force: bool = False) -> Path:
        """Give the draft its name ``final``, in the same folder, once it is safely on the disk.

        The name appears at once with all of the file behind it. Without ``force`` a file that has
        that name is left alone, even one that came up this very moment: OutputError.
        """
        return place(self.path, final, force)


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
