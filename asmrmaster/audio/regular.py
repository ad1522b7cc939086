"""Reading a file whole: no pipe that is waited for, no device that never ends, no gigabytes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST_BYTES = 256 * 2**20
"""A saved page with its sounds has some megabytes."""


def read_regular(path: str | os.PathLike[str], most: int = LARGEST_BYTES) -> bytes:
    """What is in a file, read whole.

    Raises OSError in words for people where it cannot be read, is no regular file (a pipe would be
    waited for, a device never ends), or holds more than ``most`` bytes.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "this is not a file that can be read to its end", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 1e6:.0f} MB", str(path))
    return content


def read_regular_text(path: str | os.PathLike[str], most: int = LARGEST_BYTES) -> str:
    """The same as UTF-8, with or without a byte order mark. Raises UnicodeDecodeError too."""
    return read_regular(Path(path), most).decode("utf-8-sig")
