"""Judging: each state, each verdict, and the same findings from a saved report."""

from __future__ import annotations

import pytest

from asmrmaster.meters.base import Event, Measurement
from asmrmaster.presets import Profile, load, shipped
from asmrmaster.report import (
    MeasurementData,
    Report,
    as_data,
    judge,
    rescore,
)
from tests.judged import GENERAL, facts, found, passing, report


def test_everything_inside_meets() -> None:
    verdict, findings = judge(MeasurementData(values=passing()), facts(), GENERAL)
    assert verdict == "meets"
    assert all(f.state == "pass" or f.requirement == "report" for f in findings)


PROFILES = {name: load(Profile, name) for name in shipped(Profile)}


@pytest.mark.parametrize(
    ("name", "criterion"),
    [(name, key) for name, one in PROFILES.items() for key, c in one.criteria.items()
     if c.requirement != "report"],
)  # fmt: skip
def test_each_criterion_has_a_just_inside_and_a_just_outside(name: str, criterion: str) -> None:
    """In numbers; ``test_limits_in_sound`` does it in sound."""
    profile = PROFILES[name]
    c = profile.criteria[criterion]
    values = passing(profile)
    for bound, outward in ((c.max, 1), (c.min, -1)):
        if bound is None:
            continue
        edge = bound + outward * c.tolerance
        inside = found({**values, c.quantity: edge - outward * 1e-6}, criterion, profile)
        outside = found({**values, c.quantity: edge + outward * 0.01}, criterion, profile)
        assert inside.state == "pass"
        wrong = "fail" if c.requirement == "required" else "advisory"
        assert outside.state == ("not assessed" if c.vetoed_by else wrong)
        assert outside.advice
        assert "{" not in outside.advice


def test_one_unwelcome_moment_fails_whatever_else_was_heard() -> None:
    for profile in PROFILES.values():
        values = {**passing(profile), "moments_unwelcome": 1.0}
        assert found(values, "O9", profile).state == "fail"
        values["moments_unwelcome"] = 0.0
        assert found(values, "O9", profile).state == "pass"


def test_what_was_not_measured_never_passes() -> None:
    values = {**passing(), "true_peak_dbtp": None}
    assert found(values, "L2").state == "not assessed"
    assert judge(MeasurementData(values=values), facts(), GENERAL)[0] == "not assessed"
    del values["true_peak_dbtp"]
    assert judge(MeasurementData(values=values), facts(), GENERAL)[0] == "not assessed"


def test_a_failure_outweighs_what_was_not_assessed() -> None:
    values = {**passing(), "true_peak_dbtp": None, "integrated_lufs": -5.0}
    assert judge(MeasurementData(values=values), facts(), GENERAL)[0] == "does not meet"


def test_advisories_do_not_fail() -> None:
    values = {**passing(), "loudness_range_lu": 20.0}
    assert judge(MeasurementData(values=values), facts(), GENERAL)[0] == "meets with advisories"


def test_short_files_are_not_assessed_where_a_minute_is_needed() -> None:
    assert found(passing(), "L5", duration_s=59.9).state == "not assessed"
    assert found(passing(), "O1a", duration_s=35.9).state == "not assessed"


def test_stereo_criteria_do_not_apply_to_mono() -> None:
    values = {**passing(), "balance_lu": None, "negative_correlation_s": None}
    verdict, findings = judge(MeasurementData(values=values), facts(channels=1), GENERAL)
    balance = next(f for f in findings if f.criterion == "S1")
    assert (balance.state, balance.applies) == ("not assessed", False)
    assert verdict == "meets"


def test_a_finding_names_the_events_beyond_its_limit() -> None:
    events = tuple(
        Event("max_level_novelty_lu", at, at + 1, size) for at, size in ((40, 7), (50, 3), (60, 9))
    )
    measured = as_data(Measurement({**passing(), "max_level_novelty_lu": 9.0}, {}, events))
    _, findings = judge(measured, facts(), GENERAL)
    finding = next(f for f in findings if f.criterion == "O1a")
    assert [e.start_s for e in finding.events] == [40, 60]
    assert "at 0:40.0, 1:00.0" in finding.why


def test_judging_again_gives_byte_identical_findings() -> None:
    first = report({**passing(), "integrated_lufs": -12.3456})
    again = rescore(Report.from_json(first.to_json()), GENERAL)
    assert again.to_json() == first.to_json()


def test_another_profile_gives_another_verdict() -> None:
    first = report({**passing(), "integrated_lufs": -18.0})
    assert first.verdict == "meets"
    assert rescore(first, load(Profile, "sleep")).verdict == "does not meet"


def test_counts_and_flags_read_as_words_do() -> None:
    misophonia = PROFILES["misophonia"]
    triggers = found({"misophonia_core_tags": 2.0}, "C2", misophonia)
    assert "holds 2 kinds of" in triggers.advice
    assert found({"forewarning_given": 0.0}, "C3").why == "no; accepted yes"
    assert found({"content_tags_declared": 1.0}, "C1").why == "yes; accepted yes"
    assert found({"late_rise_lu": -0.01}, "L7", PROFILES["sleep"]).why.startswith("0.0 LU;")
    rate = found({"novel_events_per_10_min": 12.0}, "O1c")
    assert rate.why == "12.0 per 10 min; accepted at most 10 per 10 min"
    assert "by 1.5 dB" in found({"integrated_lufs": -14.5}, "L1").advice
