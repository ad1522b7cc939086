"""Sound out: what is stored, what is kept of the take, and what is said where it fails."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from asmrmaster.audio import Audio, Block, Format, Source, master_format, pcm, read, wav, write
from asmrmaster.audio.chunks import scan
from asmrmaster.audio.formats import SUFFIXES
from asmrmaster.errors import InputError, OutputError
from tests.signals import Array, concat, noise, silence, sine

RATE = 48_000
TAKE = Format("WAV", "PCM_24", 24)
PCM_24, PCM_16, FLOAT = TAKE, Format("WAV", "PCM_16", 16), Format("WAV", "FLOAT")
LOSSLESS = [suffix for suffix in SUFFIXES if suffix not in (".ogg", ".oga", ".opus", ".mp3")]


def loud(frames: int, channels: int) -> Array:
    """Noise up to full scale, the hardest to pack."""
    return np.random.default_rng(5).uniform(-1, 1 - 2.0**-14, (frames, channels))


def stored(path: Path) -> Array:
    result: Array = sf.read(path, dtype="float64", always_2d=True)[0]
    return result


# --- round trips ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize("bits", [16, 24, 32])
@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (11_024, 1), (44_100, 2), (48_000, 6), (192_000, 8)]
)
def test_integers_arrive_as_decided(
    tmp_path: Path, suffix: str, bits: int, rate: int, channels: int
) -> None:
    path = tmp_path / f"m{suffix}"
    stores = master_format(Format("WAV", f"PCM_{bits}", bits), path)
    frames = rate // 10 + 1  # odd, so that padding has its day
    sound = loud(frames, channels)
    assert write(Audio.from_array(sound, rate, 777), path, stores) == ()
    source = read(path)
    assert source.format == stores
    assert (source.audio.rate, source.audio.channels) == (rate, channels)
    assert source.audio.frames == frames
    step = 2.0 ** (1 - (stores.bits or 0))
    got = source.audio.to_array()
    assert np.abs(got - sound).max() <= (1.5 if stores.bits == 16 else 0.5) * step
    assert np.array_equal(got, stored(path)), "libsndfile reads the same"
    again = tmp_path / f"again{suffix}"
    if stores.bits != 16:
        write(Audio.from_array(got, rate), again, stores)
        assert np.array_equal(read(again).audio.to_array(), got), "a copy of a copy is no worse"


@pytest.mark.parametrize("codec", ["PCM_U8", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("container", ["WAV", "RF64", "W64"])
def test_other_samples_are_written_when_asked_for(
    tmp_path: Path, container: str, codec: str
) -> None:
    sound = loud(4_801, 1)
    path = tmp_path / "m.wav"
    stores = Format(container, codec, 8 if codec == "PCM_U8" else None)
    write(Audio.from_array(sound, RATE), path, stores)
    assert read(path).format == stores
    step = {"PCM_U8": 1.5 / 128, "FLOAT": 2.0**-24, "DOUBLE": 0.0}[codec]
    assert np.abs(stored(path) - sound).max() <= step


def test_float_goes_beyond_full_scale_and_integers_are_held_there(tmp_path: Path) -> None:
    sound = 2 * sine(100, 0, 0.5)
    assert write(Audio.from_array(sound, RATE), tmp_path / "f.wav", FLOAT) == ()
    assert stored(tmp_path / "f.wav").max() == pytest.approx(2, abs=1e-3)
    notes = write(Audio.from_array(sound, RATE), tmp_path / "i.wav", PCM_24)
    assert len(notes) == 1
    assert notes[0].startswith(f"{np.count_nonzero(np.abs(sound) > 1)} samples")
    assert stored(tmp_path / "i.wav").max() == 1 - 2.0**-23
    assert stored(tmp_path / "i.wav").min() == -1


@pytest.mark.parametrize("suffix", [".ogg", ".opus", ".mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_masters_keep_length_level_and_time(
    tmp_path: Path, suffix: str, channels: int
) -> None:
    tone = sine(997, -20, 2.3, channels=channels)[:-7]
    path = tmp_path / f"m{suffix}"
    assert write(Audio.from_array(tone, RATE), path, master_format(TAKE, path)) == ()
    got = read(path).audio.to_array()
    assert got.shape == tone.shape
    middle = slice(RATE // 2, 2 * RATE)
    assert 10 * np.log10(2 * np.mean(got[middle] ** 2)) == pytest.approx(-20, abs=0.1)
    assert np.mean(got[middle] * tone[middle]) > 0.99 * np.mean(tone[middle] ** 2)


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
def test_surround_in_ogg_is_found_in_its_place_by_ffmpeg(tmp_path: Path, suffix: str) -> None:
    levels_dbfs = -6.0 - 6 * np.arange(6)
    tones = np.concatenate([sine(60, level, 1.0, channels=1) for level in levels_dbfs], axis=1)
    path = tmp_path / f"m{suffix}"
    write(Audio.from_array(tones, RATE), path, master_format(TAKE, path))
    run("ffmpeg", f"-i {path} {tmp_path}/back.wav")
    got = stored(tmp_path / "back.wav")[RATE // 4 : RATE // 2]
    assert 10 * np.log10(2 * np.mean(got**2, axis=0)) == pytest.approx(levels_dbfs, abs=2.5)


# --- the same bytes -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".caf", ".w64"])
@pytest.mark.parametrize("bits", [16, 24])
def test_the_same_sound_gives_the_same_bytes_for_any_blocks(
    tmp_path: Path, suffix: str, bits: int
) -> None:
    sound = concat(silence(0.2), noise(-40, 0.5), silence(0.3), noise(-60, 0.2))
    digests = set()
    for block in (RATE, 1_000, 7_919, len(sound)):
        path = tmp_path / f"{block}{suffix}"
        stores = master_format(Format("WAV", f"PCM_{bits}", bits), path)
        write(Audio.from_array(sound, RATE, block), path, stores)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


# --- large files ----------------------------------------------------------------------------------


def test_rf64_begins_where_32_bits_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Audio.from_array(loud(1_000, 2), RATE)
    whole = 36 + 6_000  # what the RIFF of this sound says it holds
    path = tmp_path / "m.wav"
    for limit, magic in ((whole, b"RIFF"), (whole - 1, b"RF64")):
        monkeypatch.setattr(wav, "RIFF_LIMIT_BYTES", limit)
        write(sound, path, PCM_24)
        assert path.read_bytes()[:4] == magic
        with sf.SoundFile(path) as file:
            assert file.frames == 1_000
            assert file.format == ("WAV" if magic == b"RIFF" else "RF64")
        assert np.abs(stored(path) - sound.to_array()).max() <= 2.0**-24
        assert probe(path)["duration_ts"] == 1_000


def test_ten_hours_of_stereo_have_a_header_that_counts_them(tmp_path: Path) -> None:
    frames = 10 * 3_600 * RATE
    path = tmp_path / "m.wav"
    writer = wav.Writer(path, Audio(RATE, 2, frames, lambda: iter(())), "PCM_24")
    writer.close()
    with path.open("r+b") as file:  # a file of holes: it takes no room on the disk
        file.truncate(path.stat().st_size + frames * 6)
    source = read(path)
    assert source.format.container == "RF64"
    assert source.audio.frames == frames
    assert sf.info(path).frames == frames


def test_aiff_says_that_it_ends_at_4_gib(tmp_path: Path) -> None:
    sound = Audio(RATE, 2, 10 * 3_600 * RATE, lambda: iter(()))
    with pytest.raises(OutputError, match=r"ends at 4 GiB.* 9\.7 GiB") as caught:
        write(sound, tmp_path / "m.aiff", master_format(TAKE, tmp_path / "m.aiff"))
    assert "RF64" in caught.value.hint


# --- what travels with a take ---------------------------------------------------------------------


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


BEXT = (
    b"Night session".ljust(256, b"\0") + b"Recorder".ljust(32, b"\0") + b"REF".ljust(32, b"\0")
    + b"2024-03-0421:15:00" + (12_345).to_bytes(8, "little") + (2).to_bytes(2, "little")
    + bytes(64) + (-2_300).to_bytes(2, "little", signed=True) + bytes(8) + bytes(180)
    + b"A=PCM,F=48000\r\n"
)  # fmt: skip
CUE = (1).to_bytes(4, "little") + bytes(8) + b"data" + bytes(12)
EXTRA = {
    b"bext": BEXT,
    b"iXML": b"<BWFXML><NOTE>bell</NOTE></BWFXML>",
    b"cue ": CUE,
    b"smpl": bytes(36),
    b"LIST": b"adtl" + chunk(b"labl", (0).to_bytes(4, "little") + b"tap\0"),
}


def take_with(tmp_path: Path, *chunks: bytes, channels: int = 2, after: bytes = b"") -> Source:
    """A take with these chunks between its format and its samples."""
    sound = noise(-30, 0.5, channels=channels)
    plain = tmp_path / "plain.wav"
    sf.write(plain, sound, RATE, subtype="PCM_24")
    content = plain.read_bytes()
    body = content[12:36] + b"".join(chunks) + content[36:] + after
    path = tmp_path / "take.wav"
    path.write_bytes(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WAVE" + body)
    return read(path)


def parts(path: Path) -> dict[bytes, bytes]:
    chunks = scan(path)
    assert chunks
    return {part.id: chunks.content(part) for part in chunks.parts if part.id != b"data"}


@pytest.mark.parametrize("place", ["before the sound", "after the sound"])
@pytest.mark.parametrize("container", ["WAV", "RF64"])
def test_broadcast_chunks_are_kept(tmp_path: Path, place: str, container: str) -> None:
    extra = b"".join(chunk(*item) for item in EXTRA.items())
    take = take_with(tmp_path, extra) if place[0] == "b" else take_with(tmp_path, after=extra)
    path = tmp_path / "m.wav"
    stores = Format(container, "PCM_24", 24)
    assert write(take.audio, path, stores, like=take) == ()
    kept = parts(path)
    for name in (b"iXML", b"cue ", b"smpl", b"LIST"):
        assert kept[name] == EXTRA[name]
    # The loudness in it was the take's: EBU Tech 3285 v2 sets 0x7FFF for a field not in use.
    assert kept[b"bext"] == BEXT[:412] + b"\xff\x7f" * 5 + BEXT[422:] + b"\0"
    assert np.array_equal(stored(path), stored(take.path)), "libsndfile still opens it"
    assert path.stat().st_size % 2 == 0
    size = int.from_bytes(path.read_bytes()[4:8], "little")
    assert size == (0xFFFFFFFF if container == "RF64" else path.stat().st_size - 8)


def test_ffprobe_finds_what_was_kept(tmp_path: Path) -> None:
    take = take_with(tmp_path, *(chunk(*item) for item in EXTRA.items()))
    path = tmp_path / "m.wav"
    write(take.audio, path, PCM_24, like=take, tags={"title": "Régen"})
    found = probe(path)
    assert found["tags"]["comment"] == "Night session"
    assert found["tags"]["time_reference"] == "12345"
    assert found["tags"]["title"] == "Régen"
    assert found["codec_name"] == "pcm_s24le"
    assert found["duration_ts"] == take.audio.frames


def test_an_older_bext_is_kept_to_the_byte(tmp_path: Path) -> None:
    bext = BEXT[:346] + b"\1\0" + BEXT[348:] + b"."
    take = take_with(tmp_path, chunk(b"bext", bext))
    write(take.audio, tmp_path / "m.wav", PCM_24, like=take)
    assert parts(tmp_path / "m.wav")[b"bext"] == bext


def test_speaker_positions_are_kept(tmp_path: Path) -> None:
    take_path, path = tmp_path / "take.wav", tmp_path / "m.wav"
    sound = Audio.from_array(noise(-30, 0.2, channels=4), RATE)
    wav.Writer(take_path, sound, "PCM_24", mask=0x33).close()
    with take_path.open("ab") as file:
        file.write(bytes(sound.frames * 12))
    write(sound, path, PCM_24, like=read(take_path))
    assert wav.speakers(scan(path)) == 0x33
    assert probe(path)["channel_layout"] == "quad"


INFO = b"INFO" + chunk(b"INAM", b"Rain\0") + chunk(b"IXYZ", b"?\0")


def test_text_of_a_wav_is_kept_to_the_byte_and_overridden_by_tags(tmp_path: Path) -> None:
    take = take_with(tmp_path, chunk(b"LIST", INFO))
    assert take.tags == {"title": "Rain"}
    write(take.audio, tmp_path / "a.wav", PCM_24, like=take)
    assert parts(tmp_path / "a.wav")[b"LIST"] == INFO
    write(take.audio, tmp_path / "b.wav", PCM_24, like=take, tags={"artist": "Ida"})
    assert read(tmp_path / "b.wav").tags == {"title": "Rain", "artist": "Ida"}
    write(take.audio, tmp_path / "c.wav", PCM_24, like=take, tags={"title": "Snow"})
    assert read(tmp_path / "c.wav").tags == {"title": "Snow"}


@pytest.mark.parametrize("suffix", [".wav", ".rf64", ".flac", ".caf", ".ogg", ".mp3", ".aiff"])
def test_text_goes_from_container_to_container(tmp_path: Path, suffix: str) -> None:
    given = tmp_path / "take.flac"
    text = {"title": "Rain", "artist": "Ida", "comment": "two mics"}
    write(Audio.from_array(noise(-30, 0.5), RATE), given, Format("FLAC", "PCM_24", 24), tags=text)
    path = tmp_path / f"m{suffix}"
    take = read(given)
    assert write(take.audio, path, master_format(take.format, path), like=take) == ()
    kept = read(path).tags
    assert {name: kept[name] for name in text} == text


@pytest.mark.parametrize(
    ("suffix", "tags", "lost"),
    [
        (".rf64", {"license": "CC0", "title": "Rain"}, "license"),
        (".w64", {"title": "Rain"}, "title"),
        (".caf", {"mood": "calm"}, "mood"),
    ],
)
def test_text_that_finds_no_place_is_named(
    tmp_path: Path, suffix: str, tags: dict[str, str], lost: str
) -> None:
    path = tmp_path / f"m{suffix}"
    sound = Audio.from_array(noise(-30, 0.5), RATE)
    (note,) = write(sound, path, master_format(TAKE, path), tags=tags)
    assert note.endswith(f"does not keep these tags: {lost}.")


def test_chunks_that_find_no_place_are_named(tmp_path: Path) -> None:
    take = take_with(
        tmp_path, chunk(b"bext", BEXT), chunk(b"LIST", INFO), chunk(b"axml", b"<a/>"),
        chunk(b"JUNK", bytes(64)),
    )  # fmt: skip
    (note,) = write(take.audio, tmp_path / "m.wav", PCM_24, like=take)
    assert note == "These parts of the take were not carried over: axml."
    flac = Format("FLAC", "PCM_24", 24)
    (note,) = write(take.audio, tmp_path / "m.flac", flac, like=take)
    assert note == "These parts of the take were not carried over: bext, axml."


def test_the_maker_of_the_take_is_not_the_maker_of_the_master(tmp_path: Path) -> None:
    sound = Audio.from_array(noise(-30, 0.5), RATE)
    flac = Format("FLAC", "PCM_24", 24)
    write(sound, tmp_path / "take.flac", flac, tags={"software": "Recorder 1"})
    take = read(tmp_path / "take.flac")
    assert take.tags["software"].startswith("Recorder 1")
    assert write(sound, tmp_path / "m.wav", PCM_24, like=take) == ()
    assert "software" not in read(tmp_path / "m.wav").tags
    write(sound, tmp_path / "n.wav", PCM_24, like=take, tags={"software": "asmrmaster"})
    assert read(tmp_path / "n.wav").tags["software"] == "asmrmaster"


# --- what cannot be written -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "rate", "channels", "said"),
    [
        (".mp3", 48_000, 6, "holds 2 channels"),
    ],
)
def test_what_a_codec_cannot_hold_is_said_beforehand(
    tmp_path: Path, suffix: str, rate: int, channels: int, said: str
) -> None:
    path = tmp_path / f"m{suffix}"
    sound = Audio.from_array(noise(-30, 0.5, rate, channels), rate)
    with pytest.raises(OutputError, match=said) as caught:
        write(sound, path, master_format(TAKE, path))
    assert caught.value.hint.startswith("Write WAV or FLAC")
    assert not path.exists()


@pytest.mark.parametrize(("suffix", "rate", "stored"), [
    (".opus", 44_100, 48_000), (".mp3", 96_000, 48_000), (".mp3", 192_000, 48_000),
    (".opus", 9_000, 12_000),
])  # fmt: skip
def test_a_rate_that_a_codec_does_not_know_becomes_one_it_does(
    tmp_path: Path, suffix: str, rate: int, stored: int
) -> None:
    path = tmp_path / f"m{suffix}"
    sound = Audio.from_array(noise(-30, 1, rate), rate)
    notes = write(sound, path, master_format(TAKE, path))
    assert notes == (f"This codec does not know {rate} Hz: stored at {stored} Hz.",)
    written = read(path).audio
    assert (written.rate, written.frames) == (stored, stored)


def test_a_disk_too_small_is_noticed_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000))
    with pytest.raises(OutputError, match=r"takes 0\.00 GB, and the disk has 0\.00 GB") as caught:
        write(Audio.from_array(noise(-30, 1.0), RATE), tmp_path / "m.wav", PCM_24)
    assert "Free some space" in caught.value.hint
    assert not (tmp_path / "m.wav").exists()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg", ".mp3"])
def test_a_disk_that_fills_up_on_the_way_is_an_error(tmp_path: Path, suffix: str) -> None:
    resource = pytest.importorskip("resource", reason="needs POSIX limits on file sizes")
    path = tmp_path / f"m{suffix}"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OutputError) as caught:
            write(Audio.from_array(noise(-30, 6.0), RATE), path, master_format(TAKE, path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.subject == str(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_folder_that_has_gone_is_an_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "gone" / f"m{suffix}"
    with pytest.raises(OutputError) as caught:
        write(Audio.from_array(noise(-30, 0.5), RATE), path, master_format(TAKE, path))
    assert caught.value.subject == str(path)


@pytest.mark.parametrize("stores", [PCM_24, FLOAT, Format("OGG", "VORBIS", lossless=False)])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_none_is_never_written(
    tmp_path: Path, stores: Format, value: float
) -> None:
    sound = noise(-30, 3.0)
    sound[2 * RATE + 5, 0] = value
    with pytest.raises(OutputError, match="near 2 s"):
        write(Audio.from_array(sound, RATE), tmp_path / "m.x", stores)


@pytest.mark.parametrize("frames", [RATE - 1, RATE + 1])
def test_a_stream_that_breaks_its_promise_is_an_error(tmp_path: Path, frames: int) -> None:
    sound = noise(-30, 1.0)
    promise = Audio(RATE, 2, frames, lambda: iter([sound]))
    with pytest.raises(OutputError, match=f"ended after {RATE} frames, and {frames}"):
        write(promise, tmp_path / "m.wav", PCM_24)


def test_trouble_with_the_take_stays_trouble_with_the_take(tmp_path: Path) -> None:
    def failing() -> Iterator[Block]:
        yield noise(-30, 1.0)
        raise InputError("cut off", subject="take.wav")

    with pytest.raises(InputError, match="cut off"):
        write(Audio(RATE, 2, 2 * RATE, failing), tmp_path / "m.flac", Format("FLAC", "PCM_24", 24))


def test_what_was_written_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: wav.Writer, samples: Block) -> None:
        self._file.write(samples[: len(samples) // 2].tobytes())

    monkeypatch.setattr(wav.Writer, "write", forgetful)
    with pytest.raises(OutputError, match="the written file is damaged"):
        write(Audio.from_array(noise(-30, 1.0), RATE), tmp_path / "m.wav", PCM_24)


# --- other programs -------------------------------------------------------------------------------


def run(program: str, arguments: str) -> str:
    if not shutil.which(program):
        pytest.skip(f"needs {program}, which is not on this system")
    done = subprocess.run(
        [program, "-v", "error", *arguments.split()], check=True, capture_output=True, text=True
    )
    assert not done.stderr
    return done.stdout


def probe(path: Path) -> dict[str, Any]:
    """What ffprobe says of the sound, and the tags of the file."""
    found = json.loads(run("ffprobe", f"-of json -show_streams -show_format {path}"))
    return {**found["streams"][0], "tags": found["format"].get("tags", {})}


# --- through FFmpeg -------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "lossless"), [(".m4a", False), (".m4a", True), (".mkv", True)])
def test_what_libsndfile_does_not_know_is_written_by_ffmpeg(
    tmp_path: Path, suffix: str, lossless: bool
) -> None:
    tone = sine(997, -20, 2.3)[:-7]
    path = tmp_path / f"m{suffix}"
    stores = master_format(TAKE if lossless else Format("MP3", "X", lossless=False), path)
    take = take_with(tmp_path, chunk(b"bext", BEXT), chunk(b"LIST", INFO))
    notes = write(Audio.from_array(tone, RATE), path, stores, like=take)
    assert notes == ("These parts of the take were not carried over: bext.",)
    source = read(path)
    assert source.tags["title"] == "Rain"
    got = source.audio.to_array()
    assert got.shape == tone.shape
    middle = slice(RATE // 2, 2 * RATE)
    assert np.mean(got[middle] * tone[middle]) == pytest.approx(
        np.mean(tone[middle] ** 2), rel=0.01
    )


def test_alac_is_not_left_to_libsndfile_which_spoils_loud_noise(tmp_path: Path) -> None:
    assert not pcm.knows(Format("CAF", "ALAC_24", 24))
    with pytest.raises(OutputError):
        write(Audio.from_array(noise(-20, 0.5), RATE), tmp_path / "m.caf", Format("CAF", "ALAC_24"))
