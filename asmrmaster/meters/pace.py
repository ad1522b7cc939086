"""Pace: how fast the voice speaks, from a supplied transcript."""

from __future__ import annotations

from asmrmaster.meters.base import Quantity

LEAST_SPEECH_S = 5.0
"""A pace of less speech says nothing."""

WORDS_PER_MINUTE = Quantity(
    "words_per_minute",
    "words/min",
    "pace of the voice",
    "Words of the supplied transcript per minute of the time in which its cues are shown, or of "
    "the whole file where it has no times (a lower bound); not for less than 5 s.",
    "asmrmaster",
    0,
)


def words_per_minute(words: int, speech_s: float) -> float | None:
    """Words per minute of speech; None without words or with too little speech."""
    return words * 60 / speech_s if words and speech_s >= LEAST_SPEECH_S else None
