"""What a sound file is: where it lies, how it is stored, what travels with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asmrmaster.streams.audio import Audio

STREAMED = (
    "The header does not say how long the sound is (a program wrote it without going back):"
    " everything up to the end of the file was read."
)


@dataclass(frozen=True)
class Format:
    """How samples are stored: ``container`` (WAV, RF64, FLAC, MP4 …) and ``codec``.

    codec: PCM_16, PCM_24, FLOAT, VORBIS, AAC … in soundfile's or FFmpeg's upper-case words.
    bits: bits per sample of integer PCM and lossless codecs, None where there is no such number.
    bitrate_bps: for lossy codecs, None where unknown or variable.
    lossless: whether decoding gives back exactly what was encoded.
    """

    container: str
    codec: str
    bits: int | None = None
    bitrate_bps: int | None = None
    lossless: bool = True

    def __str__(self) -> str:
        rate = f" {round(self.bitrate_bps / 1000)} kbit/s" if self.bitrate_bps else ""
        return f"{self.container}/{self.codec}{rate}"


@dataclass(frozen=True)
class Source:
    """A readable sound file: a description and a re-iterable stream, no samples held.

    tags: text that travels with the sound (title, artist, comment …), lower-case names.
    notes: plain sentences on what the reader should know, such as what will not be kept.
    picture: whether moving picture goes with the sound.
    stream: which of several sound streams it is; None where there is one. others: those a player
    may choose besides.
    gains: what its tags ask players to add, in dB, by the name of the tag.
    found: notes on what only a pass over the samples shows; none before one has come to its end.
    """

    path: Path
    audio: Audio
    format: Format
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    picture: bool = False
    stream: int | None = None
    others: tuple[int, ...] = ()
    gains: Mapping[str, float] = field(default_factory=dict)
    found: Callable[[], tuple[str, ...]] = tuple
