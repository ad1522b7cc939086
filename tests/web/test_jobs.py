"""The queue: so many at once, cancelled when asked, refused when full."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from asmrmaster.errors import OutputError
from asmrmaster.web.job_files import JobRequest, State
from asmrmaster.web.jobs import Jobs
from asmrmaster.web.resource_limits import Limits
from tests import web_workers

REQUEST = JobRequest(kind="check", name="a.wav", profile="general", stored="sound.wav")


def submitted(jobs: Jobs) -> str:
    folder = jobs.new_folder()
    (folder / REQUEST.stored).write_bytes(b"sound")
    return jobs.submit(folder, REQUEST)


def until(jobs: Jobs, key: str, status: str, most_s: float = 15) -> State:
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        state = State.load(jobs.workspace / key)
        if state.status == status:
            return state
        time.sleep(0.02)
    raise AssertionError(f"{state} and not {status} after {most_s} s")


def test_no_more_than_asked_for_work_at_once(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=2), web_workers.hang)
    try:
        keys = [submitted(jobs) for _ in range(3)]
        until(jobs, keys[0], "working")
        until(jobs, keys[1], "working")
        assert State.load(tmp_path / keys[2]).status == "waiting"
        jobs.cancel(keys[0])
        until(jobs, keys[2], "working")
    finally:
        jobs.close()


def test_all_get_their_turn_and_two_at_most_at_once(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=2), web_workers.refuse)
    keys = [submitted(jobs) for _ in range(6)]
    for key in keys:
        until(jobs, key, "failed")
    jobs.close()
    assert [key for key, _, _ in jobs.all()] == list(reversed(keys))


def test_a_job_is_cancelled_whether_it_waits_or_works(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=1), web_workers.hang)
    try:
        working, waiting = submitted(jobs), submitted(jobs)
        until(jobs, working, "working")
        jobs.cancel(waiting)
        until(jobs, waiting, "cancelled")
        jobs.cancel(working)
        until(jobs, working, "cancelled")
        for key in (working, waiting):
            assert not (tmp_path / key / REQUEST.stored).exists()
        jobs.cancel(working)  # again does nothing
        jobs.remove(working)
        assert jobs.folder(working) is None
    finally:
        jobs.close()


def test_a_full_queue_is_said(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=1, waiting=1), web_workers.hang)
    try:
        first = submitted(jobs)
        until(jobs, first, "working")
        submitted(jobs)
        with pytest.raises(OutputError, match="too many files are waiting"):
            submitted(jobs)
        jobs.cancel(first)
    finally:
        jobs.close()


def test_a_full_folder_is_said(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(stored_bytes=4), web_workers.refuse)
    (tmp_path / "x").write_bytes(b"12345")
    with pytest.raises(OutputError, match="too much on this page"):
        jobs.new_folder()
    jobs.close()


def test_what_is_known_lies_on_disk(tmp_path: Path) -> None:
    """Another queue over the same folder knows the same jobs: a reload forgets nothing."""
    jobs = Jobs(tmp_path, Limits(), web_workers.refuse)
    key = submitted(jobs)
    until(jobs, key, "failed")
    jobs.close()
    again = Jobs(tmp_path, Limits(), web_workers.refuse)
    ((found, order, state),) = again.all()
    again.close()
    assert (found, order, state.message) == (key, REQUEST, "it holds nothing")


@pytest.mark.parametrize("key", ["", "..", "../x", "0" * 23, "0" * 25, "G" * 24, "0" * 24])
def test_only_jobs_have_folders(tmp_path: Path, key: str) -> None:
    jobs = Jobs(tmp_path, Limits(), web_workers.refuse)
    assert jobs.folder(key) is None
    jobs.remove(key)
    jobs.close()
    assert tmp_path.exists()


def test_a_process_is_ready_before_the_file_comes(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=1), web_workers.refuse)
    try:
        jobs.prepare()
        jobs.prepare()  # one is enough
        spare = jobs._spare
        assert spare is not None
        ready = spare.process.pid
        first = submitted(jobs)
        until(jobs, first, "failed")
        assert (tmp_path / first / web_workers.PID).read_text() == str(ready)
        second = submitted(jobs)  # another process: what one file did cannot reach the next
        until(jobs, second, "failed")
        assert (tmp_path / second / web_workers.PID).read_text() != str(ready)
    finally:
        jobs.close()


def test_one_that_ended_while_it_waited_is_replaced(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(jobs=1), web_workers.refuse)
    try:
        jobs.prepare()
        assert jobs._spare is not None
        jobs._spare.process.kill()
        jobs._spare.process.join()
        until(jobs, submitted(jobs), "failed")
    finally:
        jobs.close()
    jobs.prepare()
    assert jobs._spare is None  # nothing is started once the page has ended
