"""What is written into a finished file: loudness in bext."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.audio.chunks import scan
from asmrmaster.audio.tags import finish
from tests.signals import pink

VALUES = {
    "integrated_lufs": -23.456,
    "loudness_range_lu": 6.5,
    "true_peak_dbtp": -2.01,
    "max_momentary_lufs": -18.0,
    "max_short_term_lufs": None,
}


def with_bext(path: Path, version: int) -> Path:
    """A WAV with a Broadcast chunk of this version behind its sound."""
    soundfile.write(path, pink(-30, 12), 48_000, "PCM_24")
    bext = bytearray(602)
    bext[:8], bext[346:348] = b"My scene", version.to_bytes(2, "little")
    data = path.read_bytes() + b"bext" + struct.pack("<I", len(bext)) + bytes(bext)
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    return path


def bext_of(path: Path) -> bytes:
    chunks = scan(path)
    assert chunks
    return chunks.first(b"bext")


@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_bext_holds_what_was_measured(version: int, tmp_path: Path) -> None:
    path = with_bext(tmp_path / "take.wav", version)
    before = bext_of(path)
    sound = read(path).audio.to_array()
    assert finish(path, VALUES)
    after = bext_of(path)
    assert struct.unpack("<5h", after[412:422]) == (-2346, 650, -201, -1800, 0x7FFF)
    assert after[346:348] == b"\2\0"
    assert after[:346] + after[348:412] + after[422:] == (
        before[:346] + before[348:412] + before[422:]
    )
    assert np.array_equal(read(path).audio.to_array(), sound)


def test_a_master_states_its_own_loudness_and_its_hash_is_that_of_the_file(tmp_path: Path) -> None:
    report = engine.master(with_bext(tmp_path / "take.wav", 1), tmp_path / "m.wav")
    assert report.output is not None
    path = Path(report.output.path)
    stated = struct.unpack("<5h", bext_of(path)[412:422])
    assert stated[0] / 100 == pytest.approx(report.after.values["integrated_lufs"], abs=0.006)
    assert stated[2] / 100 == pytest.approx(report.after.values["true_peak_dbtp"], abs=0.006)
    assert report.output.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_has_no_bext_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, pink(-30, 1), 48_000, "PCM_24")
    before = path.read_bytes()
    assert not finish(path, VALUES)
    assert path.read_bytes() == before
