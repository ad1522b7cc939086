"""Sound in and out through libsndfile: what it can open, read here; what it can write, written."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from asmrmaster.audio import wav
from asmrmaster.audio.channel_layout import layout_notes, speakers_of
from asmrmaster.audio.chunks import Chunks, scan
from asmrmaster.audio.formats import BITS, FLOATING
from asmrmaster.audio.lossy_length import Mp3Length, mp3_length, ogg_is_whole
from asmrmaster.audio.ogg import settle_serial, stream_count
from asmrmaster.audio.source import Format, Source
from asmrmaster.audio.stderr import quiet
from asmrmaster.audio.validation import check_floats, cut_off, unreadable
from asmrmaster.errors import InputError
from asmrmaster.streams.audio import Audio, Block, block_frames

_STREAMED = (
    "The header does not say how long the sound is (a program wrote it without going back):"
    " everything up to the end of the file was read."
)

_ENCODERS: dict[str, dict[str, Any]] = {
    "VORBIS": {"compression_level": 0.2},  # 0 is best, 1 smallest: about 270 kbit/s in stereo
    "OPUS": {"compression_level": 0.5},  # about 270 kbit/s in stereo
    "MPEG_LAYER_III": {"compression_level": 0.0, "bitrate_mode": "CONSTANT"},  # 320 kbit/s
}
_ENCODER_FRAMES = 4_096  # libsndfile's Vorbis encoder overflows its stack on long writes
_OGG_ORDER = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}
"""Where OGG keeps the channels that WAV has in the order L R C LFE …; libsndfile leaves them so.

