"""Sound read from containers: all of it, at its time, or a plain error."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio import read
from asmrmaster.audio.container import decode, open_source
from asmrmaster.audio.source import Source
from asmrmaster.errors import InputError
from asmrmaster.streams.audio import block_frames
from tests import signals
from tests.media import decoded_by_ffmpeg, error_db, ffmpeg, lag_frames, right_left_mov, wav

RATE = 48_000
FRAMES = 100_003  # no multiple of any codec's packet
TAKE = np.round(signals.pink(-20.0, FRAMES / RATE, channels=2) * 2**15) / 2**15

FORMATS = {
    # name: (codec arguments, frames expected or None for "as ffmpeg", container/codec)
    "aac.m4a": ("-c:a aac -b:a 192k", FRAMES, "M4A/AAC"),
    "aac.mov": ("-c:a aac -b:a 192k", FRAMES, "MOV/AAC"),
    "aac.mkv": ("-c:a aac -b:a 192k", None, "MKV/AAC"),
    "aac.ts": ("-c:a aac -b:a 192k", None, "TS/AAC"),
    "aac.flv": ("-c:a aac -b:a 192k", None, "FLV/AAC"),
    "adts.aac": ("-c:a aac -b:a 192k", None, "AAC/AAC"),
    "alac.m4a": ("-c:a alac", FRAMES, "M4A/ALAC_16"),
    "ac3.ac3": ("-c:a ac3 -b:a 448k", None, "AC3/AC3"),
    "ac3.mkv": ("-c:a ac3 -b:a 448k", None, "MKV/AC3"),
    "eac3.mp4": ("-c:a eac3 -b:a 448k", None, "MP4/EAC3"),
    "mp3.mp3": ("-c:a libmp3lame -b:a 256k", FRAMES, "MP3/MPEG_LAYER_III"),
    "mp3.mp4": ("-c:a libmp3lame -b:a 256k -movie_timescale 48000", FRAMES, "MP4/MPEG_LAYER_III"),
    "mp3.avi": ("-c:a libmp3lame -b:a 256k", None, "AVI/MPEG_LAYER_III"),
    "opus.webm": ("-c:a libopus -b:a 192k", FRAMES, "WEBM/OPUS"),
    "opus.mkv": ("-c:a libopus -b:a 192k", FRAMES, "MKV/OPUS"),
    "flac.mkv": ("-c:a flac", FRAMES, "MKV/FLAC_16"),
    "pcm.mov": ("-c:a pcm_s24le", FRAMES, "MOV/PCM_24"),
    "pcm.avi": ("-c:a pcm_s16le", FRAMES, "AVI/PCM_16"),
    "u8.mkv": ("-c:a pcm_u8", FRAMES, "MKV/PCM_U8"),
    "wma.wma": ("-c:a wmav2 -b:a 192k", None, "ASF/WMAV2"),
}
UNTRIMMED = {"m4a", "mov", "mp4"}  # ffmpeg decodes their padding too


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every format of the same take, and the take itself."""
    folder = tmp_path_factory.mktemp("formats")
    take = wav(folder / "take.wav", TAKE, subtype="PCM_16")
    outputs = [[*args.split(), folder / name] for name, (args, _, _) in FORMATS.items()]
    ffmpeg("-i", take, *itertools.chain(*outputs))
    return folder


def blocks_joined(source: Source) -> signals.Array:
    blocks = list(source.audio.open())
    assert all(block.T.flags.c_contiguous and block.dtype == np.float64 for block in blocks)
    assert [len(block) for block in blocks[:-1]] == [
        block_frames(source.audio.rate, source.audio.channels)
    ] * (len(blocks) - 1)
    return np.concatenate(blocks)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_what_ffmpeg_decodes(folder: Path, name: str) -> None:
    _, frames, words = FORMATS[name]
    source = open_source(folder / name)
    measured = blocks_joined(source)
    reference = decoded_by_ffmpeg(folder / name, 2)

    assert str(source.format).split(" ")[0] == words
    assert (source.audio.rate, source.audio.channels) == (RATE, 2)
    assert len(measured) == source.audio.frames == (frames or len(reference))
    if name.split(".")[1] not in UNTRIMMED:
        assert len(measured) == len(reference)
    assert error_db(reference, measured) < -120  # two builds of one decoder, in 32-bit floats
    np.testing.assert_array_equal(measured, blocks_joined(source))  # a second pass


