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

from asmrmaster.web.resource_limits import Limits

Work = Callable[[Path, Connection, Limits], None]
LEAVE_S = 1.0
"""Time a process has to end when asked, before it is killed."""


class WorkerProcess:
    """One process for one folder. Raises OSError where it cannot be started.

    said: what the work tells is read here.
    """

    def __init__(self, work: Work, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        theirs_orders, self._orders = context.Pipe(duplex=False)
        self.said, theirs_said = context.Pipe(duplex=False)
        self.process = context.Process(
            target=_wait, args=(theirs_orders, theirs_said, limits, work), daemon=True
        )
        self.process.start()
        theirs_orders.close()
        theirs_said.close()

    def give(self, folder: Path) -> None:
        """Let it work on a folder. Raises OSError where it is no longer there."""
        self._orders.send_bytes(os.fsencode(folder))

    def is_there(self) -> bool:
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
        self._orders.close()
        self.said.close()


def _wait(orders: Connection, said: Connection, limits: Limits, work: Work) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the page ends this process, no key does
    threading.Thread(target=_end_with_the_page, daemon=True).start()
    with suppress(EOFError, OSError):  # the page ended before there was anything to do
        folder = Path(os.fsdecode(orders.recv_bytes()))
        work(folder, said, limits)


def _end_with_the_page() -> None:
    page = multiprocessing.parent_process()
    if page is not None:
        page.join()
    os._exit(1)
