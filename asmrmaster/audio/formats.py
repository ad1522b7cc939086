"""Which format a master gets: from the take's format and the name it shall have.

    name ends in         container  integer bits kept  lossy codec kept
    .wav .bwf            WAV        16 24 32           -
    .rf64                RF64       16 24 32           -
    .w64                 W64        16 24 32           -
    .aif .aiff .aifc     AIFF       16 24 32           -
    .caf                 CAF        16 24 32           -
    .flac                FLAC       16 24              -
    .ogg .oga            OGG        -                  VORBIS OPUS (else VORBIS)
    .opus                OGG        -                  OPUS
    .mp3                 MP3        -                  MPEG_LAYER_III

The container follows from the name. A lossless container keeps the codec of the take if it can
hold it, and else its bits: a 16-bit FLAC becomes a 16-bit WAV. Takes that have no such number, or
one that would add audible noise to every later step (lossy, floating point, 8-bit, ADPCM, A-law),
become 24-bit. A WAV that outgrows 4 GiB is an RF64 of the same name.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from asmrmaster.audio.source import Format
from asmrmaster.audio.validation import unwritable
from asmrmaster.errors import OutputError
from asmrmaster.streams.audio import Audio

_PCM = ("PCM_24", "PCM_16", "PCM_32")
_WRITTEN = {
    ".wav": ("WAV", _PCM),
    ".bwf": ("WAV", _PCM),
    ".rf64": ("RF64", _PCM),
    ".w64": ("W64", _PCM),
    ".aif": ("AIFF", _PCM),
    ".aiff": ("AIFF", _PCM),
    ".aifc": ("AIFF", _PCM),
    ".caf": ("CAF", _PCM),
    ".flac": ("FLAC", ("PCM_24", "PCM_16")),
    ".ogg": ("OGG", ("VORBIS", "OPUS")),
    ".oga": ("OGG", ("VORBIS", "OPUS")),
    ".opus": ("OGG", ("OPUS",)),
    ".mp3": ("MP3", ("MPEG_LAYER_III",)),
}
"""Suffix → container and the codecs it is written with, the usual one first."""

SUFFIXES = tuple(_WRITTEN)
"""Ends of names that are written without FFmpeg."""

BITS = {
    "PCM_U8": 8,
    "PCM_S8": 8,
    "PCM_16": 16,
    "PCM_24": 24,
    "PCM_32": 32,
    "ALAC_16": 16,
    "ALAC_20": 20,
    "ALAC_24": 24,
    "ALAC_32": 32,
    "DWVW_12": 12,
    "DWVW_16": 16,
    "DWVW_24": 24,
}
"""Bits per sample of the codecs that store integers without loss."""

FLOATING = ("FLOAT", "DOUBLE")
"""Codecs that store floating point without loss."""

_SUITS = {
    "OPUS": (8, (8_000, 12_000, 16_000, 24_000, 48_000)),
    "MPEG_LAYER_III": (
        2,
        (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
    ),
}
"""Codec → most channels, and the sampling rates in Hz it knows."""

_AIFF_LIMIT_BYTES = 2**32 - 2**16  # its sizes have 32 bits, and there is no larger sister


def master_format(take: Format, path: Path) -> Format:
    """The format a master of this take gets under this name (the table above).

    Names of video and of AAC are left to ``container``. Raises OutputError for a name whose end
    says nothing.
    """
    suffix = path.suffix.lower()
    if suffix not in _WRITTEN:
        from asmrmaster.audio.container import container_format  # only here: it loads FFmpeg

        try:
            return container_format(take, path)
        except OutputError:
            raise OutputError(
                f"the end of the name, {path.suffix!r}, is not of a format that can be written",
                subject=path,
                hint=f"End it in one of {' '.join(_WRITTEN)}, or in that of a video",
            ) from None
    container, codecs = _WRITTEN[suffix]
    same_bits = f"PCM_{take.bits}" if take.lossless else ""
    codec = next((c for c in (take.codec, same_bits) if c in codecs), codecs[0])
    return Format(container, codec, BITS.get(codec), lossless=codec in BITS)


def stored_rate_hz(codec: str, rate: int) -> int:
    """The rate that sound of this rate is stored at: its own where the codec knows it, else the
    next one up, else the highest."""
    _, rates = _SUITS.get(codec, (0, (rate,)))
    return rate if rate in rates else min((r for r in rates if r > rate), default=max(rates))


def check_writable(audio: Audio, format: Format, path: Path) -> None:
    """OutputError if this sound cannot be stored like that, or will not fit on the disk."""
    channels, _ = _SUITS.get(format.codec, (audio.channels, ()))
    if audio.channels > channels:
        raise OutputError(
            f"{format.codec} holds {channels} channels, and this sound has {audio.channels}",
            subject=path,
            hint="Write WAV or FLAC",
        )
    width = {"FLOAT": 4, "DOUBLE": 8}.get(format.codec, (BITS.get(format.codec, 0) + 7) // 8)
    size = audio.frames * audio.channels * width
    if format.container == "AIFF" and size > _AIFF_LIMIT_BYTES:
        raise OutputError(
            f"AIFF ends at 4 GiB, and this sound takes {size / 2**30:.1f} GiB",
            subject=path,
            hint="Write WAV (it becomes RF64), CAF, W64 or FLAC",
        )
    if format.container == "FLAC":
        return  # how small it gets is known afterwards
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise unwritable(error, path) from None
    if size > free:
        raise OutputError(
            f"it takes {size / 1e9:.2f} GB, and the disk has {free / 1e9:.2f} GB left",
            subject=path,
            hint="Free some space or choose another folder",
        )
