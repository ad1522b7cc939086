"""Names of files made from the names of others."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 255
"""A name may have so many on the usual file systems: NAME_MAX of Linux."""


def beside(path: Path, ending: str) -> Path:
    """The file beside ``path`` whose name is its stem and ``ending``; the stem is cut where both
    together are longer than a name may be."""
    stem = path.stem
    while stem and len((stem + ending).encode(errors="surrogateescape")) > MOST_BYTES:
        stem = stem[:-1]
    return path.with_name(stem + ending)
