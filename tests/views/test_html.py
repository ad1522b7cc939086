"""The report as HTML: verdict first, every figure and limit, times that play, small and quick."""

from __future__ import annotations

import time

import pytest

from asmrmaster.report import (
    Change,
    Declared,
    DeliveryFacts,
    Limits,
    Reference,
    Report,
    Requirement,
    ReviewPoint,
)
from asmrmaster.views import html, phrases
from asmrmaster.views.excerpts import MAX_BYTES, Excerpt
from tests import made_reports
from tests.page_reader import Page

SOUNDS = (
    Excerpt(30.5, 34.5, "turned down", b"master", b"take"),
    Excerpt(60.0, 64.0, "an edit", b"master2", b"take2"),
)


def test_the_verdict_stands_first() -> None:
    text = Page(html.render(made_reports.checked())).text
    assert text.index("Does not meet the profile general 1.0.0") < text.index("found.wav") < 120
    assert "5 of 12 criteria fail: programme loudness, loudest passage above programme," in text
    assert text.index("5 of 12 criteria") < text.index("What needs attention")


@pytest.mark.parametrize(
    ("verdict", "words", "shape"),
    [
        ("meets", "Meets the profile general 1.0.0", "i-pass"),
        ("meets with advisories", "Meets the profile general 1.0.0 with advisories", "i-advisory"),
        ("does not meet", "Does not meet the profile general 1.0.0", "i-fail"),
        ("not assessed", "Not assessed against the profile general 1.0.0", "i-none"),
    ],
)
def test_a_verdict_is_a_word_and_a_shape(verdict: str, words: str, shape: str) -> None:
    report = made_reports.mastered().model_copy(update={"verdict": verdict})
    page = html.render(report)
    head = page[page.index("<h1>") : page.index("</h1>")]
    assert words == Page(head + "</h1>").text
    assert f'href="#{shape}"' in head


def test_every_finding_shows_figure_limit_reason_and_evidence() -> None:
    report = made_reports.checked()
    source = html.render(report)
    page = Page(source)
    failing = [f for f in report.findings if f.state == "fail"]
    assert len(failing) == 5
    for finding in failing:
        assert f"{phrases.measured(finding)} measured; accepted is" in page.text
        assert finding.advice in page.text
    assert page.text.count("Protects from sudden loud moments.") == 5
    assert page.text.count("Would protect from sudden loud moments.") == 1  # it is not assessed
    assert page.text.count("P: a peer-reviewed study supports it") == 6
    assert source.count("<details>") == 6  # evidence on demand
    assert "<details open" not in source


def test_every_criterion_is_listed_with_its_result() -> None:
    report = made_reports.checked("mono.wav", channels=1)
    text = Page(html.render(report)).text
    listed = text[text.index("All criteria Each") : text.index("Provenance Judged")]
    for finding in report.findings:
        assert finding.title in listed
    assert listed.count("does not apply") == 3  # the stereo ones
    assert listed.count("reported –") + listed.count("reported −") == 1
    assert listed.index("fails") < listed.index("not assessed") < listed.index("passes")


def test_what_was_not_assessed_is_never_said_to_pass() -> None:
    nothing = dict.fromkeys(made_reports.AFTER_VALUES)
    report = made_reports.checked("x.wav", nothing).model_copy(update={"verdict": "not assessed"})
    source = html.render(report)
    assert "criteria could not be assessed: programme loudness" in Page(source).text
    assert '"#i-pass"' not in source
    assert source.count('"#i-none"') >= len(report.findings) + 2


def test_what_had_to_be_assessed_stands_before_what_need_not_be() -> None:
    report = made_reports.checked()
    some = tuple(
        f.model_copy(update={"state": "not assessed", "measured": None, "requirement": asked})
        for f, asked in zip(report.findings, ("advisory", "report", "required"), strict=False)
    )
    text = Page(html.render(report.model_copy(update={"findings": some}))).text
    listed = text[text.index("never counted as a pass.") :]
    assert listed.startswith(f"never counted as a pass. {some[2].title} (required):")


def test_a_moment_that_several_findings_name_is_listed_once_and_first() -> None:
    report = made_reports.checked()
    text = Page(html.render(report)).text
    listed = text[text.index("Where to listen") : text.index("Protects from")]
    assert listed.startswith(
        "Where to listen 0:32.0 fails : loudest passage above programme, loudest moment above "
        "programme, louder than anything before and new sound 0:52.0"
    )
    assert "Where to listen" not in Page(html.render(made_reports.mastered())).text


