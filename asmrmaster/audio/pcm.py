"""Sound in and out through libsndfile: what it can open, read here; what it can write, written."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from asmrmaster.audio import wav
from asmrmaster.audio.channel_layout import layout_notes, speakers_of
from asmrmaster.audio.checksum import Checksum
from asmrmaster.audio.chunks import Chunks, scan
from asmrmaster.audio.flac import flac_frames
from asmrmaster.audio.formats import BITS, FLOATING
from asmrmaster.audio.lossy_length import Mp3Length, mp3_frames
from asmrmaster.audio.ogg import settle_serial
from asmrmaster.audio.ogg_length import ogg_length
from asmrmaster.audio.patched import Patched
from asmrmaster.audio.source import STREAMED, Format, Source
from asmrmaster.audio.stderr import quiet
from asmrmaster.audio.validation import check_floats, cut_off, goes_on, unreadable
from asmrmaster.errors import InputError
from asmrmaster.streams.audio import Audio, Block, block_frames

_SCRAP_S = 0.5
"""Bytes behind the sound, as many as this much of it, are no scrap."""
_HEAD_BYTES = 4_096
"""Of a format with a plain header: room for what is said in it."""
_SCRAP = "{} bytes behind the sound belong to no part of the file: left out."

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
        if chunks and chunks.others:
            raise InputError(
                f"it has {1 + chunks.others} parts with sound, and players differ in which they"
                " play",
                subject=path,
                hint="Export it again from the program that made it",
            )
        with _reading(path, chunks) as file:
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


@contextmanager
def _reading(path: Path, chunks: Chunks | None) -> Iterator[sf.SoundFile]:
    """Open to be read; a CAF of open length with the length it has, which libsndfile asks for."""
    sound = chunks.sound if chunks else None
    if chunks is None or sound is None or chunks.magic != b"caff" or chunks.promised is not None:
        with _open(path) as file:
            yield file
        return
    lead = 4  # the count of edits, in the chunk before the first sample
    size = (sound.size + lead).to_bytes(8, "big")
    with Patched(path, sound.start - lead - 8, size) as seen, sf.SoundFile(seen) as file:
        yield file


def _described(path: Path, file: sf.SoundFile, chunks: Chunks | None) -> Source | None:
    rate, channels, frames, codec = file.samplerate, file.channels, file.frames, file.subtype
    container = "WAV" if file.format == "WAVEX" else file.format
    align = wav.frame_bytes(chunks, codec, channels) if chunks else None
    notes: list[str] = []
    if chunks and chunks.sound:
        if chunks.promised is None:
            notes.append(STREAMED)
        held = chunks.sound.size
        wanted = held if chunks.promised is None else chunks.promised
        promised = wanted // align if align else -(-frames * wanted // max(held, 1))
        frames = held // align if align else frames
        if promised > frames:
            raise cut_off(path, frames, promised, rate)
        if chunks.unnamed:
            notes.append(_beyond(path, chunks, frames, rate))
    elif container not in ("FLAC", "OGG", "MP3"):
        second = rate * channels * _width(codec)
        notes += _rest(path, container, frames * channels * _width(codec), second)
    if container == "OGG":
        pages = ogg_length(path)
        if not pages.whole:
            raise InputError(
                "cut off: the end of the stream is missing",
                subject=path,
                hint="Copy or export it again; to keep what is there, convert it with another"
                " program (ffmpeg -i OLD NEW.wav)",
            )
        if pages.streams > 1:  # libsndfile would read the first alone
            return None
        if pages.surplus:
            raise goes_on(path)
    if container == "MP3" and frames:
        heads = mp3_frames(path)
        if heads.length is Mp3Length.CONSTANT:
            frames = sum(len(block) for block in _blocks(path, 2**48, counting=True))
        if heads.length is Mp3Length.UNKNOWN or frames < (heads.found - 2) * _layer_iii(rate):
            return None
    checksum = None
    if container == "FLAC" and (flac := flac_frames(path)):
        if flac.surplus:
            raise goes_on(path)
        checksum = Checksum(flac.md5, BITS[codec]) if flac.md5 and codec in BITS else None
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
        if align:
            return stored(single=False)
        return _blocks(path, frames, chunks=chunks, checksum=checksum)

    single = stored if align and codec in wav.SINGLE else None
    lossless = codec in BITS or codec in FLOATING
    bitrate = None if lossless or not frames else path.stat().st_size * 8 * rate // frames
    return Source(
        path,
        Audio(rate, channels, frames, blocks, single),
        Format(container, codec, BITS.get(codec), bitrate, lossless),
        MappingProxyType({name: text for name, text in file.copy_metadata().items() if text}),
        (*notes, *_layout_notes(container, channels, chunks)),
        found=checksum.notes if checksum else tuple,
    )


def _layer_iii(rate: int) -> int:
    """Frames of sound in a frame of layer III: ISO/IEC 11172-3 and 13818-3 clause 2.4.2.1."""
    return 1152 if rate >= 32_000 else 576


def _beyond(path: Path, chunks: Chunks, frames: int, rate: int) -> str:
    """A note on bytes behind the sound that belong to no chunk.

    Raises InputError where they are as many as a stretch of sound: then it is the header that
    ends too early.
    """
    assert chunks.sound
    if chunks.unnamed * frames > _SCRAP_S * rate * chunks.sound.size:
        raise goes_on(path)
    return _SCRAP.format(chunks.unnamed)


def _width(codec: str) -> int:
    """Bytes of a sample, 0 where they are of no fixed number."""
    return {"FLOAT": 4, "DOUBLE": 8}.get(codec, -(-BITS.get(codec, 0) // 8))


def _rest(path: Path, container: str, sound: int, second: int) -> tuple[str, ...]:
    """A note on bytes behind the samples that a plain header counts.

    sound: bytes of those samples, 0 where that is not known. second: of one second. Raises
    InputError where there are as many as a stretch of sound.
    """
    head = _HEAD_BYTES
    with path.open("rb") as file:
        start = file.read(8)
        if container == "AU":
            order: Literal["little", "big"] = "little" if start[:4] == b"dns." else "big"
            head = int.from_bytes(start[4:], order)
        rest = file.seek(0, os.SEEK_END) - head - sound
    if not sound or rest <= 0:
        return ()
    if rest > _SCRAP_S * second:
        raise goes_on(path)
    return (_SCRAP.format(rest),)


def _layout_notes(container: str, channels: int, chunks: Chunks | None) -> tuple[str, ...]:
    """Only WAV and its sisters are asked; FLAC and Ogg have one layout for each count."""
    if container not in ("WAV", "RF64", "W64"):
        return ()
    return layout_notes(channels, speakers_of(wav.speakers(chunks)))


def _blocks(
    path: Path,
    frames: int,
    *,
    chunks: Chunks | None = None,
    counting: bool = False,
    checksum: Checksum | None = None,
) -> Iterator[Block]:
    """Blocks of some seconds through libsndfile; fewer than ``frames`` is an InputError.

    chunks: of the file. counting: take what comes, however much it is. checksum: to be held
    against all of them.
    """
    done = 0
    seen = checksum.begin() if checksum else None
    try:
        with _reading(path, chunks) as file:
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
                if seen:
                    seen.add(block)
                yield block
                done += len(part)
        if checksum and seen:
            checksum.compare(seen)
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
