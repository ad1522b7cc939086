"""Earlier masters: what another master takes the place of is kept for a while.

They lie in ``OUT/.asmrmaster/kept/NAME/``, each called by when it was replaced and by its hash. On
a disk that costs no time: a second name for the same bytes.
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath

from asmrmaster.library.discovery import Problem
from asmrmaster.library.ledger import WORK_FOLDER
from asmrmaster.library.paths import join
from asmrmaster.library.schema import Entry
from asmrmaster.library.stores import storage

FOLDER = "kept"


def keep(out: str, output: str, entry: Entry, count: int) -> list[Problem]:
    """Keep the master called ``output`` before that of ``entry`` takes its place.

    Says what is replaced; nothing where there is none, where it has the very same bytes, or where
    it must not be replaced. Doing it twice, as after a run that was killed, keeps one. Raises
    OutputError or OSError.
    """
    store, place = storage(out), join(out, *output.split("/"))
    try:
        found = store.digest(place)
    except FileNotFoundError:
        return []
    if found == entry.output_sha256 or entry.replaces not in ("*", found):
        return []
    if not count:
        return [Problem(output, "replaced; the earlier one is gone, as --keep 0 asks", "")]
    folder = join(out, WORK_FOLDER, FOLDER, *output.split("/"))
    there = kept(out, output)
    if not any(found[:16] in name for name in there):
        suffix = PurePosixPath(output).suffix
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{found[:16]}{suffix}"
        store.keep(place, join(folder, name))
        there = sorted([*there, join(folder, name)])
    for old in there[:-count]:
        store.remove(old)
    return [Problem(output, f"replaced; the earlier one is in {WORK_FOLDER}/{FOLDER}", "")]


def kept(out: str, output: str) -> list[str]:
    """Where earlier masters of a name lie, the oldest first."""
    store, folder = storage(out), join(out, WORK_FOLDER, FOLDER, *output.split("/"))
    if not store.present(folder):
        return []
    return sorted(place for place, _ in store.walk(folder, lambda place, why: None))
