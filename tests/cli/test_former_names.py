"""Former names of stages, as they stand in people's files and scripts: read, and said in a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from tests.made_reports import mastered
from tests.signals import noise

OWN = """
id = "own"
version = "1.0.0"
title = "Own"
when = "As written before stages had their names of now."
extends = "gentle"

[limit]
hold_ms = 5.0

[stages.debump]
"""


def asmrmaster(*words: object) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, where warnings are not made errors."""
    command = [sys.executable, "-m", "asmrmaster", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "take.wav"
    soundfile.write(path, noise(-30, 1), 48_000)
    return path


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("--set", "hush=on"), ["hush is called denoise now"]),
        (("--undo", "hush-0-0000000"), ["hush is called denoise now"]),
        (
            ("--set", "limit.hold_ms=4", "--eq", "warm", "--set", "hush.reduction_db=6"),
            ["limit is called limiter now", "hush is called denoise now"],
        ),
        (
            ("--preset", "own.toml"),
            ["limit is called limiter now", "debump is called deplosive now"],
        ),
    ],
)
def test_each_is_understood_and_said_once(
    words: tuple[str, ...], lines: list[str], take: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    typed = [str(own) if word == "own.toml" else word for word in words]
    ran = asmrmaster("master", take, "--dry-run", "--json", *typed)
    assert ran.stderr.splitlines() == [f"asmrmaster: {line}" for line in lines]
    chain = [stage["stage"] for stage in json.loads(ran.stdout)["chain"]]
    assert not {"hush", "debump", "limit"} & set(chain)
    assert "limiter" in chain


def test_a_saved_report_that_holds_them_is_shown(tmp_path: Path) -> None:
    data = json.loads(mastered().to_json())
    data["chain"] = [{"stage": "hush", "parameters": {}}, {"stage": "debump", "parameters": {}}]
    saved = tmp_path / "old.report.json"
    saved.write_text(json.dumps(data))
    ran = asmrmaster("view", saved, "--as", "json")
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == [
        "asmrmaster: hush is called denoise now",
        "asmrmaster: debump is called deplosive now",
    ]
    assert [stage["stage"] for stage in json.loads(ran.stdout)["chain"]] == ["denoise", "deplosive"]
