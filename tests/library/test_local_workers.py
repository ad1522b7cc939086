"""Worker processes: known by their task when they die, and gone when nobody waits for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asmrmaster.errors import ParameterError
from asmrmaster.library.batch import batch
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.local_workers import LocalWorkers
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.runtime.threads import usable_cores
from tests.library_material import Inline, deadly, deadly_once, forever, on_a_full_disk, take

GENTLE = load_recipe()

RUN = """
import signal, sys
from asmrmaster.library.batch import batch
from asmrmaster.library.local_workers import LocalWorkers
from asmrmaster.presets.recipe import load_recipe
from tests.library_material import forever

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it
    with LocalWorkers(2, work=forever) as workers:
        batch([sys.argv[1]], sys.argv[2], load_recipe(), workers=workers)
"""


def masters(out: Path) -> list[str]:
    found = [p for p in out.rglob("*") if p.is_file() and ".asmrmaster" not in p.parts]
    return sorted(path.name for path in found)


def test_a_take_that_kills_its_worker_twice_is_set_aside_and_named(tmp_path: Path) -> None:
    takes, out = tmp_path / "in", tmp_path / "out"
    for name in ("a.wav", "deadly.wav", "z.wav"):
        take(takes / name)
    with LocalWorkers(2, work=deadly) as workers:
        summary = batch([str(takes)], str(out), GENTLE, workers=workers)
    assert summary.made == 2
    (problem,) = summary.without
    assert problem.name == "deadly.wav"
    assert "its worker died over it" in problem.cause
    assert "2 times" in problem.cause
    assert masters(out) == ["a.does-not-meet.wav", "z.does-not-meet.wav"]
    again = batch([str(takes)], str(out), GENTLE)  # no worker is risked on it unasked
    assert (again.made, [one.name for one in again.without]) == (0, ["deadly.wav"])
    assert batch([str(takes)], str(out), GENTLE, retry=True, workers=Inline()).made == 1


def test_a_worker_killed_once_costs_nothing(tmp_path: Path) -> None:
    takes, out = tmp_path / "in", tmp_path / "out"
    for name in ("a.wav", "b.wav"):
        take(takes / name)
    with LocalWorkers(2, work=deadly_once) as workers:
        summary = batch([str(takes)], str(out), GENTLE, workers=workers)
    assert summary.made == 2
    assert summary.without == []
    with Ledger(default_ledger(str(out))) as ledger:
        assert [(entry.attempts, entry.deaths) for entry in ledger.select()] == [(2, 0), (2, 0)]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    takes, out = tmp_path / "in", tmp_path / "out"
    take(takes / "long.wav", seconds=2)
    take(takes / "short.wav", seconds=0.5, seed=1)
    with LocalWorkers(1, work=on_a_full_disk) as workers:
        summary = batch([str(takes)], str(out), GENTLE, workers=workers)
    assert [problem.name for problem in summary.without] == ["long.wav"]
    assert "file this large" in summary.without[0].cause
    assert masters(out) == ["short.does-not-meet.wav"]
    assert not list(out.rglob("*.part*"))
    assert batch([str(takes)], str(out), GENTLE, workers=Inline()).made == 1


def test_workers_end_with_the_run_however_it_ends(tmp_path: Path) -> None:
    takes, out = tmp_path / "in", tmp_path / "out"
    marks = [Path(f"{take(takes / name)}.pid") for name in ("a.wav", "b.wav")]
    run = subprocess.Popen([sys.executable, "-c", RUN, takes, out])
    try:
        pids = [int(_wait_for(mark)) for mark in marks]
        assert all(map(_alive, pids))
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    _until(lambda: not any(map(_alive, pids)))
    summary = batch([str(takes)], str(out), GENTLE, workers=Inline())  # and the lock is free
    assert summary.made == 2


def test_an_interrupted_run_ends_its_workers_at_once(tmp_path: Path) -> None:
    takes = tmp_path / "in"
    mark = Path(f"{take(takes / 'a.wav')}.pid")
    words: list[str | Path] = [sys.executable, "-c", RUN, takes, tmp_path / "out"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as run:
        pid = int(_wait_for(mark))
        run.send_signal(signal.SIGINT)
        try:
            assert run.wait(500) != 0  # the work itself would last ten minutes
        finally:
            run.kill()
    _until(lambda: not _alive(pid))


def test_a_task_that_takes_too_long_is_given_up_and_its_worker_replaced(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        take(tmp_path / "in" / name)
    slow = tmp_path / "in" / "a.wav"
    with LocalWorkers(1, work=forever) as workers:
        summary = batch(
            [str(slow)], str(tmp_path / "out"), load_recipe(), workers=workers, timeout_s=0.1
        )
        ((problem),) = summary.without
        assert (problem.name, problem.code) == ("a.wav", "time-limit")
        assert summary.exit_code == 3
    mark = Path(f"{slow}.pid")
    if mark.exists():  # it had begun before it was given up
        _until(lambda: not _alive(int(mark.read_text() or 0)))
    with LocalWorkers(1) as workers:
        again = batch(
            [str(slow)], str(tmp_path / "out"), load_recipe(), workers=workers, timeout_s=900
        )
    assert (again.made, again.changes) == (1, {"failed before": 1})


def test_there_is_at_least_one() -> None:
    assert LocalWorkers().width == usable_cores()
    assert LocalWorkers(8, at_most=3).width == 3
    with pytest.raises(ParameterError, match="--jobs is 0"):
        LocalWorkers(0)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def _wait_for(mark: Path) -> str:
    _until(lambda: mark.exists() and bool(mark.read_text()))
    return mark.read_text()


def _until(true: object, seconds: float = 900) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)
