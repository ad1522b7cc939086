"""What a report states of its file is compared with what is measured; what was altered is named."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from asmrmaster.errors import AlteredReportError, ReportError
from asmrmaster.presets import Profile
from asmrmaster.report import (
    NOTICE,
    CurveData,
    MeasurementData,
    Moment,
    Report,
    ReviewPoint,
    judge,
    judged_by,
    rescore,
)
from asmrmaster.report.document import DERIVED
from asmrmaster.report.verification import TOLERANCE_DB, Fresh, compare
from tests.judged import GENERAL, facts, passing

VALUES: dict[str, float | None] = {
    **passing(), "integrated_lufs": -23.0, "max_momentary_above_programme_lu": 20.0,
}  # fmt: skip
STATED = frozenset({"path", "made", "versions", "changed_by", "changed_on", "schema"})
"""What a report says of itself; a file cannot show it, and the line that agrees says so."""


def stated(profile: Profile = GENERAL, values: dict[str, float | None] = VALUES) -> Report:
    """A report on a file with a moment that is too loud, with everything a check gives."""
    loud = "max_momentary_above_programme_lu"
    measured = MeasurementData(
        values=values,
        events=(Moment(quantity=loud, start_s=32.0, end_s=32.4, size=20.0),),
        curves={"momentary_lufs": CurveData(hop_s=0.1, unit="LUFS", values=(-30.0, None, -12.0))},
    )
    verdict, findings = judge(measured, facts(), profile)
    return Report(
        verdict=verdict,
        profile=judged_by(profile),
        input=facts(),
        after=measured,
        findings=findings,
        review=(ReviewPoint(start_s=32, end_s=33, level_novelty_lu=9.0, band_novelty_lu=3.0),),
        versions={"asmrmaster": "0.1.0"},
    )


def fresh(report: Report, **values: float | None) -> Fresh:
    measured = report.after.model_copy(update={"values": {**report.after.values, **values}})
    return Fresh(report.input, measured, report.review)


def test_a_report_on_its_file_agrees_and_says_what_the_file_cannot_show() -> None:
    report = Report.from_json(stated().to_json())
    found = compare(report, fresh(report), GENERAL)
    assert found.differences == ()
    assert found.compared > 20
    assert "who made the report and when" in found.unchecked


@pytest.mark.parametrize("by", [1e-4, -1e-4])
def test_the_last_digit_of_another_processor_agrees(by: float) -> None:
    report = stated()
    measured = report.after.values
    moved = {n: None if v is None else v + by for n, v in measured.items() if "_l" in n}
    assert compare(report, fresh(report, **moved), GENERAL).differences == ()


def test_a_finding_on_its_limit_may_fall_on_either_side_for_the_last_digit() -> None:
    limit = GENERAL.criteria["L4"]
    assert limit.max is not None
    on = limit.max + limit.tolerance
    report = stated(values={**VALUES, "max_momentary_above_programme_lu": on})
    over = fresh(report, max_momentary_above_programme_lu=on + 1e-4)
    assert compare(report, over, GENERAL).differences == ()
    beyond = fresh(report, max_momentary_above_programme_lu=on + TOLERANCE_DB * 0.9)
    assert any(d.startswith("L4 is 'fail'") for d in compare(report, beyond, GENERAL).differences)


def test_another_file_another_level_and_another_moment_are_named() -> None:
    report = stated()
    other = Fresh(facts(121.0).model_copy(update={"sha256": "1" * 64}), report.after, report.review)
    first, *rest = compare(report, other, GENERAL).differences
    assert first.startswith("another file: sha256 000000000000")
    assert any("length 120 s in the report, 121 s measured" in one for one in rest)
    (level,) = compare(report, fresh(report, integrated_lufs=-23.06), GENERAL).differences
    assert "-23.00 LUFS in the report, -23.06 LUFS measured" in level
    quiet = report.after.model_copy(update={"events": ()})
    gone = compare(report, Fresh(report.input, quiet, report.review), GENERAL).differences
    assert any("differ, first at 0:32.0" in one for one in gone)


def altered(report: Report, **changes: Any) -> str:
    return json.dumps({**report.to_dict(), **changes})


def test_a_forged_verdict_is_refused_by_name() -> None:
    report = stated()
    assert report.verdict == "does not meet"
    with pytest.raises(AlteredReportError, match="it says 'meets'"):
        Report.from_json(altered(report, verdict="meets"))
    with pytest.raises(AlteredReportError, match="headline"):
        Report.from_json(altered(report, headline="Nothing sudden."))


def test_a_finding_that_was_turned_or_left_out_is_refused() -> None:
    data = stated().to_dict()
    for finding in data["findings"]:
        if finding["criterion"] == "L4":
            finding["state"] = "pass"
    with pytest.raises(AlteredReportError, match="L4 is not what its values give"):
        Report.from_dict(data)
    data = stated().to_dict()
    data["findings"] = [one for one in data["findings"] if one["criterion"] != "L4"]
    with pytest.raises(AlteredReportError, match="findings are not those its profile asks for"):
        Report.from_dict(data)


def looser() -> Profile:
    criteria = dict(GENERAL.criteria)
    criteria["L4"] = criteria["L4"].model_copy(update={"max": 99.0})
    return GENERAL.model_copy(update={"criteria": criteria}).hashed()


def test_a_profile_that_only_bears_a_shipped_name_is_shown_as_changed() -> None:
    report = stated(looser())
    assert report.verdict != "does not meet"
    assert report.profile.standing == "changed"
    (change,) = report.profile.changes
    assert (change.criterion, change.new) == ("L4", "99")


def test_one_that_says_it_is_the_shipped_one_is_refused() -> None:
    data = stated(looser()).to_dict()
    data["profile"] |= {"standing": "shipped", "changes": []}
    data["changed_limits"], data["shipped_result"] = [], None
    with pytest.raises(AlteredReportError, match="not those shipped as general"):
        Report.from_dict(data)
    data["profile"]["sha256"] = data["profile"]["whole"]["sha256"] = GENERAL.sha256
    with pytest.raises(AlteredReportError, match="not those its profile's hash stands for"):
        Report.from_dict(data)


def test_changes_left_out_of_a_report_are_shown_all_the_same() -> None:
    data = stated(looser()).to_dict()
    data["profile"]["changes"] = []
    again = Report.from_dict(data)
    assert [one.criterion for one in again.profile.changes] == ["L4"]
    with pytest.raises(AlteredReportError, match="changed limits"):
        Report.from_dict({**data, "changed_limits": []})


def test_a_report_without_its_limits_is_of_no_known_standing() -> None:
    data = stated(looser()).to_dict()
    data["profile"] |= {"whole": None, "standing": "shipped", "changes": []}
    assert Report.from_dict(data).profile.standing == "unknown"
    data["profile"]["sha256"] = GENERAL.sha256  # then it is judged by that
    with pytest.raises(AlteredReportError, match="its values give 'does not meet'"):
        Report.from_dict(data)


def test_what_is_said_beside_the_figures_is_not_a_report_of_its_own() -> None:
    data = stated().to_dict()
    data["notice"] = "Anyone may listen to this."
    data["findings"][0]["why"] = "splendid"
    again = Report.from_dict(data)
    assert again.notice == NOTICE
    assert again == rescore(again, GENERAL)


def test_no_altered_report_verifies_unless_nothing_that_is_shown_changed() -> None:
    report, rng = stated(), random.Random(11)
    true, caught = fresh(report), 0
    for _ in range(200):
        data = json.loads(report.to_json())
        place = _alter(data, rng)
        try:
            again = Report.from_dict(data)
        except (ReportError, ValueError):
            caught += 1
            continue
        profile = again.profile.whole
        assert profile is not None
        if compare(again, true, profile).differences:
            caught += 1
            continue
        shown = json.loads(again.to_json())
        assert _beside(shown) == _beside(json.loads(report.to_json())), place
    assert caught > 60


def _alter(data: Any, rng: random.Random) -> str:
    """Change one leaf somewhere; where it was."""
    place: list[str] = []
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        key = rng.choice(keys)
        place.append(str(key))
        value = data[key]
        if isinstance(value, (dict, list)) and value:
            data = value
            continue
        if isinstance(value, bool) or value is None:
            data[key] = 7 if value is None else not value
        elif isinstance(value, (int, float)):
            data[key] = value + rng.choice((-1, 1)) * rng.choice((1, 3, 10))
        else:
            data[key] = f"{value}1"
        return ".".join(place)


def _beside(data: Any) -> Any:
    """What is shown of the sound: without what a report says of itself, which no file shows."""
    if isinstance(data, dict):
        return {k: _beside(v) for k, v in data.items() if k not in STATED}
    return [_beside(one) for one in data] if isinstance(data, list) else data


def test_everything_that_is_derived_is_compared() -> None:
    assert set(DERIVED) <= set(stated().to_dict())
