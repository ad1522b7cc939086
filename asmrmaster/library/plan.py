"""What a run has to do: every take compared with what the ledger knows of it.

known of the take under these settings             what is done
nothing                                            made (unless a take that has gone was it)
done, take and master as they were                 nothing
done, size or time of the take differ              its bytes are compared, then made or noted
done, what is declared beside the take differs     made
done, the master is gone                           made
done, the master was changed by someone            named, made only with force
refused, by this version, take as it was           named, tried again only with retry
set aside, take as it was                          named, tried again only with retry
failed                                             made
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from asmrmaster import __version__
from asmrmaster.library.discovery import Take
from asmrmaster.library.ledger import Ledger, key_of, settings_key
from asmrmaster.library.paths import join
from asmrmaster.library.schema import Entry
from asmrmaster.library.storage import Stamp, declarations_in
from asmrmaster.library.stores import storage
from asmrmaster.library.task import Task
from asmrmaster.presets.recipe import Recipe

ALTERED = "its master was changed since it was made: --force makes it anew"


Why = Literal[
    "new", "settings", "changed", "declared", "master gone", "failed before", "again", "forced",
    "checked", "renamed",
]  # fmt: skip
"""Why a take is worked on: nothing is known of it; other settings than before; it, or what is
declared beside it, changed; its master has gone; it failed, or was refused and is tried again; all
are made; its bytes are compared; it was renamed, and its master is renamed with it."""


@dataclass(frozen=True)
class Item:
    """One take to work on: why, how, under which name, and what was known of it before."""

    take: Take
    recipe: Recipe
    settings: str
    tag: str
    known: Entry | None
    why: Why = "new"
    hash_first: bool = False
    force: bool = False
    check: bool = False

    @property
    def replaces(self) -> str:
        """What its master may take the place of: see ``Entry.replaces``."""
        if self.force:
            return "*"
        return "" if self.known is None else self.known.output_sha256

    @property
    def stem(self) -> str:
        """The master's name in the mirrored tree, without its ending."""
        return tagged(self.take.name, self.tag)

    def task(self, out: str, staging: str) -> Task:
        """The task of a worker."""
        folder, _, stem = self.stem.rpartition("/")
        does: Literal["make", "check"] = "check" if self.check else "make"
        kind: Literal["make", "check", "hash"] = "hash" if self.hash_first else does
        where = join(out, *folder.split("/")) if folder else out
        return Task(self.take.place, self.recipe, where, stem, staging, kind)

    def entry(self) -> Entry:
        """An entry for this take as it is now. The master of what it was before, if there is one,
        stays known, until another takes its place."""
        known = self.known
        fresh = Entry(
            take=self.take.place,
            settings=self.settings,
            name=self.take.name,
            size=self.take.stamp.size,
            stamp=str(self.take.stamp),
            tag=self.tag,
            version=__version__,
        )
        if known is None:
            return fresh
        same = self.take.stamp.fits(known.stamp)
        return fresh._replace(
            attempts=known.attempts,
            deaths=known.deaths if same else 0,
            output=known.output,
            output_sha256=known.output_sha256,
            output_stamp=known.output_stamp,
        )


