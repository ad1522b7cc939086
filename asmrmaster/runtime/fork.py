"""A second process for one piece of work, split off from this one: for our own programs only.

Two threads of one interpreter take turns at every step of Python between two pieces of arithmetic,
and lose a quarter of their time to it; two processes lose none. What the other one found comes back
in a temporary file that is mapped, so hours of curves cost no memory here.

A host has threads and children of its own and may not wait for ours, so it is never given this.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, TypeVar

from asmrmaster.runtime.signals import end_with_parent
from asmrmaster.runtime.threads import Threads
from asmrmaster.streams.curves import load, store

T = TypeVar("T")


@dataclass(frozen=True)
class Processes(Threads):
    """Shares work with a second process where one may be split off, else among threads."""

    @property
    def splits(self) -> bool:
        """Whether a second process may be split off, which then carries on like this one.

        Not with other threads about, which it would miss; not where systems advise against it; and
        not where one thread is all this work may have.
        """
        return sys.platform == "linux" and self.threads > 1 and threading.active_count() == 1

    @contextmanager
    def beside(self, work: Callable[[], T]) -> Iterator[Callable[[], T]]:
        """Have work done in a process of its own where it ``splits``, else in a thread.

        The result must be picklable, and arrays in it may not be written into. Whatever befalls the
        process (killed for want of memory, no room for its result), the work is done here instead.
        Leaving ends the process.
        """
        with ExitStack() as stack:
            parent, started = os.getpid(), _split(stack) if self.splits else None
            if started is None:
                yield stack.enter_context(super().beside(work))
                return
            pid, file = started
            if not pid:
                _run(work, file, parent)
            running = True

            def result() -> T:
                nonlocal running
                _, status = os.waitpid(pid, 0)
                running = False
                if status:
                    return work()
                value, failed = load(file)
                if failed:
                    raise value
                found: T = value
                return found

            try:
                yield result
            finally:
                if running:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)


def _split(stack: ExitStack) -> tuple[int, IO[bytes]] | None:
    """The process split off, 0 in itself, and a file for its result; None where there is none."""
    try:
        file = stack.enter_context(TemporaryFile())  # noqa: SIM115
        return fork(), file
    except OSError:  # the system has no room for another process or file
        return None


def fork() -> int:
    """Split off a process: its number here, 0 there. Raises OSError."""
    with warnings.catch_warnings():  # of threads of OpenBLAS, which knows how to be forked
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _run(work: Callable[[], object], file: IO[bytes], parent: int) -> None:
    """The life of the other process."""
    done = 1
    try:
        begin(parent)
        try:
            outcome: tuple[object, bool] = work(), False
        except Exception as error:
            outcome = error, True
        store(outcome, file)
        done = 0
    finally:
        os._exit(done)


def begin(parent: int) -> None:
    """What a process that was split off does first: see to it that it ends with the other one."""
    end_with_parent()
    if os.getppid() != parent:  # it ended before it could be seen to
        os._exit(1)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # without a word
