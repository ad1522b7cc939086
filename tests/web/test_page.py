"""The local page, asked as a browser asks it: check, move a limit, listen and sign, master."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import asmrmaster
from asmrmaster.audio import Audio, Format, read, write
from asmrmaster.cli import main
from asmrmaster.demo import take
from asmrmaster.report import Report
from asmrmaster.views import phrases
from asmrmaster.web import declaration_form
from tests.page_reader import Page
from tests.web_client import Visitor, serving

FLAC = Format("FLAC", "PCM_16", bits=16)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short take, as people have one."""
    folder = tmp_path_factory.mktemp("recordings")
    write(Audio.from_array(take(40), 48_000), folder / "evening take.flac", FLAC)
    write(Audio.from_array(take(12), 48_000), folder / "brief.flac", FLAC)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "notes.txt").write_text("not a sound")
    return folder


@pytest.fixture(scope="module")
def visitor(shelf: Path) -> Iterator[Visitor]:
    with serving(shelf) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def checked(visitor: Visitor, shelf: Path) -> str:
    """The address of a report on the take, with its excerpts."""
    job = visitor.job("/check", shelf / "evening take.flac")
    state = visitor.wait(job, sounds=True)
    assert state["status"] == "done"
    return job


@pytest.fixture(scope="module")
def mastered(visitor: Visitor) -> str:
    job = visitor.job("/make", picked="brief.flac", eq="warm")
    visitor.wait(job, sounds=True)
    return job


def without_paths(report: dict[str, Any]) -> dict[str, Any]:
    report.pop("made", None)  # when it was made
    for file in (report["input"], report["output"] or {}):
        file.pop("path", None)
    return report


# --- choosing -------------------------------------------------------------------------------------


def test_what_can_be_chosen_comes_from_the_data(visitor: Visitor) -> None:
    page = Page(visitor.text("/master"))
    for document in (
        asmrmaster.Preset.load("tactile"),
        asmrmaster.Profile.load("sleep"),
    ):
        assert document.title in page.text
        assert document.when in page.text
    offered = [a["value"] for a in page.all("input") if a.get("name") == "preset"]
    assert offered[0] == "gentle"
    assert len(offered) == 5
    assert "loudness" in page.text


def test_the_folder_offers_its_sounds_and_nothing_else(visitor: Visitor) -> None:
    options = [a["value"] for a in Page(visitor.text("/")).all("option")]
    assert options == ["", "brief.flac", "empty.wav", "evening take.flac"]


def test_a_form_without_a_file_is_told_so(visitor: Visitor) -> None:
    answer = visitor.send("/check")
    assert answer.status_code == 400
    assert "Choose a file first." in Page(answer.text).text


def test_a_profile_that_is_not_offered_is_refused(visitor: Visitor, shelf: Path) -> None:
    for name in ("/etc/passwd", "genral", "../profiles/general", ""):
        answer = visitor.send("/check", shelf / "evening take.flac", profile=name)
        assert answer.status_code == 422
    assert "unknown choice" in Page(answer.text).text.lower()


# --- the report -----------------------------------------------------------------------------------


def test_page_command_and_python_give_the_same_data(
    visitor: Visitor, checked: str, shelf: Path
) -> None:
    path = shelf / "evening take.flac"
    page = visitor.http.get(f"{checked}/save/report.json").json()
    called = CliRunner().invoke(main, ["check", str(path), "--json"])
    command = json.loads(called.stdout)
    python = asmrmaster.check(path).to_dict()
    assert page["input"]["path"] == "evening take.flac"
    assert without_paths(page) == without_paths(command) == without_paths(python)


def test_the_page_is_the_report(visitor: Visitor, checked: str) -> None:
    text = Page(visitor.text(checked)).text
    report = Report.from_dict(visitor.http.get(f"{checked}/save/report.json").json())
    assert report.verdict == "does not meet"
    assert "Not as it is One sudden sound, at 0:32" in text
    assert "Judged for General screening 1.3 , limits as shipped . Formally: does not meet" in text
    for finding in report.findings:
        assert f"{finding.criterion}, {finding.requirement}" in text
    assert report.notice in text


