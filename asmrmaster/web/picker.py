"""The files of one folder, and of no other: what may be picked instead of dropped.

A name is a path below the folder, with slashes. Hidden files, links that lead out of it, names the
system gives to devices, and anything that is not a regular file are refused, whoever asks for them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from asmrmaster.audio.extensions import is_sound
from asmrmaster.errors import InputError

MOST = 500
"""Files offered; a longer list helps nobody find theirs."""
DEPTH = 3
"""Folders below the folder that are looked into."""
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"
}


def find(folder: Path, name: str) -> Path:
    """The regular file of this name below ``folder``. Raises InputError for every other name."""
    parts = PurePosixPath(name).parts
    wrong = (
        not name
        or not parts
        or name.startswith("/")
        or any(c in name for c in "\\:\0")
        or any(part.startswith(".") or _is_device(part) for part in name.split("/"))
    )
    if wrong:
        raise _refused(name)
    try:
        root = folder.resolve(strict=True)
        path = root.joinpath(*parts).resolve(strict=True)
        inside = path.is_relative_to(root)
        regular = inside and stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError, ValueError):
        raise _refused(name) from None
    if not regular:
        raise _refused(name)
    return path


def _is_device(part: str) -> bool:
    """Whether Windows takes this name, with any end, for a device."""
    return part.split(".")[0].rstrip(" ").lower() in _DEVICES


def _refused(name: str) -> InputError:
    return InputError(
        "there is no such file in this folder", subject=name, hint="Pick one from the list"
    )


def offered(folder: Path) -> list[str]:
    """Names of the sound files below ``folder``, sorted, that ``find`` would give."""
    found: list[str] = []
    _walk(folder, PurePosixPath(), found)
    return sorted(found, key=str.casefold)


def _walk(folder: Path, below: PurePosixPath, found: list[str]) -> None:
    try:
        entries = sorted(os.scandir(folder / below), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if len(found) >= MOST:
            return
        name = below / entry.name
        if entry.name.startswith(".") or not _is_text(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            if len(name.parts) <= DEPTH:
                _walk(folder, name, found)
        elif is_sound(entry.name) and _is_there(folder, str(name)):
            found.append(str(name))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no text cannot come back from a page
        return False
    return True


def _is_there(folder: Path, name: str) -> bool:
    try:
        find(folder, name)
    except InputError:
        return False
    return True
