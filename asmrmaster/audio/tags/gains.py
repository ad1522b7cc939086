"""Gains that a file's tags ask players for, which change what is heard of it.

Sources: ReplayGain 2.0 specification, "metadata format"; RFC 7845 section 5.2.1 (R128_TRACK_GAIN,
R128_ALBUM_GAIN: Q7.8 in dB); ID3v2.4.0 native frames, section 4.11 (RVA2); Hydrogenaudio wiki,
"iTunNORM" (Sound Check: hexadecimal numbers, the first two for left and right in mW; 1000 is no
gain).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asmrmaster.audio.chunks import scan
from asmrmaster.audio.tags.reading import opened
from asmrmaster.audio.tags.text import plain, words_of

_KINDS = {
    "replaygain_": "ReplayGain",
    "r128_": "R128 gain",
    "itunnorm": "Sound Check",
    "rva2": "RVA2",
}
GAINS = tuple(_KINDS)
"""Beginnings of the names of gains, in lower case."""

_GAIN = re.compile(r"(replaygain|r128)_(track|album)_gain|itunnorm|rva2")
_TAGGED_CHUNKS = (b"id3 ", b"ID3 ")
_NONE: Mapping[str, float] = MappingProxyType({})


def stated_gains(path: Path, texts: Mapping[str, str]) -> Mapping[str, float]:
    """Every gain in dB that the tags of a file ask for, by the lower-case name of its tag.

    texts: what its reader found of tags; those that it does not read are looked for in the file.
    """
    named = {plain(name): [text] for name, text in texts.items()}
    chunks = scan(path)
    if chunks is None or any(part.id in _TAGGED_CHUNKS for part in chunks.parts):
        file = opened(path)
        named |= words_of(getattr(file, "tags", None)) | _of_frames(file) | _behind(path, file)
    found = {
        name: gain_db
        for name, told in named.items()
        if _GAIN.fullmatch(name) and (gain_db := _gain_db(name, told[0])) is not None
    }
    return MappingProxyType(found) if found else _NONE


def kind_of(name: str) -> str:
    """What a gain is called among people: ReplayGain, Sound Check …"""
    return next(kind for start, kind in _KINDS.items() if name.startswith(start))


def without_gains(tags: Any) -> bool:
    """Take all gains out of tags that mutagen opened; whether there were any."""
    if tags is None:
        return False
    keys = [key for key in list(tags.keys()) if _name(key).startswith(GAINS)]
    for key in keys:
        del tags[key]
    return bool(keys)


def _name(key: str) -> str:
    """What ``TXXX:replaygain_track_gain``, ``COMM:iTunNORM:eng`` and the like are called."""
    name = key.lower()
    if name.startswith("rva2:"):
        return "rva2"
    if name.startswith("comm:"):
        return name.split(":")[1]
    return name.removeprefix("txxx:").rpartition(":")[2]


def _of_frames(file: Any) -> dict[str, list[str]]:
    """The largest gain in frames that hold numbers, as text: RVA2 of ID3."""
    tags: Any = getattr(file, "tags", None)
    frames = tags.getall("RVA2") if hasattr(tags, "getall") else []
    return {"rva2": [f"{max(frame.gain for frame in frames):f}"]} if frames else {}


def _behind(path: Path, file: Any) -> dict[str, list[str]]:
    """The texts of an APE tag at the end of an MP3, where other programs than its maker's write."""
    if type(file).__name__ not in ("MP3", "AAC"):
        return {}
    from mutagen import MutagenError, apev2

    kind: Any = apev2.APEv2
    try:
        return words_of(kind(path))
    except (MutagenError, ValueError, OSError):
        return {}


def _gain_db(name: str, text: str) -> float | None:
    """The gain a text asks for; None where it is none."""
    try:
        if name == "itunnorm":
            loudest = max(int(number, 16) for number in text.split()[:2])
            return -10 * math.log10(loudest / 1000) if loudest else None
        number = re.match(r"\s*([-+]?\d+([.,]\d+)?)", text)
        if number is None:
            return None
        gain_db = float(number[1].replace(",", "."))
        return gain_db / 256 if name.startswith("r128") else gain_db
    except ValueError:
        return None
