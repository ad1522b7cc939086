"""Who does the work: processes of this machine, each with one task at a time.

A pool of many processes says that one has died, not over which task. So each worker here is a pool
of its own: the task it held is known, and the others are not disturbed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Protocol

from asmrmaster.errors import ParameterError
from asmrmaster.library.task import Outcome, Task, work
from asmrmaster.runtime.memory import reuse_freed_memory
from asmrmaster.runtime.threads import DEFAULT_THREADS, usable_cores

Work = Callable[[Task], Outcome]


class Workers(Protocol):
    """What a batch needs of its workers."""

    @property
    def width(self) -> int:
        """How many jobs it can hold now."""
        ...

    def submit(self, task: Task) -> Future[Outcome]:
        """Start a task. To be called while fewer than ``width`` of them run."""
        ...

    def give_up(self, future: Future[Outcome]) -> None:
        """Stop a task that takes too long; where that cannot be, forget its answer."""
        ...

    def deaths(self, error: BaseException) -> int:
        """How many workers this error of a task says have died over it; 0 for another error."""
        ...


class LocalWorkers:
    """Worker processes of this machine. They end with what started them, however that ends.

    width: how many there are. threads: what each has for itself.
    """

    def __init__(
        self, jobs: int | None = None, *, at_most: int | None = None, work: Work = work
    ) -> None:
        """jobs: how many at a time; None for as many as there are cores. Raises ParameterError."""
        self.width = usable_cores() if jobs is None else jobs
        if self.width < 1:
            raise ParameterError(f"--jobs is {jobs}; at least 1 is needed")
        self.width = min(self.width, at_most or self.width)
        self.threads = max(1, min(DEFAULT_THREADS, usable_cores() // self.width))
        self._work = work
        self._free: list[_Worker] = []
        self._busy: dict[Future[Outcome], _Worker] = {}

    def __enter__(self) -> LocalWorkers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in [*self._free, *self._busy.values()]:
            worker.end()

    def submit(self, task: Task) -> Future[Outcome]:
        task = replace(task, threads=self.threads)
        for future in [future for future in self._busy if future.done()]:
            worker = self._busy.pop(future)
            if isinstance(future.exception(), BrokenExecutor):
                worker.end()
            else:
                self._free.append(worker)
        worker = self._free.pop() if self._free else _Worker()
        try:
            future = worker.pool.submit(self._work, task)
        except BrokenExecutor:  # it died with nothing to do
            worker.end()
            worker = _Worker()
            future = worker.pool.submit(self._work, task)
        self._busy[future] = worker
        return future

    def give_up(self, future: Future[Outcome]) -> None:
        worker = self._busy.pop(future, None)
        if worker is not None:
            worker.end()
            worker.kill()

    def deaths(self, error: BaseException) -> int:
        return 1 if isinstance(error, BrokenExecutor) else 0


class _Worker:
    """One process, and the pipe whose end tells it to stop."""

    def __init__(self) -> None:
        # Spawned, not forked: threads and open files of this process are not carried along.
        context = multiprocessing.get_context("spawn")
        held, self._line = context.Pipe(duplex=False)
        self.pool = ProcessPoolExecutor(1, context, _prepare, (held,))

    def end(self) -> None:
        """End it at once, whatever it is doing."""
        with suppress(OSError):
            self._line.close()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def kill(self) -> None:
        """End it even where it never comes to look at the pipe."""
        for process in list((self.pool._processes or {}).values()):
            process.kill()


def _prepare(line: Connection) -> None:
    """Ends this process when the other end of the line is closed, by death or on purpose."""
    reuse_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is typed is for the one that asked

    def hold_on() -> None:
        with suppress(EOFError, OSError):
            line.recv()
        os._exit(1)

    threading.Thread(target=hold_on, daemon=True, name="line").start()
