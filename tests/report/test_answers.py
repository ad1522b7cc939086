"""From findings to answers: each rule as a case, and what no combination may ever give."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.cli import exit_code
from asmrmaster.presets import GROUPS, Profile, load, shipped
from asmrmaster.presets.words import words
from asmrmaster.report import (
    Declared,
    Judgement,
    MeasurementData,
    Moment,
    Report,
    ReviewPoint,
    judge,
    judged_by,
    with_judgements,
)
from asmrmaster.report.answered import Answered
from asmrmaster.report.grading import grade
from asmrmaster.views import text
from tests import made_reports
from tests.judged import facts, found, passing

PROFILES = {name: load(Profile, name) for name in shipped(Profile)}
UNITS = re.compile(r"\b(LU|LUFS|dB|dBTP|dBFS)\b")
DECLARED_ALL = {
    "content_tags_declared": 1.0,
    "forewarning_given": 1.0,
    "review_points_confirmed": 10.0,
    "moments_unwelcome": 0.0,
    "misophonia_core_tags": 0.0,
}
POINTS = tuple(
    ReviewPoint(start_s=20.0 + 12 * k, end_s=20.4 + 12 * k, level_novelty_lu=-3, band_novelty_lu=b)
    for k, b in enumerate((3.0, 2.0, 0.9, 0.5, 0.4, 1.2, 0.3))
)


def report(
    profile: str = "general",
    put: Mapping[str, float | None] | None = None,
    *,
    events: tuple[Moment, ...] = (),
    tags: tuple[str, ...] | None = ("water",),
    duration_s: float = 120.0,
    **values: float | None,
) -> Report:
    """A report on values inside every limit, but for these."""
    asked = PROFILES[profile]
    data = MeasurementData(
        values={**passing(asked), **DECLARED_ALL, **(put or {}), **values},
        events=events,
        curves={
            "momentary_lufs": made_reports.curve(-24, duration_s, {}),
            "short_term_lufs": made_reports.curve(-24, duration_s, {}),
        },
    )
    if tags is None:
        data.values.update(content_tags_declared=None, misophonia_core_tags=None)
    verdict, findings = judge(data, facts(duration_s), asked)
    return Report(
        verdict=verdict,
        profile=judged_by(asked),
        input=facts(duration_s),
        after=data,
        findings=findings,
        review=POINTS,
        declared=Declared(tags=tags, reviewed_by="Dr. A"),
        versions={},
    )


def event(quantity: str, start_s: float, size: float = 50.0) -> Moment:
    return Moment(quantity=quantity, start_s=start_s, end_s=start_s + 0.5, size=size)


def answers(shown: Report) -> Answered:
    return shown.answered


# --- grades, one row each -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "values", "profile", "wanted"),
    [
        ("L2", {}, "general", None),
        ("O1a", {"max_level_novelty_lu": None}, "general", "unknown"),
        ("O9", {"review_points_confirmed": None}, "general", None),
        ("O9", {"review_points_confirmed": None}, "trauma", "unknown"),
        ("L5", {"loudness_range_lu": 30.0}, "general", "hint"),
        ("T6", {"prominent_tones": 1.0}, "general", "hint"),
        ("T6", {"prominent_tones": 1.0}, "sensory", "bad"),
        ("O1c", {"novel_events_per_10_min": 99.0}, "general", None),
        ("L1", {"integrated_lufs": -50.0}, "general", "fix"),
        ("E3a", {"fade_out_s": 0.0}, "general", "fix"),
        ("C3", {"forewarning_given": 0.0}, "trauma", "fix"),
        ("O9", {"moments_unwelcome": 1.0}, "general", "bad"),
        ("O1a", {"max_level_novelty_lu": 5.0}, "general", "close"),
        ("O1a", {"max_level_novelty_lu": 5.01}, "general", "bad"),
        ("E2", {"intro_above_rest_lu": 5.0}, "general", "close"),
        ("E2", {"intro_above_rest_lu": 5.1}, "general", "bad"),
        ("N3", {"clipped_runs": 1.0}, "general", "bad"),
        ("C2", {"misophonia_core_tags": 1.0}, "misophonia", "bad"),
        ("L6", {"max_drift_lu": 6.0}, "general", "hint"),
        ("L7", {"late_rise_lu": 6.0}, "sleep", "bad"),
    ],
)
def test_a_finding_has_its_grade(
    criterion: str, values: dict[str, float | None], profile: str, wanted: str | None
) -> None:
    asked = PROFILES[profile]
    one = found({**passing(asked), **DECLARED_ALL, **values}, criterion, asked)
    assert grade(one) == wanted


def test_two_new_moments_are_often_and_one_is_not() -> None:
    for count, state in ((1, "fine"), (2, "look")):
        events = tuple(event("max_band_novelty_lu", 40.0 + 20 * k) for k in range(count))
        shown = report(novel_events_per_10_min=99.0, events=events)
        assert answers(shown).answer("sudden").state == state


# --- states and sentences -------------------------------------------------------------------------


def test_nothing_wrong_is_said_so() -> None:
    shown = answers(report())
    assert shown.state == "meets"
    assert shown.headline == "No sudden sound found; even throughout"
    assert shown.second_line == "Dr. A listened to all moments; none unwelcome."


def test_sudden_sounds_are_counted_and_named() -> None:
    events = tuple(event("max_band_novelty_lu", at) for at in (41.2, 62.9))
    shown = answers(report("trauma", max_band_novelty_lu=6.5, events=events))
    assert (shown.state, shown.headline) == ("stop", "Two sudden sounds, at 0:41 and 1:02")
    assert shown.answer("sudden").brief == "At 0:41 and 1:02."
    assert shown.second_line.startswith("Otherwise steady.")
    five = tuple(event("max_band_novelty_lu", 20.0 * k) for k in range(1, 6))
    shown = answers(report("trauma", max_band_novelty_lu=6.5, events=five))
    assert shown.headline == "Five sudden sounds, at 0:20, 0:40, 1:00 and 2 more"


def test_events_within_two_seconds_are_one_moment() -> None:
    events = (event("max_band_novelty_lu", 41.0), event("max_level_novelty_lu", 43.4))
    shown = report("trauma", max_band_novelty_lu=6.5, max_level_novelty_lu=9.0, events=events)
    (moment,) = shown.answered.moments
    assert (moment.start_s, moment.end_s, moment.at_s) == (41.0, 43.9, 41.0)
    assert moment.criteria == ("O1a", "O1b")
    assert "louder than all of the half minute before; a new kind of sound" in moment.sentence


def test_a_close_call_says_listen_first() -> None:
    events = (event("max_level_novelty_lu", 62.0, 4.6),)
    shown = answers(report(max_level_novelty_lu=4.6, events=events))
    assert (shown.state, shown.headline) == ("close", "One place just over the limit, at 1:02")


def test_only_the_loudest_moment_or_only_the_beginning() -> None:
    loud = report(max_momentary_above_programme_lu=16.0,
                  events=(event("max_momentary_lufs", 62.0),))  # fmt: skip
    assert loud.answered.headline == ("The loudest moment, at 1:02, stands far above the rest")
    early = answers(report(intro_above_rest_lu=9.0))
    assert early.headline == "The first 15 seconds hold the loudest moment"


def test_one_slam_counts_once() -> None:
    """A passage that is the sudden sound itself is no second fault."""
    slam = (event("max_level_novelty_lu", 62.0), event("max_short_term_lufs", 61.0))
    values = {"max_level_novelty_lu": 9.0, "max_short_term_above_programme_lu": 9.0}
    level = report("general", values, events=slam).answered.answer("level")
    assert (level.state, level.brief) == ("look", "Only at 1:01.")
    apart = (event("max_level_novelty_lu", 30.0), event("max_short_term_lufs", 61.0))
    assert report("general", values, events=apart).answered.answer("level").state == "not_fine"


def test_what_a_fade_or_a_gain_cures_is_one_sentence() -> None:
    shown = answers(
        report(cut_in_lu=0.0, fade_out_s=0.1, last_400ms_lu=0.0, first_sample_dbfs=-20.0,
               last_sample_dbfs=-20.0, true_peak_dbtp=-0.5, integrated_lufs=-40.0)
    )  # fmt: skip
    assert shown.state == "finish"
    assert shown.second_line.startswith(
        "Missing: soft start, fade-out, room above the peaks. Quieter than usual."
    )
    clicks = answers(report(first_sample_dbfs=-20.0, last_sample_dbfs=-20.0, dc_offset_dbfs=-30.0))
    assert clicks.second_line.startswith("May click at the start and end. Hidden offset.")


def test_too_short_is_not_known_and_nothing_declared_waits() -> None:
    short = answers(report(duration_s=20.0))
    assert (short.state, short.headline) == (
        "unknown",
        "Too short to tell whether anything is sudden",
    )
    shown = report("trauma", tags=None)
    assert shown.answered.state == "waiting"
    assert shown.answered.answer("content").brief == "Nothing declared."
    assert exit_code([shown]) == 2


def test_a_common_trigger_is_the_headline_where_triggers_are_the_question() -> None:
    shown = answers(report("misophonia", tags=("mouth", "water"), misophonia_core_tags=1.0))
    assert (shown.state, shown.headline) == ("stop", "Holds common triggers: mouth sounds")


# --- people ---------------------------------------------------------------------------------------


def said(who: str, answer: str, at_s: float) -> Judgement:
    return Judgement.model_validate(
        {"who": who, "when": "2026-11-30", "at_s": at_s, "answer": answer}
    )


def unheard(profile: str) -> Report:
    shown = report(profile, review_points_confirmed=None)
    return shown.model_copy(update={"declared": Declared(tags=("water",))})


def test_five_places_are_offered_and_more_only_where_something_is_new() -> None:
    places = unheard("trauma").answered.places
    assert [place.at_s for place in places] == [20.0, 32.0, 44.0, 56.0, 68.0, 80.0]
    assert len(unheard("general").answered.places) == 5  # as many as it asks for


def test_one_unwelcome_of_two_reviewers_fails_it() -> None:
    shown = unheard("trauma")
    both = [said("A", "welcome", p.at_s) for p in shown.answered.places]
    after = with_judgements(shown, [*both, said("B", "unwelcome", 32.1)], PROFILES["trauma"])
    assert (after.verdict, after.answered.state) == ("does not meet", "stop")
    assert after.answered.headline == "B found one unwelcome"
    assert [j.who for j in after.judgements].count("A") == len(both)  # nothing is replaced
    general = with_judgements(unheard("general"), [said("B", "unwelcome", 32)], PROFILES["general"])
    assert general.answered.state == "stop"  # whatever the profile requires
    assert exit_code([general]) == 1


def test_unsure_leaves_it_open_and_some_are_not_all() -> None:
    shown = unheard("trauma")
    places = shown.answered.places
    unsure = with_judgements(shown, [said("A", "unsure", p.at_s) for p in places],
                             PROFILES["trauma"])  # fmt: skip
    assert unsure.answered.answer("heard").state == "not_known"
    assert (unsure.verdict, unsure.answered.state) == ("not assessed", "waiting")
    two = with_judgements(shown, [said("A", "welcome", p.at_s) for p in places[:2]],
                          PROFILES["trauma"])  # fmt: skip
    (nine,) = [f for f in two.findings if f.criterion == "O9"]
    assert nine.state == "not assessed"
    assert two.answered.answer("heard").brief == "Two of six moments settled."
    all_ = with_judgements(two, [said("B", "welcome", p.at_s) for p in places[2:]],
                           PROFILES["trauma"])  # fmt: skip
    assert (all_.verdict, all_.answered.state) == ("meets", "meets")
    assert all_.answered.second_line == "A and B listened to all moments; none unwelcome."


def test_welcome_does_not_pass_what_a_measurement_fails() -> None:
    events = (event("max_band_novelty_lu", 41.2),)
    shown = report("trauma", max_band_novelty_lu=6.5, events=events, review_points_confirmed=None)
    after = with_judgements(shown, [said("A", "welcome", p.at_s) for p in shown.answered.places],
                            PROFILES["trauma"])  # fmt: skip
    assert (after.verdict, after.answered.state) == ("does not meet", "stop")
    assert after.answered.answer("heard").state == "fine"


# --- what may never be ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_state_never_contradicts_the_formal_word(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PROFILES)))
    profile = PROFILES[name]
    values: dict[str, float | None] = {**passing(profile), **DECLARED_ALL}
    for key in data.draw(st.lists(st.sampled_from(sorted(profile.criteria)), max_size=6)):
        c = profile.criteria[key]
        off = data.draw(st.sampled_from([None, 0.5, 1.5, 5.0, 40.0]))
        edge = c.max if c.max is not None else c.min
        if edge is not None:
            sign = 1 if c.max is not None else -1
            values[c.quantity] = None if off is None else edge + sign * (c.tolerance + off)
    values["moments_unwelcome"] = data.draw(st.sampled_from([0.0, 1.0]))
    duration_s = data.draw(st.sampled_from([5.0, 40.0, 120.0]))
    shown = report(name, values, duration_s=duration_s)
    state, verdict = shown.answered.state, shown.verdict
    allowed = {
        "does not meet": {"stop", "unknown", "close", "finish"},
        "not assessed": {"unknown", "waiting"},
        "meets": {"meets"},
        "meets with advisories": {"meets"},
    }
    assert state in allowed[verdict], (state, verdict)
    assert (exit_code([shown]) == 0) == (state == "meets")
    first = shown.answered
    sentences = [first.headline, first.second_line]
    sentences += [s for a in first.answers for s in (a.sentence, a.brief)]
    for sentence in sentences:
        assert not UNITS.search(sentence), sentence
        assert "{" not in sentence
        assert not re.search(r"\b[LOENTSPC]\d+[abc]?\b", sentence), sentence
    assert len(first.headline.split()) <= 13
    assert Report.from_json(shown.to_json()).answered == first


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_an_unknown_or_missing_finding_never_meets(name: str) -> None:
    profile = PROFILES[name]
    for criterion in profile.criteria.values():
        if criterion.requirement == "required" and not criterion.if_present:
            shown = report(name, {criterion.quantity: None})
            assert shown.answered.state != "meets", criterion.title
    bare = report(name).model_copy(update={"findings": ()})
    assert "No sudden sound" not in bare.answered.headline


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_criterion_has_a_question_a_role_and_whole_words(name: str) -> None:
    profile = PROFILES[name]
    assert sorted(profile.order) == sorted(GROUPS)
    for key, criterion in profile.criteria.items():
        known = words().criteria[key]
        assert all((known.title, known.meaning, known.checker, known.creator))
        if criterion.requirement != "report":
            assert known.fine
            assert known.wrong
            assert criterion.loosest.min is not None or criterion.loosest.max is not None
            assert not criterion.beyond(criterion.loosest), key
        for said_ in known.model_dump().values():
            assert not UNITS.search(said_), said_
        if criterion.close:
            assert criterion.role == "decides"


def test_the_terminal_text_is_short_and_ends_with_one_command() -> None:
    for shown, most in ((report(), 25), (made_reports.checked(), 40)):
        lines = text.render(shown).splitlines()
        assert len(lines) <= most
        assert sum(line.startswith("  asmrmaster ") for line in lines) == 1
        assert not UNITS.search("\n".join(lines))
        assert len(text.render(shown, full=True).splitlines()) > len(lines)
