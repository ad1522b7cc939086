"""Places as text: an absolute path, or ``scheme://…``."""

from __future__ import annotations

import os
from pathlib import Path


def is_remote(place: str) -> bool:
    """Whether a place is ``scheme://…``."""
    return "://" in place


def parent(place: str) -> str:
    """The folder a place lies in; ``""`` above the uppermost one."""
    if is_remote(place):
        above = place.rpartition("/")[0]
        return "" if above.endswith("/") else above
    above = os.path.dirname(place)
    return "" if above == place else above


def inside(place: str, folder: str) -> bool:
    """Whether a place is this folder, or lies in it."""
    separator = "/" if is_remote(folder) else os.sep
    return place == folder or place.startswith(folder.rstrip(separator) + separator)


def join(folder: str, *names: str) -> str:
    """A place below a folder; names are separated by ``/`` on every storage."""
    if is_remote(folder):
        return "/".join([folder.rstrip("/"), *names])
    return str(Path(folder, *names))
