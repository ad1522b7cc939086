"""What a worker fetched is gone when it is done, and swept up where it was killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from asmrmaster.library.temporary import temporary_folder

HOLD = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from asmrmaster.library.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "take.wav").write_bytes(b"fetched")
    print(folder, flush=True)
    sys.stdin.readline()
"""


def test_what_a_killed_worker_left_is_swept_and_what_a_living_one_has_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words: list[str | Path] = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        theirs = Path(worker.stdout.readline().strip())
        with temporary_folder() as ours:
            assert ours.is_dir()
            assert (theirs / "take.wav").is_file()
        assert not ours.exists()
        worker.kill()
        worker.wait()
        assert theirs.is_dir()
        with temporary_folder():
            assert not theirs.exists()
    assert list(theirs.parent.iterdir()) == []
