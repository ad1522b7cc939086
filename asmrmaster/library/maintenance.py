"""Keeping a library in order: are the masters whole, and whose takes have gone?"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from asmrmaster.library import report_files
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.paths import inside, join
from asmrmaster.library.schema import Entry
from asmrmaster.library.stores import gone, storage

HASHED_AT_ONCE = 4
CHUNK = 500
"""Entries that are looked at, or forgotten, together: a ledger may have a million."""


def verify(
    ledger: Ledger, progress: Callable[[float], None] | None = None
) -> Iterator[tuple[Entry, str]]:
    """Every published master, or checked file, read again; with what is wrong with it, or ``""``.

    progress: called with the share of them that is read, from 0 to 1.
    """
    row = ledger.first_row("SELECT count(*) FROM masters WHERE state = 'done'")
    total = row[0] if row else 0
    waiting: deque[tuple[Entry, Future[str]]] = deque()
    done, out = 0, ledger.out  # SQLite is asked in this thread alone

    def first() -> tuple[Entry, str]:
        nonlocal done
        entry, found = waiting.popleft()
        result = entry, found.result()
        done += 1
        if progress is not None:
            progress(done / total)
        return result

    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        for entry in ledger.select("state = 'done'"):
            waiting.append((entry, pool.submit(_wrong_with, entry, out)))
            if len(waiting) > 4 * HASHED_AT_ONCE:
                yield first()
        while waiting:
            yield first()


def _wrong_with(entry: Entry, out: str) -> str:
    """What is wrong with a master, or ``""``."""
    place = join(out, *entry.output.split("/")) if entry.output else entry.take
    try:
        found = storage(place).digest(place)
    except FileNotFoundError:
        return "it is gone"
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    if entry.output:
        return "" if found == entry.output_sha256 else "it was changed since it was made"
    return "" if found == entry.take_sha256 else "it was changed since it was checked"


class Orphans(NamedTuple):
    """missing: takes that are gone. away: folders none of whose takes is there, as where a disk or
    a share is not connected, and how many takes each has; those are not counted as deleted."""

    missing: list[str]
    away: dict[str, int]


def orphans(ledger: Ledger, deleted: Collection[str] = ()) -> Orphans:
    """Takes that are gone.

    deleted: folders, as absolute places, that are known not to come back.
    """
    roots = sorted(ledger.roots(), key=len, reverse=True)
    known: Counter[str] = Counter()
    missing: dict[str, list[str]] = {}
    for take, name in ledger.rows("SELECT take, min(name) FROM masters GROUP BY take"):
        shared = take.removesuffix(name)  # of a ledger that noted no roots
        root = next((root for root in roots if inside(take, root)), shared)
        known[root] += 1
        if gone(take):
            missing.setdefault(root, []).append(take)
    away = {
        root: len(takes)
        for root, takes in sorted(missing.items())
        if len(takes) == known[root] and not any(inside(root, folder) for folder in deleted)
    }
    found = [take for root, takes in missing.items() if root not in away for take in takes]
    return Orphans(sorted(found), away)


def orphaned(ledger: Ledger, found: Orphans) -> Iterator[Entry]:
    """The entries of takes that are gone, then those whose master another has replaced."""
    missing = set(found.missing)
    for take in found.missing:
        yield from ledger.entries(take).values()
    for entry in ledger.select("state = 'replaced'"):
        if entry.take not in missing:
            yield entry


def prune(ledger: Ledger, found: Orphans, *, masters: bool) -> int:
    """Forget orphaned entries, and reports nobody has any more; how many entries.

    With ``masters`` remove those of their masters nobody has changed.
    """
    entries, out, count = orphaned(ledger, found), ledger.out, 0
    while some := list(islice(entries, CHUNK)):
        for entry in some:
            if masters and entry.state == "done" and entry.output:
                place = join(out, *entry.output.split("/"))
                with suppress(OSError):
                    if storage(place).digest(place) == entry.output_sha256:
                        storage(place).remove(place)
        count += _forget(ledger, some)
    wanted = {bytes.fromhex(one) for (one,) in ledger.rows("SELECT report FROM masters") if one}
    report_files.sweep(ledger.path, wanted)
    return count


def _forget(ledger: Ledger, entries: Iterable[Entry]) -> int:
    count = 0
    with ledger.transaction():
        for entry in entries:
            ledger.remove(entry)
            count += 1
    return count