def test_every_page_is_whole(visitor: Visitor, checked: str, mastered: str) -> None:
    for address in ("/", "/master", checked, mastered, f"/master?again={mastered[6:]}"):
        page = Page(visitor.text(address))
        assert page.broken == []
        assert len(page.ids) == len(set(page.ids))
        assert page.headings[0] == page.headings.count(1) == 1
        for name, attributes in page.tags:
            for key in ("src", "href", "action"):
                value = attributes.get(key, "#")
                assert value.startswith(("#", "/", "data:image/png")), (name, value)
                assert not value.startswith("//")
        fields = {a["id"] for _, a in page.tags if a.get("id")}
        assert {a["for"] for a in page.all("label") if "for" in a} <= fields


def test_what_is_saved_needs_no_server(visitor: Visitor, checked: str) -> None:
    for what, end in (("report.html", ".report.html"), ("sheet.html", ".sheet.html")):
        answer = visitor.http.get(f"{checked}/save/{what}")
        assert f'attachment; filename="evening take{end}"' == answer.headers["content-disposition"]
        assert 'src="/' not in answer.text
        assert 'href="/' not in answer.text
    assert visitor.http.get(f"{checked}/save/master").status_code == 404


def test_sounds_can_be_heard_and_sought_in(visitor: Visitor, checked: str) -> None:
    (data,) = Page(visitor.text(checked)).data
    (piece,) = json.loads(data)["pieces"]
    answer = visitor.http.get(piece["sound"], headers={"Range": "bytes=0-99"})
    assert answer.status_code == 206
    assert answer.headers["content-type"] == "audio/ogg"
    assert len(answer.content) == 100
    assert visitor.http.get(f"{checked}/play/99").status_code == 404
    assert visitor.http.get(f"{checked}/sound/0/order.json").status_code == 404


def test_a_sound_without_sound_gets_no_verdict_but_a_reason(visitor: Visitor) -> None:
    job = visitor.job("/check", picked="empty.wav")
    state = visitor.wait(job)
    assert state["status"] == "failed"
    text = Page(visitor.text(job)).text
    assert "No verdict" in text
    assert "The file is empty (0 bytes). Export it again." in text
    assert visitor.http.get(f"{job}/save/report.json").status_code == 409


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("is silent, below -70 LUFS", "It is silent, below −70 LUFS."),
        ("cut off or damaged", "Cut off or damaged."),
        ("isolated", "Isolated."),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(message: str, sentence: str) -> None:
    assert phrases.told(message) == sentence


def test_the_upload_goes_once_it_was_heard(visitor: Visitor, checked: str) -> None:
    from tempfile import gettempdir

    homes = [p for p in Path(gettempdir()).glob("asmrmaster-page-*") if (p / checked[6:]).is_dir()]
    assert len(homes) == 1
    assert homes[0].stat().st_mode & 0o077 == 0
    assert not list((homes[0] / checked[6:]).glob("*.flac"))


# --- limits ---------------------------------------------------------------------------------------


def test_a_moved_limit_changes_the_verdict_and_not_the_measurement(
    visitor: Visitor, checked: str
) -> None:
    before = visitor.http.get(f"{checked}/save/report.json").json()
    states = {f["criterion"]: f["state"] for f in before["findings"]}
    assert states["L1"] == "fail"
    measured = before["after"]["values"]["integrated_lufs"]
    query = f"limit.L1.min={measured - 1:.1f}"
    judged = visitor.http.get(f"{checked}/judge?{query}").json()
    assert judged["states"]["L1"] == "passes"
    after = visitor.http.get(f"{checked}/save/report.json?{query}").json()
    assert after["after"] == before["after"]
    assert after["profile"]["id"] == "general"
    assert after["profile"]["standing"] == "changed"
    assert [c["criterion"] for c in after["changed_limits"]] == ["L1"]
    assert after["shipped_result"]["state"] == before["state"]
    assert after["profile"]["sha256"] != before["profile"]["sha256"]
    (moved,) = [f for f in after["findings"] if f["criterion"] == "L1"]
    assert f"min moved on this page from -30 to {measured - 1:.1f}" in moved["rationale"]
    shown = Page(visitor.text(f"{checked}?{query}&by=Dr.%20A")).text
    assert "One limit changed by Dr. A, " in shown
    assert "Shipped limits give the same result." in shown


def test_limits_left_alone_leave_the_profile_alone(visitor: Visitor, checked: str) -> None:
    same = visitor.http.get(f"{checked}/save/report.json?limit.L1.min=-30&limit.L1.max=").json()
    assert same["profile"]["id"] == "general"


