"""Object storage, and whatever else fsspec reaches: ``s3://…``, ``gs://…``, ``sftp://…``.

A take is brought to a disk of the worker, its master taken back under a hidden name, and moved to
its own by the storage itself: it appears whole or not at all. Who may do so, and where the storage
is, stands in the environment, as for every program of that storage.
"""

from __future__ import annotations

import glob
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from asmrmaster.audio.validation import unreadable, unwritable
from asmrmaster.errors import AsmrmasterError, OutputError, missing_extra
from asmrmaster.library.paths import join, parent
from asmrmaster.library.storage import HIDDEN, Found, Refused, Scratch, Stamp, digest
from asmrmaster.library.temporary import temporary_folder

_MARKS = ("ETag", "etag", "md5", "LastModified", "mtime", "updated", "created")
"""What storages call a mark of change, the best one first."""


class ObjectStore:
    """The storage of one place."""

    def __init__(self, place: str) -> None:
        """Raises OutputError where fsspec, or its part for this storage, is not installed."""
        try:
            from fsspec.core import url_to_fs

            self._fs, _ = url_to_fs(place, use_listings_cache=False)
        except ImportError as error:
            raise missing_extra("cluster", error) from None
        except ValueError as error:
            raise OutputError(str(error), subject=place) from None

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Every storage has errors of its own; here they are those of a disk."""
        try:
            yield
        except (OSError, AsmrmasterError):
            raise
        except Exception as error:
            raise OSError(f"{type(error).__name__}: {error}") from None

    def walk(self, folder: str, refused: Refused) -> Iterator[Found]:
        try:
            with self._plainly():
                listed = self._fs.find(folder, detail=True)
        except OSError as error:
            raise unreadable(error, Path(folder)) from None
        for path, info in sorted(listed.items()):
            below = self._below(path, folder)
            hidden = any(name.startswith(HIDDEN) for name in below.split("/"))
            if info["type"] == "file" and not hidden:
                yield Found(join(folder, below), _stamp(info))

    def match(self, pattern: str) -> Iterator[str]:
        folder = parent(pattern)
        while glob.has_magic(folder):
            folder = parent(folder)
        with self._plainly():
            found = sorted(self._fs.glob(pattern))
        yield from (join(folder, self._below(path, folder)) for path in found)

    def _below(self, path: str, folder: str) -> str:
        """A path of the storage, relative to a place."""
        return path[len(self._fs._strip_protocol(folder)) :].lstrip("/")

    def stamp(self, file: str) -> Stamp:
        with self._plainly():
            info = self._fs.info(file)
        if info["type"] != "file":
            raise FileNotFoundError(2, "there is no such object", file)
        return _stamp(info)

    def stamps(self, folder: str) -> Callable[[str], Stamp | None]:
        try:
            known = dict(self.walk(folder, lambda place, why: None))
        except AsmrmasterError:
            known = {}
        return known.get

    @contextmanager
    def fetch(self, file: str) -> Iterator[Path]:
        with temporary_folder() as folder:
            local = Path(folder, file.rpartition("/")[2])
            with self._plainly():
                self._fs.get_file(file, str(local))
            yield local

    def digest(self, file: str) -> str:
        with self.fetch(file) as local:
            return digest(local)

    @contextmanager
    def scratch(self, folder: str) -> Iterator[Scratch]:
        with temporary_folder() as local:
            yield _Local(local, lambda made: self._put(made, folder))

    def _put(self, made: Path, folder: str) -> str:
        staged = join(folder, made.parent.name, made.name)
        try:
            with self._plainly():
                self._fs.put_file(str(made), staged)
        except OSError as error:
            raise unwritable(error, Path(staged)) from None
        return staged

    def publish(self, staged: str, final: str, replaces: str) -> None:
        try:
            with self._plainly():
                if replaces != "*" and self._fs.exists(final):
                    there = self.digest(final)
                    if there == self.digest(staged):
                        self._fs.rm_file(staged)
                        return
                    if there != replaces:
                        raise OutputError(
                            "a file of this name exists already",
                            subject=final,
                            hint="Choose another name, or say --force to replace it",
                        )
                self._move(staged, final)
        except OSError as error:
            raise unwritable(error, Path(final)) from None

    def _move(self, old: str, new: str) -> None:
        """Move one object; fsspec's own ``mv`` takes ``[``, ``*`` and ``?`` for a pattern."""
        self._fs.cp_file(old, new)
        self._fs.rm_file(old)

    def keep(self, file: str, copy: str) -> None:
        try:
            with self._plainly():
                self._fs.cp_file(file, copy)
        except OSError as error:
            raise unwritable(error, Path(copy)) from None

    def copy(self, file: str, folder: str) -> str:
        with self.fetch(file) as local, self.scratch(folder) as scratch:
            return scratch.keep(Path(shutil.copy(local, scratch.folder)))

    def remove(self, file: str) -> None:
        with suppress(FileNotFoundError), self._plainly():
            self._fs.rm_file(file)

    def prepare(self, folder: str) -> None:
        """There are no folders in object storage."""

    def sweep(self, folder: str) -> None:
        with suppress(OSError), self._plainly():
            for file in self._fs.find(folder):
                self._fs.rm_file(file)

    def present(self, folder: str) -> bool:
        with self._plainly():
            return bool(self._fs.isdir(folder))


class _Local(NamedTuple):
    """A scratch folder on a disk of this machine; what is kept goes to the storage."""

    folder: Path
    keep: Callable[[Path], str]


def _stamp(info: dict[str, Any]) -> Stamp:
    mark = next((info[name] for name in _MARKS if info.get(name)), "")
    if isinstance(mark, datetime):  # some storages say it in seconds where many files are listed
        mark = mark.timestamp()
    return Stamp(int(info["size"]), str(mark))
