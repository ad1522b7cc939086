"""A process that has everything loaded and waits for the one folder it will work on.

It is started while somebody is still looking for a file, so that work begins when the file is
there. It ends with the page, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from asmrmaster.runtime.memory import reuse_freed_memory
from asmrmaster.web.resource_limits import Limits

Work = Callable[[Path, Connection, Limits], None]
LEAVE_S = 1.0
"""Time a process has to end when asked, before it is killed."""


class WorkerProcess:
    """One process for one folder. Raises OSError where it cannot be started.

    messages: what the work sends is read here.
    """

    def __init__(self, work: Work, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        theirs_folders, self._folders = context.Pipe(duplex=False)
        self.messages, theirs_messages = context.Pipe(duplex=False)
        self.process = context.Process(
            target=_wait, args=(theirs_folders, theirs_messages, limits, work), daemon=True
        )
        self.process.start()
        theirs_folders.close()
        theirs_messages.close()

    def give(self, folder: Path) -> None:
        """Let it work on a folder. Raises OSError where it is no longer there."""
        self._folders.send_bytes(os.fsencode(folder))

    def is_alive(self) -> bool:
        """Whether it still waits."""
        return self.process.is_alive()

    def end(self) -> None:
        """End it, by force if it does not listen."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(LEAVE_S)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.process.close()
        self._folders.close()
        self.messages.close()


def _wait(folders: Connection, messages: Connection, limits: Limits, work: Work) -> None:
    reuse_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the page ends this process, no key does
    threading.Thread(target=_end_with_the_page, daemon=True).start()
    with suppress(EOFError, OSError):  # the page ended before there was anything to do
        folder = Path(os.fsdecode(folders.recv_bytes()))
        work(folder, messages, limits)


def _end_with_the_page() -> None:
    page = multiprocessing.parent_process()
    if page is not None:
        page.join()
    os._exit(1)
