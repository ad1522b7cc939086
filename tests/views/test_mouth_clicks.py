"""Soft clicks as labels: one for each place, and what is written can be repaired by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from asmrmaster.audio.cues import read_cues
from asmrmaster.edits.label_files import read_labels
from asmrmaster.stages.mouth_declick import MouthClick
from asmrmaster.views.mouth_clicks import mouth_marks
from tests.cli.test_commands import run
from tests.signals import pink


def test_what_two_channels_have_at_once_is_one_mark() -> None:
    clicks = [
        MouthClick(2.0, 2.001, 1, 14.2),
        MouthClick(1.0, 1.002, 0, 11.0),
        MouthClick(1.001, 1.003, 1, 12.6),
    ]
    first, second = mouth_marks(clicks)
    assert (first.start_s, first.end_s) == (1.0, 1.003)
    assert first.text == "soft click, 13 dB livelier (channels 1 and 2)"
    assert second.text == "soft click, 14 dB livelier (channel 2)"
    assert mouth_marks(()) == []


def test_a_take_is_listed_and_the_list_repairs_it(tmp_path: Path) -> None:
    samples, time = pink(-45, 8.0), np.arange(60)
    for start in (100_000, 200_000, 300_000):
        ring = np.exp(-time / 14) * np.sin(0.5 * time)
        samples[start : start + 60, 0] += 0.08 * ring
    take, labels = tmp_path / "take.wav", tmp_path / "clicks.txt"
    soundfile.write(take, samples, 48_000, "PCM_24")
    result = run("check", take, "--mouth-clicks", labels)
    assert "soft clicks to listen to" in result.stderr
    found = read_labels(labels)
    for start in (100_000, 200_000, 300_000):
        assert any(x.start_s - 1e-3 < start / 48_000 < x.end_s for x in found)
    made = run("master", take, "-o", tmp_path / "m.wav", "--repair", labels, "--json")
    assert made.stdout.count('"stage": "mouth_declick"') > 2
    again = run("check", take, "--mouth-clicks", labels)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    marked = tmp_path / "marked.wav"
    run("check", take, "--mouth-clicks", marked)
    assert len(read_cues(marked)[1]) == len(found)
    assert run("check", take, take, "--mouth-clicks", tmp_path / "x.txt").exit_code == 2
    assert run("check", take, "--mouth-clicks", take).exit_code == 2
