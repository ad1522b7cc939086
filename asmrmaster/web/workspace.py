"""The private folder that holds everything of the page, removed however the page ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SWEEP = """
import os, shutil, sys, time
sys.stdin.buffer.read()
for _ in range(100):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
"""
"""What the sweeper runs: it waits until nobody holds the other end of its input, and removes the
folder; again for a while, in case a worker that is ending still writes to it."""


@contextmanager
def private_workspace() -> Iterator[Path]:
    """A folder for this process alone, removed when the block is left.

    A small process of its own does that, so that the folder goes as well when this one is killed.
    """
    workspace = Path(tempfile.mkdtemp(prefix="asmrmaster-page-"))
    try:
        sweeper = subprocess.Popen(
            [sys.executable, "-I", "-c", SWEEP, str(workspace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # no key in the terminal ends it first
        )
        with sweeper:  # leaving closes its input, and waits for it
            yield workspace
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
