"""The report as HTML: verdict first, every figure and limit, times that play, small and quick."""

from __future__ import annotations

import json
import time

import pytest

from asmrmaster.report import (
    Change,
    Declared,
    DeliveryFacts,
    Judgement,
    Limits,
    Reference,
    Report,
    Requirement,
    ReviewPoint,
)
from asmrmaster.views import html, phrases, sheet, text
from asmrmaster.views.excerpts import MAX_BYTES, Excerpt
from asmrmaster.views.playback import Piece
from tests import made_reports
from tests.page_reader import Page

SOUNDS = (
    Excerpt(30.5, 34.5, "turned down", b"master", b"take"),
    Excerpt(60.0, 64.0, "an edit", b"master2", b"take2"),
)


def test_the_state_and_one_sentence_stand_first() -> None:
    text = Page(html.render(made_reports.checked())).text
    assert text.index("Not as it is") < text.index("Two sudden sounds, at 0:32 and 0:52") < 120
    assert text.index("Two sudden sounds") < text.index("Formally: does not meet")
    assert text.index("Formally") < text.index("Two moments to judge") < text.index("Figures")


@pytest.mark.parametrize(
    ("values", "words", "shape"),
    [
        (made_reports.BEFORE_VALUES, "Not as it is", "i-not_fine"),
        (dict.fromkeys(made_reports.AFTER_VALUES), "Not known", "i-not_known"),
        ({**made_reports.AFTER_VALUES, "max_level_novelty_lu": 6.5}, "Listen first", "i-look"),
        (
            {**made_reports.AFTER_VALUES, "integrated_lufs": -38.0},
            "Needs finishing",
            "i-fix",
        ),
        (made_reports.AFTER_VALUES, "Meets the profile", "i-fine"),
    ],
)
def test_a_state_is_a_word_and_a_shape(
    values: dict[str, float | None], words: str, shape: str
) -> None:
    # 0.5 LU beyond the 6 LU of this report's O1a: closer than what its limit rests on.
    page = html.render(made_reports.checked(values=values))
    head = page[page.index('<section class="verdict') : page.index("<h1>")]
    assert words in head
    assert f'href="#{shape}"' in head


def test_a_question_opens_to_its_criteria_with_figure_and_id_below() -> None:
    report = made_reports.checked()
    page = Page(html.render(report))
    for finding in report.findings:
        if finding.state == "fail":
            figure = f"{phrases.measured(finding)}; accepted {phrases.accepted(finding)}"
            assert f"{figure} · {finding.criterion}" in page.text
    assert "A jump one has not got used to makes people start." in page.text
    assert "Played" not in page.text  # there is nothing to play


def test_every_criterion_is_listed_with_its_result() -> None:
    report = made_reports.checked("mono.wav", channels=1)
    text = Page(html.render(report)).text
    listed = text[text.index("Every limit and what it rests on") : text.index("Where this comes")]
    for finding in report.findings:
        assert f"{finding.criterion}, {finding.requirement}" in listed
        assert finding.rationale in listed
    assert listed.count("does not apply") == 3  # the stereo ones
    assert listed.index("fails") < listed.index("not assessed") < listed.index("passes")


def test_what_was_not_assessed_is_never_said_to_be_fine() -> None:
    nothing = dict.fromkeys(made_reports.AFTER_VALUES)
    report = made_reports.checked("x.wav", nothing)
    source = html.render(report)
    assert "Too short to tell whether anything is sudden" in Page(source).text
    assert '<details class="fine" id="q-sudden"' not in source
    assert "Meets the profile" not in source


def test_a_moment_that_several_findings_name_is_judged_once() -> None:
    source = html.render(made_reports.checked())
    page = Page(source)
    moments = [a["data-at"] for a in page.all("li") if "data-at" in a]
    assert moments == ["32.0", "52.0"]
    assert "Two moments to judge" in page.text


def test_what_a_person_adds_and_what_is_advised_is_shown() -> None:
    point = ReviewPoint(start_s=12.0, end_s=13.0, level_novelty_lu=-3.3, band_novelty_lu=2.04)
    declared = Declared(title="Rain", tags=("water", "brushing"), reviewed_by="Dr. Ear")
    change = Change(
        edited_s=1.5,
        edited_percent=2.0,
        max_gain_move_db=21,
        level_change_lu=-0.02,
        channel_level_change_db=0.0,
        correlation_change=None,
        stages_percent={"declick": 0.5, "lift": 1.5},
    )
    more = {"review": (point,), "declared": declared, "at_source": ("Move closer.",)}
    report = made_reports.mastered().model_copy(update={**more, "change": change})
    text = Page(html.render(report)).text
    assert "Dr. Ear signed for these moments." in text
    assert "Declared: water and brushing." in text
    assert "To mend at the source Move closer." in text
    assert "Sudden sounds lifted out in 1.50 %; clicks removed in 0.50 % of the take." in text
    assert "fades the level changed by −0.02 LU, the balance of the channels by 0.00 dB." in text


