"""Freed blocks are kept for the next ones, by our own programs alone."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from asmrmaster.runtime.allocator import reuse
from asmrmaster.runtime.signals import end_with_parent


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def another(name: object) -> object:
        asked.append(name)
        return object()

    monkeypatch.setattr(ctypes, "CDLL", another)
    reuse()
    end_with_parent()
    assert len(asked) == 2, "it has neither mallopt nor prctl, and that is no error"


def test_the_next_block_is_in_memory_that_is_there_already() -> None:
    script = """
import ctypes, resource, sys
import numpy as np
from asmrmaster.runtime.allocator import reuse
if not hasattr(ctypes.CDLL(None), "mallopt"):
    sys.exit("no glibc")
reuse()
def faults():
    for _ in range(100):
        np.ones(500_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(-faults() + faults())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    if "no glibc" in done.stderr:
        pytest.skip("needs glibc")
    assert int(done.stdout) < 1000, "4 MB a hundred times are 100 000 pages"
