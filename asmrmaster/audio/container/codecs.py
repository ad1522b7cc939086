"""What sound is encoded with, and which container takes what: data.

    name ends in      container  codecs, the usual lossy one first
    .m4a              M4A        AAC ALAC_24 ALAC_16
    .mp4 .m4v         MP4        AAC ALAC_24 ALAC_16 OPUS MPEG_LAYER_III FLAC_24 FLAC_16
    .mov              MOV        AAC PCM_24 PCM_16 ALAC_24 ALAC_16
    .mkv .mka         MKV        AAC FLAC_24 FLAC_16 OPUS PCM_24 PCM_16 MPEG_LAYER_III
    .webm             WEBM       OPUS
    .ts .mts .m2ts    TS         AAC
    .flv              FLV        AAC
    .avi              AVI        PCM_16 PCM_24
    .mp3 .opus .flac  MP3 …      one each; .flac also with 16 bits

A container keeps the take's codec where it can; else a lossless take gets a lossless codec, and any
other the usual one.
AVI gets PCM because it has no place to say how long an encoder's delay is.

AAC at 256 kbit/s in stereo, without noise substitution and intensity coding (ISO/IEC 14496-3
subclauses 4.6.13 and 4.6.8.2): both make up the fine differences between the ears that binaural
sound consists of. Measured on brushing, rain, hiss, keys and binaural speech, FFmpeg's fast search
came 1 to 17 dB closer to the original than its default at this rate, in a third of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asmrmaster.audio.source import Format
from asmrmaster.errors import OutputError

_LAYER_III_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_AAC_HZ = (*_LAYER_III_HZ, 64_000, 88_200, 96_000)


@dataclass(frozen=True)
class Codec:
    """encoder: FFmpeg's name. kind: the sample format it is handed. rates_hz: those it knows, none
    for any. bits: of an integer codec. kbit_s: usual bit rate for each channel; most_kbit_s: for
    all. packet: frames of every packet, where the encoder pads the last one and does not say so.
    channels: how many it may be handed.
    """

    encoder: str
    kind: str
    rates_hz: tuple[int, ...] = ()
    bits: int | None = None
    kbit_s: int = 0
    most_kbit_s: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    packet: int = 0
    channels: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)


CODECS = {
    "AAC": Codec(
        "aac", "fltp", _AAC_HZ, None, 128, 1024,
        {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0"}, packet=1024,
    ),
    # Opus is decoded at 48 kHz always; FFmpeg's wrapper mixes up five, and seven, channels.
    "OPUS": Codec("libopus", "flt", (48_000,), None, 96, 512, channels=(1, 2, 3, 4, 6, 8)),
    "MPEG_LAYER_III": Codec("libmp3lame", "fltp", _LAYER_III_HZ, None, 160, 320),
    "ALAC_16": Codec("alac", "s16p", bits=16),
    "ALAC_24": Codec("alac", "s32p", bits=24),
    "FLAC_16": Codec("flac", "s16", bits=16),
    "FLAC_24": Codec("flac", "s32", bits=24),
    "PCM_16": Codec("pcm_s16le", "s16", bits=16),
    "PCM_24": Codec("pcm_s24le", "s32", bits=24),
}  # fmt: skip


@dataclass(frozen=True)
class Container:
    """muxer: FFmpeg's name. codecs: the usual one first. iso: whether it is of the MP4 family.
    ends: whether it can say that the sound ends within the last packet. film: whether it holds
    moving picture. chapters: whether FFmpeg writes chapters into it. copied: codecs of other
    streams it holds, where FFmpeg would take any; none for FFmpeg's word. options: for the muxer.
    """

    muxer: str
    codecs: tuple[str, ...]
    suffixes: tuple[str, ...]
    iso: bool = False
    ends: bool = True
    film: bool = False
    chapters: bool = False
    copied: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


_FLAC = ("FLAC_24", "FLAC_16")
_ALAC = ("ALAC_24", "ALAC_16")
_PCM = ("PCM_24", "PCM_16")
# Of others a transport stream does not say what they are (ISO/IEC 13818-1 table 2-34).
_BROADCAST = (
    "h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vc1", "dirac", "cavs", "aac", "aac_latm",
    "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "opus", "dvb_subtitle", "dvb_teletext",
    "hdmv_pgs_subtitle", "klv", "scte_35", "timed_id3", "epg",
)  # fmt: skip
CONTAINERS = {
    "M4A": Container(
        "mp4", ("AAC", *_ALAC), (".m4a", ".m4b"), iso=True, chapters=True, options={"brand": "M4A "}
    ),
    "MP4": Container(
        "mp4",
        ("AAC", *_ALAC, "OPUS", "MPEG_LAYER_III", *_FLAC),
        (".mp4", ".m4v"),
        iso=True,
        film=True,
        chapters=True,
    ),
    "MOV": Container(
        "mov", ("AAC", *_PCM, *_ALAC), (".mov", ".qt"), iso=True, film=True, chapters=True
    ),
    "MKV": Container(
        "matroska",
        ("AAC", *_FLAC, "OPUS", *_PCM, "MPEG_LAYER_III"),
        (".mkv", ".mka"),
        film=True,
        chapters=True,
    ),
    "WEBM": Container("webm", ("OPUS",), (".webm",), film=True, chapters=True),
    "TS": Container(
        "mpegts", ("AAC",), (".ts", ".mts", ".m2ts"), ends=False, film=True, copied=_BROADCAST
    ),
    "FLV": Container("flv", ("AAC",), (".flv",), ends=False, film=True),
    "AVI": Container("avi", ("PCM_16", "PCM_24"), (".avi",), film=True),
    "MP3": Container("mp3", ("MPEG_LAYER_III",), (".mp3",)),
    "OGG": Container("opus", ("OPUS",), (".opus", ".ogg", ".oga")),
    "FLAC": Container("flac", _FLAC, (".flac",)),
}
_BY_SUFFIX = {suffix: name for name, c in CONTAINERS.items() for suffix in c.suffixes}


def container_format(take: Format, path: Path) -> Format:
    """The format a master of this take gets under this name (the table above).

    Raises OutputError for a name whose end says nothing.
    """
    name = _BY_SUFFIX.get(path.suffix.lower())
    if name is None:
        raise OutputError(
            f"the end of the name, {path.suffix!r}, is not of a container that can be written",
            subject=path,
            hint=f"End it in one of {' '.join(_BY_SUFFIX)}",
        )
    codecs = CONTAINERS[name].codecs
    lossless = [c for c in codecs if CODECS[c].bits]
    codec = take.codec if take.codec in codecs else codecs[0]
    if take.lossless and lossless:
        codec = take.codec if take.codec in lossless else lossless[0]
    bits = CODECS[codec].bits
    return Format(name, codec, bits, lossless=bits is not None)


def parts(format: Format, path: Path) -> tuple[Container, Codec]:
    """Container and codec of a format, if they go together; else OutputError."""
    container = CONTAINERS.get(format.container)
    name = format.codec
    if format.container == "FLAC" and name.startswith("PCM"):  # libsndfile's words
        name = name.replace("PCM", "FLAC")
    if container is None or name not in container.codecs:
        fits = " ".join(container.codecs) if container else "none"
        raise OutputError(
            f"{format.codec} in {format.container} cannot be written",
            subject=path,
            hint=f"{format.container} takes: {fits}",
        )
    return container, CODECS[name]


def bitrate_bps(codec: Codec, format: Format, channels: int, rate: int) -> int:
    """Bits a second: those of the format, or the usual ones; 0 for a lossless codec.

    Layer III knows fewer at low sampling rates (ISO/IEC 13818-3 clause 2.4.2.3).
    """
    if codec.bits:
        return 0
    most = codec.most_kbit_s
    if codec.encoder == "libmp3lame" and rate < 32_000:
        most = 160 if rate >= 16_000 else 64
    wanted = format.bitrate_bps or 1000 * min(codec.kbit_s * channels, most)
    # AAC packets hold 6144 bits for each channel at most (ISO/IEC 14496-3 subclause 4.5.3.1).
    if codec.encoder == "aac":
        wanted = min(wanted, 6144 * channels * rate // 1024)
    return wanted


def nearest_rate(codec: Codec, rate: int) -> int:
    """The sampling rate sound of this rate is encoded at: its own, or else the next one up to
    which nothing is lost, or else the highest."""
    if not codec.rates_hz or rate in codec.rates_hz:
        return rate
    divisors = [r for r in codec.rates_hz if rate % r == 0 and r >= 44_100]
    above = [r for r in codec.rates_hz if r > rate]
    return max(divisors) if divisors else min(above) if above else max(codec.rates_hz)
