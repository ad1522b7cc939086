"""Threads for one piece of work: measuring, rendering and hashing go side by side.

Where other takes are worked on by other processes of the same machine, each has one thread. The
result is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self, TypeVar

from asmrmaster.streams.runner import Runner

DEFAULT_THREADS = 2
"""More threads than this wait for one another."""

T = TypeVar("T")


def usable_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_threads() -> int:
    """Threads for one piece of work on this machine."""
    return min(DEFAULT_THREADS, usable_cores())


@dataclass(frozen=True)
class Threads(Runner):
    """Shares work among threads of this process."""

    threads: int = 1

    @classmethod
    def default(cls) -> Self:
        """As many threads as serve one piece of work on this machine."""
        return cls(default_threads())

    def pool(self) -> Executor:
        return ThreadPoolExecutor(self.threads) if self.threads > 1 else super().pool()

    @contextmanager
    def beside(self, work: Callable[[], T]) -> Iterator[Callable[[], T]]:
        if self.threads == 1:
            yield work
            return
        with ThreadPoolExecutor(1) as other:
            yield other.submit(work).result