@pytest.mark.parametrize("name", [n for n, (_, frames, _) in FORMATS.items() if frames])
def test_marked_encoder_delay_is_left_out(folder: Path, name: str) -> None:
    measured = open_source(folder / name).audio.to_array()
    assert lag_frames(TAKE, measured) == 0


def test_an_edit_list_in_milliseconds_cuts_no_sound(folder: Path) -> None:
    path = folder / "rounded.mp4"
    ffmpeg("-i", folder / "take.wav", "-c:a", "libmp3lame", "-b:a", "256k", path)
    measured = open_source(path).audio.to_array()
    assert FRAMES <= len(measured) <= FRAMES + 48
    assert lag_frames(TAKE, measured) == 0


def test_lossless_codecs_are_exact(folder: Path) -> None:
    for name in ("alac.m4a", "flac.mkv", "pcm.mov", "pcm.avi"):
        source = open_source(folder / name)
        assert source.format.lossless
        assert source.format.bits == (24 if name == "pcm.mov" else 16)
        np.testing.assert_array_equal(source.audio.to_array(), TAKE)


@pytest.mark.parametrize("name", sorted(p.name for p in (signals.RECORDINGS / "formats").glob("*")))
def test_every_recorded_format_is_read_or_refused(name: str) -> None:
    path = signals.recording(f"formats/{name}")
    damaged = ("empty", "bad_audio", "zero_channels", "essentia_")
    if any(word in name for word in damaged):
        with pytest.raises(InputError, match=name):
            open_source(path)
    else:
        source = open_source(path)
        assert len(source.audio.to_array()) == source.audio.frames > 0


SPEAKERS = {"5.1": "FL FR FC LFE BL BR", "7.1": "FL FR FC LFE BL BR SL SR"}


@pytest.mark.parametrize(("layout", "args"), [
    ("5.1", "-c:a aac -b:a 600k out.m4a"),
    ("5.1", "-c:a ac3 -b:a 640k out.mp4"),
    ("5.1", "-c:a libvorbis -b:a 500k out.mkv"),
    ("7.1", "-c:a aac -b:a 700k out.mp4"),
    ("7.1", "-c:a flac out.mkv"),
    ("7.1", "-c:a pcm_s16le out.mkv"),
])  # fmt: skip
def test_channels_come_in_wav_order(tmp_path: Path, layout: str, args: str) -> None:
    channels = len(SPEAKERS[layout].split())
    tones_hz = 50.0 + 10 * np.arange(channels)  # low enough for an LFE channel
    t = np.arange(RATE) / RATE
    take = wav(tmp_path / "take.wav", 0.1 * np.sin(2 * np.pi * tones_hz * t[:, None]))
    *codec, name = args.split()
    ffmpeg("-channel_layout", layout, "-i", take, *codec, tmp_path / name)

    measured = open_source(tmp_path / name).audio.to_array()
    spectrum = np.abs(
        np.fft.rfft(measured[:RATE] * np.hanning(len(measured[:RATE]))[:, None], RATE, 0)
    )
    assert measured.shape[1] == channels
    np.testing.assert_array_equal(spectrum.argmax(axis=0), tones_hz)


def test_an_uncommon_channel_order_is_put_right(tmp_path: Path) -> None:
    """Right before left, as an MOV can say; PyAV 18 ends the process when such a file is closed."""
    right_left = np.array([-0.5, 0.25]) * np.ones((RATE, 1))
    measured = open_source(right_left_mov(tmp_path, right_left)).audio.to_array()
    np.testing.assert_array_equal(measured, right_left[:, ::-1])


@pytest.fixture(scope="module")
def languages(folder: Path) -> Path:
    path = folder / "languages.mkv"
    quiet = wav(folder / "quiet.wav", 0.1 * TAKE[:RATE, :1])
    ffmpeg("-i", folder / "take.wav", "-i", quiet, "-map", 0, "-map", 1, "-c:a", "flac",
           "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu",
           "-disposition:a:0", "0", "-disposition:a:1", "default", path)  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("stream", "channels"), [(None, 1), (0, 2), (1, 1), ("1", 1), ("eng", 2), ("DEU", 1)]
)
def test_a_stream_is_chosen_by_number_language_or_default(
    languages: Path, stream: int | str | None, channels: int
) -> None:
    source = open_source(languages, stream=stream)
    assert source.audio.channels == channels
    assert "2 sound streams" in source.notes[0]


