"""What may come in, and what is said of the rest."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from asmrmaster.audio import Audio, Format, Source, read
from asmrmaster.audio.validation import admitted, check_floats, readable, unreadable, unwritable
from asmrmaster.errors import InputError
from tests.signals import noise

RATE = 48_000


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.subject == str(path)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "take.wav").message
    assert "no such file" in refusal(tmp_path / "gone" / "take.wav").message
    (tmp_path / "file").touch()
    assert "no such file" in refusal(tmp_path / "file" / "take.wav").message
    (tmp_path / "link.wav").symlink_to(tmp_path / "nowhere")
    assert "no such file" in refusal(tmp_path / "link.wav").message


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path).message


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "take.wav").touch()
    assert "empty (0 bytes)" in refusal(tmp_path / "take.wav").message


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("needs POSIX sockets")
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)  # opening it would wait for ever
    assert "not a regular file" in refusal(pipe).message
    assert "not a regular file" in refusal(Path("/dev/null")).message


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Rights count for this test, even where tests are run by root."""
    if os.name == "nt":
        pytest.skip("needs POSIX permissions, which Windows has not")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    yield
    if root:
        os.seteuid(0)


@pytest.mark.usefixtures("ordinary_user")
def test_a_file_one_may_not_read() -> None:
    path = Path("/etc/shadow")
    if not path.exists():
        pytest.skip("needs /etc/shadow, a file only root may read")
    assert "not permitted" in refusal(path).message


@pytest.mark.parametrize(
    "content",
    [b"x", b"hello, this is a letter\n" * 50, bytes(10_000), b"RIFF", b"RIFF\0\0\0\0WAVE",
     b"fLaC", b"OggS", b"ID3\4\0\0\0\0\0\0", b"\x89PNG\r\n\x1a\n" + bytes(500),
     np.random.default_rng(3).bytes(20_000)],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".raw", ".txt", ""])
def test_what_is_not_sound(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    path.write_bytes(content)
    refusal(path)


def test_a_wav_without_frames(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", np.empty((0, 2)), RATE)
    assert "0 frames" in refusal(tmp_path / "a.wav").message


@pytest.mark.parametrize("channels", [9, 16])
def test_too_many_channels(tmp_path: Path, channels: int) -> None:
    sf.write(tmp_path / "a.wav", noise(-20, 0.1, channels=channels), RATE)
    error = refusal(tmp_path / "a.wav")
    assert f"{channels} channels" in error.message
    assert "1 to 6, or 8" in error.message


@pytest.mark.parametrize("rate", [4_000, 7_999, 192_001, 384_000])
def test_a_rate_out_of_range(tmp_path: Path, rate: int) -> None:
    sf.write(tmp_path / "a.wav", noise(-20, 0.1), rate)
    error = refusal(tmp_path / "a.wav")
    assert f"{rate} Hz" in error.message
    assert "8000 to 192000 Hz" in error.message


@pytest.mark.parametrize("rate", [8_000, 11_024, 192_000])
def test_an_odd_rate_within_range(tmp_path: Path, rate: int) -> None:
    sf.write(tmp_path / "a.wav", noise(-20, 0.1), rate)
    assert read(tmp_path / "a.wav").audio.rate == rate


def test_no_channels() -> None:
    silent = Audio(RATE, 0, 10, lambda: iter(()))
    with pytest.raises(InputError, match="no channels"):
        admitted(Source(Path("a.wav"), silent, Format("WAV", "PCM_16", 16)))


def test_names_of_any_alphabet_and_of_none(tmp_path: Path) -> None:
    names = [b"pluie d'\xc3\xa9t\xc3\xa9.wav", "雨の音 🎧.wav".encode()]
    if os.name == "posix" and os.uname().sysname == "Linux":
        names.append(b"\xff\xfe.wav")  # not UTF-8: a name all the same
    for name in names:
        path = tmp_path / os.fsdecode(name)
        sf.write(os.fsencode(path), noise(-20, 0.1), RATE, format="WAV")
        assert read(path).audio.frames == RATE // 10
        assert sum(map(len, read(path).audio.open())) == RATE // 10


def test_a_path_may_be_text(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", noise(-20, 0.1), RATE)
    assert read(str(tmp_path / "a.wav")).path == tmp_path / "a.wav"
    assert readable(str(tmp_path / "a.wav")) == tmp_path / "a.wav"


def test_the_first_sample_that_is_none_is_found_by_frame() -> None:
    block = np.zeros((100, 2))
    check_floats(block, 0, RATE, Path("a"))
    block[7, 1] = np.nan
    with pytest.raises(InputError, match=r"at 2\.000 s"):
        check_floats(block, 2 * RATE - 7, RATE, Path("a"))
    check_floats(np.full((100, 2), 9_999.0), 0, RATE, Path("a"))  # a sum says little
    with pytest.raises(InputError, match=r"at 0\.000 s is more than 80 dB above full scale"):
        check_floats(np.full((100, 2), 1e307), 0, RATE, Path("a"))
    block[3] = np.inf, -np.inf
    with pytest.raises(InputError, match=r"at 0\.000 s"):
        check_floats(block, 0, RATE, Path("a"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EACCES, "not permitted"),
        (errno.EROFS, "not permitted"),
        (errno.ENOENT, "folder does not exist"),
        (errno.EFBIG, "file this large"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_the_system_refusing_to_write_is_put_in_plain_words(code: int, said: str) -> None:
    error = unwritable(OSError(code, os.strerror(code)), Path("out.wav"))
    assert said in error.message
    assert error.subject == "out.wav"


def test_the_system_failing_to_read_is_put_in_plain_words() -> None:
    error = unreadable(OSError(errno.EIO, "Input/output error"), Path("take.wav"))
    assert "Input/output error" in error.message
    assert "copy the file again" in error.hint
