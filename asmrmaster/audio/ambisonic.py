"""Ambisonic sound: a field without speakers, which no loudness is defined for until it is rendered.

Sources: RFC 8486 section 3 (Opus channel mapping families 2 and 3); R. W. Dobson, "The AMB
Ambisonic File Format" (subformat of WAVEFORMATEXTENSIBLE); Google, Spatial Audio RFC (box SA3D).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from asmrmaster.errors import InputError

_HEAD_BYTES = 4_096
_FAMILY_AT = 18  # in an OpusHead: RFC 7845 section 5.1
_OPUS_FAMILIES = (b"\2", b"\3")
_AMB = bytes.fromhex("2107d3118644c8c1ca000000")
"""The subformat behind the first four bytes, which tell integers from floats."""


def check_speakers(path: Path, speakers: Sequence[str] = ()) -> None:
    """Raises InputError where a file, or the names of its channels, say that it is ambisonic."""
    if any(name.startswith("AMBI") for name in speakers) or _is_ambisonic(path):
        raise InputError(
            "its sound is ambisonic: what is heard of it depends on how it is rendered",
            subject=path,
            hint="Render it to stereo (binaural), and name that file",
        )


def _is_ambisonic(path: Path) -> bool:
    """Whether the head of a file says so."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _AMB in head
    start = head.find(b"OpusHead")
    at = start + _FAMILY_AT
    return start >= 0 and head[at : at + 1] in _OPUS_FAMILIES
