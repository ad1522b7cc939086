"""A path may name a pipe, a device or something huge: it is refused at once, wherever it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from asmrmaster.audio.regular import read_regular
from asmrmaster.declarations.content import load_content
from asmrmaster.declarations.transcript import read_transcript
from asmrmaster.edits.label_files import read_spans
from asmrmaster.errors import AsmrmasterError
from asmrmaster.presets import Profile, load
from asmrmaster.report import Report, open_saved
from asmrmaster.signatures import read_beside, read_keys, read_private

READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "report": ("r.json", Report.load),
    "saved page": ("r.html", open_saved),
    "profile": ("p.toml", lambda path: load(Profile, str(path))),
    "declarations": ("c.content.toml", load_content),
    "transcript": ("t.srt", read_transcript),
    "labels": ("l.txt", lambda path: read_spans(str(path))),
    "keys": ("k.txt", read_keys),
    "private key": ("k.key", read_private),
    "signatures": ("s.json", read_beside),
}


@pytest.mark.parametrize("what", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_no_reader_waits_for_a_pipe_or_reads_a_device(what: str, kind: str, tmp_path: Path) -> None:
    name, read = READERS[what]
    path = tmp_path / name
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(AsmrmasterError):
        read(path)


def test_what_is_read_is_the_file_and_no_more_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a" * 10)
    assert read_regular(path, 10) == b"a" * 10
    with pytest.raises(OSError, match="larger"):
        read_regular(path, 9)
