"""Places as text: an absolute path, or ``scheme://…``."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

DECLARED = ".content.toml"
"""``content.SUFFIX``, without loading what measures content."""


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


def declared_at(take: str) -> str:
    """Where the declarations of a take are looked for; see ``content``."""
    folder, slash, name = take.rpartition(os.sep if not is_remote(take) else "/")
    return f"{folder}{slash}{PurePosixPath(name).stem}{DECLARED}"
