"""Sound in: every container read the same way, and nothing shortened in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from asmrmaster.audio import Source, read
from asmrmaster.errors import InputError
from asmrmaster.streams.audio import block_frames
from tests.signals import RECORDINGS, Array, noise, recording, sine

RATE = 48_000

LOSSLESS = {
    "u8.wav": ("WAV", "PCM_U8", 8),
    "16.wav": ("WAV", "PCM_16", 16),
    "24.wav": ("WAV", "PCM_24", 24),
    "32.wav": ("WAV", "PCM_32", 32),
    "float.wav": ("WAV", "FLOAT", None),
    "double.wav": ("WAV", "DOUBLE", None),
    "x.wav": ("WAVEX", "PCM_24", 24),
    "big.wav": ("WAV", "PCM_24", 24),
    "24.rf64": ("RF64", "PCM_24", 24),
    "24.w64": ("W64", "PCM_24", 24),
    "16.aiff": ("AIFF", "PCM_16", 16),
    "float.aiff": ("AIFF", "FLOAT", None),
    "24.caf": ("CAF", "PCM_24", 24),
    "alac.caf": ("CAF", "ALAC_24", 24),
    "16.flac": ("FLAC", "PCM_16", 16),
    "24.flac": ("FLAC", "PCM_24", 24),
}
LOSSY = {
    "a.ogg": ("OGG", "VORBIS"),
    "a.opus": ("OGG", "OPUS"),
    "a.mp3": ("MP3", "MPEG_LAYER_III"),
    "alaw.wav": ("WAV", "ALAW"),
    "ms.wav": ("WAV", "MS_ADPCM"),
    "ima.aiff": ("AIFF", "IMA_ADPCM"),
}


def make(path: Path, samples: Array, rate: int, container: str, codec: str) -> Path:
    name = path.name
    endian = "BIG" if name == "big.wav" else "FILE"
    with sf.SoundFile(
        path,
        "w",
        rate,
        samples.shape[1],
        format=container,
        subtype=codec,
        endian=endian,
        # At lower rates LAME turns the sound down a little.
        **({"compression_level": 0.0, "bitrate_mode": "CONSTANT"} if name == "a.mp3" else {}),
    ) as file:
        for start in range(0, len(samples), 4_096):
            file.write(samples[start : start + 4_096])
    return path


def drained(source: Source) -> Array:
    """All samples, with every promise about blocks checked on the way."""
    blocks = list(source.audio.open())
    assert all(block.dtype == np.float64 for block in blocks)
    assert all(block.T.flags.c_contiguous for block in blocks), "contiguous along time"
    length = block_frames(source.audio.rate, source.audio.channels)
    assert all(len(block) == length for block in blocks[:-1]), "equal ones"
    assert all(not np.shares_memory(a, b) for a, b in pairwise(blocks))
    samples: Array = np.concatenate(blocks)
    assert samples.shape == (source.audio.frames, source.audio.channels)
    return samples


@pytest.mark.parametrize("name", LOSSLESS)
@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (11_024, 2), (44_100, 2), (48_000, 6), (192_000, 8)]
)
def test_lossless_sound_is_read_exactly(
    tmp_path: Path, name: str, rate: int, channels: int
) -> None:
    container, codec, bits = LOSSLESS[name]
    if codec.startswith("ALAC"):
        channels = min(channels, 2)
    sound = noise(-20, 1.1 if rate < 100_000 else 0.3, rate, channels)
    path = make(tmp_path / name, sound, rate, container, codec)
    source = read(path)
    assert (source.audio.rate, source.audio.channels) == (rate, channels)
    assert source.audio.frames == len(sound)
    assert source.format.container == container.removesuffix("EX")
    assert source.format.codec == codec
    assert source.format.bits == bits
    assert source.format.lossless
    assert source.format.bitrate_bps is None
    got = drained(source)
    assert np.array_equal(got, sf.read(path, dtype="float64", always_2d=True)[0])
    step = {None: 2.0**-24, 32: 2.0**-30}.get(bits, 2.0 ** (1 - (bits or 0)))
    assert np.abs(got - sound).max() <= step
    assert np.array_equal(drained(source), got), "a second pass is the same"


@pytest.mark.parametrize("name", LOSSY)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_sound_is_read_to_its_exact_length(tmp_path: Path, name: str, channels: int) -> None:
    container, codec = LOSSY[name]
    tone = sine(997, -20, 2.7, RATE, channels)[:-13]
    source = read(make(tmp_path / name, tone, RATE, container, codec))
    got = drained(source)
    slack = 0 if "ADPCM" not in codec else 2_048  # these fill up their last packet
    assert len(tone) <= len(got) <= len(tone) + slack
    assert not source.format.lossless
    assert source.format.bits is None
    assert source.format.bitrate_bps == pytest.approx(
        source.path.stat().st_size * 8 / source.audio.duration_s, rel=1e-3
    )
    middle = slice(RATE // 2, 2 * RATE)
    level = 10 * np.log10(2 * np.mean(got[middle] ** 2))
    assert level == pytest.approx(-20, abs=0.1)
    # Nothing is late: the encoder's delay has been taken off.
    assert np.mean(got[middle] * tone[middle]) > 0.99 * np.mean(tone[middle] ** 2)


@pytest.mark.parametrize("suffix", ["ogg", "opus"])
@pytest.mark.parametrize(("channels", "layout"), [(6, "5.1"), (8, "7.1")])
def test_surround_channels_of_ogg_come_in_the_order_of_wav(
    tmp_path: Path, suffix: str, channels: int, layout: str
) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg, which is not on this system")
    levels_dbfs = -6.0 - 6 * np.arange(channels)
    tones = np.concatenate([sine(60, level, 1.0, channels=1) for level in levels_dbfs], axis=1)
    wave = make(tmp_path / "a.wav", tones, RATE, "WAV", "PCM_24")
    target = tmp_path / f"a.{suffix}"
    codec = {"ogg": "libvorbis", "opus": "libopus -mapping_family 1 -b:a 512k"}[suffix]
    command = f"ffmpeg -v error -channel_layout {layout} -i {wave} -c:a {codec} {target}"
    subprocess.run(command.split(), check=True)
    got = drained(read(target))[RATE // 4 : RATE // 2]
    # Coders are rough on the narrow last channel, the one for bass; the steps are 6 dB.
    assert 10 * np.log10(2 * np.mean(got**2, axis=0)) == pytest.approx(levels_dbfs, abs=2.5)


def test_tags_come_along(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with sf.SoundFile(path, "w", RATE, 1, format="FLAC", subtype="PCM_24") as file:
        file.title, file.artist = "Régen", "Ida"
        file.write(noise(-20, 0.5, channels=1))
    source = read(path)
    assert source.tags["title"] == "Régen"
    assert source.tags["artist"] == "Ida"
    assert "comment" not in source.tags, "an empty tag is none"


# --- cut off --------------------------------------------------------------------------------------

CUTS = (0.0005, 0.02, 0.3, 0.5, 0.77, 0.999)
"""Shares of a file, from inside its header to inside its last bytes."""


@pytest.mark.parametrize(
    "name",
    ["16.wav", "24.wav", "float.wav", "24.rf64", "24.w64", "16.aiff", "24.caf", "alaw.wav",
     "24.flac", "a.ogg", "a.opus", "a.mp3"],
)  # fmt: skip
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    container, codec = (LOSSLESS.get(name) or LOSSY[name])[:2]
    whole = make(tmp_path / f"whole.{name}", noise(-20, 2.0), RATE, container, codec)
    assert len(drained(read(whole))) == 2 * RATE
    content = whole.read_bytes()
    path = tmp_path / name
    for size in (*(int(len(content) * share) for share in CUTS), len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(InputError) as caught:
            drained(read(path))
        assert caught.value.subject == str(path)
        assert caught.value.hint


def test_a_cut_off_wav_says_how_much_is_there_before_any_sample_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", noise(-20, 4.0), RATE, "WAV", "PCM_16")
    with path.open("r+b") as file:
        file.truncate(44 + RATE * 4)
    with pytest.raises(InputError, match=r"only 1\.00 s of 4\.00 s .*48000 of 192000 frames"):
        read(path)


def test_a_file_that_shrinks_between_two_passes_is_noticed(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", noise(-20, 4.0), RATE, "WAV", "PCM_16")
    source = read(path)
    with path.open("r+b") as file:
        file.truncate(44 + RATE * 6)
    with pytest.raises(InputError, match=r"only 1\.50 s of 4\.00 s"):
        drained(source)
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        drained(source)


def test_a_flac_that_goes_away_is_noticed(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(-20, 1.0), RATE, "FLAC", "PCM_16")
    source = read(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read any more"):
        drained(source)


# --- written by a stream --------------------------------------------------------------------------


@pytest.mark.parametrize("riff", [0, 36, 0xFFFFFFFF, 0x7FFFF024])
@pytest.mark.parametrize("data", [0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF, 0x80000000])
def test_a_wav_written_without_going_back_is_read_to_its_end(
    tmp_path: Path, riff: int, data: int
) -> None:
    sound = noise(-20, 1.5)
    path = make(tmp_path / "a.wav", sound, RATE, "WAV", "PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = riff.to_bytes(4, "little")
    content[40:44] = data.to_bytes(4, "little")
    path.write_bytes(content)
    source = read(path)
    assert np.abs(drained(source) - sound).max() <= 2.0**-15
    assert len(source.notes) == 1
    assert "does not say how long" in source.notes[0]


@pytest.mark.parametrize(
    ("command", "container"),
    [
        ("ffmpeg -v error -i {} -f wav -", "WAV"),
        ("ffmpeg -v error -i {} -f w64 -", "W64"),
        ("sox --ignore-length {} -t wav -", "WAV"),
    ],
)
def test_what_other_programs_pipe_is_read_to_its_end(
    tmp_path: Path, command: str, container: str
) -> None:
    program = command.split()[0]
    if not shutil.which(program):
        pytest.skip(f"needs {program}, which is not on this system")
    sound = noise(-20, 1.5)
    given = make(tmp_path / "a.wav", sound, RATE, "WAV", "PCM_16")
    piped = subprocess.run(
        [word.format(given) for word in command.split()], capture_output=True, check=True
    )
    path = tmp_path / "piped"
    path.write_bytes(piped.stdout)
    source = read(path)
    assert source.format.container == container
    assert np.abs(drained(source) - sound).max() <= 2.0**-15


def test_an_empty_data_chunk_with_more_after_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(
        b"RIFF\x38\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data\0\0\0\0"
        b"LIST\4\0\0\0INFO"
    )
    with pytest.raises(InputError, match="0 frames"):
        read(path)


def test_a_wav_beyond_4_gib_whose_count_went_round_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    frames = 1_200_000_000
    size = frames * 4 % 2**32
    with path.open("wb") as file:  # a file of holes: it takes no room on the disk
        file.write(b"RIFF" + (size + 36).to_bytes(4, "little") + b"WAVE")
        file.write(b"fmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data")
        file.write(size.to_bytes(4, "little"))
        file.truncate(44 + frames * 4)
    assert read(path).audio.frames == frames


# --- samples that are none ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["float.wav", "double.wav", "float.aiff"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("frame", [0, 70_123])
def test_the_first_sample_that_is_none_is_named(
    tmp_path: Path, name: str, value: float, frame: int
) -> None:
    sound = noise(-20, 2.0)
    sound[frame, 1] = value
    sound[-1, 0] = np.nan
    source = read(make(tmp_path / name, sound, RATE, *LOSSLESS[name][:2]))
    with pytest.raises(InputError, match=f"at {frame / RATE:.3f} s") as caught:
        drained(source)
    assert caught.value.hint


def test_float_above_full_scale_is_no_fault(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", 4 * sine(100, 0, 1.0), RATE, "WAV", "FLOAT")
    assert drained(read(path)).max() == pytest.approx(4, rel=1e-4)


# --- real files -----------------------------------------------------------------------------------

REFUSED = {
    "audiomentations_mono_float64.wav": None,
    "essentia_4channels.flac": "cut off or damaged",
    "essentia_empty.mp3": "0 frames",
    "essentia_empty.wav": "0 frames",
    "essentia_test-unicode.flac": "",
    "pedalboard_bad_audio_file_lyrics3.mp3": "",
    "pedalboard_empty.fake": "0 bytes",
    "pedalboard_zero_channels.mp3": "",
}
"""Files that are broken on purpose, and a part of what is said about them."""

NAMES = sorted(p.name for p in (RECORDINGS / "formats").glob("*")) or [""]


@pytest.mark.parametrize("name", NAMES)
def test_real_files_are_read_or_refused_in_plain_words(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = recording(f"formats/{name}")
    before, moment = path.read_bytes(), path.stat().st_mtime_ns
    refused = REFUSED.get(name)
    if refused is None:
        assert np.isfinite(drained(read(path))).all()
    else:
        with pytest.raises(InputError) as caught:
            drained(read(path))
        assert caught.value.subject == str(path)
        assert refused in caught.value.message
        assert caught.value.hint
    assert path.read_bytes() == before, "a take is never touched"
    assert path.stat().st_mtime_ns == moment
    assert capfd.readouterr() == ("", ""), "decoders keep their remarks to themselves"


def test_a_take_is_opened_read_only(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", noise(-20, 0.5), RATE, "WAV", "PCM_16")
    path.chmod(0o444)
    os.utime(path, ns=(1, 1))
    drained(read(path))
    assert path.stat().st_mtime_ns == 1
