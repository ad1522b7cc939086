"""Which takes are meant, and what they are called in the tree of masters."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asmrmaster.errors import InputError
from asmrmaster.library.discovery import Problem, find
from asmrmaster.library.disk import Disk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "a.wav", "b.FLAC", "notes.txt", "cover.jpg", "sub/c.mp3", "sub/deep/d.wav", "other/e.wav",
        ".hidden.wav", ".git/f.wav", "out/a.wav",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def names(*given: object, out: object = "/nowhere") -> list[str]:
    problems: list[Problem] = []
    found = find([str(one) for one in given], str(out), problems)
    assert problems == []
    return [take.name for take in found]


def test_a_storage_that_refuses_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(disk: Disk, folder: str) -> bool:
        raise OSError("NoCredentialsError: unable to locate credentials")

    monkeypatch.setattr(Disk, "present", refuse)
    with pytest.raises(InputError, match=r"/takes: it cannot be read \(NoCredentialsError"):
        find(["/takes"], "/out", [])


def test_a_folder_is_walked_for_sound_without_the_masters(tree: Path) -> None:
    assert names(tree, out=tree / "out") == [
        "a.wav", "b.FLAC", "other/e.wav", "sub/c.mp3", "sub/deep/d.wav",
    ]  # fmt: skip


def test_several_things_are_named_from_the_folder_they_share(tree: Path) -> None:
    assert names(tree / "sub", tree / "other") == ["other/e.wav", "sub/c.mp3", "sub/deep/d.wav"]
    assert names(tree / "a.wav", tree / "sub" / "c.mp3") == ["a.wav", "sub/c.mp3"]
    assert names(tree / "sub", tree / "sub" / "c.mp3") == ["c.mp3", "deep/d.wav"]


def test_names_do_not_depend_on_what_else_is_there(tree: Path) -> None:
    before = names(tree / "sub", tree / "other")
    (tree / "other" / "e.wav").unlink()
    assert set(names(tree / "sub", tree / "other")) < set(before)


def test_patterns(tree: Path) -> None:
    assert names(tree / "*.wav") == ["a.wav"]
    assert names(tree / "sub" / "**" / "*.*") == ["c.mp3", "deep/d.wav"]
    with pytest.raises(InputError, match="no file fits"):
        names(tree / "*.aiff")


def test_a_file_named_outright_is_a_take_whatever_its_ending(tree: Path) -> None:
    assert names(tree / "cover.jpg") == ["cover.jpg"]


def test_a_list_names_takes_from_where_it_lies(tree: Path) -> None:
    (tree / "night.m3u").write_text("#EXTM3U\n\nsub/c.mp3\n  a.wav  \n", encoding="utf-8-sig")
    assert names(tree / "night.m3u") == ["a.wav", "sub/c.mp3"]


def test_what_a_list_names_and_is_not_there_is_a_problem(tree: Path) -> None:
    (tree / "night.txt").write_text("a.wav\ngone.wav\n")
    problems: list[Problem] = []
    found = find([str(tree / "night.txt")], "/nowhere", problems)
    assert [take.name for take in found] == ["a.wav"]
    assert [Path(one.name).name for one in problems] == ["gone.wav"]


def test_what_leads_nowhere_is_said(tree: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        names(tree / "missing")


def test_a_take_given_twice_is_one(tree: Path) -> None:
    assert names(tree / "a.wav", tree / "a.wav", f"{tree}/sub/../a.wav") == ["a.wav"]


def test_a_name_that_is_no_text_is_a_problem(tree: Path) -> None:
    os.close(os.open(os.fsencode(tree / "sub") + b"/\xff.wav", os.O_CREAT))
    problems: list[Problem] = []
    found = find([str(tree / "sub")], "/nowhere", problems)
    assert [take.name for take in found] == ["c.mp3", "deep/d.wav"]
    assert [problem.cause for problem in problems] == ["its name is not text: rename it"]


def test_what_is_no_file_is_a_problem_if_its_name_is_that_of_sound(tree: Path) -> None:
    (tree / "sub" / "link.wav").symlink_to(tree / "gone.wav")
    (tree / "sub" / "link.txt").symlink_to(tree / "gone.txt")
    os.mkfifo(tree / "sub" / "pipe.wav")
    (tree / "sub" / "fine.wav").symlink_to(tree / "a.wav")
    problems: list[Problem] = []
    found = find([str(tree / "sub")], "/nowhere", problems)
    assert [take.name for take in found] == ["c.mp3", "deep/d.wav", "fine.wav"]
    assert [Path(problem.name).name for problem in problems] == ["link.wav", "pipe.wav"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_is_a_problem(tree: Path) -> None:
    (tree / "other").chmod(0)
    problems: list[Problem] = []
    found = find([str(tree)], str(tree / "out"), problems)
    assert "other/e.wav" not in [take.name for take in found]
    assert len(problems) == 1


def test_the_stamp_tells_a_changed_file(tree: Path) -> None:
    (before,) = find([str(tree / "a.wav")], "/nowhere", [])
    (tree / "a.wav").write_bytes(b"xy")
    (after,) = find([str(tree / "a.wav")], "/nowhere", [])
    assert before.stamp != after.stamp
    assert after.stamp.size == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no colon in names")
def test_names_that_differ_by_a_colon_stay_two(tmp_path: Path) -> None:
    for name in ("Rain 100.flac", "Rain 1:00.flac"):
        (tmp_path / name).write_bytes(b"x")
    assert sorted(names(tmp_path)) == ["Rain 100.flac", "Rain 1:00.flac"]
