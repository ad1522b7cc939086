"""Run the tests with the oldest releases that pyproject.toml allows.

    python -m tests.lowest FOLDER            all of them
    python -m tests.lowest FOLDER --part     those that meet every dependency, in a minute or two

FOLDER is where the environment is made, or was before. ``make lowest`` does the first, continuous
integration the second: there, an index that cannot be reached or is slow is said and ends nothing,
because it says nothing of this code. A test that fails does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("httpx", "hypothesis", "pytest", "pytest-xdist")
"""What the part needs beside the package, at any version."""
PART = (
    "tests/advice/test_second_meter.py",
    "tests/audio/container/test_decode.py",
    "tests/audio/tags/test_metadata.py",
    "tests/audio/test_pcm.py",
    "tests/dsp",
    "tests/meters/test_loudness.py",
    "tests/presets",
    "tests/report",
    "tests/stages/test_plugin.py",
    "tests/views/test_html.py",
    "tests/web/test_jobs.py",
)
"""Every dependency is met here: arrays, filters, files, films, tags, data, pages, the server."""
PATIENCE_S = 150.0
"""For the downloads of the part."""
_BOUND = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?>=([0-9][0-9.]*)(?:,<[0-9.]+)?")


def lowest(requirements: Iterable[str]) -> Iterator[str]:
    """Each requirement at its lower bound, as a line of constraints.

    Raises ValueError for one without.
    """
    for requirement in requirements:
        match = _BOUND.fullmatch(requirement)
        if match is None:
            raise ValueError(f"{requirement} states no lower bound")
        yield f"{match[1]}=={match[2]}"


def dependencies() -> list[str]:
    """The ordinary dependencies in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def make(folder: Path, wanted: Sequence[str], patience_s: float | None) -> Path:
    """The Python of an environment with the lowest versions; raises where it cannot be made."""
    venv.create(folder, with_pip=True)
    constraints = folder / "lowest.txt"
    constraints.write_text("\n".join(lowest(dependencies())) + "\n", encoding="utf-8")
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", str(constraints)]
    subprocess.run([python, *install, *wanted], cwd=ROOT, check=True, timeout=patience_s)
    return python


def main(folder: Path, part: bool) -> int:
    """What pytest ended with; 0 where the environment of the part cannot be had in time."""
    try:
        if part:
            python = make(folder, ["-e", ".", *TOOLS], PATIENCE_S)
        else:
            python = make(folder, ["-e", ".[dev]"], None)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"The oldest releases were not tried: {error}", file=sys.stderr)
        return 0 if part else 1
    tests = ["-p", "no:cacheprovider", *PART] if part else []
    run = ["-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", *tests]
    return subprocess.run([python, *run], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--part" in sys.argv[2:]))
