"""The examples and the snippet of the README run as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_examples_run(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, path, tmp_path], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "meet" in done.stdout


def test_the_readme_snippet_runs(demo_take: Path, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "take.wav").symlink_to(demo_take)
    done = subprocess.run(
        [sys.executable, "-c", snippet], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("meets")
    assert (tmp_path / "master.wav").exists()


def test_the_readme_names_every_command_and_preset() -> None:
    from asmrmaster.cli import main
    from asmrmaster.presets import Preset, shipped

    text = (ROOT / "README.md").read_text()
    for name in (*main.commands, *shipped(Preset)):
        assert name in text, name
