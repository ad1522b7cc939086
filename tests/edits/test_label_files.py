"""Labels: what sound editors write is read as they mean it, and everything else is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.audio import Audio, Format, write
from asmrmaster.audio.cues import Cue, add_cues
from asmrmaster.audio.times import read_time
from asmrmaster.edits.label_files import MOST, Label, read_labels, read_spans
from asmrmaster.errors import ParameterError, PresetError
from asmrmaster.views import markers
from tests import made_reports
from tests.signals import noise

WHERE = [(62.5, 63.0, "door"), (92.0, 92.0, "click")]

AUDACITY = "62.500000\t63.000000\tdoor\n\\\t200.0\t4000.0\n92.000000\t92.000000\tclick\n"
AUDACITY_IN_GERMAN = "62,500000\t63,000000\tdoor\n92,0\t92,0\tclick\n"
REAPER = '#,Name,Start,End,Length\nR1,door,1:02.500,1:03.000,0:00.500\nM1,"click",1:32.000,,\n'
AUDITION = (
    "Name\tStart\tDuration\tTime Format\tType\tDescription\n"
    "door\t1:02.500\t0:00.500\tdecimal\tCue\t\nclick\t1:32.000\t0:00.000\tdecimal\tCue\t\n"
)
PLAIN = "# by ear\n1:02.5-1:03 door\n\n1:32 click\n"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "labels.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("content", [AUDACITY, AUDACITY_IN_GERMAN, REAPER, AUDITION, PLAIN])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_editor_is_understood(
    content: str, encoding: str, ending: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content.replace("\n", ending).encode(encoding))
    assert read_labels(path) == tuple(Label(*where) for where in WHERE)


@pytest.mark.parametrize("name", markers.FORMATS)
def test_what_we_write_we_read(name: str, tmp_path: Path) -> None:
    report = made_reports.mastered()
    path = written(tmp_path, markers.FORMATS[name][1](report))
    found = read_labels(path)
    marks = [markers.Mark(0.0, 0.0, markers.summary(report)), *markers.marks(report)]
    assert [label.text for label in found] == [mark.text for mark in marks]
    tolerance = 0.06 if name == "times" else 6e-4
    for label, mark in zip(found, marks, strict=True):
        assert label.start_s == pytest.approx(mark.start_s, abs=tolerance)
        if name != "times":
            assert label.end_s == pytest.approx(max(mark.end_s, mark.start_s), abs=2 * tolerance)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("1:02.5-1:03", [(62.5, 63.0)]),
        ("62.5-63, 1:01:02-1:01:03.25", [(62.5, 63.0), (3662.0, 3663.25)]),
        ("1:02.5 – 1:03; 10-11", [(62.5, 63.0), (10.0, 11.0)]),
        ("92", [(91.985, 92.015)]),
        ("0", [(0.0, 0.015)]),
    ],
)
def test_times_on_the_command_line(text: str, spans: list[tuple[float, float]]) -> None:
    found = read_spans(text)
    assert [pytest.approx(span) for span in spans] == list(found)


def test_a_text_that_names_a_file_is_read_from_it(tmp_path: Path) -> None:
    assert read_spans(str(written(tmp_path, AUDACITY)))[0] == (62.5, 63.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1:02.5-1:01", "ends at 61 s, before it starts at 62.5 s"),
        ("1:72", "60 or more"),
        ("1:99:00", "60 or more"),
        ("door.txt", "neither a time nor a label file"),
        ("-5", "is no time"),
        ("1:2:3:4", "is no time"),
        ("1..5", "is no time"),
        ("", "neither"),
        (",", "holds no time"),
        ("9999999", "beyond every recording"),
        ("nan-inf", "neither"),
        ("\0", "neither"),
        ("x" * 5000, "neither"),
    ],
)
def test_wrong_times_are_told(text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(said)):
        read_spans(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no label"),
        ("# nothing\n", "holds no label"),
        ("1:02.5-1:03\nhello\n", "line 2: 'hello' is no time"),
        ("5.0\t4.0\tback\n", "line 1: ends at 4 s, before it starts at 5 s"),
        ("1.0\tnan\tx\n", "line 1: 'nan' is no time"),
        ("1.0\t1e9\tx\n", "line 1: '1e9' is no time"),
        ("-1.0\t2.0\tx\n", "line 1: '-1.0' is no time"),
        ("#,Name,Start,End,Length\nR1,door,5.1.00,6.1.00,1.0.00\n", "line 2: '5.1.00' is no time"),
        ("#,Name,Start,End,Length\nR1,door\n", "line 2: has 2 columns instead of 5"),
        ('#,Name,Start,End,Length\nR1,"door,1,2,1\n', "line 2: unexpected end of data"),
        (
            AUDITION.replace("decimal", "48000 Hz"),
            "line 2: times are in '48000 Hz'; export them as decimal",
        ),
        (b"RIFF\0\0\0\0WAVEfmt ", "markers cannot be read"),
        (b"\xff\xfe\x00", "is not a text file"),
        (b"\x80\x81\x82", "is not a text file"),
        (b"1\n" * (MOST + 1), f"holds more than {MOST} lines"),
        (b"1\n" * 2_000_001, "is larger than 4 MB"),
    ],
)
def test_wrong_files_are_told_by_name_and_line(
    content: str | bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PresetError, match=re.escape(said)) as error:
        read_labels(written(tmp_path, content))
    assert "labels.txt" in str(error.value)
    assert len(str(error.value)) < 400


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.txt", tmp_path):
        with pytest.raises(PresetError, match="cannot be read"):
            read_labels(path)


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 99_999).map(lambda x: round(x, 3)))
def test_a_time_written_is_a_time_read(time_s: float) -> None:
    minutes, rest = divmod(round(time_s * 1000), 60_000)
    hours, left = divmod(minutes, 60)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    for text in (f"{time_s:.3f}", f"{minutes}:{tail}", f"{hours}:{left:02d}:{tail}"):
        if minutes < 10_000 or text.count(":") != 1:
            assert read_time(text) == pytest.approx(time_s, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_spans_or_one_clear_error(text: str) -> None:
    try:
        spans = read_spans(text)
    except (ParameterError, PresetError):
        return
    assert all(0 <= first < last for first, last in spans)


def test_markers_of_a_wav_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    write(Audio.from_array(noise(-20, 2), 48_000), path, Format("WAV", "PCM_24"))
    with pytest.raises(PresetError, match="without markers"):
        read_labels(path)
    add_cues(path, [Cue(48_000, 0, "mouth"), Cue(24_000, 96, "tap")])
    assert read_labels(path) == (Label(0.5, 0.502, "tap"), Label(1, 1, "mouth"))
    assert read_spans(str(path)) == ((0.5, 0.502), (0.985, 1.015))
    path.write_bytes(b"RIFF")
    with pytest.raises(PresetError, match="cannot be read"):
        read_labels(path)
