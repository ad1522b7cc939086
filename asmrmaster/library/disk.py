"""The storage on this machine: files of its disks, network shares included."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from asmrmaster.audio.atomic import place
from asmrmaster.audio.validation import unreadable, unwritable
from asmrmaster.errors import InputError
from asmrmaster.library.storage import HIDDEN, LINK, Found, Refused, Scratch, Stamp, digest


class _Folder(NamedTuple):
    """A scratch folder on the disk the master will lie on."""

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
                elif entry.is_dir():
                    refused(entry.path, LINK)
                else:
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

    def fetch(self, file: str) -> AbstractContextManager[Path]:
        return nullcontext(Path(file))

    def digest(self, file: str) -> str:
        return digest(Path(file))

    @contextmanager
    def scratch(self, folder: str) -> Iterator[Scratch]:
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
        """Remove what is left of a scratch folder."""
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

    def keep(self, file: str, copy: str) -> None:
        part = Path(f"{copy}.part")
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            try:
                os.link(file, part)
            except OSError:  # a disk without links
                shutil.copy2(file, part)
            os.replace(part, copy)
        except OSError as error:
            raise unwritable(error, Path(copy)) from None

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
            for entry in list(os.scandir(folder)):
                shutil.rmtree(entry.path, ignore_errors=True)

    def present(self, folder: str) -> bool:
        return os.path.isdir(folder)


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_size, str(found.st_mtime_ns), fine=f"{found.st_ctime_ns}:{found.st_ino}")
