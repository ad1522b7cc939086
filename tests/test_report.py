"""Judging: each state, each verdict, and the same findings from a saved report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.errors import ReportError
from asmrmaster.meters.base import Curve, Event, Measurement
from asmrmaster.presets import Profile, load
from asmrmaster.report import (
    CURVE_POINTS,
    FileFacts,
    Finding,
    Heard,
    Reference,
    Report,
    as_data,
    clock,
    judge,
    rescore,
    thin,
    versions,
)
from tests import made_reports

GENERAL = load(Profile, "general")


def passing() -> dict[str, float | None]:
    """Values in the middle of every limit of the general profile."""
    values: dict[str, float | None] = {}
    for criterion in GENERAL.criteria.values():
        low = criterion.min if criterion.min is not None else criterion.max
        high = criterion.max if criterion.max is not None else criterion.min
        values[criterion.quantity] = None if low is None or high is None else (low + high) / 2
    return values


def facts(duration_s: float = 120.0, channels: int = 2) -> FileFacts:
    return FileFacts(
        path="a.wav",
        sha256="0" * 64,
        format="WAV/PCM_24",
        rate_hz=48_000,
        channels=channels,
        frames=round(duration_s * 48_000),
        duration_s=duration_s,
    )


def found(values: dict[str, float | None], criterion: str, **kind: float) -> Finding:
    _, findings = judge(Heard(values=values), facts(**kind), GENERAL)  # type: ignore[arg-type]
    return next(f for f in findings if f.criterion == criterion)


def report(values: dict[str, float | None]) -> Report:
    heard = Heard(values=values)
    verdict, findings = judge(heard, facts(), GENERAL)
    return Report(
        verdict=verdict,
        profile=Reference.model_validate(GENERAL.reference()),
        input=facts(),
        after=heard,
        findings=findings,
        versions=dict(versions()),
    )


def test_everything_inside_meets() -> None:
    verdict, findings = judge(Heard(values=passing()), facts(), GENERAL)
    assert verdict == "meets"
    assert all(f.state == "pass" or f.requirement == "report" for f in findings)


@pytest.mark.parametrize(
    "criterion", [k for k, c in GENERAL.criteria.items() if c.requirement != "report"]
)
def test_each_criterion_has_a_just_inside_and_a_just_outside(criterion: str) -> None:
    c = GENERAL.criteria[criterion]
    for bound, outward in ((c.max, 1), (c.min, -1)):
        if bound is None:
            continue
        edge = bound + outward * c.tolerance
        inside = found({**passing(), c.quantity: edge - outward * 1e-6}, criterion)
        outside = found({**passing(), c.quantity: edge + outward * 0.01}, criterion)
        assert inside.state == "pass"
        assert outside.state == ("fail" if c.requirement == "required" else "advisory")
        assert outside.advice
        assert "{" not in outside.advice


def test_what_was_not_measured_never_passes() -> None:
    values = {**passing(), "true_peak_dbtp": None}
    assert found(values, "L2").state == "not assessed"
    assert judge(Heard(values=values), facts(), GENERAL)[0] == "not assessed"
    del values["true_peak_dbtp"]
    assert judge(Heard(values=values), facts(), GENERAL)[0] == "not assessed"


def test_a_failure_outweighs_what_was_not_assessed() -> None:
    values = {**passing(), "true_peak_dbtp": None, "integrated_lufs": -5.0}
    assert judge(Heard(values=values), facts(), GENERAL)[0] == "does not meet"


def test_advisories_do_not_fail() -> None:
    values = {**passing(), "loudness_range_lu": 20.0}
    assert judge(Heard(values=values), facts(), GENERAL)[0] == "meets with advisories"


def test_short_files_are_not_assessed_where_a_minute_is_needed() -> None:
    assert found(passing(), "L5", duration_s=59.9).state == "not assessed"
    assert found(passing(), "O1a", duration_s=35.9).state == "not assessed"


def test_stereo_criteria_do_not_apply_to_mono() -> None:
    values = {**passing(), "balance_lu": None, "negative_correlation_s": None}
    verdict, findings = judge(Heard(values=values), facts(channels=1), GENERAL)
    balance = next(f for f in findings if f.criterion == "S1")
    assert (balance.state, balance.applies) == ("not assessed", False)
    assert verdict == "meets"


def test_a_finding_names_the_events_beyond_its_limit() -> None:
    events = tuple(
        Event("max_level_novelty_lu", at, at + 1, size) for at, size in ((40, 7), (50, 3), (60, 9))
    )
    heard = as_data(Measurement({**passing(), "max_level_novelty_lu": 9.0}, {}, events))
    _, findings = judge(heard, facts(), GENERAL)
    finding = next(f for f in findings if f.criterion == "O1a")
    assert [e.start_s for e in finding.events] == [40, 60]
    assert "at 0:40.0, 1:00.0" in finding.why


def test_a_saved_report_is_the_same_report() -> None:
    first = report({**passing(), "integrated_lufs": -12.0})
    again = Report.from_json(first.to_json())
    assert again == first
    assert again.to_dict() == json.loads(first.to_json())


def test_judging_again_gives_byte_identical_findings() -> None:
    first = report({**passing(), "integrated_lufs": -12.3456})
    again = rescore(Report.from_json(first.to_json()), GENERAL)
    assert again.to_json() == first.to_json()


def test_another_profile_gives_another_verdict() -> None:
    first = report({**passing(), "integrated_lufs": -18.0})
    assert first.verdict == "meets"
    assert rescore(first, load(Profile, "sleep")).verdict == "does not meet"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": "other/1"}', "[" * 100_000])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportError):
        Report.from_json(text, subject="x.json")


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="gone"):
        Report.load(tmp_path / "gone.json")


def test_curves_are_thinned_to_their_extremes() -> None:
    values = np.zeros(10_001, dtype=np.float32)
    values[5000] = 3
    data = thin(values, 0.01, "LU")
    assert len(data.values) <= CURVE_POINTS
    assert max(v for v in data.values if v is not None) == 3
    assert data.hop_s * len(data.values) == pytest.approx(100.01, rel=0.01)
    assert thin(np.array([np.nan, 1.0]), 0.01, "LU").values == (None, 1.0)
    assert thin(np.empty(0), 0.01, "LU").values == ()
    assert as_data(
        Measurement({}, {"a": Curve(values, 0.01, "LU")}, ()), ["a", "b"]
    ).curves.keys() == {"a"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (41.25, "0:41.2"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")],
)
def test_times_read_as_people_write_them(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1e300", "9" * 30])
def test_a_number_nobody_can_measure_is_refused(number: str) -> None:
    text = made_reports.checked().to_json()
    damaged = text.replace('"rate_hz": 48000', f'"rate_hz": {number}', 1)
    assert damaged != text
    with pytest.raises(ReportError, match="no number that can be measured"):
        Report.from_json(damaged)
