"""Which file a report is about: how it was read, and its hash."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from pathlib import Path

from asmrmaster.audio.source import Source
from asmrmaster.report import FileFacts
from asmrmaster.threads import pool


class Hash:
    """SHA-256 of a file, taken on another thread while the file is heard."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = pool(1)

    def __enter__(self) -> Future[str]:
        return self._pool.submit(self._digest)

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def _digest(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def file_facts(source: Source, sha256: str) -> FileFacts:
    audio = source.audio
    return FileFacts(
        path=str(source.path),
        sha256=sha256,
        format=str(source.format),
        rate_hz=audio.rate,
        channels=audio.channels,
        frames=audio.frames,
        duration_s=round(audio.duration_s, 6),
        notes=source.notes,
    )
