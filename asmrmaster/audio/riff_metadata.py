"""What travels with a take: the chunks and tags a master takes over, and what it has to leave.

Sources: EBU Tech 3285 v2 (``bext``); Microsoft/IBM Multimedia Programming Interface 1.0
(LIST/INFO), with the names libsndfile and FFmpeg read.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

from asmrmaster.audio.chunks import Chunks
from asmrmaster.audio.keeping import Keeping

_WAV = (b"RIFF", b"RF64", b"BW64")

_CARRIED = (b"bext", b"iXML", b"cue ", b"smpl", b"inst", b"LIST", b"id3 ", b"ID3 ", b"_PMX")
# These stay true after mastering, because a master has the take's rate and frames.

_MOMENTS = (b"cue ", b"smpl", b"plst")
# These name frames, and so does a LIST of what is said of them.

_REBUILT = frozenset(
    b"fmt |data|fact|ds64|JUNK|junk|PAD |FLLR|PEAK|COMM|SSND|FVER|NAME|AUTH|ANNO|(c) |desc|chan"
    b"|free|info|strg|kuki|pakt".split(b"|")
)
# These say how samples are stored, fill space, or hold tags, which are read by name.

_INFO = {
    "title": b"INAM",
    "artist": b"IART",
    "album": b"IPRD",
    "comment": b"ICMT",
    "date": b"ICRD",
    "genre": b"IGNR",
    "copyright": b"ICOP",
    "software": b"ISFT",
    "tracknumber": b"ITRK",
}

_VERSION, _LOUDNESS = slice(346, 348), slice(412, 422)  # of a bext: EBU Tech 3285 v2, section 2.3
_UNKNOWN = b"\xff\x7f" * 5  # 0x7FFF: the field is not in use


_WHO = (slice(256, 288), slice(288, 320), slice(348, 412))
"""Of a bext: Originator, OriginatorReference (with a serial number) and UMID (with a place)."""
_HISTORY = 602  # of a bext, where CodingHistory begins, which names devices
_PERSONAL = (b"iXML", b"_PMX", b"id3 ", b"ID3 ")
"""Devices, places and whatever else; of ID3 what is public is written anew."""


def pack(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk: its head, its content, and a byte of padding where the length is odd."""
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def info_list(tags: Mapping[str, str]) -> bytes:
    """A LIST/INFO chunk with those of the tags it can hold, b"" where there are none."""
    parts = [
        pack(_INFO[name], text.encode() + b"\0") for name, text in tags.items() if name in _INFO
    ]
    return pack(b"LIST", b"INFO" + b"".join(parts)) if parts else b""


def carried(
    take: Chunks | None, *, keep_info: bool, moments: bool = True, keeping: Keeping = "all"
) -> bytes:
    """The chunks a WAV master takes over from a WAV take, in their order, ready to be written.

    Byte for byte, except that the loudness a ``bext`` of version 2 states is set to "unknown",
    because it is the take's, and that one of odd length ends in a zero more. keep_info: whether
    LIST/INFO is among them. moments: whether those that name frames are. keeping: ``public`` leaves
    out what tells of a person or device, ``none`` everything.
    """
    result = b""
    for part in take.parts if take and take.magic in _WAV and keeping != "none" else ():
        if take is None or part.id not in _CARRIED:
            continue
        content = take.content(part)
        if keeping == "public":
            content = _public(part.id, content)
            if not content:
                continue
        if part.id == b"LIST" and content[:4] == b"INFO" and not keep_info:
            continue
        if not moments and (part.id in _MOMENTS or content[:4] == b"adtl"):
            continue
        if part.id == b"bext" and int.from_bytes(content[_VERSION], "little") >= 2:
            content = content[: _LOUDNESS.start] + _UNKNOWN + content[_LOUDNESS.stop :]
        if part.id == b"bext" and len(content) % 2:
            content += b"\0"  # in an RF64 libsndfile does not expect the byte of padding
        result += pack(part.id, content)
    return result


def personal(take: Chunks | None) -> tuple[str, ...]:
    """Names of the chunks of a WAV take that a public master changes or leaves out."""
    parts = take.parts if take and take.magic in _WAV else ()
    return tuple(
        part.id.decode("ascii").strip()
        for part in parts
        if take and part.id in _CARRIED and not _same(part.id, take.content(part))
    )


def _same(name: bytes, content: bytes) -> bool:
    return name in (b"id3 ", b"ID3 ") or _public(name, content) == content  # read tag by tag


def _public(name: bytes, content: bytes) -> bytes:
    """A chunk without what tells of a person or device; b"" where nothing is left."""
    if name in _PERSONAL:
        return b""
    if name == b"bext":
        for field in _WHO:
            size = len(content[field])
            content = content[: field.start] + bytes(size) + content[field.start + size :]
        return content[:_HISTORY]
    if name == b"LIST" and content[:4] not in (b"INFO", b"adtl"):
        return b""  # such as exif, with the maker and the model of a device
    if name == b"LIST" and content[:4] == b"INFO":
        return _public_info(content)
    return content


def _public_info(content: bytes) -> bytes:
    """Only what is known to be about the sound; ISFT is the name of the recorder."""
    known = set(_INFO.values()) - {b"ISFT"}
    kept, at = content[:4], 4
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        size += 8 + size % 2
        if content[at : at + 4] in known:
            kept += content[at : at + size]
        at += size
    return kept


def has_info(take: Chunks | None) -> bool:
    """Whether the take is a WAV with a LIST/INFO chunk."""
    return (
        take is not None
        and take.magic in _WAV
        and any(p.id == b"LIST" and take.content(p)[:4] == b"INFO" for p in take.parts)
    )


def left_behind(
    take: Chunks | None, *, wav: bool, moments: bool = True, keeping: Keeping = "all"
) -> tuple[str, ...]:
    """Names of the take's chunks that hold more than samples and that the master does not keep.

    wav: whether the master is a WAV, which keeps what a WAV take has. moments, keeping: as in
    ``carried``; what is left out on purpose is not named here.
    """
    if take is None or keeping == "none":
        return ()
    kept: Collection[bytes] = _CARRIED if wav and take.magic in _WAV else ()
    names = dict.fromkeys(
        part.id
        for part in take.parts
        if part.id not in _REBUILT
        and (part.id not in kept or (part.id in _MOMENTS and not moments))
        and not (part.id == b"LIST" and take.content(part)[:4] == b"INFO")
    )
    return tuple(name.decode("ascii").strip() for name in names)