def test_what_a_person_adds_and_what_is_advised_is_shown() -> None:
    point = ReviewPoint(start_s=32.0, end_s=33.0, level_novelty_lu=-3.3, band_novelty_lu=2.04)
    declared = Declared(title="Rain", tags=("water", "brushing"), reviewed_by="Dr. Ear")
    change = Change(
        edited_s=1.5,
        edited_percent=2.0,
        max_gain_move_db=21,
        level_change_lu=-0.02,
        channel_level_change_db=0.0,
        correlation_change=None,
    )
    more = {"review": (point,), "declared": declared, "at_source": ("Move closer.",)}
    report = made_reports.mastered().model_copy(update={**more, "change": change})
    text = Page(html.render(report)).text
    assert "0:32.0 no louder, 2.0 LU newer" in text
    assert "Dr. Ear has listened." in text
    assert "What is heard water, brushing" in text
    assert "To mend at the source Move closer." in text
    assert "Repairs rebuilt 1.50 s, 2.00 % of the take." in text
    assert "fades the level changed by −0.02 LU, the balance of the channels by 0.00 dB." in text


def test_a_file_made_for_a_destination_is_listed() -> None:
    asked = Requirement(
        quantity="integrated_lufs", measured=-14.9, limit=Limits(max=-16), met=False
    )
    made = DeliveryFacts(
        target=Reference(id="podcast", version="1", sha256="ef" * 32),
        file=made_reports.facts("/out/episode.mp3"),
        gain_db=2.0,
        requirements=(asked,),
        met=False,
    )
    report = made_reports.mastered().model_copy(update={"deliveries": (made,)})
    text = Page(html.render(report)).text
    assert "podcast episode.mp3" in text
    assert "lacks it Programme loudness −14.9 LUFS (not met); asked for at most −16." in text


def test_a_time_plays_where_there_is_an_excerpt() -> None:
    page = Page(html.render(made_reports.mastered(), SOUNDS))
    times = [a["href"] for a in page.all("a") if a.get("class") == "time"]
    assert times == ["#listen-1"]  # the dip at 0:31.7; nothing covers 0:51.8, 0:11.2 and 0:40.1
    sounds = [a["src"] for a in page.all("audio")]
    assert sounds == [
        "data:audio/mpeg;base64,dGFrZQ==",
        "data:audio/mpeg;base64,bWFzdGVy",
        "data:audio/mpeg;base64,dGFrZTI=",
        "data:audio/mpeg;base64,bWFzdGVyMg==",
    ]


def test_sound_can_be_left_out() -> None:
    page = Page(html.render(made_reports.mastered(), SOUNDS, audio=False))
    assert not page.all("audio")
    assert not [a for a in page.all("a") if a.get("class") == "time"]
    assert "Listen" not in page.text
    assert "0:31.7" in page.text


def test_before_and_after_stand_beside_each_other() -> None:
    text = Page(html.render(made_reports.mastered())).text
    assert "Programme loudness LUFS −45.3 −26.0 +19.3 −30 to −16" in text
    assert "Noise floor in the pauses LUFS −66.7 −47.9 +18.8 reported only" in text
    assert "Balance LU 0.4 0.4 0.0 at most 6" in text
    alone = Page(html.render(made_reports.checked())).text
    assert "Programme loudness LUFS −45.3 −30 to −16" in alone
    assert "Change" not in alone


def test_every_dip_and_edit_says_why() -> None:
    text = Page(html.render(made_reports.mastered())).text
    assert "0:31.7 0:32.9 −21.3 27.2 LU above programme loudness." in text
    assert "0:11.2 Remove clicks 1 −14.2 A click of 0.7 ms." in text
    assert "aimed at −26.0 LUFS: louder would lift the noise floor" in text


def test_where_it_comes_from_and_what_it_does_not_mean() -> None:
    report = made_reports.mastered()
    text = Page(html.render(report)).text
    for expected in (report.profile.sha256, report.input.sha256, "numpy 2.4.6", "hold_ms = 8.0"):
        assert expected in text
    assert text.endswith(f"What a pass does not mean {report.notice}")


def test_a_saved_report_gives_the_same_page() -> None:
    report = made_reports.mastered()
    assert html.render(Report.from_json(report.to_json())) == html.render(report)


def test_a_report_from_another_version_is_shown_too() -> None:
    """A quantity this version does not know has no definition, only its name."""
    values = {**made_reports.AFTER_VALUES, "new_thing_db": 3.25}
    report = made_reports.checked("x.wav", values)
    finding = report.findings[0].model_copy(update={"quantity": "newer_db", "protects": ""})
    bare = report.model_copy(
        update={
            "findings": (finding,),
            "after": report.after.model_copy(update={"curves": {}, "pictures": {}, "events": ()}),
        }
    )
    assert "New thing db: 3.2" in Page(html.render(bare)).text


def test_ten_hours_stay_small_and_quick() -> None:
    report = made_reports.ten_hours()
    html.render(report)  # templates are compiled once
    started = time.process_time()
    page = html.render(report)
    assert time.process_time() - started < 1.5
    assert len(page.encode()) < 500_000
    assert "the deepest 100 of 1500" in Page(page).text
    assert "The largest 40 of 20000 edits" in Page(page).text
    full = Excerpt(30.5, 34.5, "all there is room for", b"x" * MAX_BYTES)
    assert len(html.render(report, [full]).encode()) < 5_000_000
    assert "Remove clicks: 20000 places, up to 29.0 dB" in Page(page).text
