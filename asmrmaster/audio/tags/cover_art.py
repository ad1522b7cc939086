"""Pictures that go with sound, out of every kind of tag and into it.

Sources: RFC 9639 section 8.8 (FLAC picture block, which Vorbis comments hold as base64);
ID3v2.4.0 section 4.14 (APIC).
"""

from __future__ import annotations

import base64
import binascii
import struct
from contextlib import suppress
from typing import Any, NamedTuple

FRONT = 3
_BLOCK = "metadata_block_picture"


class Picture(NamedTuple):
    """data: its bytes. mime: media type. kind: 3 for the front cover, as in ID3 and FLAC."""

    data: bytes
    mime: str
    kind: int = FRONT
    text: str = ""


def pictures_of(file: Any) -> list[Picture]:
    """The pictures of a file as mutagen opened it; their bytes decide on their media types."""
    return [one._replace(mime=_mime(one.data, one.mime)) for one in _pictures(file)]


def _pictures(file: Any) -> list[Picture]:
    blocks = list(getattr(file, "pictures", ()))
    tags = file.tags if file.tags is not None else {}
    found = []
    if _has_comments(tags):
        for text in tags.get(_BLOCK, []):
            with suppress(binascii.Error, ValueError, struct.error, _flac_error()):
                blocks.append(_flac().Picture(base64.b64decode(text)))
        return [Picture(bytes(b.data), b.mime, b.type, b.desc) for b in blocks]
    for key in list(tags.keys()):
        if key.startswith("APIC"):
            frame = tags[key]
            found.append(Picture(bytes(frame.data), frame.mime, int(frame.type), frame.desc))
        elif key == "covr":
            for cover in tags[key]:
                kind = "png" if cover.imageformat == cover.FORMAT_PNG else "jpeg"
                found.append(Picture(bytes(cover), f"image/{kind}"))
        elif key == "Cover Art (Front)":  # APEv2: a name, a zero, the picture
            _, _, data = bytes(tags[key].value).partition(b"\0")
            found.append(Picture(data, ""))
        elif key == "WM/Picture":
            found += [one for value in tags[key] if (one := _of_asf(bytes(value.value)))]
    return found


def add_pictures(file: Any, pictures: list[Picture]) -> None:
    """Add these pictures where the kind of tag holds them."""
    from mutagen import id3, mp4

    frames, atoms = _any(id3), _any(mp4)
    if hasattr(file, "add_picture"):
        for one in pictures:
            file.add_picture(_block(one))
    elif isinstance(file.tags, frames.ID3Tags):
        for number, one in enumerate(pictures):
            desc = one.text or (f"{number}" if number else "")  # no two may be alike
            file.tags.add(frames.APIC(encoding=3, mime=one.mime, type=one.kind, desc=desc,
                                      data=one.data))  # fmt: skip
    elif isinstance(file.tags, atoms.MP4Tags):
        forms = {"image/png": atoms.MP4Cover.FORMAT_PNG, "image/jpeg": atoms.MP4Cover.FORMAT_JPEG}
        covers = [atoms.MP4Cover(p.data, forms[p.mime]) for p in pictures if p.mime in forms]
        if covers:
            file.tags["covr"] = covers
    elif _has_comments(file.tags):
        file.tags[_BLOCK] = [base64.b64encode(_block(p).write()).decode() for p in pictures]


def _block(one: Picture) -> Any:
    block = _flac().Picture()
    block.data, block.mime, block.type, block.desc = one.data, one.mime, one.kind, one.text
    return block


def _of_asf(data: bytes) -> Picture | None:
    """A WM/Picture: type, size, then media type and description in UTF-16, each ending in 0."""
    if len(data) < 9:
        return None
    kind, size = struct.unpack_from("<BI", data)
    words, rest = [], data[5:]
    for _ in range(2):
        end = next((k for k in range(0, len(rest) - 1, 2) if rest[k : k + 2] == b"\0\0"), None)
        if end is None:
            return None
        words.append(rest[:end].decode("utf-16-le", "replace"))
        rest = rest[end + 2 :]
    return Picture(rest[:size], words[0], kind, words[1])


_MAGIC = (
    (0, b"\x89PNG", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
)
"""Where a picture tells what it is, and how."""


def _mime(data: bytes, stated: str) -> str:
    """The media type of a picture; the stated one where its bytes do not tell."""
    found = (mime for at, magic, mime in _MAGIC if data[at : at + len(magic)] == magic)
    return next(found, stated)


def _has_comments(tags: Any) -> bool:
    from mutagen._vorbis import VComment

    return isinstance(tags, _any(VComment))


def _flac() -> Any:
    from mutagen import flac

    return flac


def _flac_error() -> Any:
    return _flac().error


def _any(module: Any) -> Any:
    """mutagen's classes have no types."""
    return module
