"""Sound written by FFmpeg's encoders: at its time, at its length, exact where lossless."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asmrmaster.audio.container import container_format, encode, open_source
from asmrmaster.audio.container.codecs import CODECS, CONTAINERS
from asmrmaster.audio.container.resample import resampled
from asmrmaster.audio.quantize import Quantizer
from asmrmaster.audio.source import Format
from asmrmaster.audio.tags import Metadata
from asmrmaster.errors import OutputError
from asmrmaster.streams.audio import Audio
from tests import signals
from tests.media import decoded_by_ffmpeg, error_db, ffprobe, lag_frames

FRAMES = 60_003
TAKE = signals.pink(-26.0, FRAMES / 48_000, channels=2)
PAIRS = [(name, codec) for name, container in CONTAINERS.items() for codec in container.codecs]


@pytest.mark.parametrize(("container", "codec"), PAIRS)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_what_is_written_reads_back_at_its_time(
    tmp_path: Path, container: str, codec: str, rate: int
) -> None:
    path = tmp_path / f"out{CONTAINERS[container].suffixes[0]}"
    take = Audio.from_array(TAKE, rate)
    encode(take, path, Format(container, codec))
    source = open_source(path)
    measured = source.audio.to_array()

    assert source.format.container == container
    if CODECS[codec].rates_hz == (48_000,):
        take = resampled(take, 48_000)
    assert source.audio.rate == take.rate
    if CONTAINERS[container].ends:
        assert len(measured) == take.frames
        assert lag_frames(take.to_array(), measured) == 0
    else:  # the encoder's delay of 1024 frames and a filled packet stay
        assert take.frames <= len(measured) <= take.frames + 2048
        assert lag_frames(take.to_array(), measured) in (0, 1024)


@pytest.mark.parametrize(("container", "codec"), [p for p in PAIRS if CODECS[p[1]].bits])
def test_lossless_codecs_store_exactly_what_was_quantised(
    tmp_path: Path, container: str, codec: str
) -> None:
    path = tmp_path / f"out{CONTAINERS[container].suffixes[0]}"
    loud = np.concatenate([TAKE, signals.noise(-6.0, 0.5)])  # beyond full scale, too
    notes = encode(Audio.from_array(loud, 48_000), path, Format(container, codec))
    bits = CODECS[codec].bits
    assert bits
    wanted = np.concatenate(
        [quantized / 2**31 for quantized in map(Quantizer(bits, 48_000, 2), [loud])]
    )
    assert "beyond full scale" in notes[0]
    np.testing.assert_array_equal(open_source(path).audio.to_array(), wanted)
    np.testing.assert_array_equal(decoded_by_ffmpeg(path, 2), wanted)


@pytest.mark.parametrize("name", ["m.m4a", "m.mkv", "m.webm", "m.mov", "m.ts", "m.mp3"])
def test_the_same_sound_is_the_same_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    sound = Audio.from_array(signals.pink(-30, 1), 48_000)
    stored = container_format(Format("WAV", "PCM_24", 24), path)
    written = []
    for _ in range(2):
        encode(sound, path, stored, Metadata({"title": ["Rain"]}))
        written.append(path.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(("container", "codec", "bitrate_bps"), [
    ("M4A", "AAC", 128_000), ("M4A", "AAC", 320_000), ("MP3", "MPEG_LAYER_III", 192_000),
])  # fmt: skip
def test_the_bit_rate_is_the_one_asked_for(
    tmp_path: Path, container: str, codec: str, bitrate_bps: int
) -> None:
    path = tmp_path / "out"
    sound = signals.pink(-26.0, 10.0)
    encode(Audio.from_array(sound, 48_000), path, Format(container, codec, None, bitrate_bps))
    measured_bps = path.stat().st_size * 8 / 10.0
    assert measured_bps == pytest.approx(bitrate_bps, rel=0.06)


def test_more_bits_come_closer_to_the_take(tmp_path: Path) -> None:
    path = tmp_path / "out.m4a"
    errors = []
    for bitrate_bps in (64_000, 128_000, 256_000):
        encode(Audio.from_array(TAKE, 48_000), path, Format("M4A", "AAC", None, bitrate_bps))
        errors.append(error_db(TAKE, open_source(path).audio.to_array()))
    assert errors[0] > errors[1] + 1 > errors[2] + 2


def test_aac_keeps_the_difference_between_the_ears(tmp_path: Path) -> None:
    """Independent noise in each ear stays independent, as intensity coding would not leave it."""
    path = tmp_path / "out.m4a"
    encode(Audio.from_array(signals.noise(-26.0, 3.0), 48_000), path, Format("M4A", "AAC"))
    measured = open_source(path).audio.to_array()
    for low, high in ((4_000, 8_000), (8_000, 16_000)):
        spectra = np.fft.rfft(measured.reshape(-1, 48_000 // 10, 2), axis=1)[
            :, low // 10 : high // 10
        ]
        left, right = spectra[..., 0], spectra[..., 1]
        alike = abs(np.vdot(left, right)) / np.linalg.norm(left) / np.linalg.norm(right)
        assert alike < 0.1


@pytest.mark.parametrize(
    ("container", "codec", "channels"),
    [
        (container, codec, channels)
        for container, codec in (("MP4", "AAC"), ("WEBM", "OPUS"), ("MKV", "FLAC_24"))
        for channels in CODECS[codec].channels
    ],
)
def test_channels_keep_their_places(
    tmp_path: Path, container: str, codec: str, channels: int
) -> None:
    path = tmp_path / "out"
    tones_hz = 50.0 + 10 * np.arange(channels)
    t = np.arange(48_000) / 48_000
    take = 0.1 * np.sin(2 * np.pi * tones_hz * t[:, None])
    encode(Audio.from_array(take, 48_000), path, Format(container, codec))
    measured = open_source(path).audio.to_array()
    spectrum = np.abs(np.fft.rfft(measured * np.hanning(len(measured))[:, None], axis=0))
    np.testing.assert_array_equal(spectrum.argmax(axis=0), tones_hz)


def test_tags_are_written_and_what_is_lost_is_said(tmp_path: Path) -> None:
    tags = {"title": "Räin", "artist": "Someone", "tracknumber": "3", "mood": "calm"}
    path = tmp_path / "out.m4a"
    own = Metadata({name: [text] for name, text in tags.items()})
    notes = encode(Audio.from_array(TAKE, 48_000), path, Format("M4A", "AAC"), own)
    kept = open_source(path).tags
    assert {name: kept.get(name) for name in ("title", "artist", "tracknumber")} == {
        name: tags[name] for name in ("title", "artist", "tracknumber")
    }
    assert notes == ()
    assert "tag:title=Räin" in ffprobe(path, "format_tags")
    assert "tag:mood=calm" in ffprobe(path, "format_tags")
    notes = encode(Audio.from_array(TAKE, 48_000), tmp_path / "out.ts", Format("TS", "AAC"), own)
    (note,) = notes
    assert note == "TS does not keep these tags: artist, mood, title, tracknumber."


def test_an_m4a_can_play_while_loading(tmp_path: Path) -> None:
    path = tmp_path / "out.m4a"
    encode(Audio.from_array(TAKE, 48_000), path, Format("M4A", "AAC"))
    data = path.read_bytes()
    assert data[4:12] == b"ftypM4A "
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(("old", "new", "tone_hz"), [
    (44_100, 48_000, 19_000.0), (96_000, 48_000, 20_000.0), (88_200, 44_100, 18_000.0),
])  # fmt: skip
def test_resampling_keeps_tones_and_time_and_adds_nothing(
    old: int, new: int, tone_hz: float
) -> None:
    tone = signals.sine(tone_hz, -6.0, 2.0, rate=old)
    result = resampled(Audio.from_array(tone, old), new)
    measured = result.to_array()
    wanted = signals.sine(tone_hz, -6.0, 2.0, rate=new)
    assert result.frames == len(measured) == 2 * new
    middle = slice(new // 2, -new // 2)
    assert error_db(wanted[middle], measured[middle]) < -80  # gain within 0.001 dB, no lag


def test_resampling_lets_nothing_fold_down() -> None:
    measured = resampled(
        Audio.from_array(signals.sine(30_000, -6.0, 2.0, rate=96_000), 96_000), 48_000
    )
    middle = measured.to_array()[24_000:-24_000]
    assert 20 * np.log10(np.abs(middle).max()) < -100


@pytest.mark.parametrize(("take", "name", "wanted"), [
    (Format("MP4", "AAC", lossless=False), "out.mp4", "MP4/AAC"),
    (Format("MOV", "PCM_16", 16), "out.mov", "MOV/PCM_16"),
    (Format("MKV", "FLAC_16", 16), "out.mkv", "MKV/FLAC_16"),
    (Format("WAV", "PCM_16", 16), "out.m4a", "M4A/ALAC_24"),
    (Format("WAV", "PCM_24", 24), "out.webm", "WEBM/OPUS"),
    (Format("AVI", "MPEG_LAYER_III", lossless=False), "OUT.AVI", "AVI/PCM_16"),
])  # fmt: skip
def test_the_format_follows_from_the_name_and_the_take(
    take: Format, name: str, wanted: str
) -> None:
    assert str(container_format(take, Path(name))) == wanted


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    sound = Audio.from_array(TAKE, 48_000)
    with pytest.raises(OutputError, match=r"'\.xyz', is not of a container"):
        container_format(Format("WAV", "PCM_16", 16), Path("out.xyz"))
    with pytest.raises(OutputError, match=r"AAC in WEBM cannot be written\. WEBM takes: OPUS"):
        encode(sound, tmp_path / "out.webm", Format("WEBM", "AAC"))
    with pytest.raises(OutputError, match="cannot hold 8 channels"):
        encode(Audio.from_array(np.zeros((4_800, 8)), 48_000), tmp_path / "out.m4a",
               Format("M4A", "ALAC_24"))  # fmt: skip
    with pytest.raises(OutputError, match="cannot hold 5 channels"):
        encode(Audio.from_array(np.zeros((4_800, 5)), 48_000), tmp_path / "out.webm",
               Format("WEBM", "OPUS"))  # fmt: skip
    with pytest.raises(OutputError, match="folder does not exist"):
        encode(sound, tmp_path / "no" / "out.m4a", Format("M4A", "AAC"))
    spoilt = TAKE.copy()
    spoilt[50_000] = np.inf
    with pytest.raises(OutputError, match="near 1 s became infinite"):
        encode(Audio.from_array(spoilt, 48_000), tmp_path / "out.m4a", Format("M4A", "AAC"))
