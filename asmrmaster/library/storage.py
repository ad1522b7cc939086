"""Where takes and masters lie: on a disk of this machine, or in object storage.

A place is a text: an absolute path, or ``scheme://…``. Everything in the library goes through the
few verbs here, so that a folder, a network share and a bucket are worked on alike. On every
storage a master appears under its name whole or not at all.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from asmrmaster.audio.atomic import place
from asmrmaster.audio.validation import unreadable, unwritable
from asmrmaster.errors import InputError
from asmrmaster.library.paths import declared_at, is_remote

HIDDEN = "."
"""Files and folders whose name begins so are nobody's takes; our own working folder is one."""


Refused = Callable[[str, str], None]
"""Told of a place and why it could not be looked into."""


class Stamp(NamedTuple):
    """What tells cheaply whether a file is still the one it was: its size and a mark of change.

    beside: the same of the declarations that lie beside a take, where there are some.
    """

    size: int
    mark: str
    beside: str = ""

    def __str__(self) -> str:
        own = f"{self.size}:{self.mark}"
        return f"{own}|{self.beside}" if self.beside else own


def beside(stamp: str) -> str:
    """What the text of a stamp says of declarations."""
    return stamp.partition("|")[2]


class Found(NamedTuple):
    """A file found in a folder."""

    place: str
    stamp: Stamp


class Bench(Protocol):
    """A folder on this machine where a master is made, then kept or dropped."""

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

        A folder inside it that cannot be listed goes to ``refused``; the folder itself raises.
        """
        ...

    def match(self, pattern: str) -> Iterator[str]:
        """Files a pattern fits, ``**`` for any depth of folders."""
        ...

    def stamp(self, file: str) -> Stamp:
        """The stamp of a file; FileNotFoundError where there is none."""
        ...

    def stamps(self, folder: str) -> Callable[[str], Stamp | None]:
        """What tells the stamps of many files below a folder at once; None for one that is not."""
        ...

    def identity(self, file: str) -> str:
        """A stricter stamp, for a file that is looked at before and after it is read."""
        ...

    def fetch(self, file: str) -> AbstractContextManager[Path]:
        """The file as one on this machine, for as long as the context lasts."""
        ...

    def digest(self, file: str) -> str:
        """SHA-256 of a file; OSError where it cannot be read."""
        ...

    def bench(self, folder: str) -> AbstractContextManager[Bench]:
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


def storage(place: str) -> Storage:
    """The storage a place lies in."""
    if is_remote(place):
        from asmrmaster.library.object_store import Objects  # only here: it needs an extra

        return Objects(place)
    return Disk()


def declarations(store: Storage, take: str) -> tuple[str, str]:
    """Place and stamp of what is declared beside a take; two empty texts where nothing is."""
    place = declared_at(take)
    try:
        return place, str(store.stamp(place))
    except (FileNotFoundError, NotADirectoryError):
        return "", ""


def gone(file: str) -> bool:
    """Whether a file is certainly not there; a storage out of reach tells nothing."""
    try:
        storage(file).stamp(file)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


class _Folder(NamedTuple):
    """A bench on the disk the master will lie on."""

    folder: Path

    def keep(self, made: Path) -> str:
        return str(made)


class Disk:
    """Files of this machine, network shares included."""

    def walk(self, folder: str, refused: Refused) -> Iterator[Found]:
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            raise unreadable(error, Path(folder)) from None
        for entry in entries:
            if entry.name.startswith(HIDDEN):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield from self.walk(entry.path, refused)
                elif entry.is_file():
                    yield Found(entry.path, _stamp(entry.stat()))
                elif not entry.is_dir():
                    refused(entry.path, "it is no regular file, or a link that leads nowhere")
            except InputError as error:
                refused(entry.path, error.message)
            except OSError as error:  # gone since it was listed
                refused(entry.path, unreadable(error, Path(entry.path)).message)

    def match(self, pattern: str) -> Iterator[str]:
        for found in sorted(glob.iglob(pattern, recursive=True)):
            if os.path.isfile(found):
                yield os.path.abspath(found)

    def stamp(self, file: str) -> Stamp:
        return _stamp(os.stat(file))

    def stamps(self, folder: str) -> Callable[[str], Stamp | None]:
        def stamp(file: str) -> Stamp | None:
            try:
                return _stamp(os.stat(file))
            except OSError:
                return None

        return stamp

    def identity(self, file: str) -> str:
        found = os.stat(file)
        return f"{_stamp(found)}:{found.st_ctime_ns}:{found.st_ino}"

    def fetch(self, file: str) -> AbstractContextManager[Path]:
        return nullcontext(Path(file))

    def digest(self, file: str) -> str:
        return digest(Path(file))

    @contextmanager
    def bench(self, folder: str) -> Iterator[Bench]:
        own = Path(folder, os.urandom(8).hex())
        try:
            own.mkdir()  # not those above it: a share that has gone must not be taken for a folder
        except OSError as error:
            raise unwritable(error, own) from None
        try:
            yield _Folder(own)
        except BaseException:
            shutil.rmtree(own, ignore_errors=True)
            raise

    def publish(self, staged: str, final: str, replaces: str) -> None:
        part, name = Path(staged), Path(final)
        try:
            name.parent.mkdir(parents=True, exist_ok=True)
            force = replaces == "*"
            if not force and name.is_file():
                there = digest(name)
                if there == digest(part):
                    self._drop(part)
                    return
                force = there == replaces
        except OSError as error:
            raise unwritable(error, name) from None
        place(part, name, force)
        self._drop(part)

    def _drop(self, part: Path) -> None:
        """Remove what is left of a bench."""
        with suppress(OSError):
            part.unlink(missing_ok=True)
            part.parent.rmdir()

    def copy(self, file: str, folder: str) -> str:
        own = Path(folder, os.urandom(8).hex())
        try:
            own.mkdir()
            return str(shutil.copyfile(file, own / Path(file).name))
        except OSError as error:
            raise unwritable(error, own) from None

    def remove(self, file: str) -> None:
        try:
            Path(file).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(error, Path(file)) from None

    def prepare(self, folder: str) -> None:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise unwritable(error, Path(folder)) from None

    def sweep(self, folder: str) -> None:
        with suppress(OSError):
            for one in list(os.scandir(folder)):
                shutil.rmtree(one.path, ignore_errors=True)

    def present(self, folder: str) -> bool:
        return os.path.isdir(folder)


def digest(file: Path) -> str:
    """SHA-256 of a file; OSError where it cannot be read."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_size, str(found.st_mtime_ns))
