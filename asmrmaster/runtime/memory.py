"""How a program of our own looks after its memory; that of a host is the host's affair."""

from __future__ import annotations

import gc
from contextlib import suppress

_OPTIONS = ((-8, 1), (-3, 1 << 25), (-1, 1 << 28))
"""M_ARENA_MAX, M_MMAP_THRESHOLD (the most it takes) and M_TRIM_THRESHOLD of malloc.h."""
_SELDOM = 50_000
"""Objects made since the last look; by itself Python looks after 700."""


def reuse_freed_memory() -> None:
    """Have freed blocks kept for the next ones (glibc; another library is left alone).

    By itself it maps every large block anew, and the system has to fill it with zeros: a check of
    ten minutes takes 1.19 times as long.
    """
    import ctypes  # only here: help and completion do without

    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        for option, value in _OPTIONS:
            library.mallopt(option, value)


def seldom_collect() -> None:
    """Look for circles of garbage seldom: hardly any arise here, and all that is loaded is walked.

    A check of 20 s takes 1.3 times as long without this and ``leave_uncollected``.
    """
    gc.set_threshold(_SELDOM)


def leave_uncollected() -> None:
    """At the end of a program: what is still there goes with the process."""
    gc.freeze()
