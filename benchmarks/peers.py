"""Running a command as a peer: wall time, processor time and peak memory of the whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
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
    """Run a command quietly and measure it with GNU time; its children are counted with it."""
    with tempfile.NamedTemporaryFile("r") as told:
        measured = ["/usr/bin/time", "-o", told.name, "-f", "%e %U %S %M", *map(str, command)]
        done = subprocess.run(
            measured,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**_compiled(), **(env or {})},
            check=False,
        )
        wall_s, user_s, system_s, peak_kb = map(float, told.read().splitlines()[-1].split())
    return Run(wall_s, user_s + system_s, peak_kb / 1024, done.returncode)


def _compiled() -> dict[str, str]:
    """The environment, with modules compiled once and for all, as those of installed programs."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def median(command: Sequence[str | Path], runs: int = 3) -> Run:
    """The run of median wall time out of several."""
    found = sorted((run(command) for _ in range(runs)), key=lambda one: one.wall_s)
    middle = statistics.median_low([one.wall_s for one in found])
    return next(one for one in found if one.wall_s == middle)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
