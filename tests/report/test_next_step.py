"""The one next thing after a master: what decides its state, in plain words, with what to type."""

from __future__ import annotations

import pytest

from asmrmaster.presets import Profile, load
from asmrmaster.report import Finding, JudgedBy
from asmrmaster.report.next_step import Remedy, next_for_master
from tests.report.test_answers import UNITS, report

SHIPPED = JudgedBy(id="general", version="1.3.0", sha256="", standing="shipped")


def next_of(
    findings: tuple[Finding, ...],
    profile: JudgedBy = SHIPPED,
    remedies: dict[str, Remedy] | None = None,
) -> tuple[str, str] | None:
    measured = report().after
    found = next_for_master(findings, measured, "whisper", profile, "a take.wav", remedies or {})
    return None if found is None else (f"{found.reason}: {found.advice}", found.command)


def test_a_master_that_meets_has_nothing_to_change() -> None:
    assert next_of(report().findings) is None


def test_one_that_is_too_short_is_to_be_longer_whatever_else_it_lacks() -> None:
    short = report(max_level_novelty_lu=None, fade_out_s=0.2, duration_s=9.0)
    said = next_of(short.findings)
    assert said is not None
    assert "too short" in said[0]
    assert said[1] == (
        "asmrmaster master 'a take.wav' --preset whisper --profile general --loop 2:00"
    )


@pytest.mark.parametrize(
    ("quantity", "value", "typed"),
    [
        ("max_level_novelty_lu", 9.0, "ride.max_dip_db"),
        ("fade_out_s", 0.2, "ride.fade_out_s"),
        ("clipped_runs", 3.0, ""),  # declip has done by then what it can
        ("integrated_lufs", -40.0, "target.most_reduction_db"),
        ("balance_lu", 9.0, ""),  # which nothing but the take can change
    ],
)
def test_what_fails_is_said_without_figures(quantity: str, value: float, typed: str) -> None:
    said = next_of(report(put={quantity: value}).findings)
    assert said is not None
    assert not UNITS.search(said[0])
    assert typed in said[1] if typed else not said[1]


def test_changed_limits_are_never_swapped_for_the_shipped_ones_in_silence() -> None:
    found = report(fade_out_s=0.2).findings
    said = next_of(found, SHIPPED.model_copy(update={"standing": "changed"}))
    assert said is not None
    assert "--profile" not in said[1]


def test_what_the_take_shows_is_mended_first() -> None:
    found = report(put={"balance_lu": 9.0}).findings
    remedy = Remedy({"channels.repair": "left_to_both"}, start_s=62.5)
    said = next_of(found, remedies={"balance_lu": remedy})
    assert said is not None
    assert said[1].endswith("--start 1:02.5 --set channels.repair=left_to_both")


def test_every_required_criterion_has_a_plain_next_step() -> None:
    for finding in report().findings:
        if finding.requirement != "required":
            continue
        said = next_of((finding.model_copy(update={"state": "fail", "events": ()}),))
        assert said is not None
        assert not UNITS.search(said[0]), (finding.criterion, said)
        assert load(Profile, "general").criteria[finding.criterion].quantity == finding.quantity
