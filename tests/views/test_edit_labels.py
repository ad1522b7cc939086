"""The edit log as labels: only what was changed, by name, in the format the file name asks for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster.audio import Audio, Format
from asmrmaster.audio import write as write_sound
from asmrmaster.audio.cues import read_cues
from asmrmaster.edits.label_files import read_labels
from asmrmaster.errors import OutputError
from asmrmaster.report import EditData
from asmrmaster.views.edit_labels import check, edit_marks, labels_format, write
from asmrmaster.views.markers import FORMATS
from tests import made_reports
from tests.signals import noise

EDIT = EditData(
    id="declick-1-0483021", stage="declick", start_s=10.0629, end_s=10.0632, channel=0,
    amount_db=-14, reason="isolated click",
)  # fmt: skip
REPORT = made_reports.mastered(edits=(EDIT,))


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("edits.txt", "audacity"),
        ("Edits.TXT", "audacity"),
        ("edits.csv", "reaper"),
        ("take.audition.csv", "audition"),
        ("audition.csv", "audition"),
        ("take.times.txt", "times"),
    ],
)
def test_the_name_says_the_format(name: str, format: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert labels_format(path) == format
    write(REPORT, path)
    assert path.read_text(encoding="utf-8") == FORMATS[format][1](edit_marks(REPORT))
    first, *rest = read_labels(path)
    assert first.start_s == pytest.approx(EDIT.start_s, abs=0.06)
    assert "isolated click [declick-1-0483021]" in first.text
    assert REPORT.ride is not None
    assert len(rest) == len(REPORT.ride.dips), "and nothing but edits and dips"


def test_nothing_is_written_over_or_under_a_strange_name(tmp_path: Path) -> None:
    mine = tmp_path / "edits.txt"
    mine.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        check(mine)
    with pytest.raises(OutputError, match="exists already"):
        write(REPORT, mine)
    assert mine.read_text() == "mine"
    write(REPORT, mine, force=True)
    assert "isolated click" in mine.read_text(encoding="utf-8")
    with pytest.raises(OutputError, match="End it in"):
        check(tmp_path / "edits.xml")
    with pytest.raises(OutputError, match="cannot be written"):
        write(REPORT, tmp_path / "gone" / "edits.txt")


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_as_a_wav_they_are_markers_in_a_copy_of_the_master(tmp_path: Path, ending: str) -> None:
    master = tmp_path / f"m.{ending}"
    format = Format("WAV" if ending == "wav" else "FLAC", "PCM_24")
    write_sound(Audio.from_array(noise(-30, 12), 48_000), master, format)
    before = master.read_bytes()
    assert REPORT.output is not None
    facts = REPORT.output.model_copy(
        update={"path": str(master), "format": str(format), "rate_hz": 48_000}
    )
    report = REPORT.model_copy(update={"output": facts})
    path = tmp_path / "edits.wav"
    write(report, path)
    assert master.read_bytes() == before
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(master)[0])
    rate, (first, *rest) = read_cues(path)
    assert first.start / rate == pytest.approx(EDIT.start_s, abs=1e-3)
    assert "isolated click [declick-1-0483021]" in first.text
    assert report.ride is not None
    assert len(rest) == len(report.ride.dips)
    assert [label.text for label in read_labels(path)] == [first.text, *(cue.text for cue in rest)]
    with pytest.raises(OutputError, match="exists already"):
        write(report, path)
    with pytest.raises(OutputError, match="never written over"):
        check(tmp_path / "m.wav", (tmp_path / "m.wav",), force=True)


def test_a_copy_of_a_master_that_fails_says_so_in_its_name(tmp_path: Path) -> None:
    master = tmp_path / "m.does-not-meet.wav"
    write_sound(Audio.from_array(noise(-30, 12), 48_000), master, Format("WAV", "PCM_24"))
    assert REPORT.output is not None
    facts = REPORT.output.model_copy(update={"path": str(master)})
    report = REPORT.model_copy(update={"output": facts, "verdict": "does not meet"})
    write(report, tmp_path / "edits.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "edits.does-not-meet.wav", "m.does-not-meet.wav",
    ]  # fmt: skip
