"""Keeps C libraries from writing to standard error behind our back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_stderr = -1


@contextmanager
def quiet(wanted: bool = True) -> Iterator[None]:
    """While inside, file descriptor 2 leads nowhere. Counted, so threads may overlap.

    The MP3 decoder inside libsndfile prints remarks on odd headers, and offers no way to stop it;
    what matters of them is reported as an InputError.
    """
    if not wanted or not _enter():
        yield
        return
    try:
        yield
    finally:
        _leave()


def _enter() -> bool:
    global _inside, _stderr
    with _lock:
        if _inside == 0:
            try:
                _stderr = os.dup(2)
            except OSError:  # a program without standard error
                return False
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        _inside += 1
        return True


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            os.dup2(_stderr, 2)
            os.close(_stderr)
