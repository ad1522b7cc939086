"""Threads are made where they help, and change nothing but the time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.library import local_workers
from asmrmaster.library.local_workers import LocalWorkers
from asmrmaster.library.task import Outcome, Task
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.runtime.threads import Threads
from tests.library_material import take


def test_one_thread_is_this_one() -> None:
    with Threads(1).pool() as here:
        assert here.submit(threading.current_thread).result() is threading.current_thread()
        failed = here.submit(int, "x")
        with pytest.raises(ValueError, match="invalid literal"):
            failed.result()
    with Threads(2).pool() as other:
        assert other.submit(threading.current_thread).result() is not threading.current_thread()


def test_no_thread_is_made_and_the_master_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = take(tmp_path / "take.wav", 2.0)
    masters = []
    for threads in (2, 1):
        if threads == 1:
            monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("a thread"))
        report = engine.master(path, tmp_path / f"{threads}.wav", runner=Threads(threads))
        assert report.output is not None
        masters.append(Path(report.output.path).read_bytes())
    assert masters[0] == masters[1]


def threads_of(task: Task) -> Outcome:
    return Outcome("hashed", sha256=str(task.threads))


@pytest.mark.parametrize(
    ("cores", "jobs", "threads"), [(1, 1, 1), (2, 1, 2), (2, 2, 1), (8, 3, 2), (8, 8, 1), (2, 5, 1)]
)
def test_a_crew_shares_the_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int, jobs: int, threads: int
) -> None:
    monkeypatch.setattr(local_workers, "usable_cores", lambda: cores)
    assert LocalWorkers(jobs).threads == threads


def test_its_workers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_workers, "usable_cores", lambda: 2)
    task = Task("/take.wav", load_recipe(), "/out", "take", "/staging")
    with LocalWorkers(1, work=threads_of) as one:
        assert one.submit(task).result().sha256 == "2"
