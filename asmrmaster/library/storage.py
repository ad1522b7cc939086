"""Where takes and masters lie: on a disk of this machine, or in object storage.

A place is a text: an absolute path, or ``scheme://…``. Everything in the library goes through the
few verbs here, so that a folder, a network share and a bucket are worked on alike. On every
storage a master appears under its name whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

HIDDEN = "."
"""Files and folders whose name begins so are nobody's takes; our own working folder is one."""


LINK = "a link to a folder: name the folder itself"
"""Why a link is not followed: it may lead back to where it lies."""
Refused = Callable[[str, str], None]
"""Called with a place and why it could not be looked into."""


class Stamp(NamedTuple):
    """Shows cheaply whether a file is still the one it was: its size and a mark of change.

    beside: the same of the declarations that lie beside a take, where there are some. fine: what
    shows a file that was changed and given its old time again: on a disk, when anything about it
    changed last, and which file it is; a file that is only moved has another.
    """

    size: int
    mark: str
    beside: str = ""
    fine: str = ""

    @property
    def coarse(self) -> str:
        """What stays as it is when a file is moved."""
        return f"{self.size}:{self.mark}"

    def __str__(self) -> str:
        own = f"{self.coarse}~{self.fine}" if self.fine else self.coarse
        return f"{own}|{self.beside}" if self.beside else own

    def fits(self, known: str) -> bool:
        """Whether this is the stamp whose text is known; an early ledger knew no ``fine``."""
        return str(self if "~" in known else self._replace(fine="")) == known


def declarations_in(stamp: str) -> str:
    """What the text of a stamp says of declarations."""
    return stamp.partition("|")[2]


class Found(NamedTuple):
    """A file found in a folder."""

    place: str
    stamp: Stamp


class Scratch(Protocol):
    """A scratch folder on this machine where a master is made, then kept or dropped."""

    @property
    def folder(self) -> Path:
        """Where to write."""
        ...

    def keep(self, made: Path) -> str:
        """Put the finished file into the storage, hidden; the place it has there."""
        ...


class Storage(Protocol):
    """The verbs. All raise InputError or OutputError in plain words."""

    def walk(self, folder: str, refused: Refused) -> Iterator[Found]:
        """Every file below a folder that is not hidden, in order of names.

        A folder inside it that cannot be listed, and a link to a folder, go to ``refused``; the
        folder itself raises.
        """
        ...

    def match(self, pattern: str) -> Iterator[str]:
        """Files a pattern fits, ``**`` for any depth of folders."""
        ...

    def stamp(self, file: str) -> Stamp:
        """The stamp of a file; FileNotFoundError where there is none."""
        ...

    def stamps(self, folder: str) -> Callable[[str], Stamp | None]:
        """A function that gives stamps of many files below a folder; None for one that is gone."""
        ...

    def fetch(self, file: str) -> AbstractContextManager[Path]:
        """The file as one on this machine, for as long as the context lasts."""
        ...

    def digest(self, file: str) -> str:
        """SHA-256 of a file; OSError where it cannot be read."""
        ...

    def scratch(self, folder: str) -> AbstractContextManager[Scratch]:
        """A fresh place to make a master that ``publish`` can move to its name later."""
        ...

    def publish(self, staged: str, final: str, replaces: str) -> None:
        """Give a staged file its name.

        replaces: SHA-256 of what may be replaced, ``"*"`` for anything, ``""`` for nothing. A file
        with the very same bytes is left as it is. Raises OutputError.
        """
        ...

    def copy(self, file: str, folder: str) -> str:
        """A copy of a file, staged in ``folder``; its place."""
        ...

    def keep(self, file: str, copy: str) -> None:
        """Let a published file lie at ``copy`` as well, without moving its bytes where possible."""
        ...

    def remove(self, file: str) -> None:
        """Remove a file, if it is there."""
        ...

    def prepare(self, folder: str) -> None:
        """Make a folder, and those above it."""
        ...

    def sweep(self, folder: str) -> None:
        """Empty a folder of ours, if it is there."""
        ...

    def present(self, folder: str) -> bool:
        """Whether a folder can be reached."""
        ...


def digest(file: Path) -> str:
    """SHA-256 of a file; OSError where it cannot be read."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
