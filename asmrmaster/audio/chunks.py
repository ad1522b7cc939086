"""Chunks: the parts a WAV, RF64, W64, AIFF or CAF file is made of.

Sources: Microsoft/IBM Multimedia Programming Interface 1.0 (RIFF); EBU Tech 3285 v2 (bext);
EBU Tech 3306 / ITU-R BS.2088 (RF64, BW64: ``ds64``); Sony Wave-64 1.0; Apple AIFF 1.3, CAF 1.0.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple


class Chunk(NamedTuple):
    """A part of a file: four letters, the byte its content starts at, and how many are there."""

    id: bytes
    start: int
    size: int


@dataclass(frozen=True)
class Chunks:
    """What a file is made of.

    magic: its first four bytes. sound: the chunk with the samples, None where there is none.
    promised: bytes of sound the header promises, None where a
    program that could not go back to its header left that open.
    """

    path: Path
    magic: bytes
    parts: tuple[Chunk, ...]
    sound: Chunk | None
    promised: int | None

    def content(self, chunk: Chunk) -> bytes:
        """The bytes of a chunk."""
        with self.path.open("rb") as file:
            file.seek(chunk.start)
            return file.read(chunk.size)

    def first(self, name: bytes) -> bytes:
        """The bytes of the first chunk of this name, b"" where there is none."""
        return next((self.content(part) for part in self.parts if part.id == name), b"")


class _Layout(NamedTuple):
    kind: bytes  # what follows the size of the whole, b"" for any
    head: struct.Struct  # id and size of a chunk
    first: int  # byte of the first chunk
    counted: int  # bytes of its own head that a chunk counts in its size
    align: int
    sound: bytes  # id of the chunk with the samples
    lead: int = 0  # bytes in that chunk before the first sample


_RIFF = _Layout(b"WAVE", struct.Struct("<4sI"), 12, 0, 2, b"data")
_LAYOUTS = {
    b"RIFF": _RIFF,
    b"RF64": _RIFF,
    b"BW64": _RIFF,
    b"RIFX": _RIFF._replace(head=struct.Struct(">4sI")),
    b"FORM": _RIFF._replace(kind=b"AIF", head=struct.Struct(">4sI"), sound=b"SSND", lead=8),
    b"caff": _Layout(b"", struct.Struct(">4sq"), 8, 0, 1, b"data", 4),
    b"riff": _Layout(b"", struct.Struct("<4s12xQ"), 40, 24, 8, b"data"),
}

# Written by programs that stream and cannot go back: FFmpeg, GStreamer; arecord; SoX, eSpeak.
_OPEN_ENDED = (0xFFFF_FFFF, 0x8000_0000, 0x7FFF_F100)
_OPEN_ENDED_SLACK = 0x200  # they differ by the length of the header


def scan(path: Path) -> Chunks | None:
    """The chunks of a file, from their heads alone; None if it is not made of chunks."""
    with path.open("rb") as file:
        start = file.read(12)
        layout = _LAYOUTS.get(start[:4])
        if layout is None or not start[8:].startswith(layout.kind):
            return None
        end = file.seek(0, os.SEEK_END)
        parts: list[Chunk] = []
        sound: Chunk | None = None
        promised: int | None = None
        long_size = 0xFFFF_FFFF
        position = layout.first
        while part := _head(file, layout, position, end):
            size = part.size
            if part.id == b"ds64":
                file.seek(part.start + 8)
                long_size = int.from_bytes(file.read(8), "little")
            elif part.id == layout.sound and sound is None:
                size = long_size if size == 0xFFFF_FFFF else size
                part = Chunk(part.id, part.start + layout.lead, size - layout.lead)
                promised = _promised(file, layout, part, end)
                size = end - part.start if promised is None else promised
            position = part.start + size
            part = part._replace(size=max(0, min(size, end - part.start)))
            if part.id == layout.sound and sound is None:
                sound = part
            parts.append(part)
            position += -position % layout.align
    return Chunks(path, start[:4], tuple(parts), sound, promised)


def _head(file: BinaryIO, layout: _Layout, position: int, end: int) -> Chunk | None:
    """The chunk whose head is at ``position``; None at the end of the file, or in other bytes."""
    if position + layout.head.size > end:
        return None
    file.seek(position)
    name, size = layout.head.unpack(file.read(layout.head.size))
    if not (name.isascii() and name.decode("ascii").isprintable()) or size < layout.counted - 1:
        return None
    return Chunk(name, position + layout.head.size, size - layout.counted)


def _promised(file: BinaryIO, layout: _Layout, sound: Chunk, end: int) -> int | None:
    """Bytes of sound promised; None where the size is a stand-in and all the rest is sound."""
    room = end - sound.start
    size = sound.size
    if size < 0 or size == 0xFFFF_FFFF or size > 2**62:
        return None
    if size > room and any(0 <= mark - size <= _OPEN_ENDED_SLACK for mark in _OPEN_ENDED):
        return None
    if size == 0 and room:
        # Empty if proper chunks follow up to the end of the file, else never filled in.
        position = sound.start
        while part := _head(file, layout, position, end):
            position = part.start + part.size
            position += -position % layout.align
        return 0 if 0 <= position - end < layout.align else None
    if layout.head.size == 8 and room > size:
        size += (room - size) >> 32 << 32  # a 32-bit count that has gone round
    return size