def test_judgements_stand_beside_each_other_with_long_names_whole() -> None:
    long = "Prof. Dr. Maximiliane-Theodora von und zu Wittelsbach-Hohenzollern the Third"
    said = tuple(
        Judgement(who=who, when="2026-11-28", at_s=32.0, answer=answer, note=note, gently=played)
        for who, answer, note, played in (
            (long, "unwelcome", "A door. She would jump.", 2),
            ("B", "welcome", "", 0),
        )
    )
    report = made_reports.checked().model_copy(update={"judgements": said})
    text = Page(html.render(report)).text
    assert f"{long} , 28 Nov 2026, gently: unwelcome . A door. She would jump." in text
    assert "B , 28 Nov 2026, not played here: welcome ." in text


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


def test_what_was_found_of_a_file_for_a_destination_is_said_everywhere() -> None:
    """Such as that a film is in step, or is quieter than asked: in text, page and sheet."""
    facts = made_reports.facts("/out/m.youtube.mp4").model_copy(
        update={"notes": ("In step with the film at all of 3 moments compared.",)}
    )
    made = DeliveryFacts(
        target=Reference(id="youtube", version="1", sha256="ef" * 32),
        file=facts, gain_db=0.0, requirements=(), met=True,
    )  # fmt: skip
    report = made_reports.mastered().model_copy(update={"deliveries": (made,)})
    sentence = "Youtube: In step with the film at all of 3 moments compared."
    assert sentence in Page(html.render(report)).text
    assert sentence in Page(sheet.render(report)).text
    assert sentence in " ".join(text.render(report).split())


def test_take_and_master_can_be_heard_beside_each_other() -> None:
    page = Page(html.render(made_reports.mastered(), SOUNDS))
    sounds = [a["src"] for a in page.all("audio")]
    assert sounds == [
        "data:audio/mpeg;base64,dGFrZQ==",
        "data:audio/mpeg;base64,bWFzdGVy",
        "data:audio/mpeg;base64,dGFrZTI=",
        "data:audio/mpeg;base64,bWFzdGVyMg==",
    ]


def test_the_sound_travels_inside_or_is_left_out() -> None:
    whole = Piece(0.0, 75.0, b"opus")
    page = Page(html.render(made_reports.checked(), pieces=[whole]))
    sound = json.loads(page.data[0])
    assert sound["pieces"] == [
        {"start": 0.0, "end": 75.0, "sound": "data:audio/ogg;base64,b3B1cw=="}
    ]
    assert sound["moments"] == [[32.0, 32.7, 32.0], [52.0, 52.4, 52.0]]
    assert "Volume low first." in page.text
    silent = Page(html.render(made_reports.mastered(), SOUNDS, pieces=[whole], audio=False))
    assert not silent.all("audio")
    assert "Listen gently" not in silent.text
    assert "0:31.7" in silent.text


def test_before_and_after_stand_beside_each_other() -> None:
    text = Page(html.render(made_reports.mastered())).text
    assert "Programme loudness LUFS −45.3 −26.0 −30 to −16" in text
    assert "Noise floor in the pauses LUFS −66.7 −47.9 reported only" in text
    assert "Balance LU 0.4 0.4 at most 6" in text
    alone = Page(html.render(made_reports.checked())).text
    assert "Programme loudness LUFS −45.3 −30 to −16" in alone


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
    assert text.index("What this cannot find") < text.index(report.notice)


def test_a_saved_report_gives_the_same_page() -> None:
    report = made_reports.mastered()
    again = Report.from_json(report.to_json())
    assert html.render(again) == html.render(Report.from_json(again.to_json()))


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
    kept = Page(page)
    assert len(page.encode()) - sum(len(text.encode()) for text in kept.data) < 500_000
    assert "the deepest 100 of 1500" in Page(page).text
    assert "The largest 40 of 20000 edits" in Page(page).text
    full = Excerpt(30.5, 34.5, "all there is room for", b"x" * MAX_BYTES)
    assert len(html.render(report, [full]).encode()) < 12_000_000
    assert "Remove clicks: 20000 places, up to 29.0 dB" in Page(page).text
