"""What is released holds all that is needed; ``make release`` installs and uses it, too."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from asmrmaster import __version__

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "build", "-q", "--no-isolation", "--wheel", "--sdist"]
    subprocess.run([*words, "--outdir", folder, ROOT], check=True, timeout=120)
    return folder


def test_the_wheel_holds_the_package_and_its_data_and_works(dist: Path, tmp_path: Path) -> None:
    (path,) = dist.glob("*.whl")
    assert path.name == f"asmrmaster-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        held = set(wheel.namelist())
        wheel.extractall(tmp_path)
    sources = [p for p in (ROOT / "asmrmaster").rglob("*") if "__pycache__" not in p.parts]
    data = {f"asmrmaster/data/{p.relative_to(ROOT / 'presets').as_posix()}"
            for p in (ROOT / "presets").rglob("*.toml")}  # fmt: skip
    assert {p.relative_to(ROOT).as_posix() for p in sources if p.is_file()} | data <= held
    assert not any(name.startswith(("tests", "benchmarks")) for name in held)
    code = "import sys; from asmrmaster.cli import main; main(['profiles', 'show', 'trauma'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert "startle" in done.stdout


def test_the_sdist_holds_what_its_makefile_needs(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        held = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = set(listed.stdout.split("\n")) - {"", ".gitignore"}
    if not names:  # this is a released tree itself
        names = {"Makefile", "pyproject.toml", "README.md", "tests/conftest.py"}
    assert {name for name in names if (ROOT / name).exists()} <= held
