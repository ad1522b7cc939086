"""Why a run, or a take, came to nothing: one word each that programs can rely on.

A take without a master has one of ``CAUSES``, whatever the words beside it say. What ends a whole
run is an error with an exit code of its own.
"""

from __future__ import annotations

from asmrmaster.errors import OutputError

CAUSES = {
    "take-refused": "the take cannot be mastered or measured as it is",
    "take-changed": "it changed while it was read",
    "unreadable": "the take could not be read: gone, or no permission, or its disk is in trouble",
    "unwritable": "the master could not be written: no space, no permission, or the disk is gone",
    "name-taken": "a file of somebody else has the master's name",
    "master-changed": "its master was changed since it was made",
    "memory": "there was not enough memory",
    "worker-died": "its worker was killed over it",
    "time-limit": "it took longer than --timeout-per-take",
    "no-answer": "no answer came from its worker",
    "not-text": "its name is not text",
    "internal": "asmrmaster is at fault",
}
"""What every cause means."""

EXIT_NOTHING_BEGUN = 2
EXIT_SOME_WITHOUT = 3
EXIT_LOCKED = 4
EXIT_LEDGER_DAMAGED = 5
EXIT_LOST = 6
"""How ``batch`` ends beside 0 (all meet) and 1 (some do not): nothing could be begun; it came to
its end, but some takes have no verdict; another run is at work; the ledger is damaged; the storage
or the scheduler was lost on the way."""


class LedgerError(OutputError):
    """The ledger cannot be used."""

    exit_code = EXIT_NOTHING_BEGUN


class LedgerDamagedError(LedgerError):
    """The ledger is no database any more."""

    exit_code = EXIT_LEDGER_DAMAGED


class LockedError(LedgerError):
    """Another run is at work on the ledger."""

    exit_code = EXIT_LOCKED


class LostError(OutputError):
    """A storage or a scheduler cannot be reached any more."""

    exit_code = EXIT_LOST
