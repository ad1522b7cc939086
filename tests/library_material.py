"""Small libraries for the tests, and crews that do their work in their own way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import soundfile

from asmrmaster.library.task import Outcome, Task, work
from tests.signals import pink


def take(path: Path, seconds: float = 1.0, seed: int = 0, level_dbfs: float = -35) -> Path:
    """A short take in the format its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subtype = None if path.suffix in (".mp3", ".ogg") else "PCM_16"
    soundfile.write(path, pink(level_dbfs, seconds, seed=seed), 48_000, subtype)
    return path


class Inline:
    """A worker that works here and now, one task at a time, and remembers what it was given."""

    width = 1

    def __init__(self, does: Callable[[Task], Outcome] = work) -> None:
        self._does = does
        self.jobs: list[Task] = []

    def submit(self, task: Task) -> Future[Outcome]:
        self.jobs.append(task)
        future: Future[Outcome] = Future()
        try:
            future.set_result(self._does(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def give_up(self, future: Future[Outcome]) -> None:
        """Never asked: what it is given is done at once."""

    def deaths(self, error: BaseException) -> int:
        return 0

    @property
    def worked_on(self) -> list[str]:
        """Names of the takes that were not only hashed."""
        return [Path(task.take).name for task in self.jobs if task.kind != "hash"]


def deadly(task: Task) -> Outcome:
    """Work that a take called ``deadly`` kills its worker with."""
    if "deadly" in task.take:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task)


def deadly_once(task: Task) -> Outcome:
    """Work whose first worker on a take is killed."""
    mark = Path(task.take + ".killed")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task)


def on_a_full_disk(task: Task) -> Outcome:
    """Work where no file may grow beyond 100 kB."""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        return work(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def forever(task: Task) -> Outcome:
    """Work that never ends. Leaves its process number behind."""
    Path(task.take + ".pid").write_text(str(os.getpid()))
    time.sleep(600)
    return work(task)
