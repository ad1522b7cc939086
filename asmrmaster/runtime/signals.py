"""How our own processes end, and how they learn that another has."""

from __future__ import annotations

import signal
from contextlib import suppress


def reap_children() -> None:
    """Let this program wait for its own processes, whatever its parent has set.

    A supervisor that ignores SIGCHLD hands that on, and then the system forgets how a process ended
    before it can be asked.
    """
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def end_with_parent() -> None:
    """Have this process killed when the one it was split off from ends (Linux)."""
    import ctypes  # only here: help and completion do without

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
