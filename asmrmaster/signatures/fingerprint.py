"""A public key in words that one person reads out and another compares."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

WORDS = 8
"""Eight words of eleven bits each: nobody finds a second key with the same 88 bits."""
_BITS = 11


def fingerprint(key: bytes) -> str:
    """The words of a public key: the first 88 bits of its SHA-256, eleven bits a word."""
    bits = int.from_bytes(sha256(key).digest(), "big") >> (256 - WORDS * _BITS)
    picks = (bits >> (_BITS * k) & (2**_BITS - 1) for k in reversed(range(WORDS)))
    return " ".join(_words()[pick] for pick in picks)


@cache
def _words() -> tuple[str, ...]:
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))
