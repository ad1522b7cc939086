"""What tags tell of a person: where, with what and by whom a take was recorded; and what looks like
a client's data.

Sources for names: Apple, QuickTime metadata keys (com.apple.quicktime.location.ISO6709, make,
model); EBU Tech 3285 (Originator, OriginatorReference, UMID, CodingHistory); ISO 6709 (coordinates
in one text); Exif 2.32, section 4.5.4 (APP1 of a JPEG).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from asmrmaster.audio.tags.text import plain

_ANYWHERE = re.compile(
    r"location|gps|latitude|longitude|iso6709|coordinate|serial|device|manufacturer|camera"
    r"|recorder|microphone|originator|umid|udid|imei|hostname|computer|username|android|owner"
    r"|encodedby|encoded.?by|ipaddress|macaddress|taggingtime|copyrighted.?to"
)
_WORD = re.compile(
    r"(?<![a-z])(geo|lat|lon|lng|xyz|make|mak|mod|model|maker|place|city|address|user|host|phone"
    r"|email|e-mail|uuid|guid|contact|swr)(?![a-z])"
)
_COORDINATES = re.compile(r"[+-]\d{2,6}(\.\d+)?[+-]\d{3,7}(\.\d+)?([+-]\d+(\.\d+)?)?/?")
_OPAQUE = {"PRIV": "private data", "GEOB": "objects", "TOWN": "owner", "TENC": "encodedby"}
_APPLICATION = 2  # a FLAC block of whatever a program wrote: RFC 9639 section 8.4

_FREE_TEXT = ("comment", "description", "synopsis", "note", "notes", "subtitle", "title", "lyrics")
_CLIENT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w{2,}"
    r"|\b(client|patient|diagnos\w*|therap\w*|dob|date of birth|born|insurance|case (no|number))\b"
    r"|\b(klient\w*|geburtsdatum|geboren|versicherung\w*)\b"
    r"|\bsession (with|for)\b|\b(mr|mrs|ms|frau|herr)\.? [A-Z]",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.-])\+?\d(?:[ ()/-]?\d){8,14}(?![\w.])")


def is_personal(name: str, texts: Iterable[str] = ()) -> bool:
    """Whether a tag of this name, or one with such a text, tells of a person, place or device."""
    name = name.lower()
    return bool(
        _ANYWHERE.search(name)
        or _WORD.search(name)
        or any(_COORDINATES.fullmatch(text.strip()) for text in texts)
    )


_SAID = {"\xa9xyz": "location", "\xa9mak": "make", "\xa9mod": "model", "\xa9swr": "software"}


def told(name: str) -> str:
    """A name as a note has it: ``com.apple.quicktime.make`` is make."""
    name = _SAID.get(name.lower(), name)
    name = plain(name).replace("\xa9", "").rpartition(".")[2].partition("-")[0]
    return name if name and name.isprintable() else "unnamed"


def looks_like_a_clients(words: Mapping[str, Iterable[str]]) -> list[str]:
    """Names of texts that look as if they held data of a client: only a person can tell."""
    return [
        name
        for name, texts in words.items()
        if name in _FREE_TEXT and any(_CLIENT.search(text) or _PHONE.search(text) for text in texts)
    ]


def scrub(file: Any) -> list[str]:
    """Take out of a file, as mutagen opened it, what tells of a person; names of what went.

    Pictures stay, without what a camera wrote into them.
    """
    tags = file.tags
    gone = []
    for key in list(tags.keys()) if tags is not None else ():
        value = tags[key]
        kind = getattr(value, "FrameID", "")
        name = _OPAQUE.get(kind) or _name(key, value)
        if kind in _OPAQUE or is_personal(name, _texts(value)):
            gone.append(told(name))
            del tags[key]
        elif kind == "APIC":
            value.data = without_exif(bytes(value.data))
        elif key == "covr":
            tags[key] = [type(one)(without_exif(bytes(one)), one.imageformat) for one in value]
    blocks = getattr(file, "metadata_blocks", ())
    if any(block.code == _APPLICATION for block in blocks):
        gone.append("application data")
        file.metadata_blocks = [block for block in blocks if block.code != _APPLICATION]
    for picture in getattr(file, "pictures", ()):
        picture.data = without_exif(bytes(picture.data))
    return gone


def without_exif(picture: bytes) -> bytes:
    """A picture without Exif, XMP and IPTC, where a camera writes place and serial number.

    JPEG and PNG; others as they are. What is damaged ends where it can be followed no longer.
    """
    if picture.startswith(b"\xff\xd8"):
        return _jpeg(picture)
    return _png(picture) if picture.startswith(b"\x89PNG\r\n\x1a\n") else picture


def _jpeg(data: bytes) -> bytes:
    """Without segments APP1 and APP13 (ITU-T T.81, annex B: marker, length, content)."""
    kept, at = data[:2], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] not in (0xE1, 0xED):
            kept += data[at : at + size]
        at += size
    return kept + data[at:]


def _png(data: bytes) -> bytes:
    """Without chunks eXIf and texts (W3C PNG, third edition, section 11.3)."""
    kept, at = data[:8], 8
    while at + 12 <= len(data):
        size = 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] not in (b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
            kept += data[at : at + size]
        at += size
    return kept


def _name(key: str, value: Any) -> str:
    if key.startswith(("TXXX:", "COMM:", "WXXX:", "UFID:")):
        return str(getattr(value, "desc", "") or getattr(value, "owner", "") or key[:4])
    return key.rpartition(":")[2] if key.startswith("----:") else key


def _texts(value: Any) -> list[str]:
    found = getattr(value, "text", value)
    parts = found if isinstance(found, list) else [found]
    return [
        part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts
    ]
