"""Damaged files are read or refused, never more; and the campaign would notice if it were not so.

The whole campaign is ``python -m benchmarks.mutations --count 500``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.mutations import campaign, damaged, originals

FILES = 100


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    outcomes = list(campaign(0, FILES, tmp_path))
    assert [outcome for outcome in outcomes if outcome.bad] == []
    assert len(outcomes) == FILES
    assert {outcome.result for outcome in outcomes} == {"read", "refused"}


def test_damage_is_the_same_every_time_and_not_the_same_for_all(tmp_path: Path) -> None:
    files = originals(tmp_path)
    first = [damaged(number, files) for number in range(20)]
    assert [damaged(number, files) for number in range(20)] == first
    assert len({data for _, data in first}) > 15


@pytest.mark.parametrize(("fault", "words"), [
    ("os.kill(os.getpid(), 11)", "died with -11"),
    ("time.sleep(60)", "longer than 1 s"),
    ("print('fault: oh', flush=True); n += 1; continue", "fault: oh"),
])  # fmt: skip
def test_a_crash_a_hang_and_a_fault_are_noticed(tmp_path: Path, fault: str, words: str) -> None:
    """A child that reads well but for file 1; the files after it are still tried."""
    child = (
        "import os, sys, time\n"
        "n, last = int(sys.argv[1]), int(sys.argv[2])\n"
        "while n < last:\n"
        "    print(n, flush=True)\n"
        "    if n == 1:\n"
        f"        {fault}\n"
        "    print('read', flush=True)\n"
        "    n += 1\n"
    )
    outcomes = list(campaign(0, 3, tmp_path, 1.0, (sys.executable, "-c", child)))
    assert [outcome.result for outcome in outcomes] == ["read", words, "read"]
    assert [outcome.bad for outcome in outcomes] == [False, True, False]
