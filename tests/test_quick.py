"""``make quick``: what it chooses, and that it says what it had no time for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.quick import BUDGET_S, CONTRACTS, ROOT, UNTIL, chosen


def test_the_test_of_a_changed_file_comes_first_and_its_room_last() -> None:
    found = chosen(["asmrmaster/stages/limiter.py"])
    assert found == ["tests/stages/test_limiter.py", *CONTRACTS, "tests/stages"]


def test_a_file_without_a_test_of_its_name_has_its_room() -> None:
    assert chosen(["asmrmaster/stages/base.py"]) == [*CONTRACTS, "tests/stages"]


def test_deeper_rooms_tests_and_data_are_found() -> None:
    found = chosen(["asmrmaster/audio/tags/text.py", "tests/test_docs.py", "presets/eq/warm.toml"])
    assert (
        "tests/audio/tags/test_text.py" in found
        or not (ROOT / "tests/audio/tags/test_text.py").exists()
    )
    assert {"tests/test_docs.py", "tests/presets", "tests/audio"} <= set(found)


def test_what_is_gone_is_not_chosen() -> None:
    assert chosen(["tests/stages/test_gone.py", "README.md"]) == [*CONTRACTS, "tests/stages"]


def test_the_contracts_are_there() -> None:
    assert all((ROOT / name).is_file() for name in CONTRACTS)
    assert BUDGET_S < 60


def test_what_there_is_no_time_for_is_said(tmp_path: Path) -> None:
    (tmp_path / "test_late.py").write_text("def test_late():\n    assert False\n")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.quick", "-c", "/dev/null"]
    ran = subprocess.run(
        [*command, str(tmp_path)], cwd=ROOT, env={**os.environ, UNTIL: "0"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 skipped" in ran.stdout
    assert "no time was left in make quick" in ran.stdout
