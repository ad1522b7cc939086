"""The hash of a file, taken beside other work."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from asmrmaster.engine.file_facts import hashing
from asmrmaster.errors import InputError, OutputError
from asmrmaster.runtime.threads import Threads


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("flush", [False, True])
def test_a_hash_is_that_of_the_bytes(tmp_path: Path, threads: int, flush: bool) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(os.urandom(100_000))
    with hashing(file, Threads(threads), flush=flush) as digest:
        assert digest() == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_file_that_went_away_is_named(tmp_path: Path, threads: int) -> None:
    with (
        hashing(tmp_path / "gone.wav", Threads(threads)) as digest,
        pytest.raises(InputError, match="no such file") as caught,
    ):
        digest()
    assert caught.value.subject == str(tmp_path / "gone.wav")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_disk_that_fills_while_a_master_is_flushed_is_told(
    tmp_path: Path, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file = tmp_path / "master.wav"
    file.write_bytes(b"sound")
    with (
        hashing(file, Threads(threads), flush=True) as digest,
        pytest.raises(OutputError, match="no space left") as caught,
    ):
        digest()
    assert caught.value.subject == str(file)
    assert caught.value.hint
