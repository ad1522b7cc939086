"""The oldest releases that are tried are those that pyproject.toml states."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import lowest


def test_every_dependency_states_the_oldest_release_it_was_tried_with() -> None:
    tried = dict(line.split("==") for line in lowest.lowest(lowest.dependencies()))
    assert {"numpy", "scipy", "av", "pedalboard", "pyloudnorm", "starlette"} <= set(tried)
    assert tried["av"] == "18.1"


def test_one_without_a_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="numpy states no lower bound"):
        list(lowest.lowest(["scipy>=1.14", "numpy"]))


def test_the_part_names_tests_that_exist() -> None:
    assert all((lowest.ROOT / name).exists() for name in lowest.PART)


def test_an_index_out_of_reach_ends_the_part_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(folder: Path, wanted: object, patience_s: float | None) -> Path:
        raise subprocess.TimeoutExpired("pip", patience_s or 0)

    monkeypatch.setattr(lowest, "make", unreachable)
    assert lowest.main(tmp_path, part=True) == 0
    assert "were not tried" in capsys.readouterr().err
    assert lowest.main(tmp_path, part=False) == 1


def test_a_test_that_fails_there_fails_the_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ended(words: list[str], **named: object) -> subprocess.CompletedProcess[str]:
        assert "tests/dsp" in words
        return subprocess.CompletedProcess(words, 1)

    monkeypatch.setattr(lowest, "make", lambda *given: Path(sys.executable))
    monkeypatch.setattr(subprocess, "run", ended)
    assert lowest.main(tmp_path, part=True) == 1
