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
    for file in (report["input"], report["output"] or {}):
        file.pop("path", None)
    return report


# --- choosing -------------------------------------------------------------------------------------


def test_what_can_be_chosen_comes_from_the_data(visitor: Visitor) -> None:
    page = Page(visitor.text("/master"))
    for document in (
        asmrmaster.recipe("tactile").preset,
        asmrmaster.profile("sleep"),
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
    assert "Does not meet the profile general" in text
    for finding in report.findings:
        assert finding.title in text
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
    sounds = [a["src"] for a in Page(visitor.text(checked)).all("audio")]
    assert len(sounds) >= 3
    answer = visitor.http.get(sounds[0], headers={"Range": "bytes=0-99"})
    assert answer.status_code == 206
    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(answer.content) == 100
    assert visitor.http.get(f"{checked}/sound/99/after").status_code == 404
    assert visitor.http.get(f"{checked}/sound/0/request.json").status_code == 404


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
    assert after["profile"]["id"] == "general-adjusted"
    assert after["profile"]["sha256"] != before["profile"]["sha256"]
    (moved,) = [f for f in after["findings"] if f["criterion"] == "L1"]
    assert f"min moved on this page from -30 to {measured - 1:.1f}" in moved["rationale"]
    assert "Limits were moved on this page." in Page(visitor.text(f"{checked}?{query}")).text


def test_limits_left_alone_leave_the_profile_alone(visitor: Visitor, checked: str) -> None:
    same = visitor.http.get(f"{checked}/save/report.json?limit.L1.min=-30&limit.L1.max=").json()
    assert same["profile"]["id"] == "general"


def test_another_profile_judges_as_the_command_does(
    visitor: Visitor, checked: str, shelf: Path
) -> None:
    page = visitor.http.get(f"{checked}/save/report.json?profile=sleep").json()
    python = asmrmaster.check(shelf / "evening take.flac", asmrmaster.profile("sleep")).to_dict()
    assert without_paths(page) == without_paths(python)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit.L1.min=loud", "not a number"),
        ("limit.L1.min=nan", "not a number"),
        ("limit.L1.min=1e999", "not a number"),
        ("limit.L1.min=-10", "above max"),
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
    page = Page(visitor.text(job))
    boxes = [a["value"] for a in page.all("input") if a.get("name") == "point"]
    report = Report.from_dict(visitor.http.get(f"{job}/save/report.json").json())
    assert len(boxes) == len(report.review) >= 3
    measured = [a for a in page.all("a") if a.get("class") == "time"]
    assert len(measured) >= len(boxes)  # every moment can be played

    answer = visitor.http.post(f"{job}/listened", data={"by": "Dr. A <b>Nurse", "point": boxes[:1]})
    assert answer.status_code == 303
    some = visitor.http.get(f"{job}/save/report.json").json()
    assert some["after"]["values"]["review_points_confirmed"] == 1

    visitor.http.post(f"{job}/listened", data={"by": "Dr. A <b>Nurse", "point": boxes})
    page_text = visitor.text(job)
    assert f"listened to {len(boxes)} of {len(boxes)} moments" in Page(page_text).text
    assert "<b>Nurse" not in page_text
    signed = visitor.http.get(f"{job}/save/report.json").json()
    python = asmrmaster.check(shelf / "evening take.flac", reviewed_by="Dr. A <b>Nurse").to_dict()
    assert without_paths(signed) == without_paths(python)
    record = visitor.http.get(f"{job}/save/listened.json").json()
    assert record["by"] == "Dr. A <b>Nurse"
    assert record["sha256"] == signed["input"]["sha256"]
    assert record["times_s"] == [p["start_s"] for p in signed["review"]]


@pytest.mark.parametrize(
    ("by", "points"), [("", ["1"]), ("x" * 81, ["1"]), ("A", []), ("A", ["0", "99", "x"])]
)
def test_a_signature_needs_a_name_and_a_moment(
    visitor: Visitor, checked: str, by: str, points: list[str]
) -> None:
    answer = visitor.http.post(f"{checked}/listened", data={"by": by, "point": points})
    assert answer.status_code == 422
    assert visitor.http.get(f"{checked}/save/listened.json").status_code == 404


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
    asked = asmrmaster.profile("trauma")
    python = asmrmaster.check(shelf / "evening take.flac", asked, content=file).to_dict()
    assert without_paths(page) == without_paths(python)
    assert page["after"]["values"]["health_claims"] == 1
    shown = Page(visitor.text(job)).text
    assert "What is heard whispered or very soft speech, brushing" in shown
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
    recipe = asmrmaster.recipe("gentle", "general", eq="warm")
    report = asmrmaster.master(shelf / "brief.flac", tmp_path / "own.flac", recipe=recipe).to_dict()
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


def test_the_folder_is_never_written_to(shelf: Path, checked: str, mastered: str) -> None:
    assert sorted(p.name for p in shelf.iterdir()) == [
        "brief.flac",
        "empty.wav",
        "evening take.flac",
        "notes.txt",
    ]
