"""Every file that a fuzzer starts from or has ever found is read, or refused in plain words.

Longer: ``python -m benchmarks.fuzzing TARGET``, guided by the lines it reaches.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asmrmaster.errors import InputError
from benchmarks import fuzzing
from benchmarks.fuzzing import CORPUS, TARGETS, Fault, attempt, seeds
from benchmarks.mutations import KINDS

FILES = [
    pytest.param(target, path, id=f"{target}-{path.name}")
    for target in TARGETS
    for path in seeds(target)
]
DAMAGED = 12
"""Damaged files by target and run of the suite."""


@pytest.mark.parametrize(("target", "path"), FILES)
def test_what_was_found_is_read_or_refused(target: str, path: Path, tmp_path: Path) -> None:
    assert attempt(target, path.read_bytes(), tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_whole_is_read_and_not_refused(target: str, tmp_path: Path) -> None:
    """The first file of every target gets through all that the target tries."""
    whole = {
        "content": b'title = "Rain"\ntags = ["water"]\n[review]\nby = "Ann"\n',
        "media": (CORPUS / "media" / "plain.mkv").read_bytes(),
    }
    data = whole.get(target) or seeds(target)[-1].read_bytes()
    assert attempt(target, data, tmp_path) == "read"


@pytest.mark.parametrize("target", TARGETS)
def test_damaged_files_are_read_or_refused(target: str, tmp_path: Path) -> None:
    files = seeds(target)
    for number in range(DAMAGED):
        rng = np.random.default_rng(number)
        data = bytearray(files[number % len(files)].read_bytes())
        others = files[int(rng.integers(len(files)))].read_bytes()
        KINDS[number % len(KINDS)](data, others, rng)
        assert attempt(target, bytes(data), tmp_path)


def test_a_fault_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(path: Path) -> None:
        raise KeyError("oh")

    def babbles(path: Path) -> None:
        raise InputError("x" * 3_000, subject=path)

    monkeypatch.setitem(fuzzing.TARGETS, "labels", (".txt", breaks))
    with pytest.raises(KeyError):
        attempt("labels", b"1.0", tmp_path)
    monkeypatch.setitem(fuzzing.TARGETS, "labels", (".txt", babbles))
    with pytest.raises(Fault, match="no plain words"):
        attempt("labels", b"1.0", tmp_path)


def test_frames_that_were_promised_and_do_not_come_would_be_seen() -> None:
    from asmrmaster.audio import Audio

    short = Audio(8_000, 1, 10, lambda: iter([np.zeros((9, 1))]))
    with pytest.raises(Fault, match="9 frames came of 10"):
        fuzzing._streamed(short)
