"""Names beside other files: never longer than a file system takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster import engine
from asmrmaster.audio.names import MOST_BYTES, beside
from tests.media import wav
from tests.signals import pink


@pytest.mark.parametrize("letter", ["n", "é", "雨"])
def test_a_stem_is_cut_where_a_name_would_be_too_long(tmp_path: Path, letter: str) -> None:
    for count in range(1, MOST_BYTES):
        named = beside(tmp_path / f"{letter * count}.wav", ".does-not-meet.wav")
        size = len(named.name.encode())
        assert size <= MOST_BYTES
        assert named.name.endswith(".does-not-meet.wav")
        if len((letter * count).encode()) + 18 <= MOST_BYTES:
            assert named.name == f"{letter * count}.does-not-meet.wav"
        else:
            assert size > MOST_BYTES - len(letter.encode())


def test_a_take_with_the_longest_name_is_checked_and_mastered(tmp_path: Path) -> None:
    take = wav(tmp_path / f"{'n' * 245}.wav", pink(-30, 2), subtype="PCM_24")
    assert engine.check(take).input.path == str(take)
    report = engine.master(take)
    assert report.output is not None
    assert Path(report.output.path).is_file()
