"""The loop of a run: hands out work, enters what comes back, gives masters their names."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace

from asmrmaster.errors import OutputError
from asmrmaster.library import publishing
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.local_workers import Workers
from asmrmaster.library.options import KEPT, RunOptions
from asmrmaster.library.plan import Item, Plan, Why
from asmrmaster.library.schema import Entry
from asmrmaster.library.stores import storage
from asmrmaster.library.summary import Progress, Summary
from asmrmaster.library.task import Outcome

DEADLY = 2
"""A take that has killed this many workers is set aside."""
ALIKE = 20
"""A run is given up when this many takes in a row fail for something that is not the take."""
REPORT_S = 0.5
"""How often progress is reported, at least."""


class Scheduler:
    """Hands out work, records what comes back, and publishes it."""

    def __init__(
        self,
        ledger: Ledger,
        out: str,
        workers: Workers,
        summary: Summary,
        options: RunOptions,
    ) -> None:
        self._ledger, self._out, self._workers, self._summary = ledger, out, workers, summary
        self._on_progress, self._on_take = options.get("on_progress"), options.get("on_take")
        self._limit_s = options.get("timeout_s")
        self._since: dict[Future[Outcome], float] = {}
        self._keep = options.get("keep", KEPT)
        self._staging = publishing.staging_folder(out, ledger)
        self._waiting: deque[Item] = deque()
        self._progress = Progress()
        self._alike = 0

    def run(self, todo: Plan) -> None:
        """Work until all is done, or until too many takes in a row have failed."""
        for item in {item.settings: item for item in todo.items}.values():
            self._ledger.record(item.recipe, check=item.check)
        if not all(item.check for item in todo.items):
            storage(self._out).prepare(self._staging)
        self._waiting.extend(todo.items)
        self._progress = Progress(takes=len(todo.items), bytes=todo.size)
        began = time.monotonic()
        running: dict[Future[Outcome], Item] = {}
        while running or (self._waiting and not self._summary.stopped):
            self._submit(running)
            done, _ = wait(running, timeout=REPORT_S, return_when=FIRST_COMPLETED)
            ended = [(running.pop(future), future) for future in done]
            for future in done:
                self._since.pop(future, None)
            self._give_up_late(running)
            self._submit(running)  # recording waits for the disk, and no worker shall wait for that
            self._record(ended)
            self._progress = replace(self._progress, seconds=time.monotonic() - began)
            if self._on_progress is not None:
                self._on_progress(self._progress)
        self._summary.not_tried = len(self._waiting)
        storage(self._out).sweep(self._staging)

    def _submit(self, running: dict[Future[Outcome], Item]) -> None:
        """Give work to every worker that has none."""
        while self._waiting and len(running) < self._width():
            item = self._waiting.popleft()
            future = self._workers.submit(item.task(self._out, self._staging))
            running[future], self._since[future] = item, time.monotonic()

    def _give_up_late(self, running: dict[Future[Outcome], Item]) -> None:
        """Take work that takes too long from its worker, which is replaced."""
        if self._limit_s is None:
            return
        late = time.monotonic() - self._limit_s
        for future in [one for one in running if self._since[one] < late and not one.done()]:
            item = running.pop(future)
            del self._since[future]
            self._workers.give_up(future)
            entry = item.entry()
            entry = entry._replace(
                cause=f"it took longer than {self._limit_s:g} s",
                code="time-limit",
                attempts=entry.attempts + 1,
                finished_at=time.time(),
            )
            with self._ledger.transaction():
                self._ledger.save(entry)
            self._count(item, entry, made=True)

    def _width(self) -> int:
        """How many tasks may run at once; none once the run is given up."""
        try:
            return 0 if self._summary.stopped else self._workers.width
        except OutputError as error:
            self._summary.stopped, self._summary.lost = str(error), True
            return 0

    def _record(self, done: list[tuple[Item, Future[Outcome]]]) -> None:
        """Record what came back in one transaction; then give the masters their names."""
        entered: list[tuple[Item, Entry]] = []
        hashed: list[tuple[Item, str]] = []
        with self._ledger.transaction():
            for item, future in done:
                if future.cancelled():  # its workers are lost
                    self._waiting.append(item)
                    continue
                error = future.exception()
                if error is not None:
                    entry = self._ended_badly(item, error)
                elif future.result().state == "hashed":
                    hashed.append((item, future.result().sha256))
                    continue
                else:
                    entry = self._recorded(item, future.result())
                entered.append((item, entry))
        for item, entry in entered:
            if entry.staged:
                entry, moved = publishing.publish(self._ledger, self._out, entry, self._keep)
                self._summary.replaced += moved
            if entry.state == "failed" and 0 < entry.deaths < DEADLY:
                self._waiting.append(replace(item, known=entry))
            else:
                self._count(item, entry, made=True)
        for item, sha256 in hashed:
            self._recognise(item, sha256)

    def _recorded(self, item: Item, outcome: Outcome) -> Entry:
        """Save what a worker answered."""
        entry = item.entry()
        entry = entry._replace(
            take_sha256=outcome.sha256,
            verdict=outcome.verdict,
            cause=outcome.cause,
            code=outcome.code,
            version=outcome.version,
            duration_s=outcome.duration_s,
            seconds=outcome.seconds,
            finished_at=time.time(),
            attempts=entry.attempts + 1,
        )
        if outcome.stamp is not None:
            entry = entry._replace(size=outcome.stamp.size, stamp=str(outcome.stamp))
        if outcome.state == "checked":
            entry = entry._replace(state="done", deaths=0)
            self._ledger.save(entry, outcome.values, outcome.report)
            return entry
        if outcome.state != "made":
            entry = entry._replace(state=outcome.state, deaths=0)
            self._ledger.save(entry)
            return entry
        folder = item.stem.rpartition("/")[0]
        entry = entry._replace(
            state="done",
            deaths=0,
            output=f"{folder}/{outcome.name}" if folder else outcome.name,
            output_sha256=outcome.output_sha256,
            output_stamp=outcome.output_stamp,
            staged=outcome.staged,
            replaces=item.replaces,
            retires=entry.output,
        )
        self._ledger.save(entry, outcome.values, outcome.report)
        self._ledger.replaced(entry)
        return entry

    def _ended_badly(self, item: Item, error: BaseException) -> Entry:
        """Save that a task ended without an answer."""
        entry = item.entry()
        deaths = entry.deaths + self._workers.deaths(error)
        if deaths == entry.deaths:
            code, cause = "no-answer", f"no answer came from its worker: {type(error).__name__}"
            cause = f"{cause}: {error}"
        else:
            code, cause = "worker-died", "its worker died over it (killed, or out of memory)"
        entry = entry._replace(
            state="aside" if deaths >= DEADLY else "failed",
            cause=cause if deaths < DEADLY else f"{cause}, {deaths} times",
            code=code,
            deaths=deaths,
            attempts=entry.attempts + 1,
            finished_at=time.time(),
        )
        self._ledger.save(entry)
        return entry

    def _recognise(self, item: Item, sha256: str) -> None:
        """A take whose bytes are known needs no work; another goes back to be made."""
        known = item.known
        if known is not None and known.take_sha256 == sha256:
            entry = known._replace(stamp=str(item.take.stamp), size=item.take.stamp.size)
            with self._ledger.transaction():
                self._ledger.save(entry)
        else:
            found = publishing.adopt(self._ledger, self._out, item, sha256, self._staging)
            if found is None:
                why: Why = "changed" if item.why == "checked" else item.why
                self._waiting.appendleft(replace(item, hash_first=False, why=why))
                return
            entry, moved = found
            self._summary.replaced += moved
            self._summary.changes["renamed"] += 1
        self._count(item, entry, made=False)

    def _count(self, item: Item, entry: Entry, *, made: bool) -> None:
        """Count a take that is over and done with, for better or worse."""
        summary, progress = self._summary, self._progress
        summary.count(entry)
        summary.made += made and entry.state == "done"
        if made:
            summary.changes[item.why] += 1
        summary.unchanged += not made
        self._progress = replace(
            progress,
            done=progress.done + 1,
            bytes_done=progress.bytes_done + item.take.stamp.size,
        )
        self._alike = self._alike + 1 if entry.state in ("failed", "aside") else 0
        if self._alike >= ALIKE:
            summary.lost = entry.code in ("unreadable", "unwritable")
            summary.stopped = f"{ALIKE} takes in a row failed, the last because: {entry.cause}"
        if self._on_take is not None:
            self._on_take(entry, self._ledger)
