"""Running a command as a peer: wall time, processor time and peak memory of the whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
"""Where the commands of this environment lie."""


@dataclass(frozen=True)
class Run:
    """One command, as the operating system saw it."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int


def run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Run:
    """Run a command quietly and measure it; its children are counted with it."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    return Run(wall_s, cpu_s, usage.ru_maxrss / 1024, process.returncode)


def median(command: Sequence[str | Path], runs: int = 3) -> Run:
    """The run of median wall time out of several."""
    found = sorted((run(command) for _ in range(runs)), key=lambda one: one.wall_s)
    middle = statistics.median_low([one.wall_s for one in found])
    return next(one for one in found if one.wall_s == middle)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
