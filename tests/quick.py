"""What ``make quick`` runs: the tests of what changed, what all of a kind must keep, in a minute.

    python -m tests.quick [BASE]

What changed is asked of git: since the branch left BASE (main, unless another is named), and what
is not committed yet. Tests mirror the rooms, so a changed ``asmrmaster/stages/limiter.py`` chooses
``tests/stages/test_limiter.py`` first, then the contracts, then the rest of ``tests/stages/``, for
as long as there is time. What there was no time for is listed as skipped, never as passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUDGET_S = 40.0
"""After so many seconds no test begins any more; with the last ones it is less than a minute."""
UNTIL = "ASMRMASTER_QUICK_UNTIL"
"""Environment variable with the time, in seconds since the epoch, at which no test begins."""
CONTRACTS = (
    "tests/test_layout.py",
    "tests/test_rules_once.py",
    "tests/test_tests.py",
    "tests/test_contributing.py",
    "tests/test_stages_contract.py",
    "tests/test_meters_contract.py",
)
"""What all files, stages and meters promise."""
DATA = {
    "presets": "tests/presets",
    "docs": "tests/test_docs.py",
    "examples": "tests/test_examples.py",
}


def chosen(changed: Iterable[str], root: Path = ROOT) -> list[str]:
    """The test files and folders for changed files, what is nearest to them first."""
    paths = [PurePosixPath(name) for name in changed]
    own = [test for path in paths for test in _own(path)]
    rooms = [f"tests/{path.parts[1]}" for path in paths if _in_a_room(path)]
    data = [DATA[path.parts[0]] for path in paths if path.parts[0] in DATA]
    ordered = dict.fromkeys((*own, *CONTRACTS, *data, *rooms))
    return [name for name in ordered if (root / name).exists()]


def _in_a_room(path: PurePosixPath) -> bool:
    return path.parts[0] in ("asmrmaster", "tests") and len(path.parts) > 2


def _own(path: PurePosixPath) -> Iterable[str]:
    """The test file that a changed file is, or that mirrors it."""
    if path.parts[0] == "tests" and path.name.startswith("test_"):
        yield str(path)
    if path.parts[0] == "asmrmaster" and path.suffix == ".py":
        yield str(PurePosixPath("tests", *path.parts[1:-1], f"test_{path.name}"))


def changed_files(base: str = "main") -> list[str]:
    """Files that differ from where this branch left ``base``, and new ones, relative to the root.

    On ``base`` itself with nothing changed, those of the last commit.
    """
    since = _git("merge-base", base, "HEAD") or ["HEAD"]
    fresh = _git("ls-files", "--others", "--exclude-standard")
    found = [*_git("diff", "--name-only", since[0]), *fresh]
    return found or _git("diff", "--name-only", "HEAD~1")


def _git(*words: str) -> list[str]:
    ran = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.stdout.splitlines() if ran.returncode == 0 else []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begins no test once the time is up."""
    if time.time() > float(os.environ.get(UNTIL, "inf")):
        pytest.skip("no time was left in make quick; make test runs it")


def main(base: str = "main") -> int:
    """Run what is chosen, on all cores, and answer with the exit code of pytest."""
    tests = chosen(changed_files(base))
    print("Chosen:", *tests)
    os.environ[UNTIL] = str(time.time() + BUDGET_S)
    order = ("-n", "auto", "--dist", "load", "--maxschedchunk", "1")  # from first to last
    return int(pytest.main(["-q", *order, "-p", "tests.quick", *tests]))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(*sys.argv[1:2]))
