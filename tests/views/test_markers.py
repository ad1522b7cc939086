"""Markers: every moment at its time, in the form each program reads, one line each."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asmrmaster.report import EditData
from asmrmaster.views import markers
from tests import made_reports

REPORT = made_reports.mastered()


def seconds(text: str) -> float:
    """Seconds of 0:32.000 or 1:00:32.000."""
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def test_findings_dips_and_edits_are_marked_in_order() -> None:
    found = markers.marks(REPORT)
    assert [m.start_s for m in found] == [11.2031, 31.74, 40.1, 51.8]
    assert found[0].text == "declick −14.2 dB: a click of 0.7 ms (channel 1)"
    assert found[1].text == "turned down 21.3 dB: 27.2 LU above programme loudness"
    failing = [m.text for m in markers.marks(made_reports.checked())]
    assert "fails: loudest moment above programme 27.2 LU" in failing
    assert len(failing) == len(set(failing)) + 2  # two quantities fail at two places each


def test_a_moment_that_fails_is_marked_once() -> None:
    texts = [m.text for m in markers.marks(made_reports.checked())]
    assert not [text for text in texts if not text.startswith("fails: ")]


def test_the_result_and_its_limits_stand_at_the_beginning() -> None:
    first = markers.times(made_reports.checked()).splitlines()[0]
    assert first.startswith("0:00.0 Not as it is: Two sudden sounds, at 0:32 and 0:52")
    assert "does not meet; General screening 1.0, limits not compared" in first


def test_audacity_labels() -> None:
    """Audacity manual, "Importing and Exporting Labels": start, end and text between tabs."""
    lines = markers.audacity(REPORT).splitlines()
    assert lines[2] == (
        "31.740000\t32.900000\tturned down 21.3 dB: 27.2 LU above programme loudness"
    )
    assert all(re.fullmatch(r"\d+\.\d{6}\t\d+\.\d{6}\t[^\t]+", line) for line in lines)


def test_reaper_regions() -> None:
    rows = list(csv.reader(io.StringIO(markers.reaper(REPORT)), strict=True))
    assert rows[0] == ["#", "Name", "Start", "End", "Length"]
    assert rows[3] == [
        "R2",
        "turned down 21.3 dB: 27.2 LU above programme loudness",
        "0:00:31.740",
        "0:00:32.900",
        "0:00:01.160",
    ]


def test_a_point_is_a_marker_in_reaper() -> None:
    edit = EditData(stage="a", start_s=7.0, end_s=7.0, channel=None, amount_db=-1, reason='say "x"')
    rows = list(csv.reader(io.StringIO(markers.reaper(made_reports.mastered(edits=(edit,))))))
    assert rows[2] == ["M2", 'a −1.0 dB: say "x"', "0:00:07.000", "", ""]


def test_audition_markers() -> None:
    rows = [line.split("\t") for line in markers.audition(REPORT).splitlines()]
    assert rows[0] == ["Name", "Start", "Duration", "Time Format", "Type", "Description"]
    assert rows[3][1:] == ["0:31.740", "0:01.160", "decimal", "Cue", ""]
    assert {len(row) for row in rows} == {6}


def test_a_plain_list_of_times() -> None:
    assert markers.times(REPORT).splitlines()[4].startswith("0:51.8 turned down 12.1 dB")


@given(st.floats(0, 36_000))
def test_a_time_keeps_its_milliseconds(time_s: float) -> None:
    edit = EditData(stage="a", start_s=time_s, end_s=time_s, channel=None, amount_db=-1, reason="x")
    report = REPORT.model_copy(update={"edits": (edit,), "ride": None})
    row = markers.audition(markers.marks(report)).splitlines()[1].split("\t")
    assert seconds(row[1]) == pytest.approx(time_s, abs=0.0005001)
    assert re.fullmatch(r"(\d+:[0-5]\d|\d|[1-5]\d):[0-5]\d\.\d{3}", row[1])
    point = markers.reaper(markers.marks(report)).splitlines()[1].split(",")
    assert seconds(point[2]) == pytest.approx(time_s, abs=0.0005001)


@pytest.mark.parametrize("name", markers.FORMATS)
def test_a_hostile_reason_stays_on_its_line(name: str) -> None:
    reason = f"one\ntwo\tthree\r{made_reports.HOSTILE}"
    edit = EditData(stage="a", start_s=1.0, end_s=2.0, channel=0, amount_db=-1, reason=reason)
    report = made_reports.mastered(edits=(edit,))
    _, write = markers.FORMATS[name]
    text = write(report)
    heads = name in ("reaper", "audition")
    assert len(text.splitlines()) == len(markers.marks(report)) + 1 + heads
    assert "one two three" in text
    assert write(report) == text


def test_every_format_has_its_own_file_name() -> None:
    ends = [end for end, _ in markers.FORMATS.values()]
    assert len(ends) == len(set(ends)) == 4
