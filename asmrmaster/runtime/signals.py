"""How our own command learns that a worker of it has ended."""

from __future__ import annotations

import signal


def reap_children() -> None:
    """Let this program wait for its own processes, whatever its parent has set.

    A supervisor that ignores SIGCHLD hands that on, and then the system forgets how a process ended
    before it can be asked.
    """
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
