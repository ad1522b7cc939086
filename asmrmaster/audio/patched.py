"""A file seen with other bytes in one place: a header as a library can read it."""

from __future__ import annotations

import io
from pathlib import Path


class Patched(io.BufferedReader):
    """The bytes of a file, those from ``at`` on replaced by ``content``. Raises OSError."""

    def __init__(self, path: Path, at: int, content: bytes) -> None:
        super().__init__(_Patched(path, at, content))


class _Patched(io.FileIO):
    def __init__(self, path: Path, at: int, content: bytes) -> None:
        super().__init__(path, "rb")
        self._at, self._content = at, content

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        start = self.tell()
        view = memoryview(buffer).cast("B")
        count = super().readinto(view) or 0
        first, last = max(start, self._at), min(start + count, self._at + len(self._content))
        if first < last:
            view[first - start : last - start] = self._content[first - self._at : last - self._at]
        return count
