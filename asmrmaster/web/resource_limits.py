"""How much time, memory and disk a file may take, so that none can bring the page down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asmrmaster.errors import InputError

if TYPE_CHECKING:
    from asmrmaster.audio import Source

GIB = 2**30


@dataclass(frozen=True)
class Limits:
    """Bounds on uploads, on the queue, and on the process that works on one file."""

    upload_bytes: int = 16 * GIB
    stored_bytes: int = 64 * GIB
    """All uploads and results together."""
    jobs: int = 2
    waiting: int = 100
    """Jobs that may wait for their turn; more are refused."""
    memory_bytes: int = 4 * GIB
    """Address space of one process; 10 h of stereo take less than a tenth of it."""
    duration_s: float = 12 * 3600
    patience_s: float = 120.0
    patience_share: float = 1.0
    """A process is ended after ``patience_s`` and this share of the sound's length; the work
    itself takes less than a tenth of that."""
    stall_s: float = 30.0
    """An upload of which nothing comes for this long is given up."""

    def deadline_s(self, duration_s: float) -> float:
        """How long work on a sound of this length may take."""
        return self.patience_s + self.patience_share * min(duration_s, self.duration_s)


def confine(limits: Limits) -> None:
    """Limit this process, where the system can: address space, size of a written file, no cores.

    Systems without ``resource`` (Windows) still have the deadline.
    """
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.stored_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # a system that knows the limit and will not set it
            resource.setrlimit(kind, (most, most))


def admit(source: Source, limits: Limits) -> None:
    """InputError for a sound longer than is worked on here."""
    if source.audio.duration_s > limits.duration_s:
        raise InputError(
            f"it is {source.audio.duration_s / 3600:.1f} h long; this page takes up to "
            f"{limits.duration_s / 3600:g} h",
            subject=source.path,
            hint="Use the command line for longer files",
        )
