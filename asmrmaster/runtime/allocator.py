"""What the C library does with freed memory (glibc; another one is left alone)."""

from __future__ import annotations

from contextlib import suppress

_OPTIONS = ((-8, 1), (-3, 1 << 25), (-1, 1 << 28))
"""M_ARENA_MAX, M_MMAP_THRESHOLD (the most it takes) and M_TRIM_THRESHOLD of malloc.h."""


def reuse_freed_memory() -> None:
    """Have freed blocks kept for the next ones, in the whole process: for our own programs only.

    By itself the library maps every large block anew, and the system has to fill it with zeros: a
    check of ten minutes takes 1.19 times as long.
    """
    import ctypes  # only here: help and completion do without

    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        for option, value in _OPTIONS:
            library.mallopt(option, value)
