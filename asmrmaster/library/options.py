"""How a run goes about its work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from asmrmaster.library.ledger import Ledger
from asmrmaster.library.local_workers import Workers
from asmrmaster.library.schema import Entry
from asmrmaster.library.summary import Progress

KEPT = 1
"""How many earlier masters of a name are kept unless told."""


class RunOptions(TypedDict, total=False):
    """How a run goes about its work; everything may be left out.

    ledger: its file, among the masters by default. jobs: worker processes, one for each core by
    default; workers: others to do the work. force: make all again and replace what lies there.
    retry: try again what was refused or set aside. keep: how many earlier masters of a name stay in
    ``OUT/.asmrmaster/kept`` when another takes the name. checksum: compare the bytes of every take,
    not only its stamp. check: judge the takes, and make no masters. on_wait: called with a message
    where another run is at work on the same masters; without it that raises OutputError.
    on_progress: called as work goes on. on_take: called after every take that was worked on.
    timeout_s: a take that takes longer is given up, named, and tried again by the next run.
    """

    ledger: Path | None
    jobs: int | None
    workers: Workers | None
    force: bool
    retry: bool
    keep: int
    checksum: bool
    timeout_s: float | None
    check: bool
    on_wait: Callable[[str], None] | None
    on_progress: Callable[[Progress], None] | None
    on_take: Callable[[Entry, Ledger], None] | None