Vorbis I specification, section 4.3.9; RFC 7845 (Opus), section 5.1.1.2.
"""

_TAGS = (
    *("title", "artist", "album", "tracknumber", "date", "genre"),
    *("comment", "copyright", "license", "software"),
)


def open_source(path: Path) -> Source | None:
    """The sound in a file, as its header describes it; None if libsndfile cannot read it.

    Also None where libsndfile would read only a part of it. Raises InputError where the file is
    cut off; a file that is damaged further on raises while it is streamed.
    """
    try:
        chunks = scan(path)
        with _open(path) as file:
            return _described(path, file, chunks)
    except (sf.LibsndfileError, TypeError):  # TypeError: a .raw file, which has no header
        if chunks and chunks.sound and (chunks.promised or 0) > chunks.sound.size:
            raise InputError(
                f"cut off: {chunks.sound.size} of {chunks.promised} bytes of sound are there",
                subject=path,
                hint="Copy or export it again",
            ) from None
        return None
    except OSError as error:
        raise unreadable(error, path) from None


def _open(path: Path, *args: Any, **kwargs: Any) -> sf.SoundFile:
    with quiet():
        return sf.SoundFile(str(path) if os.name == "nt" else os.fsencode(path), *args, **kwargs)


def _described(path: Path, file: sf.SoundFile, chunks: Chunks | None) -> Source | None:
    rate, channels, frames, codec = file.samplerate, file.channels, file.frames, file.subtype
    container = "WAV" if file.format == "WAVEX" else file.format
    align = wav.frame_bytes(chunks, codec, channels) if chunks else None
    streamed = False
    if chunks and chunks.sound:
        streamed = chunks.promised is None
        held = chunks.sound.size
        wanted = held if chunks.promised is None else chunks.promised
        promised = wanted // align if align else -(-frames * wanted // max(held, 1))
        frames = held // align if align else frames
        if promised > frames:
            raise cut_off(path, frames, promised, rate)
    if container == "OGG" and not ogg_is_whole(path):
        raise InputError(
            "cut off: the end of the stream is missing",
            subject=path,
            hint="Copy or export it again; to keep what is there, convert it with another program"
            " (ffmpeg -i OLD NEW.wav)",
        )
    if container == "OGG" and stream_count(path) > 1:  # libsndfile would read the first alone
        return None
    if container == "MP3" and frames:
        length = mp3_length(path)
        if length is Mp3Length.CONSTANT:
            frames = sum(len(block) for block in _blocks(path, frames, counting=True))
        elif length is Mp3Length.UNKNOWN:
            return None
    if frames > 2**48:  # a FLAC that was written without going back
        return None
    if codec.startswith("ALAC") and channels > 2:  # these would come in an order of their own
        return None

    def stored(single: bool = True) -> Iterator[Block]:
        assert chunks is not None
        assert chunks.sound is not None
        start = chunks.sound.start
        return wav.blocks(path, start, frames, rate, channels, codec, single=single)

    def blocks() -> Iterator[Block]:
        return stored(single=False) if align else _blocks(path, frames)

    single = stored if align and codec in wav.SINGLE else None
    lossless = codec in BITS or codec in FLOATING
    bitrate = None if lossless or not frames else path.stat().st_size * 8 * rate // frames
    return Source(
        path,
        Audio(rate, channels, frames, blocks, single, anywhere=True),
        Format(container, codec, BITS.get(codec), bitrate, lossless),
        MappingProxyType({name: text for name, text in file.copy_metadata().items() if text}),
        (*((_STREAMED,) if streamed else ()), *_layout_notes(container, channels, chunks)),
    )


def _layout_notes(container: str, channels: int, chunks: Chunks | None) -> tuple[str, ...]:
    """Only WAV and its sisters are asked; FLAC and Ogg have one layout for each count."""
    if container not in ("WAV", "RF64", "W64"):
        return ()
    return layout_notes(channels, speakers_of(wav.speakers(chunks)))


def _blocks(path: Path, frames: int, *, counting: bool = False) -> Iterator[Block]:
    """Blocks of some seconds through libsndfile; fewer than ``frames`` is an InputError.

    counting: take what comes, however much it is.
    """
    done = 0
    try:
        with _open(path) as file:
            rate = file.samplerate
            whole = file.subtype in BITS
            mpeg = file.subtype.startswith("MPEG")
            order = _OGG_ORDER.get(file.channels) if file.format == "OGG" else None
            length = block_frames(rate, file.channels)
            buffer = np.empty((length, file.channels))
            while done < frames:
                try:
                    with quiet(mpeg):
                        part = file.read(out=buffer[: min(length, frames - done)])
                except sf.LibsndfileError:
                    part = buffer[:0]
                if not len(part):
                    if counting:
                        return
                    raise cut_off(path, done, frames, rate)
                block = (part.T.copy() if order is None else np.take(part.T, order, axis=0)).T
                if not whole:
                    check_floats(block, done, rate, path)
                yield block
                done += len(part)
    except sf.LibsndfileError as error:  # it could be opened before
        raise InputError(
            f"it cannot be read any more ({error.error_string})",
            subject=path,
            hint="Check the disk or the connection",
        ) from None


def knows(format: Format) -> bool:
    """Whether libsndfile can write this codec into this container, and does it right.

    Its ALAC encoder spoils loud noise.
    """
    try:
        able = sf.check_format(format.container, format.codec)
        return bool(able) and not format.codec.startswith("ALAC")
    except ValueError:  # a word it has never heard
        return False


class Encoder:
    """Writes a file through libsndfile: integers left-justified in int32, else floats.

    Raises OSError, with the reason as near as libsndfile tells.
    """

    def __init__(self, path: Path, audio: Audio, format: Format, tags: Mapping[str, str]) -> None:
        self._path = path
        self._step = _ENCODER_FRAMES if format.codec in _ENCODERS else audio.rate
        order = _OGG_ORDER.get(audio.channels) if format.container == "OGG" else None
        self._order = slice(None) if order is None else np.argsort(order)
        with self._reasons():
            self._file = _open(
                path,
                "w",
                audio.rate,
                audio.channels,
                format=format.container,
                subtype=format.codec,
                **_ENCODERS.get(format.codec, {}),
            )
            for name in _TAGS:
                text = tags.get(name, "")
                if not text or (format.container == "MP3" and not text.isascii()):
                    continue  # LAME would store the letters of another alphabet
                with suppress(sf.LibsndfileError):  # this container has no place for it
                    setattr(self._file, name, text)

    def write(self, samples: NDArray[Any]) -> None:
        """Write int32 or floats, shape (frames, channels)."""
        with self._reasons():
            for start in range(0, len(samples), self._step):
                self._file.write(samples[start : start + self._step, self._order])

    def close(self) -> None:
        """Finish the file."""
        with self._reasons():
            self._file.close()
        if self._file.format == "OGG":
            settle_serial(self._path)

    @contextmanager
    def _reasons(self) -> Iterator[None]:
        try:
            yield
        except (sf.LibsndfileError, AssertionError) as error:  # AssertionError: a short write
            full = shutil.disk_usage(self._path.parent).free < 2**20
            code = errno.ENOSPC if full else errno.EIO
            raise OSError(code, f"libsndfile: {error or 'it was not written whole'}") from None
