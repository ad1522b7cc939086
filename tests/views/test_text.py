"""The text for a terminal: few lines, no figures, each thing said once."""

from __future__ import annotations

from asmrmaster.report import Change, Next, RepairChoice, Report
from asmrmaster.views import text
from tests import made_reports
from tests.report.test_answers import UNITS, report

MADE = RepairChoice(stage="hum", made=True, why="mains at 50 Hz, -40 dBFS", command="--set hum=off")
LEFT = RepairChoice(stage="denoise", made=False, why="9 dB too loud", command="--set denoise=on")


def mastered(**more: object) -> Report:
    """A master that meets, made softer than asked."""
    good = report()
    made = made_reports.mastered()
    return made.model_copy(
        update={
            "findings": good.findings,
            "verdict": good.verdict,
            "after": good.after,
            "profile": good.profile,
            **more,
        }
    )


def test_no_line_of_the_short_text_holds_a_unit_and_there_are_few() -> None:
    cases = (
        (report(), 25),
        (report(max_level_novelty_lu=9.0, fade_out_s=0.1, integrated_lufs=-41.0), 40),
        (report(max_level_novelty_lu=None, duration_s=9.0), 40),
        (mastered(repairs=(MADE, LEFT)), 25),
    )
    for given, most in cases:
        shown = text.render(given)
        assert not UNITS.search(shown), shown
        assert len(shown.splitlines()) <= most, shown


def test_a_master_that_meets_is_offered_its_report_and_said_to_be_softer() -> None:
    older = Next(reason="louder would lift the noise", advice="Record closer.", command="x --y")
    shown = text.render(mastered(next=older))
    assert "Next: save the report" in shown
    assert "x --y" not in shown
    assert "softer than asked" in shown
    failing = report(max_level_novelty_lu=9.0)
    whole = mastered(findings=failing.findings, verdict=failing.verdict, next=older)
    assert "x --y" in text.render(whole)


def test_what_was_mended_is_not_asked_for_again() -> None:
    given = mastered(repairs=(MADE, LEFT))
    shown = text.render(given)
    assert "lower hiss. To have it: --set denoise=on" in shown
    assert "hum=off" not in shown
    full = text.render(given, full=True)
    assert "remove hum: mains at 50 Hz, -40 dBFS. Not wanted: --set hum=off" in full
    assert "Not mended" not in text.render(mastered(repairs=(MADE,)))


def test_what_was_changed_for_a_moment_is_named_stage_by_stage() -> None:
    change = Change(
        edited_s=0.5,
        edited_percent=0.5,
        lowered_s=1.8,
        lowered_percent=2.4,
        stages_percent={"declick": 0.5, "lift": 2.4},
        max_gain_move_db=0,
        level_change_lu=None,
        channel_level_change_db=None,
        correlation_change=None,
    )
    shown = " ".join(text.render(mastered(change=change), full=True).split())
    assert "sudden sounds lifted out in 2.40 %; clicks removed in 0.50 % of the take" in shown
    assert "sibilants" not in shown
    nothing = change.model_copy(
        update={"stages_percent": {}, "edited_percent": 0.0, "lowered_percent": 0.0}
    )
    assert "nothing for a moment" in text.render(mastered(change=nothing), full=True)
