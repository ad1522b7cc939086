"""Sound that lies in no file of its own: an array, or an open file, put into one for a job.

What is judged is always a file, read back: so an array gets the verdict that its file would get.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from asmrmaster.audio import read, write
from asmrmaster.audio.arrays import ArraySound
from asmrmaster.audio.source import Format
from asmrmaster.audio.validation import unreadable, unwritable
from asmrmaster.engine.job import Job
from asmrmaster.errors import AsmrmasterError, InputError, WrongTypeError
from asmrmaster.report import FileFacts, Report
from asmrmaster.streams.audio import Block

ARRAY = "array"
"""What a report calls a file that was an array."""
TAKE = "a path, or a file opened in binary mode"


@dataclass(frozen=True)
class Placed:
    """A file that stands for something else, and what that is called.

    folder: where files may be written that vanish with it; None where the file is one of its own.
    """

    path: Path
    name: str
    folder: Path | None = None

    def taken(self, job: Job) -> Job:
        """The job with this file to work on, whose master vanishes with it unless it has a name."""
        output = job.request.output
        if output is None and self.folder is not None:
            output = self.folder / "master.wav"
        return replace(job, request=replace(job.request, path=self.path, output=output))


@contextmanager
def placed(take: str | os.PathLike[str] | BinaryIO) -> Iterator[Placed]:
    """A take as a file: its own, or a copy of what is left to read of an open one.

    Errors are about the take by its own name. Raises WrongTypeError for what is neither.
    """
    if isinstance(take, str | os.PathLike):
        yield Placed(Path(take), str(Path(take)))
        return
    if not callable(getattr(take, "read", None)):
        raise WrongTypeError("the take", take, TAKE)
    given = getattr(take, "name", "")
    shown = given if isinstance(given, str) and given else "open file"
    with _folder() as folder:
        path = folder / f"take{Path(shown).suffix}"
        with _named(path, shown):
            _copy(take, path)
            yield Placed(path, shown, folder)


@contextmanager
def written(sound: ArraySound) -> Iterator[Placed]:
    """An array as a WAV in floating point of its precision."""
    with _folder() as folder:
        path = folder / "array.wav"
        with _named(path, ARRAY):
            write(sound.audio, path, Format("WAV", "FLOAT" if sound.single else "DOUBLE"))
            yield Placed(path, ARRAY, folder)


def samples_of(path: Path) -> Block:
    """All samples in a file, shape (frames, channels)."""
    return read(path).audio.to_array()


def about_array(report: Report, x: Block, y: Block | None = None) -> Report:
    """The report with an array as its input, and one as its output where there is one.

    Hashes are those of the samples, see ``digest``.
    """
    update: dict[str, object] = {"input": _array_facts(report.input, x, "float")}
    if report.output is not None and y is not None:
        kind = report.output.format.rpartition("/")[2]
        update["output"] = _array_facts(report.output, y, kind)
    return report.model_copy(update=update)


def renamed(report: Report, name: str) -> Report:
    """The report with its input called by this name."""
    return report.model_copy(update={"input": report.input.model_copy(update={"path": name})})


def digest(samples: Block) -> str:
    """SHA-256, in hex, of samples as little-endian doubles, frame after frame."""
    return hashlib.sha256(np.ascontiguousarray(samples, dtype="<f8").data).hexdigest()


def _array_facts(facts: FileFacts, samples: Block, kind: str) -> FileFacts:
    update = {"path": ARRAY, "sha256": digest(samples), "format": f"{ARRAY}/{kind}"}
    return facts.model_copy(update=update)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="asmrmaster-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    """Errors about a file that stands for something else are about that."""
    try:
        yield
    except AsmrmasterError as error:
        if error.subject.startswith(str(path.parent)):
            error.subject = name
        raise


def _copy(take: BinaryIO, path: Path) -> None:
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(take, file, 1 << 20)
            size = file.tell()
    except TypeError:
        raise WrongTypeError(
            "the take", "a file opened as text", TAKE, hint="Open it with mode 'rb'"
        ) from None
    except OSError as error:
        raise (unwritable if error.filename else unreadable)(error, path) from None
    if not size:
        raise InputError(
            "there is nothing left to read", subject=path, hint="Call seek(0) on it first"
        )
