"""Who does the work of a pass: the calling thread alone, unless a runner that shares it is given.

The runner with threads is in ``runtime``; what comes of a pass is the same with both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Runner:
    """Does everything in the calling thread, when it is asked for."""

    threads: int = 1
    """How many may work at a time."""

    def pool(self) -> Executor:
        """Threads to share the work, to be closed after use."""
        return _Inline()

    @contextmanager
    def beside(self, work: Callable[[], T]) -> Iterator[Callable[[], T]]:
        """Have work done beside this; call what is given, once, to wait for its result.

        What the work raises is raised by the call.
        """
        yield work


class _Inline(Executor):
    """Does what it is given when it is given it."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*given, **named))
        except BaseException as error:
            done.set_exception(error)
        return done


HERE = Runner()
"""Does everything in the calling thread."""
