"""Long curves: memory that does not grow with the length of a sound.

What is measured of ten hours is as large as everything else together, and is read in turn: so long
curves lie in temporary files that are mapped where they are read, and their pages dropped between.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from math import prod
from tempfile import TemporaryFile
from typing import IO, Any
from weakref import WeakSet, finalize

import numpy as np
from numpy.typing import DTypeLike, NDArray

IN_MEMORY_BYTES = 1_000_000
"""Rows are kept in memory up to here: ten minutes of any curve."""
PIECE_ROWS = 1 << 16
"""Long arrays are worked on so many rows at a time: eleven minutes on the 10 ms grid."""

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


def empty(shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Room for an array that is written and read in turn: in a temporary file where it is long.

    Where the disk has no room for it, it is in memory like any other.
    """
    size = prod(shape) * np.dtype(dtype).itemsize
    if size <= IN_MEMORY_BYTES:
        return np.empty(shape, dtype)
    try:
        with TemporaryFile() as file:
            _claim(file, size)
            pages = mmap.mmap(file.fileno(), size)
    except OSError:
        return np.empty(shape, dtype)
    _mapped.add(pages)
    return np.frombuffer(pages, dtype).reshape(shape)


def _claim(file: IO[bytes], size: int) -> None:
    """Make the file this long with room on the disk for all of it: a map of a hole would crash."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    zeros = bytes(1 << 20)
    for start in range(0, size, len(zeros)):
        file.write(zeros[: size - start])
    file.flush()


def piecewise(function: Callable[..., Any], *arrays: NDArray[Any]) -> NDArray[Any]:
    """What a function of rows makes of arrays of one length: a row for each, its own alone.

    The same as ``function(*arrays)``, but what is only needed on the way stays small, and a long
    result waits on disk.
    """
    rows = len(arrays[0])
    if rows <= PIECE_ROWS:
        whole: NDArray[Any] = function(*arrays)
        return whole
    result: NDArray[Any] | None = None
    for start in range(0, rows, PIECE_ROWS):
        part = function(*(array[start : start + PIECE_ROWS] for array in arrays))
        if result is None:
            result = empty((rows, *part.shape[1:]), part.dtype)
        result[start : start + PIECE_ROWS] = part
        drop_pages()
    assert result is not None
    return result


def extremes(values: NDArray[Any]) -> tuple[float, float]:
    """The least and the largest of values, whose pages are then dropped; 0 for none."""
    found = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    drop_pages()
    return found


def drop_pages() -> None:
    """Drop the pages of stored rows that were read; reading them again brings them back.

    What was written stays in the file.
    """
    for pages in list(_mapped):
        with suppress(AttributeError, OSError, ValueError):  # Windows does so by itself
            pages.madvise(mmap.MADV_DONTNEED)
