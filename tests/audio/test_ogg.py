"""Ogg pages: a serial number that follows from the sound, checksums that hold."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile

from asmrmaster.audio import Audio, Format, write
from asmrmaster.audio.ogg import settle_serial
from tests.media import ffmpeg
from tests.signals import pink

VORBIS = Format("OGG", "VORBIS", lossless=False)
OPUS = Format("OGG", "OPUS", lossless=False)


def pages(path: Path) -> list[bytes]:
    return [b"OggS" + page for page in path.read_bytes().split(b"OggS")[1:]]


@pytest.mark.parametrize(("suffix", "stores"), [(".ogg", VORBIS), (".opus", OPUS)])
def test_the_same_sound_is_the_same_bytes(tmp_path: Path, suffix: str, stores: Format) -> None:
    sound = Audio.from_array(pink(-30, 3), 48_000)
    paths = [tmp_path / f"{k}{suffix}" for k in range(2)]
    for path in paths:
        write(sound, path, stores)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    write(Audio.from_array(pink(-31, 3), 48_000), paths[1], stores)
    assert pages(paths[0])[0][14:18] != pages(paths[1])[0][14:18]


def test_only_numbers_and_checksums_change(tmp_path: Path) -> None:
    path = tmp_path / "x.ogg"
    soundfile.write(path, pink(-30, 3), 48_000, format="OGG", subtype="VORBIS")
    before, drawn = path.read_bytes(), pages(path)
    settle_serial(path)
    assert path.read_bytes() != before
    settled = pages(path)
    assert len(settled) == len(drawn)
    for old, new in zip(drawn, settled, strict=True):
        assert old[:14] + old[18:22] + old[26:] == new[:14] + new[18:22] + new[26:]
        assert old[22:26] != new[22:26]


def test_a_renumbered_file_is_whole_to_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.ogg"
    soundfile.write(path, pink(-30, 3), 48_000, format="OGG", subtype="VORBIS")
    before, _ = soundfile.read(path)
    settle_serial(path)
    after, _ = soundfile.read(path)  # libogg leaves out pages whose checksum is wrong
    assert np.array_equal(before, after)
    assert mutagen.File(path).info.length == pytest.approx(3, abs=1e-3)
    ffmpeg("-err_detect", "crccheck+explode", "-xerror", "-i", path, "-f", "null", "-")


def test_a_wrong_checksum_would_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.ogg"
    soundfile.write(path, pink(-30, 3), 48_000, format="OGG", subtype="VORBIS")
    data = bytearray(path.read_bytes())
    data[data.rindex(b"OggS") + 22] ^= 1
    path.write_bytes(data)
    assert len(soundfile.read(path)[0]) < 3 * 48_000
