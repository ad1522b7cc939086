"""Markers inside a WAV: cue points, their labels and how long they last.

Sources: Microsoft/IBM Multimedia Programming Interface 1.0 (``cue ``, LIST/adtl with ``labl`` and
``ltxt``); EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asmrmaster.audio.chunks import Chunks, scan
from asmrmaster.audio.riff_metadata import pack
from asmrmaster.audio.validation import unwritable
from asmrmaster.audio.wav import RIFF_LIMIT_BYTES
from asmrmaster.errors import InputError, OutputError

MAGICS = (b"RIFF", b"RF64", b"BW64")
MOST = 10_000
"""Beyond this a file is no list of markers."""

_POINT = struct.Struct("<II4sIII")  # number, position, chunk, its start, block, frame
_SPAN = struct.Struct("<II4sHHHH")  # number, frames, purpose, country, language, dialect, code page
_LAST_FRAME = 0xFFFF_FFFF


@dataclass(frozen=True)
class Cue:
    """A marker: its first frame, how many frames it lasts (0 for a point), and what it says."""

    start: int
    frames: int
    text: str


def read_cues(path: Path) -> tuple[int, tuple[Cue, ...]]:
    """Rate in Hz and the markers of a WAV in order of time. Raises InputError, OSError."""
    chunks = scan(path)
    fmt = chunks.first(b"fmt ") if chunks and chunks.magic in MAGICS else b""
    if chunks is None or len(fmt) < 8:
        raise InputError("is not a WAV file", subject=path)
    rate: int = struct.unpack_from("<I", fmt, 4)[0]
    if not rate:
        raise InputError("says that it has no sampling rate", subject=path)
    return rate, _cues(chunks)


def add_cues(path: Path, cues: Iterable[Cue]) -> None:
    """Put markers into a WAV, beside those it has, which keep their text and length.

    The old markers are struck out and all are written after the sound, so nothing is moved. Raises
    OutputError.
    """
    try:
        chunks = scan(path)
    except OSError as error:
        raise unwritable(error, path) from None
    if chunks is None or chunks.magic not in MAGICS:
        raise OutputError("is not a WAV file, so it holds no markers", subject=path)
    try:
        _add(chunks, cues)
    except OSError as error:
        raise unwritable(error, path) from None


def _add(chunks: Chunks, cues: Iterable[Cue]) -> None:
    together = {*_cues(chunks), *(cue for cue in cues if cue.start <= _LAST_FRAME)}
    added = _chunks(sorted(together, key=lambda cue: (cue.start, cue.frames, cue.text)))
    with chunks.path.open("r+b") as file:
        end = file.seek(0, 2)
        size = end + end % 2 + len(added) - 8
        if chunks.magic == b"RIFF" and size > RIFF_LIMIT_BYTES:
            raise OutputError("is too long to take markers as well", subject=chunks.path)
        file.write(b"\0" * (end % 2) + added)
        for part in chunks.parts:
            if _holds_cues(chunks, part.id, part.start):
                file.seek(part.start - 8)
                file.write(b"JUNK")
        ds64 = next((part.start for part in chunks.parts if part.id == b"ds64"), None)
        if chunks.magic == b"RIFF":
            file.seek(4)
            file.write(struct.pack("<I", size))
        elif ds64 is not None:
            file.seek(ds64)
            file.write(struct.pack("<Q", size))


def _holds_cues(chunks: Chunks, name: bytes, start: int) -> bool:
    if name != b"LIST":
        return name == b"cue "
    with chunks.path.open("rb") as file:
        file.seek(start)
        return file.read(4) == b"adtl"


def _cues(chunks: Chunks) -> tuple[Cue, ...]:
    points = chunks.first(b"cue ")
    count = min(MOST, len(points[4:]) // _POINT.size)
    starts = {}
    for number, _, _, _, _, frame in _POINT.iter_unpack(points[4 : 4 + count * _POINT.size]):
        starts[number] = frame
    texts: dict[int, str] = {}
    lengths: dict[int, int] = {}
    for part in chunks.parts:
        if part.id == b"LIST" and _holds_cues(chunks, part.id, part.start):
            for name, content in _within(chunks.content(part)[4:]):
                if name == b"labl" and len(content) >= 4:
                    text = content[4:].split(b"\0")[0].decode("utf-8", "replace")
                    texts[int.from_bytes(content[:4], "little")] = text
                elif name == b"ltxt" and len(content) >= 8:
                    number, frames = struct.unpack_from("<II", content)
                    lengths[number] = frames
    found = (Cue(at, lengths.get(n, 0), texts.get(n, "")) for n, at in starts.items())
    return tuple(sorted(found, key=lambda cue: (cue.start, cue.frames, cue.text)))


def _within(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk in a list."""
    place = 0
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        yield name, data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _chunks(cues: list[Cue]) -> bytes:
    """The chunks that hold these markers; lengths after all labels, where libsndfile stops."""
    points, labels, lengths = struct.pack("<I", len(cues)), b"", b""
    for number, cue in enumerate(cues, 1):
        points += _POINT.pack(number, cue.start, b"data", 0, 0, cue.start)
        text = cue.text.encode().replace(b"\0", b"") + b"\0"
        labels += pack(b"labl", struct.pack("<I", number) + text)
        if cue.frames:
            frames = min(cue.frames, _LAST_FRAME)
            lengths += pack(b"ltxt", _SPAN.pack(number, frames, b"rgn ", 0, 0, 0, 0))
    return pack(b"cue ", points) + pack(b"LIST", b"adtl" + labels + lengths)