@dataclass
class Plan:
    """What there is to do, and what stands as it is."""

    items: list[Item] = field(default_factory=list)
    standing: list[Entry] = field(default_factory=list)
    altered: list[Entry] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of the takes to work on."""
        return sum(item.take.stamp.size for item in self.items)


def tagged(name: str, tag: str) -> str:
    """A name without its ending and with a tag, if there is one."""
    bare = str(PurePosixPath(name).with_suffix(""))
    return f"{bare}.{tag}" if tag else bare


def tag_for(recipe: Recipe, settings: str) -> str:
    """What distinguishes this choice of settings from others in a name."""
    return f"{recipe.preset.id}-{recipe.profile.id}-{settings[:6]}"


def plan(
    takes: Iterable[Take],
    ledger: Ledger,
    out: str,
    recipe_for: Callable[[Take], Recipe],
    *,
    force: bool = False,
    retry: bool = False,
    checksum: bool = False,
    check: bool = False,
) -> Plan:
    """Compare the takes with the ledger.

    force: make all again. retry: try the refused again. checksum: compare bytes, not only stamps.
    check: the takes are only judged, and no master is made of them.
    """
    made = Plan()
    takes = list(takes)
    here = {take.place for take in takes}
    outputs = (lambda place: None) if check else storage(out).stamps(out)
    gone: dict[str, set[int]] = {}
    for take in takes:
        recipe = recipe_for(take)
        settings = key_of("", recipe.profile.sha256) if check else settings_key(recipe)
        entries = ledger.entries(take.place)
        known = entries.get(settings)
        tag = "" if known is None else known.tag
        item = Item(take, recipe, settings, tag, known, check=check)
        if force:
            made.items.append(replace(item, tag="", force=True, why="forced"))
        elif known is None:
            if settings not in gone:
                gone[settings] = _sizes_of_gone(ledger, settings, here)
            taken = any(not e.tag and e.output and e.state == "done" for e in entries.values())
            tag = tag_for(recipe, settings) if taken else ""
            first = take.stamp.size in gone[settings]
            why: Why = "settings" if entries else "new"
            made.items.append(replace(item, tag=tag, hash_first=first, why=why))
        else:
            _weigh(made, item, known, ledger, out, outputs, retry, checksum)
    return made


def _weigh(
    made: Plan,
    item: Item,
    known: Entry,
    ledger: Ledger,
    out: str,
    outputs: Callable[[str], Stamp | None],
    retry: bool,
    checksum: bool,
) -> None:
    """Sort a take that the ledger knows under these settings into the plan."""
    same = item.take.stamp.fits(known.stamp)
    compare = declarations_in(known.stamp) == item.take.stamp.beside
    if known.state != "done":
        stands = same and not retry and _stands(known)
        compare = compare and known.state == "refused" and not same and not retry
        why: Why = "failed before" if known.state == "failed" else "again" if same else "changed"
        made.standing.append(known) if stands else made.items.append(
            replace(item, hash_first=compare, why=why)
        )
        return
    place = join(out, *known.output.split("/"))
    stamp = None if item.check else outputs(place)
    if item.check:
        _weigh_bytes(made, item, known, same, compare, checksum)
    elif stamp is None:
        made.items.append(replace(item, why="master gone"))
    elif stamp.coarse != known.output_stamp and not _whole(ledger, known, place, stamp):
        made.altered.append(known)
    else:
        _weigh_bytes(made, item, known, same, compare, checksum)


def _weigh_bytes(
    made: Plan, item: Item, known: Entry, same: bool, compare: bool, checksum: bool
) -> None:
    """Sort a take that was done with: whether it is still the one it was."""
    if same and checksum:
        made.items.append(replace(item, hash_first=True, why="checked"))
    elif same:
        made.standing.append(known)
    else:
        made.items.append(
            replace(item, hash_first=compare, why="changed" if compare else "declared")
        )


def _stands(known: Entry) -> bool:
    return known.state == "aside" or (known.state == "refused" and known.version == __version__)


def _whole(ledger: Ledger, known: Entry, place: str, stamp: Stamp) -> bool:
    """Whether a master still has the bytes it was published with; notes its new stamp if so."""
    try:
        if storage(place).digest(place) != known.output_sha256:
            return False
    except OSError:
        return False
    if ledger.writable:
        with ledger.transaction():
            ledger.save(known._replace(output_stamp=stamp.coarse))
    return True


def _sizes_of_gone(ledger: Ledger, settings: str, here: set[str]) -> set[int]:
    """Sizes of known takes that are not among these: one of them may have been renamed."""
    query = "SELECT take, size FROM masters WHERE settings = ? AND take_sha256 != ''"
    return {size for take, size in ledger.rows(query, settings) if take not in here}
