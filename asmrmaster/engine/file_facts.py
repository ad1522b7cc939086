"""Which file a report is about: how it was read, and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asmrmaster.audio import atomic
from asmrmaster.audio.source import Source
from asmrmaster.audio.validation import unreadable, unwritable
from asmrmaster.report import FileFacts
from asmrmaster.streams.runner import Runner


@contextmanager
def hashing(path: Path, runner: Runner, *, flush: bool = False) -> Iterator[Callable[[], str]]:
    """Take the SHA-256 of a file while it is measured; call what is given for it, in hex.

    flush: have it on the disk as well, so that publishing it need not wait. The call raises
    InputError, or OutputError where the file was to be flushed.
    """

    def digest() -> str:
        try:
            if flush:
                atomic.flush(path)
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise (unwritable if flush else unreadable)(error, path) from None

    with runner.beside(digest) as result:
        yield result


def file_facts(source: Source, sha256: str) -> FileFacts:
    """What a report says of this file."""
    audio = source.audio
    return FileFacts(
        path=str(source.path),
        sha256=sha256,
        format=str(source.format),
        rate_hz=audio.rate,
        channels=audio.channels,
        frames=audio.frames,
        duration_s=round(audio.duration_s, 6),
        notes=(*source.notes, *source.found()),
        stream=source.stream,
        player_gain_db=round(max(source.gains.values(), default=0.0), 2),
    )
