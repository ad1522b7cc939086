"""What a process does instead of the real work, so that files can be as bad as they like.

Nothing heavy is imported here: a process that only crashes need not load what it never uses.
"""

from __future__ import annotations

import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from asmrmaster.web.resource_limits import Limits

SPAN, PID = "span.txt", "worker.log"


def crash(folder: Path, connection: Connection, limits: Limits) -> None:
    """A decoder that reads where it may not."""
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(folder: Path, connection: Connection, limits: Limits) -> None:
    """A decoder that never comes back and does not listen."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _tell(connection, {"share": 0.25})
    time.sleep(600)


def babble(folder: Path, connection: Connection, limits: Limits) -> None:
    """A process that was taken over and sends what is no message."""
    connection.send_bytes(b"\x80\x04" + b"x" * 50_000)
    time.sleep(600)


def greedy(folder: Path, connection: Connection, limits: Limits) -> None:
    """A decoder that asks for more memory than one file may use."""
    from asmrmaster.web import worker

    def swallow(*given: object) -> None:
        bytearray(2 * limits.memory_bytes)

    vars(worker)["_do"] = swallow
    worker.run(folder, connection, limits)


def refuse(folder: Path, connection: Connection, limits: Limits) -> None:
    """A short stay: says how long it was there, and that it found nothing."""
    began = time.monotonic()
    time.sleep(0.05)
    (folder / SPAN).write_text(f"{began} {time.monotonic()}")
    (folder / PID).write_text(str(os.getpid()))
    _tell(connection, {"failed": "it holds nothing"})


def _tell(connection: Connection, said: object) -> None:
    connection.send_bytes(json.dumps(said).encode())
