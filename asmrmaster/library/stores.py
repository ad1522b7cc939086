"""Which storage a place lies in, and what is asked of it whichever it is."""

from __future__ import annotations

from asmrmaster.library.disk import Disk
from asmrmaster.library.paths import declared_at, is_remote
from asmrmaster.library.storage import Storage


def storage(place: str) -> Storage:
    """The storage a place lies in."""
    if is_remote(place):
        from asmrmaster.library.object_store import ObjectStore  # only here: it needs an extra

        return ObjectStore(place)
    return Disk()


def declarations(store: Storage, take: str) -> tuple[str, str]:
    """Place and stamp of what is declared beside a take; two empty texts where nothing is."""
    place = declared_at(take)
    try:
        return place, store.stamp(place).coarse
    except (FileNotFoundError, NotADirectoryError):
        return "", ""


def gone(file: str) -> bool:
    """Whether a file is certainly not there; a storage out of reach says nothing."""
    try:
        storage(file).stamp(file)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False
