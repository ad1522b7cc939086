"""Whether compressed sound says how long it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from asmrmaster.audio import pcm, read
from asmrmaster.audio.lossy_length import Mp3Length, mp3_frames
from asmrmaster.audio.ogg_length import ogg_length
from asmrmaster.errors import InputError
from tests.signals import concat, noise, silence

RATE = 44_100
SECONDS = 6.0


def encode(tmp_path: Path, name: str, options: str) -> Path:
    """Something quiet and something loud, so that a variable bit rate varies."""
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg, which is not on this system")
    wave, path = tmp_path / "a.wav", tmp_path / name
    sound = concat(silence(SECONDS / 2, RATE), noise(-12, SECONDS / 2, RATE))
    sf.write(wave, sound, RATE)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", wave, *options.split(), path], check=True)
    return path


def test_a_header_that_counts_is_believed(tmp_path: Path) -> None:
    for options in ("-q:a 2", "-b:a 128k", "-q:a 4 -ar 22050 -ac 1"):
        path = encode(tmp_path, "a.mp3", options)
        assert mp3_frames(path).length is Mp3Length.STATED
        assert read(path).audio.duration_s == SECONDS
        assert read(path).audio.to_array().shape[0] == read(path).audio.frames


@pytest.mark.parametrize("options", ["-b:a 128k", "-b:a 64k -ar 24000 -ac 1", "-b:a 320k"])
def test_frames_all_alike_are_counted_by_decoding(tmp_path: Path, options: str) -> None:
    path = encode(tmp_path, "a.mp3", f"{options} -write_xing 0 -id3v2_version 4 -metadata title=x")
    assert mp3_frames(path).length is Mp3Length.CONSTANT
    audio = read(path).audio
    assert SECONDS <= audio.duration_s < SECONDS + 0.12  # with the encoder's delay
    assert len(audio.to_array()) == audio.frames


def test_a_tag_at_the_end_does_not_count_as_sound(tmp_path: Path) -> None:
    path = encode(tmp_path, "a.mp3", "-b:a 128k -write_xing 0")
    frames = read(path).audio.frames
    with path.open("ab") as file:
        file.write(b"TAG".ljust(128, b" "))
    audio = read(path).audio
    assert abs(audio.frames - frames) <= 1_152
    assert len(audio.to_array()) == audio.frames


def test_a_varying_rate_without_a_header_is_not_shortened(tmp_path: Path) -> None:
    """libsndfile takes the first frame for all of them and would stop early."""
    path = encode(tmp_path, "a.mp3", "-q:a 2 -write_xing 0")
    assert mp3_frames(path).length is Mp3Length.UNKNOWN
    assert abs(sf.info(path).duration - SECONDS) > 1
    assert pcm.open_source(path) is None
    audio = read(path).audio
    assert SECONDS <= audio.duration_s < SECONDS + 0.12
    assert len(audio.to_array()) == audio.frames


def test_joined_files_are_not_cut_to_the_first(tmp_path: Path) -> None:
    path = encode(tmp_path, "a.mp3", "-q:a 2")
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(path.read_bytes() * 3)
    assert mp3_frames(joined).length is Mp3Length.UNKNOWN
    assert pcm.open_source(joined) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"ID3", b"\xff\xfb\x90", b"\xff\xfb\xf0\0" * 9])
def test_scraps_have_no_length(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\0" + content)
    assert mp3_frames(path).length is Mp3Length.UNKNOWN


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_ends_with_a_marked_and_complete_page(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.ogg"
    with sf.SoundFile(path, "w", 48_000, 2, format="OGG", subtype=subtype) as file:
        for _ in range(20):
            file.write(np.random.default_rng(0).normal(0, 0.1, (4_096, 2)))
    content = path.read_bytes()
    assert ogg_length(path).whole
    last = content.rfind(b"OggS")
    for size in (*range(len(content) - 20, len(content)), last + 10, last, last // 2, 3):
        path.write_bytes(content[:size])
        assert not ogg_length(path).whole, f"{size} of {len(content)} bytes"
    path.write_bytes(content + b"junk")
    assert ogg_length(path).whole, "what follows the last page is not of the stream"


def test_flac_written_without_going_back_is_not_left_unread(tmp_path: Path) -> None:
    whole = encode(tmp_path, "a.flac", "")
    piped = tmp_path / "piped.flac"
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", whole, "-f", "flac", "-"], check=True, capture_output=True
    )
    piped.write_bytes(done.stdout)
    assert pcm.open_source(piped) is None
    assert np.array_equal(read(piped).audio.to_array(), read(whole).audio.to_array())


@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_a_short_joined_mp3_is_read_whole_too(tmp_path: Path, seconds: float) -> None:
    path = encode(tmp_path, "a.mp3", f"-b:a 128k -t {seconds}")
    once = path.read_bytes()
    path.write_bytes(2 * once)
    source = read(path)
    assert source.audio.duration_s == pytest.approx(2 * seconds, abs=0.1)
    assert len(source.audio.to_array()) == source.audio.frames
    assert "joined" in source.notes[0]


@pytest.mark.parametrize("codec", ["libvorbis", "libopus"])
def test_joined_ogg_is_read_whole(tmp_path: Path, codec: str) -> None:
    path = encode(tmp_path, "a.ogg", f"-ar 48000 -c:a {codec}")
    once = path.read_bytes()
    assert read(path).audio.frames == SECONDS * 48_000
    path.write_bytes(2 * once)
    audio = read(path).audio
    assert audio.duration_s == pytest.approx(2 * SECONDS, abs=0.01)
    assert len(audio.to_array()) == audio.frames


def test_joined_ogg_that_changes_is_refused_in_plain_words(tmp_path: Path) -> None:
    one = encode(tmp_path, "a.ogg", "-ac 2 -c:a libvorbis").read_bytes()
    path = encode(tmp_path, "b.ogg", "-ac 1 -c:a libvorbis")
    path.write_bytes(one + path.read_bytes())
    with pytest.raises(InputError, match="changes on the way"):
        read(path)


def test_an_ogg_film_is_known_as_one(tmp_path: Path) -> None:
    path = encode(tmp_path, "a.ogv", "-f lavfi -i testsrc2=s=64x64:r=5:d=6 -c:a libvorbis")
    source = read(path)
    assert source.picture
    assert source.audio.duration_s == pytest.approx(SECONDS, abs=0.01)
