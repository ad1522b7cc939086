"""Titles and figures as people write them; times are in ``audio.times``."""

from __future__ import annotations

from asmrmaster.audio.times import clock

__all__ = ["clock", "inside", "with_unit"]


def inside(title: str) -> str:
    """A title as it is written inside a sentence: "New sound" as "new sound", "DC offset" as is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, if it has one; a rate reads "3 per 10 min"."""
    return f"{text} {unit.replace('/', 'per ', 1) if unit.startswith('/') else unit}".rstrip()
