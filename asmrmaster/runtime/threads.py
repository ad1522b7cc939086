"""How many threads one piece of work has for itself: the only place that makes them for sound.

Hearing, rendering and hashing go side by side, which makes one take ready sooner. Where other takes
are worked on by other processes of the same machine it only costs, and there each has one thread.
The result is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

USUAL = 2


def usable_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_most = min(USUAL, usable_cores())


@contextmanager
def at_most(count: int) -> Iterator[None]:
    """While this lasts, work in this process has so many threads; for the whole process."""
    global _most
    before, _most = _most, count
    try:
        yield
    finally:
        _most = before


def allowed() -> int:
    """How many threads work in this process may have."""
    return _most


def pool(count: int = 0) -> Executor:
    """Threads to work beside this one: as many as are allowed, or ``count`` of them.

    Where one is allowed, that is this one, and it does at once what it is given.
    """
    return ThreadPoolExecutor(min(count or _most, _most)) if _most > 1 else _Here()


class _Here(Executor):
    """Does what it is given when it is given it."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*given, **named))
        except BaseException as error:
            done.set_exception(error)
        return done
