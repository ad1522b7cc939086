"""Samples of WAV, RF64 and Wave-64 files straight from and to their bytes.

libsndfile reads and writes them too, two and a half times slower than this; takes and masters are
mostly these. Which file this is and what it holds is still libsndfile's word (``pcm``).

Sources: Microsoft/IBM Multimedia Programming Interface 1.0; Microsoft WAVEFORMATEXTENSIBLE;
EBU Tech 3306 / ITU-R BS.2088 (RF64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio.chunks import Chunks
from asmrmaster.audio.riff_metadata import pack
from asmrmaster.audio.validation import check_floats, cut_off, unreadable
from asmrmaster.streams.audio import Audio, Block, block_frames

RIFF_LIMIT_BYTES = 2**32 - 1
"""What the 32-bit size of a RIFF can say; above it the file is an RF64."""


class Codec(NamedTuple):
    """How one sample is stored: bytes, as what numbers, and whether they are floats."""

    width: int
    dtype: str
    floating: bool = False


CODECS = {
    "PCM_U8": Codec(1, "u1"),
    "PCM_16": Codec(2, "<i2"),
    "PCM_24": Codec(3, "<i4"),
    "PCM_32": Codec(4, "<i4"),
    "FLOAT": Codec(4, "<f4", True),
    "DOUBLE": Codec(8, "<f8", True),
}


SINGLE = frozenset({"PCM_U8", "PCM_16", "PCM_24", "FLOAT"})
"""Codecs of no more than 24 significant bits."""


class _Fmt(NamedTuple):
    tag: int
    channels: int
    align: int
    mask: int


_EXTENSIBLE = 0xFFFE
_SUBTYPE = bytes.fromhex("000000001000800000aa00389b71")  # of a WAVEFORMATEXTENSIBLE, after the tag


def _fmt(chunks: Chunks) -> _Fmt | None:
    content = chunks.first(b"fmt ")
    if chunks.magic not in (b"RIFF", b"RF64", b"BW64", b"riff") or len(content) < 16:
        return None
    tag, channels, _, _, align, _ = struct.unpack_from("<HHIIHH", content)
    mask = int.from_bytes(content[20:24], "little") if tag == _EXTENSIBLE else 0
    return _Fmt(tag, channels, align, mask)


def speakers(chunks: Chunks | None) -> int:
    """The speaker mask of a take (WAVEFORMATEXTENSIBLE dwChannelMask), 0 where it has none."""
    fmt = _fmt(chunks) if chunks else None
    return fmt.mask if fmt else 0


def frame_bytes(chunks: Chunks, codec: str, channels: int) -> int | None:
    """Bytes of a frame, if the samples lie in the file just as ``blocks`` reads them; else None."""
    fmt = _fmt(chunks)
    if fmt is None or chunks.sound is None or codec not in CODECS:
        return None
    return fmt.align if fmt.align == channels * CODECS[codec].width else None


def blocks(
    path: Path,
    start: int,
    frames: int,
    rate: int,
    channels: int,
    codec: str,
    *,
    single: bool = False,
) -> Iterator[Block]:
    """Blocks of some seconds from the samples that start at byte ``start``.

    single: in single precision, which holds codecs that are ``SINGLE`` to the last bit.
    Raises InputError where the file ends early, fails to be read, or holds a sample that is not
    finite.
    """
    width, dtype, floating = CODECS[codec]
    size = width * channels
    length = block_frames(rate, channels)
    # Three bytes are read as four, from one byte early on; hence the spare one in front.
    data = memoryview(bytearray(1 + length * size))
    raw = np.ndarray((length, channels), dtype, data, 0 if width == 3 else 1, (size, width))
    done = 0
    try:
        with path.open("rb") as file:
            file.seek(start)
            while done < frames:
                wanted = min(length, frames - done)
                got = file.readinto(data[1 : 1 + wanted * size]) // size
                if not got:
                    raise cut_off(path, done, frames, rate)
                block = _decoded(raw[:got], width, floating, np.float32 if single else np.float64)
                if floating:
                    check_floats(block, done, rate, path)
                yield block
                done += got
    except OSError as error:
        raise unreadable(error, path) from None


def _decoded(raw: NDArray[Any], width: int, floating: bool, dtype: type[np.floating[Any]]) -> Any:
    result = np.empty(raw.shape[::-1], dtype)
    scale = dtype(2.0 ** (1 - 8 * np.dtype(raw.dtype).itemsize))
    for channel, samples in zip(result, raw.T, strict=True):
        with np.errstate(invalid="ignore"):  # a NaN is told of by check_floats
            channel[:] = samples & -256 if width == 3 else samples
        if not floating:
            channel *= scale
        if width == 1:  # unsigned, 128 is silence
            channel -= 1.0
    return result.T


class Writer:
    """Writes a WAV, or an RF64 where 32 bits cannot count its bytes.

    The length is known beforehand, so the head is written once. mask: speaker mask, 0 for none.
    extra: chunks to put before the sound. Raises OSError.
    """

    def __init__(
        self,
        path: Path,
        audio: Audio,
        codec: str,
        *,
        rf64: bool = False,
        mask: int = 0,
        extra: bytes = b"",
    ) -> None:
        self._codec = CODECS[codec]
        self._padding = b"\0" * (audio.frames * audio.channels * self._codec.width % 2)
        head = _head(self._codec, audio, rf64, mask, extra)
        sound_bytes = audio.frames * audio.channels * self._codec.width
        self._file = path.open("wb")
        try:
            self._file.write(head)
            self._file.truncate(len(head) + sound_bytes + len(self._padding))
        except BaseException:
            self._file.close()
            raise

    def write(self, samples: NDArray[Any]) -> None:
        """Left-justified int32 or floats, shape (frames, channels)."""
        self._file.write(_encoded(samples, self._codec).data)
        self._file.flush()

    def close(self) -> None:
        """Finish the file.

        It is as long as what was written, so that one that was not written whole can be told.
        """
        try:
            self._file.write(self._padding)
            self._file.truncate()
        finally:
            self._file.close()


def _encoded(samples: NDArray[Any], codec: Codec) -> NDArray[Any]:
    if codec.floating:
        return np.ascontiguousarray(samples, codec.dtype)
    words = np.ascontiguousarray(samples, "<i4").reshape(-1)
    if codec.width == 4:
        return words
    if codec.width == 2:
        return words.view("<i2")[1::2].copy()
    if codec.width == 1:
        return ((words >> 24) + 128).astype(np.uint8)
    # Three bytes are written as four, one sample after the other: the next covers the fourth.
    octets = np.empty(3 * len(words) + 1, np.uint8)
    np.ndarray(words.shape, "<i4", octets, 0, (3,))[:] = words >> 8
    return octets[:-1]


def _head(codec: Codec, audio: Audio, rf64: bool, mask: int, extra: bytes) -> bytes:
    """Everything before the first sample."""
    tag = 3 if codec.floating else 1
    bits, align = 8 * codec.width, audio.channels * codec.width
    extensible = mask or audio.channels > 2
    fmt = struct.pack(
        "<HHIIHH",
        _EXTENSIBLE if extensible else tag,
        audio.channels,
        audio.rate,
        audio.rate * align,
        align,
        bits,
    )
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, mask, tag) + _SUBTYPE
    body = pack(b"fmt ", fmt) + extra
    if codec.floating:
        body += pack(b"fact", struct.pack("<I", min(audio.frames, 0xFFFF_FFFF)))
    size = audio.frames * align
    whole = 4 + len(body) + 8 + size + size % 2
    if not rf64 and whole <= RIFF_LIMIT_BYTES:
        return (
            struct.pack("<4sI4s", b"RIFF", whole, b"WAVE")
            + body
            + struct.pack("<4sI", b"data", size)
        )
    ds64 = pack(b"ds64", struct.pack("<QQQI", whole + 36, size, audio.frames, 0))
    head = struct.pack("<4sI4s", b"RF64", 0xFFFF_FFFF, b"WAVE")
    return head + ds64 + body + struct.pack("<4sI", b"data", 0xFFFF_FFFF)