def test_reading_falls_through_to_ffmpeg_and_takes_a_stream(folder: Path, languages: Path) -> None:
    assert read(folder / "take.wav").format.container == "WAV"
    assert read(folder / "aac.m4a").audio.frames == FRAMES
    assert read(languages, stream="eng").audio.channels == 2


def test_ffmpeg_is_not_loaded_for_a_wav(folder: Path) -> None:
    words = (
        "import sys; from asmrmaster.audio import read;"
        f"read({str(folder / 'take.wav')!r}).audio.to_array(); sys.exit('av' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


@pytest.mark.parametrize("stream", [2, -1, "fra"])
def test_a_missing_stream_is_named_with_what_there_is(languages: Path, stream: int | str) -> None:
    with pytest.raises(InputError, match=r"0 \(flac, eng\), 1 \(flac, deu\)"):
        open_source(languages, stream=stream)


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_missing_sound_becomes_silence_and_a_note(folder: Path, suffix: str) -> None:
    path = folder / f"gap.{suffix}"
    ffmpeg("-i", folder / "aac.m4a", "-c", "copy", "-bsf:a", "noise=drop='between(n,50,70)'", path)
    whole = open_source(folder / "aac.m4a").audio.to_array()
    source = open_source(path)
    measured = source.audio.to_array()

    assert len(source.notes) == 1
    assert "0.45 s of sound are missing" in source.notes[0]
    later = round(1.7 * RATE)
    assert abs(lag_frames(whole[later:], measured[later:])) < 1100  # a packet; without: 21 packets
    silent = np.flatnonzero(~measured.any(axis=1))
    assert abs(len(silent) / RATE - 21 * 1024 / RATE) < 0.002


def test_untidy_time_stamps_change_nothing(folder: Path) -> None:
    """Stamps up to 9 ms off, as recorders write them: no silence, no note, no wander."""
    path = folder / "untidy.mp4"
    ffmpeg("-i", folder / "aac.m4a", "-c", "copy", "-bsf:a", "setts=ts='PTS+mod(N*37,19)*24'", path)
    whole = open_source(folder / "aac.m4a").audio.to_array()
    track = decode.find_track(path)
    assert track.notes == ()
    assert track.layout_in_time.plain
    frames = min(len(whole), track.frames)
    measured = track.audio.to_array()
    assert lag_frames(whole[:frames], measured[:frames]) in (0, 1024)


def test_sound_that_starts_late_is_noted(tmp_path: Path) -> None:
    video = "testsrc=duration=1:size=32x32:rate=10"
    sound = "sine=duration=0.5:sample_rate=48000"
    ffmpeg("-f", "lavfi", "-i", video, "-itsoffset", "0.4", "-f", "lavfi", "-i", sound,
           "-c:v", "mpeg4", "-c:a", "aac", tmp_path / "late.mp4")  # fmt: skip
    source = open_source(tmp_path / "late.mp4")
    assert any("starts 0.3" in note or "starts 0.4" in note for note in source.notes)


def test_tags_come_in_lower_case_without_the_containers_own(folder: Path) -> None:
    path = folder / "tags.mkv"
    ffmpeg("-i", folder / "flac.mkv", "-c", "copy", "-metadata", "title=Rain", "-metadata",
           "ARTIST=Someone", "-metadata", "track=3", path)  # fmt: skip
    assert open_source(path).tags == {"title": "Rain", "artist": "Someone", "tracknumber": "3"}


def test_junk_after_an_mp3_is_left_out_with_a_note(folder: Path) -> None:
    path = folder / "junk.mp3"
    junk = np.random.default_rng(0).bytes(5_000)
    path.write_bytes((folder / "mp3.mp3").read_bytes() + junk)
    source = open_source(path)
    assert "At the end" in source.notes[0]
    clean = open_source(folder / "mp3.mp3").audio.to_array()
    np.testing.assert_array_equal(source.audio.to_array()[: len(clean)], clean)


def spoilt(path: Path, start: float, stop: float) -> Path:
    """A copy with the bytes between two shares of its length replaced by noise."""
    data = bytearray(path.read_bytes())
    first, last = int(start * len(data)), int(stop * len(data))
    data[first:last] = np.random.default_rng(1).bytes(last - first)
    copy = path.with_stem("spoilt-" + path.stem)
    copy.write_bytes(data)
    return copy


@pytest.mark.parametrize("name", ["adts.aac", "ac3.ac3", "alac.m4a", "eac3.mp4", "mp3.mp4"])
def test_damage_in_the_middle_is_never_passed_over(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"damaged at 0\.[5-9]\d s|cut off|time stamps"):
        open_source(spoilt(folder / name, 0.4, 0.5)).audio.to_array()


@pytest.mark.parametrize("name", [n for n in FORMATS if n.split(".")[1] in
                                  {"m4a", "mov", "mp4", "mkv", "webm", "avi", "wma"}])  # fmt: skip
def test_a_file_cut_short_is_refused(folder: Path, name: str) -> None:
    cut = (folder / name).with_stem("cut-" + name.split(".")[0])
    cut.write_bytes((folder / name).read_bytes()[:-20_000])
    with pytest.raises(InputError, match=r"cut off|index is missing"):
        open_source(cut)


@pytest.mark.parametrize(("wrong", "words"), [(-1024, "frames more than"), (1024, "cut off")])
def test_a_count_that_was_wrong_is_noticed(folder: Path, wrong: int, words: str) -> None:
    track = decode.find_track(folder / "aac.m4a")
    for _ in track.audio.open():
        pass
    mistaken = replace(track, sounding=track.sounding + wrong, decoded=track.decoded + wrong)
    with pytest.raises(InputError, match=words):
        for _ in mistaken.audio.open():
            pass


def test_changes_within_a_file_are_refused(folder: Path) -> None:
    other = folder / "other.aac"
    for args, what in (("-ar 44100", "sampling rate changes from 48000 to 44100"),
                       ("-ac 1", "channel count changes from 2 to 1")):  # fmt: skip
        ffmpeg("-i", folder / "take.wav", *args.split(), "-c:a", "aac", other)
        joined = folder / "joined.aac"
        joined.write_bytes((folder / "adts.aac").read_bytes() + other.read_bytes())
        with pytest.raises(InputError, match=rf"{what} at 2\.\d\d s"):
            open_source(joined)


def test_samples_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    take = TAKE.copy()
    take[60_000, 1] = np.nan
    ffmpeg("-i", wav(tmp_path / "nan.wav", take), "-c", "copy", tmp_path / "nan.mkv")
    with pytest.raises(InputError, match=r"1\.250 s is infinite or not a number"):
        open_source(tmp_path / "nan.mkv").audio.to_array()


def test_encrypted_sound_is_refused(folder: Path) -> None:
    path = folder / "encrypted.mp4"
    ffmpeg("-i", folder / "aac.m4a", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr",
           "-encryption_key", "00" * 16, "-encryption_kid", "11" * 16, path)  # fmt: skip
    with pytest.raises(InputError, match="encrypted"):
        open_source(path)


def test_files_without_sound_are_refused(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=duration=0.2:size=32x32:rate=10")
    ffmpeg(*picture, "-c:v", "mpeg4", tmp_path / "silent.mp4")
    ffmpeg(*picture, "-frames:v", 1, tmp_path / "cover.jpg")
    ffmpeg("-i", tmp_path / "cover.jpg", "-c", "copy", "-disposition:v", "attached_pic",
           tmp_path / "cover.mp4")  # fmt: skip
    (tmp_path / "text.mp3").write_text("not a sound\n" * 400)
    (tmp_path / "empty.mp4").touch()
    for name, words in {
        "silent.mp4": "the video has no sound",
        "cover.jpg": "it is a picture",
        "cover.mp4": "a picture and no sound",
        "text.mp3": "not a sound or video file|no sound",
        "empty.mp4": r"empty \(0 bytes\)",
        "missing.mp4": "no such file",
        ".": "folder",
    }.items():
        with pytest.raises(InputError, match=words):
            open_source(tmp_path / name)


def test_lists_that_point_elsewhere_are_not_followed(folder: Path) -> None:
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\naac.ts\n#EXT-X-ENDLIST\n"
    for name, text in {
        "list.m3u8": playlist,
        "list.ffconcat": "ffconcat version 1.0\nfile aac.ts\n",
    }.items():
        (folder / name).write_text(text)
        with pytest.raises(InputError):
            open_source(folder / name)


def test_a_name_that_looks_like_an_address_is_a_file(folder: Path) -> None:
    path = folder / "concat:alac.m4a"
    path.write_bytes((folder / "alac.m4a").read_bytes())
    assert open_source(path).audio.frames == FRAMES
