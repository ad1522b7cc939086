"""Markers in a WAV: what is put in is read back, by others too, and the sound stays where it is."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster.audio import Audio, Format, read, write
from asmrmaster.audio.cues import Cue, add_cues, read_cues
from asmrmaster.errors import InputError, OutputError
from tests.signals import noise

RATE = 48_000
CUES = (
    Cue(0, 0, "start"),
    Cue(4_800, 480, "click [declick-1-0004800]"),
    Cue(9_600, 1, "Für \u266a"),
)


def wav(path: Path, container: str = "WAV", codec: str = "PCM_24", frames: int = 24_001) -> Path:
    audio = Audio.from_array(noise(-20, 1, channels=1)[:frames], RATE)
    write(audio, path, Format(container, codec))
    return path


def heard_by_libsndfile(path: Path) -> list[tuple[int, bytes]]:
    """Frame and name of each cue point as another library reads them (SFC_GET_CUE)."""
    with soundfile.SoundFile(path) as file:
        size = 4 + 100 * 280  # SF_CUES: a count, and 100 points of six 32-bit words and a name
        data = soundfile._ffi.new("char[]", size)
        assert soundfile._snd.sf_command(file._file, 0x10CE, data, size)
        raw = bytes(soundfile._ffi.buffer(data, size))
    (count,) = struct.unpack_from("<I", raw)
    points = [struct.unpack_from("<iIiiiI256s", raw, 4 + 280 * k) for k in range(count)]
    return [(point[5], point[6].split(b"\0")[0]) for point in points]


@pytest.mark.parametrize("container", ["WAV", "RF64"])
@pytest.mark.parametrize("codec", ["PCM_16", "PCM_24", "FLOAT"])
def test_markers_come_back_and_the_sound_stays(tmp_path: Path, container: str, codec: str) -> None:
    path = wav(tmp_path / "a.wav", container, codec)
    before = soundfile.read(path)[0]
    add_cues(path, reversed(CUES))
    assert read_cues(path) == (RATE, CUES)
    assert np.array_equal(soundfile.read(path)[0], before)
    assert read(path).audio.frames == len(before)
    assert np.array_equal(read(path).audio.to_array()[:, 0], before)


def test_another_library_reads_them(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    add_cues(path, CUES)
    assert heard_by_libsndfile(path) == [(cue.start, cue.text.encode()) for cue in CUES]


def test_markers_of_the_take_are_kept_once(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    add_cues(path, CUES[:1])
    add_cues(path, CUES)
    assert read_cues(path)[1] == CUES
    assert len(heard_by_libsndfile(path)) == len(CUES), "and the old ones are struck out"
    add_cues(path, ())
    assert read_cues(path)[1] == CUES


def test_what_is_no_wav_or_broken_is_told(tmp_path: Path) -> None:
    other = tmp_path / "a.txt"
    other.write_text("no sound")
    with pytest.raises(InputError, match="not a WAV"):
        read_cues(other)
    with pytest.raises(OutputError, match="not a WAV"):
        add_cues(other, CUES)
    with pytest.raises(OutputError):
        add_cues(tmp_path / "gone.wav", CUES)
    path = wav(tmp_path / "a.wav")
    assert read_cues(path)[1] == ()
    add_cues(path, CUES)
    whole = path.read_bytes()
    for cut in range(len(whole) - 260, len(whole), 7):  # in the midst of a point or a label
        path.write_bytes(whole[:cut])
        found = read_cues(path)[1]
        assert {cue.start for cue in found} <= {cue.start for cue in CUES}
