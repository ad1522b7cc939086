"""Keeping a library in order: are the masters whole, and whose takes have gone?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

from asmrmaster.library.ledger import Ledger
from asmrmaster.library.paths import inside, join
from asmrmaster.library.schema import Entry
from asmrmaster.library.stores import gone, storage

HASHED_AT_ONCE = 4


def verify(
    ledger: Ledger, progress: Callable[[float], None] | None = None
) -> Iterator[tuple[Entry, str]]:
    """Every published master, read again; with what is wrong with it, or ``""``.

    progress: called with the share of the masters that are read, from 0 to 1.
    """

    def check(entry: Entry) -> str:
        place = join(ledger.out, *entry.output.split("/"))
        try:
            found = storage(place).digest(place)
        except FileNotFoundError:
            return "it is gone"
        except OSError as error:
            return f"it cannot be read: {error.strerror or error}"
        return "" if found == entry.output_sha256 else "it was changed since it was made"

    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        entries = list(ledger.select("state = 'done'"))
        for count, found in enumerate(zip(entries, pool.map(check, entries), strict=True), 1):
            yield found
            if progress is not None:
                progress(count / len(entries))


class Orphans(NamedTuple):
    """entries: those to forget. away: folders none of whose takes is there, as where a disk or a
    share is not connected, and how many takes each has; those are not counted as deleted."""

    entries: list[Entry]
    away: dict[str, int]


def orphans(ledger: Ledger, deleted: Collection[str] = ()) -> Orphans:
    """Entries whose take is gone, and those whose master another has replaced.

    deleted: folders, as absolute places, that are known not to come back.
    """
    entries = list(ledger.select())
    roots = sorted(ledger.roots(), key=len, reverse=True)
    below: dict[str, set[str]] = {}
    for entry in entries:
        shared = entry.take.removesuffix(entry.name)  # of a ledger that noted no roots
        root = next((root for root in roots if inside(entry.take, root)), shared)
        below.setdefault(root, set()).add(entry.take)
    missing = {take for takes in below.values() for take in takes if gone(take)}
    away = {
        root: len(takes)
        for root, takes in sorted(below.items())
        if takes <= missing and not any(inside(root, folder) for folder in deleted)
    }
    for root in away:
        missing -= below[root]
    return Orphans([e for e in entries if e.state == "replaced" or e.take in missing], away)


def prune(ledger: Ledger, entries: list[Entry], *, masters: bool) -> None:
    """Forget these entries; with ``masters`` remove those of their masters nobody has changed."""
    for entry in entries:
        place = join(ledger.out, *entry.output.split("/"))
        if masters and entry.state == "done":
            with suppress(OSError):
                if storage(place).digest(place) == entry.output_sha256:
                    storage(place).remove(place)
        with ledger.transaction():
            ledger.remove(entry)
