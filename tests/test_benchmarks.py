"""The command that prints the tables: what is missing is named, what fails is seen."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.adapters import NOT_INSTALLED, TOOLS, libebur128, main
from benchmarks.peers import Run


def test_a_table_says_what_is_missing_and_what_failed() -> None:
    found = {
        "asmrmaster check": Run(2.0, 1.0, 90.0, 0),
        "pyloudnorm": Run(4.0, 1.0, 200.0, 0),
        "asmrmaster master": Run(4.0, 1.0, 90.0, 1),
        "matchering": Run(0.0, 0.0, 0.0, NOT_INSTALLED),
        "ffmpeg-normalize": Run(8.0, 1.0, 90.0, 137),
    }
    lines = bench.render(found, 1.0).splitlines()
    assert lines[3] == "| pyloudnorm | 4.00 | 1.00 | 200 | 15 | 2.00 |"
    assert lines[4].startswith("| asmrmaster master | 4.00")
    assert "not installed" in lines[5]
    assert lines[6] == "| ffmpeg-normalize (exit 137) | 8.00 | 1.00 | 90 | 8 | 2.00 |"
    assert "| asmrmaster check | 1 | 2.0000 | 1.0000 | 90 |" in bench.growth({1.0: found})


def test_every_adapter_is_called_and_every_peer_named() -> None:
    words = bench.commands(Path("take.wav"), Path("work"))
    assert set(TOOLS) <= set(words)
    assert set(words) >= bench.MEASURES | bench.WHOLE_IN_MEMORY


@pytest.mark.skipif(not shutil.which("taskset"), reason="needs taskset, of util-linux")
def test_one_core_is_one_core() -> None:
    count = "import os; print(len(os.sched_getaffinity(0)))"
    words = bench.pinned([sys.executable, "-c", count], 1)
    assert int(subprocess.run(list(map(str, words)), capture_output=True, check=True).stdout) == 1


def test_a_tool_that_is_not_there_is_told_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(source: Path, target: Path) -> None:
        raise ImportError("no such thing")

    monkeypatch.setitem(TOOLS, libebur128.__name__, gone)
    with pytest.raises(SystemExit) as left:
        main("libebur128", str(tmp_path / "a.wav"), str(tmp_path / "b.wav"))
    assert left.value.code == NOT_INSTALLED
