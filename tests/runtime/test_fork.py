"""Work beside this process: what it finds and raises comes back, and it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.errors import InputError
from asmrmaster.runtime import fork as module
from asmrmaster.runtime.fork import Processes
from asmrmaster.streams.curves import IN_MEMORY_BYTES

forks = pytest.mark.skipif(sys.platform != "linux", reason="processes are split off on Linux alone")


def result_of(work: Callable[[], object], threads: int = 2) -> object:
    with Processes(threads).beside(work) as result:
        return result()


@pytest.mark.usefixtures("splitting")
def test_what_is_found_comes_back_from_another_process() -> None:
    long = np.arange(IN_MEMORY_BYTES, dtype=np.float64).reshape(-1, 2)
    found = result_of(lambda: (os.getpid(), {"long": long, "short": long[:3], "part": long[:, 1]}))
    assert isinstance(found, tuple)
    pid, arrays = found
    assert pid != os.getpid()
    np.testing.assert_array_equal(arrays["long"], long)
    np.testing.assert_array_equal(arrays["short"], long[:3])
    np.testing.assert_array_equal(arrays["part"], long[:, 1])
    with pytest.raises(ValueError, match="read-only"):
        arrays["long"][0] = 1


@pytest.mark.usefixtures("splitting")
def test_what_is_raised_comes_back_whole() -> None:
    def fail() -> None:
        raise InputError("is too short", subject="take.wav", hint="Record more")

    with pytest.raises(InputError) as caught:
        result_of(fail)
    assert str(caught.value) == "take.wav: is too short. Record more"


@pytest.mark.usefixtures("splitting")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_the_other_cannot_finish_is_done_here(end: signal.Signals) -> None:
    here = os.getpid()

    def work() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), end)
        return os.getpid()

    assert result_of(work) == here


@pytest.mark.usefixtures("splitting")
def test_without_room_for_the_result_the_work_is_done_here() -> None:
    resource = pytest.importorskip("resource")
    here = os.getpid()

    def work() -> tuple[int, bytes]:
        if os.getpid() != here:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        return os.getpid(), bytes(10_000)

    assert result_of(work) == (here, bytes(10_000))


@pytest.mark.usefixtures("splitting")
def test_where_no_process_may_be_made_a_thread_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(module, "fork", refused)
    assert result_of(os.getpid) == os.getpid()


@pytest.mark.usefixtures("splitting")
def test_leaving_early_ends_it(tmp_path: Path) -> None:
    started = tmp_path / "pid"

    def work() -> None:
        started.write_text(str(os.getpid()))
        time.sleep(60)

    def leave() -> None:
        with Processes(2).beside(work):
            while not (started.exists() and started.read_text()):
                time.sleep(0.001)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_where_one_thread_is_allowed_the_work_is_done_here() -> None:
    assert not Processes(1).splits
    assert result_of(os.getpid, 1) == os.getpid()
    assert result_of(threading.get_ident, 1) == threading.get_ident()


def test_beside_other_threads_a_thread_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert not Processes(2).splits
    assert result_of(os.getpid) == os.getpid()


@forks
def test_alone_it_may_split_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    assert Processes(2).splits