def test_another_profile_judges_as_the_command_does(
    visitor: Visitor, checked: str, shelf: Path
) -> None:
    page = visitor.http.get(f"{checked}/save/report.json?profile=sleep").json()
    python = asmrmaster.check(shelf / "evening take.flac", profile="sleep").to_dict()
    assert without_paths(page) == without_paths(python)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit.L1.min=loud", "not a number"),
        ("limit.L1.min=nan", "not a number"),
        ("limit.L1.min=1e999", "not a number"),
        ("limit.L1.min=-10", "above max"),
        ("limit.O1a.max=99", "too loose to say anything; at most 12"),
        ("limit.C4.max=1", "cannot be moved"),
        ("limit.L1.tolerance=9", "has no limit"),
        ("limit.id.max=9", "has no limit"),
        ("profile=/etc/passwd", "unknown choice"),
    ],
)
def test_a_limit_that_is_none_is_refused(
    visitor: Visitor, checked: str, query: str, word: str
) -> None:
    answer = visitor.http.get(f"{checked}/judge?{query}")
    assert answer.status_code == 422
    assert word in answer.json()["error"]


# --- listening ------------------------------------------------------------------------------------


def test_who_listened_is_recorded_and_judged(visitor: Visitor, shelf: Path) -> None:
    job = visitor.job("/check", shelf / "evening take.flac")
    visitor.wait(job, sounds=True)
    names = [a["name"] for a in Page(visitor.text(job)).all("input") if "name" in a]
    offered = sorted({int(n[2:]) for n in names if re.fullmatch(r"at\d+", n)})
    report = Report.from_dict(visitor.http.get(f"{job}/save/report.json").json())
    places = report.answered.places
    assert len(offered) == len(places) >= 3
    at = {f"at{k}": str(place.at_s) for k, place in enumerate(places)}
    said = {**at, "by": "Dr. A <b>Nurse", "answer0": "welcome", "note0": "A page."}
    assert visitor.http.post(f"{job}/judged", data={**said, "gently0": "2"}).status_code == 303
    some = visitor.http.get(f"{job}/save/report.json").json()
    assert some["after"]["values"]["review_points_confirmed"] == 1
    assert some["judgements"][0]["gently"] == 2

    rest = {f"answer{k}": "welcome" for k in range(1, len(places))}
    visitor.http.post(f"{job}/judged", data={**at, **rest, "by": "B"})
    whole = visitor.http.get(f"{job}/save/report.json").json()
    (heard,) = [a for a in whole["answers"] if a["question"] == "heard"]
    assert heard["state"] == "fine"
    assert "B listened to all moments; none unwelcome." in heard["sentence"]

    visitor.http.post(f"{job}/judged", data={**at, "answer1": "unwelcome", "by": "C"})
    page_text = visitor.text(job)
    assert "C found one unwelcome." in Page(page_text).text
    assert "<b>Nurse" not in page_text
    signed = visitor.http.get(f"{job}/save/report.json").json()
    assert [one["who"] for one in signed["judgements"]][:2] == ["Dr. A <b>Nurse", "B"]
    assert (signed["state"], signed["verdict"]) == ("stop", "does not meet")


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("", {"answer0": "welcome"}),
        ("x" * 201, {"answer0": "welcome"}),
        ("A", {}),
        ("A", {"answer0": "lovely"}),
        ("A", {"answer0": "welcome", "at0": "nan"}),
        ("A", {"answer0": "welcome", "at0": "-3"}),
    ],
)
def test_a_judgement_needs_a_name_and_a_moment(
    visitor: Visitor, checked: str, by: str, said: dict[str, str]
) -> None:
    answer = visitor.http.post(f"{checked}/judged", data={"at0": "32.0", "by": by, **said})
    assert answer.status_code == 422
    assert visitor.http.get(f"{checked}/save/report.json").json()["judgements"] == []


