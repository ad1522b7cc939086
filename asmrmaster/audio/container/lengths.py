"""How many frames a packet makes, where that can be told without decoding it.

Sources: RFC 6716 section 3.1 (Opus, table of contents byte); Apple, ALACMagicCookieDescription,
and the element header of an ALAC packet; ISO/IEC 14496-3 subclause 4.5.1.1 (AAC), ATSC A/52:2018
clause 5.1 (AC-3) and ISO/IEC 11172-3 clause 2.4.2.1 (layer III): all packets alike.
"""

from __future__ import annotations

from collections.abc import Callable

from asmrmaster.audio.ogg_length import opus_frames

Length = Callable[[bytes, int], int]
"""(the first bytes of a packet, frames of the longest packet so far) → frames at most."""

HEAD_BYTES = 8
"""So many first bytes are enough."""


def length_of(codec: str, setup: bytes) -> Length | None:
    """How to tell, for this codec; None where only decoding tells. setup: its set-up data."""
    if codec in ("aac", "ac3", "mp3"):
        return lambda head, longest: longest
    if codec == "opus":
        return lambda head, longest: opus_frames(head)
    if codec == "alac" and len(setup) >= 24:
        full = int.from_bytes(setup[-24:-20], "big")
        return lambda head, longest: _alac(head, full)
    return None


def _alac(head: bytes, full: int) -> int:
    """A flag after 19 bits says that a 32-bit count of frames follows the 23-bit header."""
    bits = int.from_bytes(head[:7].ljust(7, b"\0"), "big")
    return bits >> 1 & 0xFFFF_FFFF if bits >> 36 & 1 else full
