"""Keeping a library in order: are the masters whole, and whose takes have gone?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from asmrmaster.errors import InputError
from asmrmaster.library.entries import Entry
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.places import join
from asmrmaster.library.storage import gone, storage

HASHED_AT_ONCE = 4


def verify(ledger: Ledger) -> Iterator[tuple[Entry, str]]:
    """Every published master, read again; with what is wrong with it, or ``""``."""

    def look(entry: Entry) -> str:
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
        yield from zip(entries, pool.map(look, entries), strict=True)


def orphans(ledger: Ledger) -> list[Entry]:
    """Entries whose take is gone, and those whose master another has replaced.

    Raises InputError where no take at all is there: a share that is not mounted looks like that.
    """
    entries = list(ledger.select())
    missing = {take for take in {entry.take for entry in entries} if gone(take)}
    if missing and all(entry.take in missing for entry in entries):
        raise InputError(
            "none of its takes is there, so nothing is forgotten",
            subject=ledger.out,
            hint="Connect the disk or share they lie on",
        )
    return [entry for entry in entries if entry.state == "replaced" or entry.take in missing]


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