def test_a_saved_report_is_opened_again_and_gone_on_with(
    visitor: Visitor, checked: str, tmp_path: Path
) -> None:
    saved = tmp_path / "evening take.report.html"
    query = "limit.L4.max=11&by=Dr.%20A"
    saved.write_bytes(visitor.http.get(f"{checked}/save/report.html?{query}").content)
    before = visitor.http.get(f"{checked}/save/report.json?{query}").json()
    job = visitor.job("/check", saved, profile="sleep")
    assert visitor.wait(job, sounds=True)["status"] == "done"
    again = visitor.http.get(f"{job}/save/report.json").json()
    assert again["profile"] == before["profile"]
    assert again["headline"] == before["headline"]
    assert again["after"] == before["after"]
    (data,) = Page(visitor.text(job)).data
    sound = json.loads(data)["pieces"][0]["sound"]
    assert visitor.http.get(sound).status_code == 200
    visitor.http.post(f"{job}/judged", data={"at0": "32.0", "answer0": "unwelcome", "by": "D"})
    twice = visitor.http.get(f"{job}/save/report.html").content
    (tmp_path / "twice.html").write_bytes(twice)
    assert [j.who for j in Report.load(tmp_path / "twice.html").judgements] == ["D"]
    assert json.loads(Page(twice.decode()).data[0])["pieces"][0]["sound"].startswith("data:audio/")


def test_an_altered_report_is_found(visitor: Visitor, checked: str, tmp_path: Path) -> None:
    text = visitor.http.get(f"{checked}/save/report.html").text
    altered = tmp_path / "altered.html"
    altered.write_text(text.replace('"verdict":"does not meet"', '"verdict":"meets"'))
    job = visitor.job("/check", altered)
    assert visitor.wait(job)["status"] == "failed"
    assert "was altered" in Page(visitor.text(job)).text


def test_tracks_stand_side_by_side_and_a_plan_is_made(
    visitor: Visitor, checked: str, mastered: str
) -> None:
    page = Page(visitor.text("/compare"))
    assert page.broken == []
    assert "side by side" in page.text
    links = [a["href"] for a in page.all("a") if a.get("href", "").startswith("/jobs/")]
    assert {checked, mastered} <= set(links)
    refused = visitor.http.get(f"{checked}/plan")
    assert refused.status_code == 422
    assert "is not as it is" in Page(refused.text).text.lower()
    assert "Listening plan" in Page(visitor.text(f"{mastered}/plan")).text


# --- declaring ------------------------------------------------------------------------------------


