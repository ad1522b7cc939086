"""A saved report is the same report, and what is none is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asmrmaster.errors import ReportError
from asmrmaster.report import (
    Report,
)
from tests import made_reports
from tests.judged import passing, report


def test_a_saved_report_is_the_same_report() -> None:
    first = report({**passing(), "integrated_lufs": -12.0})
    again = Report.from_json(first.to_json())
    assert again == first
    assert again.to_dict() == json.loads(first.to_json())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "other/1"}', "[" * 100_000])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportError):
        Report.from_json(text, subject="x.json")


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="gone"):
        Report.load(tmp_path / "gone.json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e300", "9" * 30])
def test_a_number_nobody_can_measure_is_refused(number: str) -> None:
    text = made_reports.checked().to_json()
    damaged = text.replace('"rate_hz": 48000', f'"rate_hz": {number}', 1)
    assert damaged != text
    with pytest.raises(ReportError, match="no number that can be measured"):
        Report.from_json(damaged)
