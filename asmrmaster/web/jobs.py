"""The queue: so many processes at a time, each with a deadline, each of which can be ended.

All that is known of a job lies in its folder, below one private folder; a page that is loaded again
finds it there, and it goes when the page is closed.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path

from asmrmaster.errors import AsmrmasterError, OutputError
from asmrmaster.web.job_files import REQUEST, STATE, JobRequest, State
from asmrmaster.web.resource_limits import Limits
from asmrmaster.web.worker import LOG, run
from asmrmaster.web.worker_process import LEAVE_S, Work, WorkerProcess

LINE_BYTES = 10_000
"""The longest message taken from a process."""
POLL_S = 0.1
"""How often deadlines and requests to cancel are checked."""
_ID = re.compile(r"[0-9a-f]{24}")


class Jobs:
    """Jobs in a private folder. ``work`` runs in each process; tests give their own."""

    def __init__(self, workspace: Path, limits: Limits | None = None, work: Work = run) -> None:
        self.workspace = workspace
        self.limits = limits or Limits()
        self._work = work
        self._pool = ThreadPoolExecutor(self.limits.jobs, thread_name_prefix="job")
        self._stop: dict[str, threading.Event] = {}
        self._pending: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._spare: WorkerProcess | None = None
        self._closed = False

    # --- asked by the page ------------------------------------------------------------------------

    def new_folder(self) -> Path:
        """A new empty folder for a job, named so that it cannot be guessed. OutputError if the
        queue or the private folder is full."""
        with self._lock:
            waiting = sum(not future.running() for future in self._pending.values())
        if waiting >= self.limits.waiting:
            raise OutputError("too many files are waiting", hint="Try again when some are done")
        if self.used_bytes() > self.limits.stored_bytes:
            raise OutputError("there is too much on this page", hint="Remove some files first")
        folder = self.workspace / secrets.token_hex(12)
        folder.mkdir(mode=0o700)
        return folder

    def submit(self, folder: Path, job: JobRequest) -> str:
        """Put a job into the queue; returns its key. OutputError if the queue is full."""
        job.save(folder)
        State().save(folder)
        key = folder.name
        with self._lock:
            waiting = sum(not future.running() for future in self._pending.values())
            if waiting >= self.limits.waiting:
                shutil.rmtree(folder, ignore_errors=True)
                raise OutputError("too many files are waiting", hint="Try again when some are done")
            stop = self._stop[key] = threading.Event()
            self._pending[key] = self._pool.submit(self._supervise, folder, stop)
            self._pending[key].add_done_callback(lambda _: self._forget(key))
        return key

    def folder(self, key: str) -> Path | None:
        """The folder of a job, None where there is none of this name."""
        if not _ID.fullmatch(key):
            return None
        folder = self.workspace / key
        return folder if (folder / REQUEST).is_file() else None

    def all(self) -> list[tuple[str, JobRequest, State]]:
        """Every job, newest first."""
        found = []
        for folder in self.workspace.iterdir():
            with suppress(OSError, ValueError):  # one that is being put in or taken away
                job = JobRequest.load(folder)
                made = (folder / REQUEST).stat().st_mtime_ns
                found.append((made, folder.name, job, State.load(folder)))
        return [(key, job, state) for _, key, job, state in sorted(found, reverse=True)]

    def cancel(self, key: str) -> None:
        """End a job that waits or works; its sound goes at once."""
        stop, pending = self._stop.get(key), self._pending.get(key)
        if stop is None or pending is None:
            return
        stop.set()
        if pending.cancel():  # it had not begun
            self._end(self.workspace / key, State(status="cancelled"))
        else:
            with suppress(Exception):
                pending.result(2 * LEAVE_S)

    def remove(self, key: str) -> None:
        """Take a job and all that belongs to it away."""
        self.cancel(key)
        if folder := self.folder(key):
            shutil.rmtree(folder, ignore_errors=True)

    def prepare(self) -> None:
        """Have a process ready for a file that may come soon."""
        with self._lock, suppress(OSError):  # without it, one is started when the file comes
            if self._spare is None and not self._closed:
                self._spare = WorkerProcess(self._work, self.limits)

    def close(self) -> None:
        """End everything."""
        for stop in list(self._stop.values()):
            stop.set()
        self._pool.shutdown(cancel_futures=True)
        with self._lock:
            spare, self._spare, self._closed = self._spare, None, True
        if spare is not None:
            spare.end()

    def used_bytes(self) -> int:
        """Size of all that lies in the private folder."""
        total = 0
        for path in self.workspace.rglob("*"):
            with suppress(OSError):
                total += path.stat().st_size
        return total

    # --- one thread for each process --------------------------------------------------------------

    def _forget(self, key: str) -> None:
        with self._lock:
            self._stop.pop(key, None)
            self._pending.pop(key, None)

    def _worker(self) -> WorkerProcess:
        """The process that is ready, or a new one."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare.is_alive():
            return spare
        if spare is not None:
            spare.end()
        return WorkerProcess(self._work, self.limits)

    def _supervise(self, folder: Path, stop: threading.Event) -> None:
        state = State(status="working")
        state.save(folder)
        worker = None
        try:
            worker = self._worker()
            worker.give(folder)
            state = self._watch(folder, worker, stop, state)
        except (OSError, AsmrmasterError) as error:
            state = State(status="failed", message=f"no process could be started: {error}")
        finally:
            if worker is not None:
                worker.end()
        self._end(folder, state)

    def _watch(
        self, folder: Path, worker: WorkerProcess, stop: threading.Event, state: State
    ) -> State:
        """Follow a process to its end, which comes by itself, by cancelling or by the deadline."""
        began = time.monotonic()
        allowed_s = self.limits.deadline_s(0)
        process, messages = worker.process, worker.messages
        while True:
            if stop.is_set():
                return State(status="cancelled")
            if time.monotonic() - began > allowed_s:
                return _broken(state, "it took longer than such a file may take")
            if messages not in wait([messages, process.sentinel], POLL_S):
                # its last message is read after its end
                if process.is_alive() or messages.poll():
                    continue
                return _broken(state, _how_it_ended(process.exitcode))
            try:
                message = json.loads(messages.recv_bytes(LINE_BYTES))
            except (EOFError, OSError, ValueError):
                process.join(LEAVE_S)
                return _broken(state, _how_it_ended(process.exitcode))
            if "length" in message:
                allowed_s = self.limits.deadline_s(float(message["length"]))
            state = _after(state, message)
            state.save(folder)
            if state.status == "failed" or state.sounds:
                return state

    def _end(self, folder: Path, state: State) -> None:
        """Keep the state, and a sound only where it is of use: a take can be mastered again."""
        with suppress(OSError):
            job = JobRequest.load(folder)
            kept = {REQUEST, STATE, LOG}
            if job.stored and job.kind == "master" and state.status != "cancelled":
                kept.add(job.stored)
            for path in folder.iterdir() if state.status != "done" else ():
                if path.name not in kept:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            if job.stored and job.stored not in kept:
                (folder / job.stored).unlink(missing_ok=True)
            state.save(folder)


def _after(state: State, message: Mapping[str, object]) -> State:
    """The state after a message of the process."""
    if "failed" in message:
        return _broken(state, str(message["failed"]))
    if "sounds" in message:
        return state.model_copy(update={"sounds": True})
    if "ready" in message:
        done = {"status": "done", "share": 1.0, "verdict": str(message["ready"])}
        return state.model_copy(update=done)
    if "share" in message:
        return state.model_copy(update={"share": float(str(message["share"]))})
    return state


def _broken(state: State, message: str) -> State:
    """A failure: of the whole, or, once there is a report, of the excerpts alone."""
    if state.status == "done":
        return state.model_copy(update={"sounds": True, "message": message})
    return State(status="failed", message=message)


def _how_it_ended(code: int | None) -> str:
    return f"reading it ended the process that did so ({code}); the file is probably damaged"
