"""Times, titles and figures as people write them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """A time as people write it: 0:41.2 or 1:02:03.4."""
    tenths = round(seconds * 10)
    hours, rest = divmod(tenths, 36_000)
    minutes, tenths = divmod(rest, 600)
    tail = f"{minutes:02d}" if hours else f"{minutes}"
    return (f"{hours}:" if hours else "") + f"{tail}:{tenths // 10:02d}.{tenths % 10}"


def inside(title: str) -> str:
    """A title as it is written inside a sentence: "New sound" as "new sound", "DC offset" as is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, if it has one; a rate reads "3 per 10 min"."""
    return f"{text} {unit.replace('/', 'per ', 1) if unit.startswith('/') else unit}".rstrip()
