"""What a container says about its own length, read from its outermost boxes alone.

A file cut short in a copy or a crash is often read without complaint up to the cut. The outermost
layer of most containers states how long it is, so that a cut shows before anything is decoded.

Sources: ISO/IEC 14496-12:2022 clause 4.2 (boxes); RFC 8794 sections 4 and 6 and RFC 9559 section 5
(EBML and Matroska); Microsoft, "Multimedia Programming Interface" 1991 (RIFF); Microsoft,
"Advanced Systems Format Specification" 01.20 section 2 (ASF objects).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_BOXES = 100_000
"""Of more outermost boxes (fragments of a day of video) only the first so many are looked at."""


@dataclass(frozen=True)
class Structure:
    """kind: "iso", "ebml", "riff", "asf", or "" where the outermost layer is none of these.

    missing: bytes the file lacks of what it declares. boxes: names of the outermost boxes of an
    ISO file, in their order. timescale: units a second in which its edit lists count, 1000 (the
    usual one) where it is not stated.
    """

    kind: str = ""
    missing: int = 0
    boxes: tuple[str, ...] = ()
    timescale: int = 1000

    @property
    def index_first(self) -> bool:
        """Whether an ISO file has its index before its media, ready to be played while loading."""
        names = [name for name in self.boxes if name in ("moov", "mdat")]
        return names[:1] == ["moov"]


Span = tuple[str, int]
"""Name of a box and where it ends, bytes from the start of the file."""


def structure(path: Path) -> Structure:
    """The outermost layer of the file; raises OSError where it cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        for kind, matches, walk in _KINDS:
            if matches(head):
                spans = list(_limited(walk(file, size)))
                end = max((end for _, end in spans), default=0)
                missing = max(0, end - size)
                if kind != "iso":
                    return Structure(kind, missing)
                boxes = tuple(name for name, _ in spans)
                return Structure(kind, missing, boxes, _timescale(file, spans))
    return Structure()


def _limited(spans: Iterator[Span]) -> Iterator[Span]:
    for count, span in enumerate(spans):
        if count == MAX_BOXES:
            return
        yield span


def _iso(file: BinaryIO, size: int) -> Iterator[Span]:
    pos = 0
    while pos + 8 <= size:
        file.seek(pos)
        head = file.read(16)
        length, name, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, header = int.from_bytes(head[8:16], "big"), 16
        if length == 0:  # this box reaches to the end of the file
            length = size - pos
        if length < header or name not in _ISO_OUTERMOST:
            return  # what follows the boxes is not ours to judge
        pos += length
        yield name.decode("ascii"), pos


def _timescale(file: BinaryIO, spans: list[Span]) -> int:
    """Of the movie header, the first box in moov; ISO/IEC 14496-12:2022 clause 8.2.2."""
    starts = dict(zip((name for name, _ in spans), [0, *(end for _, end in spans)], strict=False))
    if "moov" in starts:
        file.seek(starts["moov"] + 8)
        head = file.read(32)
        at = 28 if head[8:9] == b"\1" else 20
        if head[4:8] == b"mvhd":
            return int.from_bytes(head[at : at + 4], "big") or 1000
    return 1000


def _ebml(file: BinaryIO, size: int) -> Iterator[Span]:
    pos = 0
    while pos + 2 <= size:
        file.seek(pos)
        head = file.read(16)
        id_length = 9 - head[0].bit_length()
        if id_length > 4 or len(head) <= id_length or not head[id_length]:
            return
        size_length = 9 - head[id_length].bit_length()
        field = head[id_length : id_length + size_length]
        length = int.from_bytes(field, "big") & ((1 << (7 * size_length)) - 1)
        if length == (1 << (7 * size_length)) - 1:
            return  # unknown length: a live recording
        pos += id_length + size_length + length
        yield head[:id_length].hex(), pos


def _riff(file: BinaryIO, size: int) -> Iterator[Span]:
    pos = 0
    while pos + 12 <= size:
        file.seek(pos)
        head = file.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF):
            return  # trailing bytes, or a length that was never filled in
        pos += 8 + length + length % 2
        yield "RIFF", pos - length % 2


def _asf(file: BinaryIO, size: int) -> Iterator[Span]:
    pos = 0
    while pos + 24 <= size:
        file.seek(pos)
        head = file.read(24)
        length = int.from_bytes(head[16:24], "little")
        if length < 24:
            return
        pos += length
        yield head[:16].hex(), pos


_ISO_FIRST = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot", b"uuid")
_ISO_OUTERMOST = (
    *_ISO_FIRST, b"moof", b"mfra", b"sidx", b"ssix", b"meta", b"udta", b"emsg", b"prft", b"pdin",
)  # fmt: skip
_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_KINDS: tuple[
    tuple[str, Callable[[bytes], bool], Callable[[BinaryIO, int], Iterator[Span]]], ...
] = (
    ("iso", lambda head: head[4:8] in _ISO_FIRST, _iso),
    ("ebml", lambda head: head[:4] == b"\x1a\x45\xdf\xa3", _ebml),
    ("riff", lambda head: head[:4] == b"RIFF", _riff),
    ("asf", lambda head: head == _ASF_HEADER, _asf),
)
