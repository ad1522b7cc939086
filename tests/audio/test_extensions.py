"""Extensions: whatever is written has one, and batch and page go by the same."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from asmrmaster.audio import extensions
from asmrmaster.audio.container.codecs import CONTAINERS
from asmrmaster.audio.extensions import EXTENSIONS, is_sound
from asmrmaster.audio.formats import SUFFIXES
from asmrmaster.audio.tags.metadata import TAGGED
from asmrmaster.library.discovery import find
from asmrmaster.web import picker


def test_the_examples_hold() -> None:
    assert doctest.testmod(extensions).failed == 0


def test_all_that_is_written_is_sound() -> None:
    containers = {suffix for container in CONTAINERS.values() for suffix in container.suffixes}
    assert {*SUFFIXES, *TAGGED, *containers} <= EXTENSIONS


@pytest.mark.parametrize(
    "name", ["a.TS", "b.m4b", "c.mts", "d.wv", "e.wav", "f.txt", "g", "h.toml", "i.mp3.part"]
)
def test_batch_and_page_take_the_same_files(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    taken = [take.name for take in find([str(tmp_path)], str(tmp_path / "out"), [])]
    assert taken == picker.offered(tmp_path) == ([name] if is_sound(name) else [])
