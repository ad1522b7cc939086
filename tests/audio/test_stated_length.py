"""Never less sound than players play, unless the reader is told: whatever a header states."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster.audio import read
from asmrmaster.audio.flac import flac_frames
from asmrmaster.audio.lossy_length import mp3_frames
from asmrmaster.audio.ogg_length import ogg_length
from asmrmaster.errors import InputError
from tests.media import ffmpeg
from tests.signals import noise
from tests.stated_lengths import BEHIND, FORMATS, RATE, encoded, lying

SECONDS = 4.0
PACKET_S = 0.13
"""The longest packet here, AAC's and MP3's at 16 kHz, twice: where decoders may begin and end."""


def heard(path: Path) -> tuple[float, tuple[str, ...]] | InputError:
    """How much sound is read to its end, s, and what is said of it."""
    try:
        source = read(path)
        frames = sum(len(block) for block in source.audio.open())
        return frames / source.audio.rate, (*source.notes, *source.found())
    except InputError as error:
        return error


@pytest.mark.parametrize("end", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0, 1.5])
def test_no_less_is_heard_than_ffmpeg_decodes(tmp_path: Path, end: str, share: float) -> None:
    whole = encoded(tmp_path, end, noise(-30, SECONDS, RATE, 1))
    for behind in BEHIND:
        path = lying(tmp_path, end, whole, share, behind)
        found = heard(path)
        if isinstance(found, InputError):
            assert found.subject == str(path), "it is refused by name"
            assert share != 1 or behind != "nothing", f"{found}"
            continue
        seconds, notes = found
        try:
            played = ffmpeg("-i", path, "-ar", RATE, "-ac", 1, "-f", "s16le", "-")
        except subprocess.CalledProcessError:
            continue
        assert seconds >= len(played) / 2 / RATE - PACKET_S or notes, f"{behind}: {found}"
        if share == 1 and behind in ("nothing", "tag"):
            assert abs(seconds - SECONDS) <= PACKET_S, behind


@pytest.mark.parametrize("end", ["flac", "ogg", "opus"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_where_players_differ_it_is_refused(tmp_path: Path, end: str, share: float) -> None:
    whole = encoded(tmp_path, end, noise(-30, SECONDS, RATE, 1))
    with pytest.raises(InputError, match="sound goes on after its stated end"):
        read(lying(tmp_path, end, whole, share, "nothing"))


def test_an_mp3_is_read_whole_whatever_its_header_counts(tmp_path: Path) -> None:
    whole = encoded(tmp_path, "mp3", noise(-30, SECONDS, RATE, 1))
    for share in (0.0, 0.3, 0.9):
        source = read(lying(tmp_path, "mp3", whole, share, "nothing"))
        assert abs(source.audio.duration_s - SECONDS) <= PACKET_S
        assert source.format.bitrate_bps == pytest.approx(64_000, rel=0.05)
        assert "counts" in source.notes[0]


@pytest.mark.parametrize("seconds", [0.4, 1.0, 3.3, 20.0])
@pytest.mark.parametrize("codec", ["libvorbis", "vorbis -strict -2 -ac 2", "libopus", "flac"])
def test_what_encoders_add_at_the_end_is_no_sound(
    tmp_path: Path, codec: str, seconds: float
) -> None:
    path = tmp_path / "a.ogg"
    sound = f"anoisesrc=a=0.1:r=48000:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", sound, "-c:a", *codec.split(), path)
    assert ogg_length(path) == (1, True, 0)


def test_frames_of_a_flac_are_counted_without_decoding(tmp_path: Path) -> None:
    """Of all block sizes libFLAC writes, with fixed and with varying ones, and of 24 bits."""
    sound = noise(-20, 3, 44_100, 2)
    for subtype in ("PCM_16", "PCM_24"):
        for level in (0.0, 0.5, 1.0):
            path = tmp_path / "a.flac"
            soundfile.write(path, sound, 44_100, subtype=subtype, compression_level=level)
            found = flac_frames(path)
            assert found is not None
            assert found[:3] == (len(sound), len(sound), False)
            assert not found.surplus


@pytest.mark.parametrize(("first_s", "second_s"), [(2, 2), (5, 1), (1, 5), (9, 0.1)])
def test_two_flacs_joined_are_refused(tmp_path: Path, first_s: float, second_s: float) -> None:
    parts = []
    for number, seconds in enumerate((first_s, second_s)):
        path = tmp_path / f"{number}.flac"
        soundfile.write(path, noise(-20, seconds, 48_000, 2, seed=number), 48_000)
        parts.append(path.read_bytes())
    joined, bare = tmp_path / "joined.flac", tmp_path / "bare.flac"
    joined.write_bytes(b"".join(parts))
    bare.write_bytes(parts[0] + parts[1][8_300:])  # without its header and the padding there
    for path in (joined, bare):
        with pytest.raises(InputError, match="sound goes on after its stated end"):
            read(path)


def test_a_flac_says_whether_its_checksum_fits(tmp_path: Path) -> None:
    for subtype in ("PCM_16", "PCM_24"):
        path = tmp_path / "a.flac"
        soundfile.write(path, noise(-20, 1, 48_000, 2), 48_000, subtype=subtype)
        found = heard(path)
        assert not isinstance(found, InputError)
        assert found == (1.0, ())
        data = bytearray(path.read_bytes())
        data[26:42] = bytes(range(16))
        path.write_bytes(data)
        found = heard(path)
        assert not isinstance(found, InputError)
        assert "MD5" in found[1][0]
        data[26:42] = bytes(16)  # none
        path.write_bytes(data)
        assert heard(path) == (1.0, ())


def test_files_joined_are_named(tmp_path: Path) -> None:
    for end in ("mp3", "ogg", "opus"):
        whole = encoded(tmp_path, end, noise(-30, SECONDS, RATE, 1))
        path = lying(tmp_path, end, whole, 1.0, "file")
        found = heard(path)
        assert not isinstance(found, InputError), end
        assert found[0] == pytest.approx(2 * SECONDS, abs=2 * PACKET_S)
        assert any("2 files were joined" in note for note in found[1])


def test_frames_behind_junk_are_counted(tmp_path: Path) -> None:
    whole = encoded(tmp_path, "mp3", noise(-30, SECONDS, RATE, 1))
    path = tmp_path / "a.mp3"
    path.write_bytes(whole + np.random.default_rng(0).bytes(700) + whole[len(whole) // 2 :])
    found = mp3_frames(path)
    assert found.resumed
    assert found.found > 1.4 * (found.stated or 0)