def test_what_is_declared_is_judged_as_the_file_says_it(
    visitor: Visitor, shelf: Path, tmp_path: Path
) -> None:
    """A profile that asks for declarations can be met without a terminal."""
    job = visitor.job("/check", shelf / "evening take.flac", profile="trauma")
    visitor.wait(job)
    states = {f["criterion"]: f["state"] for f in report_of(visitor, job)["findings"]}
    assert states["C3"] == "not assessed"
    told = {
        "tag": ["whisper", "brushing"],
        "forewarning": "spoken",
        "title": 'A "quiet" evening \\ night',
        "description": "Nothing is promised.\r\nIt cures insomnia.",
    }
    assert visitor.http.post(f"{job}/declared", data=told).status_code == 303
    page = report_of(visitor, job)
    assert {f["criterion"]: f["state"] for f in page["findings"]}["C3"] == "pass"
    file = tmp_path / "evening take.content.toml"
    file.write_bytes(visitor.http.get(f"{job}/save/content.toml").content)
    take = shelf / "evening take.flac"
    python = asmrmaster.check(take, profile="trauma", content=file).to_dict()
    assert without_paths(page) == without_paths(python)
    assert page["after"]["values"]["health_claims"] == 1
    shown = Page(visitor.text(job)).text
    assert "Declared: whisper and brushing." in shown
    assert 'Delivery sheet A "quiet" evening' in Page(visitor.text(f"{job}/save/sheet.html")).text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({}, "nothing was declared"),
        ({"tag": ["water", declaration_form.NONE]}, "not both"),
        ({"tag": "thundering"}, "unknown tag"),
        ({"forewarning": "shouted"}, "forewarning"),
        ({"title": " \n "}, "nothing was declared"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused(
    visitor: Visitor, checked: str, form: dict[str, str | list[str]], word: str
) -> None:
    answer = visitor.http.post(f"{checked}/declared", data=form)
    assert answer.status_code == 422
    assert word in Page(answer.text).text.lower()
    assert visitor.http.get(f"{checked}/save/content.toml").status_code == 404


def test_that_none_is_heard_is_another_thing_than_nothing_said(
    visitor: Visitor, shelf: Path
) -> None:
    job = visitor.job("/check", shelf / "brief.flac", profile="misophonia")
    visitor.wait(job)
    visitor.http.post(f"{job}/declared", data={"tag": declaration_form.NONE})
    values = report_of(visitor, job)["after"]["values"]
    assert (values["content_tags_declared"], values["misophonia_core_tags"]) == (1, 0)


def report_of(visitor: Visitor, job: str) -> dict[str, Any]:
    data: dict[str, Any] = visitor.http.get(f"{job}/save/report.json").json()
    return data


# --- mastering ------------------------------------------------------------------------------------


def test_a_master_is_what_the_command_makes(
    visitor: Visitor, mastered: str, shelf: Path, tmp_path: Path
) -> None:
    answer = visitor.http.get(f"{mastered}/save/master")
    given = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="brief\.master[a-z.-]*\.flac"', given)
    brief, own = shelf / "brief.flac", tmp_path / "own.flac"
    report = asmrmaster.master(brief, own, preset="gentle", profile="general", eq="warm").to_dict()
    page = visitor.http.get(f"{mastered}/save/report.json").json()
    assert without_paths(page) == without_paths(report)
    got = tmp_path / "downloaded.flac"
    got.write_bytes(answer.content)
    made = next(tmp_path.glob("own*.flac"))
    first, second = (np.concatenate(list(read(p).audio.open())) for p in (got, made))
    np.testing.assert_array_equal(first, second)


def test_take_and_master_can_be_compared_and_the_ride_is_drawn(
    visitor: Visitor, mastered: str
) -> None:
    page = Page(visitor.text(mastered))
    pairs = [a for a in page.all("option") if "data-take" in a]
    assert pairs
    for pair in pairs:
        assert pair["data-take"].endswith("/before")
        assert pair["data-master"].endswith("/after")
        assert visitor.http.get(pair["data-take"]).status_code == 200
    assert "ride" in page.ids
    assert "What was changed" in page.text


def test_another_master_of_the_same_take(visitor: Visitor, shelf: Path) -> None:
    first = visitor.job("/make", shelf / "brief.flac")
    assert visitor.wait(first)["status"] == "done"
    second = visitor.job("/make", again=first[6:], preset="whisper")
    assert visitor.wait(second)["status"] == "done"
    report = visitor.http.get(f"{second}/save/report.json").json()
    assert report["preset"]["id"] == "whisper"
    assert report["input"]["path"] == "brief.flac"
    visitor.http.post(f"{first}/remove")
    assert visitor.http.get(first).status_code == 404
    assert visitor.send("/make", again=first[6:]).status_code == 404


def test_a_master_that_does_not_meet_offers_what_would_change_it(
    visitor: Visitor, mastered: str
) -> None:
    """Twelve seconds tell nothing of what is sudden; two minutes of them do."""
    shown = visitor.text(mastered)
    assert "Make it two minutes long" in shown
    assert "--loop 2:00" in shown
    made = visitor.send(f"{mastered}/next")
    assert made.status_code == 303
    again = made.headers["location"]
    assert visitor.wait(again, sounds=True)["status"] == "done"
    before, after = (
        visitor.http.get(f"{job}/save/report.json").json() for job in (mastered, again)
    )
    assert before["state"] == "unknown"
    assert after["state"] != "unknown"
    assert after["output"]["duration_s"] == pytest.approx(120, abs=0.1)
    assert after["chain"] == before["chain"], "preset and curve are kept"
    # What was tried is not offered again, and a check has no master to make again.
    assert "Make it two minutes long" not in visitor.text(again)
    assert visitor.send(f"{again}/next").status_code == 409


def test_what_is_no_change_of_a_master_is_not_taken_back(visitor: Visitor, mastered: str) -> None:
    to = f"{mastered}/take-back"
    for refused in (
        visitor.http.post(to, data={}),
        visitor.http.post(to, data={"undo": "lift-0-1"}),
        visitor.http.post(to, data={"protect": "../../etc"}),
    ):
        assert refused.status_code in (400, 422)


def test_a_check_has_no_master_to_make_again(visitor: Visitor, checked: str) -> None:
    assert visitor.send(f"{checked}/next").status_code == 409
    assert f"{checked}/next" not in visitor.http.get(checked).text


def test_the_folder_is_never_written_to(shelf: Path, checked: str, mastered: str) -> None:
    assert sorted(p.name for p in shelf.iterdir()) == [
        "brief.flac",
        "empty.wav",
        "evening take.flac",
        "notes.txt",
    ]
