"""A program that uses asmrmaster as a library, in the manner that is asked for.

    python -m tests.api.host MANNER THREADS TAKE FOLDER

Prints what came of a check and of a master as JSON, and what changed in the program meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asmrmaster

Outcome = dict[str, Any]


def work(take: str, folder: str, threads: int) -> Outcome:
    """Check the take, master it, check an array; what came of it."""
    checked = asmrmaster.check(take, threads=threads)
    mastered = asmrmaster.master(take, Path(folder) / "master.wav", threads=threads, force=True)
    assert mastered.output is not None
    sound = asmrmaster.read(take).audio
    in_memory = asmrmaster.check(sound.to_array(), sound.rate, threads=threads)
    assert in_memory.after.values == checked.after.values
    return {
        "verdicts": [checked.verdict, mastered.verdict],
        "loudness": checked.after.values["integrated_lufs"],
        "master": hashlib.sha256(Path(mastered.output.path).read_bytes()).hexdigest(),
    }


def plainly(*given: Any) -> Outcome:
    return work(*given)


def where_sigchld_is_ignored(*given: Any) -> Outcome:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    return work(*given)


def where_children_are_reaped(*given: Any) -> Outcome:
    """The host waits for every process that ends, in a handler and in a thread of its own."""

    def reap(*_: object) -> None:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    signal.signal(signal.SIGCHLD, reap)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            reap()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return work(*given)
    finally:
        over.set()
        watcher.join()


def in_a_thread(*given: Any) -> Outcome:
    done: list[Outcome] = []
    worker = threading.Thread(target=lambda: done.append(work(*given)))
    worker.start()
    worker.join()
    return done[0]


def in_a_loop(*given: Any) -> Outcome:
    """In a running event loop: in its own thread, and in another one, while it goes on."""

    async def both() -> Outcome:
        here = work(*given)
        there = asyncio.create_task(asyncio.to_thread(work, *given))
        while not there.done():
            await asyncio.sleep(0.01)
        assert there.result() == here
        return here

    return asyncio.run(both())


def under_spawn(*given: Any) -> Outcome:
    return _in_a_worker("spawn", given)


def under_forkserver(*given: Any) -> Outcome:
    return _in_a_worker("forkserver", given)


def _in_a_worker(method: str, given: tuple[Any, ...]) -> Outcome:
    with multiprocessing.get_context(method).Pool(1) as pool:  # whose workers may have no children
        return pool.apply(work, given)


MANNERS: dict[str, Callable[..., Outcome]] = {
    one.__name__: one
    for one in (
        plainly,
        where_sigchld_is_ignored,
        where_children_are_reaped,
        in_a_thread,
        in_a_loop,
        under_spawn,
        under_forkserver,
    )
}


if __name__ == "__main__":
    manner, threads, take, folder = sys.argv[1:]
    print(json.dumps(MANNERS[manner](take, folder, int(threads))))
