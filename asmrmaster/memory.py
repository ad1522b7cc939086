"""Memory that does not grow with the length of a sound.

What is heard of ten hours is as large as everything else together, and is read in turn: so long
curves lie in temporary files that are mapped where they are read, and let go of in between. And
what was freed is given back, because the C library of Linux keeps it for the thread that freed it.
"""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any
from weakref import WeakSet, finalize

import numpy as np
from numpy.typing import DTypeLike, NDArray

IN_MEMORY_BYTES = 4_000_000
"""Rows are kept in memory up to here: an hour of most curves at most."""

_mapped: WeakSet[mmap.mmap] = WeakSet()


class Store:
    """Rows that come one after the other and are then read as one array.

    Many of them wait in a temporary file without a name, which vanishes with the array. Where that
    cannot be written they stay in memory.
    """

    def __init__(self, columns: int, dtype: DTypeLike = np.float32) -> None:
        self._columns, self._dtype = columns, np.dtype(dtype)
        self._rows: list[NDArray[Any]] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def extend(self, rows: NDArray[Any]) -> None:
        """Add rows, shape (rows, columns)."""
        self._rows.append(np.array(rows, self._dtype, order="C"))
        self._bytes += self._rows[-1].nbytes
        if self._bytes > IN_MEMORY_BYTES:
            self._put_down()

    def array(self) -> NDArray[Any]:
        """All rows, shape (rows, columns), not to be written into. May be called once."""
        if self._file is not None:
            self._put_down()
        kept = np.concatenate([np.empty((0, self._columns), self._dtype), *self._rows])
        if self._file is None or not self._file.tell():
            return kept
        pages = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._file.close()  # the map keeps what it holds
        _mapped.add(pages)
        stored = np.frombuffer(pages, self._dtype).reshape(-1, self._columns)
        return np.concatenate([stored, kept]) if len(kept) else stored

    def _put_down(self) -> None:
        """Move the rows from memory to the file; without room for them nothing changes."""
        start = 0
        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115
                finalize(self, self._file.close)
            start = self._file.tell()
            for rows in self._rows:
                self._file.write(rows.data)
            self._file.flush()
        except OSError:
            if self._file is not None:
                with suppress(OSError):
                    self._file.seek(start)
                    self._file.truncate()
        else:
            self._rows, self._bytes = [], 0


def let_go() -> None:
    """Drop the pages of stored rows that were read, and what reading them took.

    Reading them again brings them back. Without stored rows there is nothing worth the time.
    """
    stored = list(_mapped)
    for pages in stored:
        with suppress(AttributeError, OSError, ValueError):  # Windows does so by itself
            pages.madvise(mmap.MADV_DONTNEED)
    if stored:
        give_back()


def give_back() -> None:
    """Return freed memory to the system where the C library can (glibc); else do nothing."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
