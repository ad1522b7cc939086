"""Small libraries for the tests, and crews that do their work in their own way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import soundfile

from asmrmaster.library.task import Job, Outcome, work
from tests.signals import pink


def take(path: Path, seconds: float = 1.0, seed: int = 0, level_dbfs: float = -35) -> Path:
    """A short take in the format its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subtype = None if path.suffix in (".mp3", ".ogg") else "PCM_16"
    soundfile.write(path, pink(level_dbfs, seconds, seed=seed), 48_000, subtype)
    return path


class Inline:
    """A crew that works here and now, one job at a time, and remembers what it was given."""

    width = 1

    def __init__(self, does: Callable[[Job], Outcome] = work) -> None:
        self._does = does
        self.jobs: list[Job] = []

    def submit(self, job: Job) -> Future[Outcome]:
        self.jobs.append(job)
        future: Future[Outcome] = Future()
        try:
            future.set_result(self._does(job))
        except Exception as error:
            future.set_exception(error)
        return future

    def deaths(self, error: BaseException) -> int:
        return 0

    @property
    def worked_on(self) -> list[str]:
        """Names of the takes that were not only hashed."""
        return [Path(job.take).name for job in self.jobs if job.task != "hash"]


def deadly(job: Job) -> Outcome:
    """Work that a take called ``deadly`` kills its worker with."""
    if "deadly" in job.take:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(job)


def deadly_once(job: Job) -> Outcome:
    """Work whose first worker on a take is killed."""
    mark = Path(job.take + ".killed")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(job)


def on_a_full_disk(job: Job) -> Outcome:
    """Work where no file may grow beyond 100 kB."""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        return work(job)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def forever(job: Job) -> Outcome:
    """Work that never ends. Leaves its process number behind."""
    Path(job.take + ".pid").write_text(str(os.getpid()))
    time.sleep(600)
    return work(job)
