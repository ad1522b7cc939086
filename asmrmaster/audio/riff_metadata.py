"""What travels with a take: the chunks and tags a master takes over, and what it has to leave.

Sources: EBU Tech 3285 v2 (``bext``); Microsoft/IBM Multimedia Programming Interface 1.0
(LIST/INFO), with the names libsndfile and FFmpeg read.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

from asmrmaster.audio.chunks import Chunks

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


def pack(name: bytes, content: bytes) -> bytes:
    """A RIFF chunk: its head, its content, and a byte of padding where the length is odd."""
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def info_list(tags: Mapping[str, str]) -> bytes:
    """A LIST/INFO chunk with those of the tags it can hold, b"" where there are none."""
    parts = [
        pack(_INFO[name], text.encode() + b"\0") for name, text in tags.items() if name in _INFO
    ]
    return pack(b"LIST", b"INFO" + b"".join(parts)) if parts else b""


def carried(take: Chunks | None, *, keep_info: bool, moments: bool = True) -> bytes:
    """The chunks a WAV master takes over from a WAV take, in their order, ready to be written.

    Byte for byte, except that the loudness a ``bext`` of version 2 states is set to "unknown",
    because it is the take's, and that one of odd length ends in a zero more. keep_info: whether
    LIST/INFO is among them. moments: whether those that name frames are.
    """
    result = b""
    for part in take.parts if take and take.magic in _WAV else ():
        if take is None or part.id not in _CARRIED:
            continue
        content = take.content(part)
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


def has_info(take: Chunks | None) -> bool:
    """Whether the take is a WAV with a LIST/INFO chunk."""
    return (
        take is not None
        and take.magic in _WAV
        and any(p.id == b"LIST" and take.content(p)[:4] == b"INFO" for p in take.parts)
    )


def left_behind(take: Chunks | None, *, wav: bool, moments: bool = True) -> tuple[str, ...]:
    """Names of the take's chunks that hold more than samples and that the master does not keep.

    wav: whether the master is a WAV, which keeps what a WAV take has. moments: as in ``carried``.
    """
    if take is None:
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
