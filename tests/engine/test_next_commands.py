"""The one next command of a master that does not meet changes its verdict: run, not read."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster.cli import main
from asmrmaster.report import Report
from tests.media import wav
from tests.signals import noise, pink

RATE = 48_000


def words(seconds: float) -> np.ndarray:
    """Something like words: pink noise for 0.4 to 0.8 s, then a pause over faint noise."""
    random = np.random.default_rng(5)
    sound, place = noise(-80, seconds), RATE
    spoken = pink(-35, seconds)
    while place < len(sound) - RATE:
        length = round(random.uniform(0.4, 0.8) * RATE)
        part = slice(place, min(place + length, len(sound)))
        sound[part] += spoken[part] * np.hanning(part.stop - part.start)[:, None]
        place += round(random.uniform(0.9, 1.4) * RATE)
    return sound


def one_dead_side() -> np.ndarray:
    sound = words(40)
    sound[:, 1] = noise(-90, 40, channels=1)[:, 0]
    return sound


def one_weak_side() -> np.ndarray:
    return words(40) * (0.3, 1.0)


def room_tone_first() -> np.ndarray:
    return np.concatenate([noise(-78, 40), words(60)])


TAKES = {
    "one dead side": (one_dead_side, "channels.repair=left_to_both"),
    "one weak side": (one_weak_side, "channels.left_db="),
    "room tone first": (room_tone_first, "--start 0:4"),
}


def run(arguments: list[str]) -> Report:
    from click.testing import CliRunner

    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.stdout, result.output
    return Report.from_json(result.stdout)


@pytest.mark.parametrize("name", TAKES)
def test_the_next_command_changes_the_verdict(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # reports in JSON name files without their folders
    make, said = TAKES[name]
    take = wav(tmp_path / "take.wav", make())
    first = run(["master", str(take), "-o", str(tmp_path / "first.wav"), "--preset", "whisper"])
    assert first.verdict == "does not meet"
    assert first.next is not None
    program, *arguments = shlex.split(first.next.command)
    assert program == "asmrmaster"
    assert said in first.next.command
    again = run([*arguments, "-o", str(tmp_path / "again.wav")])
    assert again.output is not None
    assert again.verdict.startswith("meets"), [f.title for f in again.findings if f.state == "fail"]
    assert soundfile.info(again.output.path).channels == 2
