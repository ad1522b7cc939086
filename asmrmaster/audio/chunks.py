"""Chunks: the parts a WAV, RF64, W64, AIFF or CAF file is made of.

Sources: Microsoft/IBM Multimedia Programming Interface 1.0 (RIFF); EBU Tech 3285 v2 (bext);
EBU Tech 3306 / ITU-R BS.2088 (RF64, BW64: ``ds64``); Sony Wave-64 1.0; Apple AIFF 1.3, CAF 1.0.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from asmrmaster.errors import InputError


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
    program that could not go back to its header left that open. others: how many more chunks with
    samples there are. unnamed: bytes at the end that belong to no chunk, and are no tag.
    """

    path: Path
    magic: bytes
    parts: tuple[Chunk, ...]
    sound: Chunk | None
    promised: int | None
    others: int = 0
    unnamed: int = 0

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

_KNOWN = frozenset(
    b"LIST|list|bext|iXML|axml|chna|cue |smpl|inst|plst|acid|fact|PEAK|id3 |ID3 |_PMX|cart|afsp"
    b"|JUNK|junk|PAD |FLLR|DISP|umid|levl|link|strc|SAUR|ResU|minf|elm1|regn|dbmd|AFAn|note|labl"
    b"|INST|MARK|COMM|NAME|AUTH|(c) |ANNO|APPL|COMT|MIDI|AESD|FVER|CHAN|free|info|mark|peak|uuid"
    b"|ovvw|midi|umid|strg|edct".split(b"|")
)
_BEHIND = re.compile(b"|".join(re.escape(name) for name in sorted(_KNOWN)))
MOST_PARTS = 10_000
"""A file of 16 MB can be made of two million empty ones; a recorder writes ten."""
_SEARCHED_BYTES = 1 << 26
"""Chunks behind sound of open length are looked for in so many last bytes."""

# Written by programs that stream and cannot go back: FFmpeg, GStreamer; arecord; SoX, eSpeak.
_OPEN_ENDED = (0xFFFF_FFFF, 0x8000_0000, 0x7FFF_F100)
_OPEN_ENDED_SLACK = 0x200  # they differ by the length of the header


def scan(path: Path) -> Chunks | None:
    """The chunks of a file, from their heads alone; None if it is not made of chunks.

    Raises InputError where there are more than anybody needs.
    """
    with path.open("rb") as file:
        start = file.read(12)
        layout = _LAYOUTS.get(start[:4])
        if layout is None or not start[8:].startswith(layout.kind):
            return None
        end = before_tags(file)
        parts: list[Chunk] = []
        sound: Chunk | None = None
        promised: int | None = None
        others = 0
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
                size = _open_end(file, layout, part.start, end) if promised is None else promised
            elif sound is not None and part.start + size > end and part.id not in _KNOWN:
                break  # bytes that look like the head of a chunk
            position = part.start + size
            part = part._replace(size=max(0, min(size, end - part.start)))
            if part.id == layout.sound and sound is None:
                sound = part
            else:
                others += part.id == layout.sound and part.size > layout.lead
            parts.append(part)
            if len(parts) > MOST_PARTS:
                raise InputError(
                    f"it is made of more than {MOST_PARTS} parts",
                    subject=path,
                    hint="Export it again",
                )
            position += -position % layout.align
        unnamed = _filled(file, position, end) if sound else 0
    return Chunks(path, start[:4], tuple(parts), sound, promised, others, unnamed)


def _open_end(file: BinaryIO, layout: _Layout, start: int, end: int) -> int:
    """Bytes of sound from ``start`` on, of a file that does not say: all up to known chunks that
    fill the rest of it."""
    first = max(start, end - _SEARCHED_BYTES)
    file.seek(first)
    rest = file.read(end - first)
    for match in _BEHIND.finditer(rest):
        position = first + match.start()
        if (position - start) % layout.align:
            continue
        while part := _head(file, layout, position, end):
            if part.id not in _KNOWN:
                break
            position = part.start + part.size
            position += -position % layout.align
        if 0 <= position - end < layout.align:
            return first + match.start() - start
    return end - start


def before_tags(file: BinaryIO) -> int:
    """The byte before tags at the end of a file: ID3v1, APEv2, ID3v2, Lyrics3 are no chunks."""
    end = file.seek(0, os.SEEK_END)
    while True:
        file.seek(max(0, end - 128))
        tail = file.read(min(128, end))
        if len(tail) == 128 and tail.startswith(b"TAG"):
            end -= 128
        elif tail[-32:].startswith(b"APETAGEX"):
            size, _, flags = struct.unpack_from("<III", tail, len(tail) - 20)
            end -= min(end, size + (32 if flags >> 31 else 0))
        elif tail[-10:].startswith(b"3DI"):
            size = 0
            for octet in tail[-4:]:
                size = size << 7 | octet & 0x7F
            end -= min(end, size + 20)
        elif tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
            end -= min(end, int(tail[-15:-9]) + 15)
        else:
            return end


def _filled(file: BinaryIO, position: int, end: int) -> int:
    """Bytes from here to the end, not counting zeros at the end."""
    first = max(position, end - _SEARCHED_BYTES)
    file.seek(max(0, first))
    head = file.read(min(3, max(0, end - first)))
    if head == b"ID3":  # tags, as some programs put them there
        return 0
    file.seek(max(0, first))
    rest = file.read(max(0, end - first)).rstrip(b"\0")
    return max(0, first - position) + len(rest) if rest else 0


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
