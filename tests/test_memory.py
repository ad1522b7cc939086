"""Freed memory goes back to the system; where that cannot be asked for, nothing happens."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.memory import give_back


def resident_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("needs /proc, which only Linux has")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def test_small_pieces_freed_between_others_are_given_back() -> None:
    kept = [(np.ones(100_000 // 8), np.ones(1)) for _ in range(1000)]  # 100 MB below the threshold
    full = resident_mb()
    kept = [(np.ones(0), small) for _, small in kept]
    give_back()
    assert resident_mb() < full - 80
    assert len(kept) == 1000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    give_back()
