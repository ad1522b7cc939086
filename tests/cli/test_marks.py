"""The command line on marks and bounds: what is typed reaches repair, what is wrong is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from asmrmaster.edits.label_files import read_labels
from tests.cli.test_commands import complaint, run
from tests.signals import pink, sine

RATE = 24_000
CLICKS = (48_000, 120_000, 200_000)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples = pink(-44, 12, RATE) + sine(180, -40, 12, RATE)
    for frame in CLICKS:
        samples[frame] += 0.3
    path = tmp_path_factory.mktemp("take") / "take.wav"
    soundfile.write(path, samples, RATE, "PCM_24")
    return path


def test_from_labels_to_undo_and_back(take: Path, tmp_path: Path) -> None:
    def master(*words: object) -> dict[str, Any]:
        result = run("master", take, "-o", tmp_path / "m.wav", "--set", "declick.sensitivity=1",
                     "--json", "--force", *words)  # fmt: skip
        assert result.exit_code == 2, "too short for a verdict"
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    log = tmp_path / "edits.txt"
    first = master("--labels", log, "--removed", tmp_path / "r.wav")
    names = [edit["id"] for edit in first["edits"] if edit["stage"] == "declick"]
    assert len(names) == 2 * len(CLICKS)
    assert first["change"]["edited_s"] > 0
    texts = [label.text for label in read_labels(log)]
    assert [sum(f"[{name}]" in text for text in texts) for name in names] == [1] * len(names)
    taken = soundfile.read(tmp_path / "r.wav")[0]
    assert len(taken) == 12 * RATE
    assert np.abs(taken[CLICKS[0]]).max() > 0.2

    log.write_text("1.9\t2.1\tthe first\n")
    left = master("--protect", log, "--protect", "0:04.9-0:05.1", "--repair", "10.000-10.002")
    stages = [edit["stage"] for edit in left["edits"] if edit["stage"] != "limiter"]
    assert sorted(stages) == ["declick", "declick", "mouth_declick", "mouth_declick"]
    less = master("--undo", f"{names[0]},{names[1]}", "--undo", names[2])
    assert [e["id"] for e in less["edits"] if e["stage"] == "declick"] == names[3:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--protect", "labels.txt"), "neither a time nor a label file"),
        (("--protect", "5-4"), "ends at 4 s, before it starts"),
        (("--protect", "1:00-1:10"), "lies beyond its end at 12 s"),
        (("--repair", "1-2"), "50 ms is the most"),
        (("--undo", "x"), "no name of an edit"),
        (("--undo", "declick-1-0000001"), "no repair 'declick' is on"),
        (("--labels", "edits.xml"), "End it in .txt"),
        (("--set", "declick.sensitivity=1", "--set", "bounds.edited_percent=0"), "bounds.edited"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_and_nothing_is_left(
    words: tuple[str, ...], said: str, take: Path, tmp_path: Path
) -> None:
    assert said in complaint(run("master", take, "-o", tmp_path / "m.wav", *words))
    assert list(tmp_path.iterdir()) == []


def test_marks_are_about_one_take(take: Path) -> None:
    for words in (("--protect", "1-2"), ("--undo", "x"), ("--labels", "x.txt")):
        result = run("master", take, take, *words)
        assert result.exit_code == 2
        assert "about one take" in result.stderr
    result = run("master", take, "--dry-run", "--removed", "r.wav")
    assert result.exit_code == 2
    assert "--removed needs a render" in result.stderr


def test_the_text_names_edits_and_tells_the_change(take: Path, tmp_path: Path) -> None:
    shown = run("master", take, "-o", tmp_path / "m.wav", "--set", "declick.sensitivity=1",
                "--full").stdout  # fmt: skip
    assert "declick: 6 places" in shown
    assert "[declick-1-00" in shown
    assert "Changed against the take: clicks removed in 0.0" in shown
