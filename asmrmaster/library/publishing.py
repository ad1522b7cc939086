"""Giving staged masters their names, and finishing what a killed run had recorded."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import NamedTuple

from asmrmaster.errors import AsmrmasterError
from asmrmaster.library import kept_masters
from asmrmaster.library.discovery import Problem
from asmrmaster.library.ledger import WORK_FOLDER, Ledger
from asmrmaster.library.paths import join
from asmrmaster.library.plan import Item, tagged
from asmrmaster.library.report_files import packed
from asmrmaster.library.schema import Entry
from asmrmaster.library.storage import declarations_in
from asmrmaster.library.stores import gone, storage
from asmrmaster.library.task import message_of
from asmrmaster.report import Report


def staging_folder(out: str, ledger: Ledger) -> str:
    """Where masters wait that this ledger knows of; another ledger has another folder."""
    return join(out, WORK_FOLDER, "staging", ledger.id)


class Published(NamedTuple):
    """An entry as it stands once its master has its name, and what that moved out of the way."""

    entry: Entry
    moved: list[Problem]


def publish(ledger: Ledger, out: str, entry: Entry, keep: int) -> Published:
    """Give the master of an entry its name, and note where that was not possible.

    The entry must have been saved before. keep: how many earlier masters of a name stay.
    """
    store = storage(out)
    moved: list[Problem] = []
    try:
        if entry.replaces:
            moved += kept_masters.keep(out, entry.output, entry, keep)
        store.publish(entry.staged, join(out, *entry.output.split("/")), entry.replaces)
        if entry.retires:
            moved += _retire(ledger, out, entry, keep)
    except (AsmrmasterError, OSError) as error:
        cause = message_of(error) if isinstance(error, AsmrmasterError) else str(error)
        with suppress(AsmrmasterError):
            store.remove(entry.staged)
        before = "" if entry.replaces == "*" else entry.replaces
        taken = "exists already" in cause
        failed = entry._replace(
            state="failed", cause=cause, code="name-taken" if taken else "unwritable",
            verdict="", staged="", retires="",
            output=entry.retires, output_sha256=before, output_stamp="",
        )  # fmt: skip
        with ledger.transaction():
            ledger.save(failed)
        return Published(failed, [])
    return Published(entry, moved)


def _retire(ledger: Ledger, out: str, entry: Entry, keep: int) -> list[Problem]:
    """Remove the master this one takes the place of under another name, if it is still the same."""
    old = join(out, *entry.retires.split("/"))
    moved: list[Problem] = []
    with suppress(OSError):
        if entry.retires != entry.output and entry.replaces in ("*", storage(old).digest(old)):
            moved = kept_masters.keep(out, entry.retires, entry, keep)
            storage(old).remove(old)
    with ledger.transaction():
        ledger.save(entry._replace(retires=""))
    return moved


def recover(ledger: Ledger, out: str, keep: int) -> None:
    """Finish what an earlier run had entered, and remove what it had not."""
    staging = staging_folder(out, ledger)
    store = storage(out)
    if store.present(staging):
        for place, _ in store.walk(staging, lambda place, cause: None):
            for entry in list(ledger.select("staged = ? AND state = 'done'", place)):
                publish(ledger, out, entry, keep)
        store.sweep(staging)
    for entry in list(ledger.select("retires != '' AND state = 'done'")):
        _retire(ledger, out, entry, keep)


def adopt(ledger: Ledger, out: str, item: Item, sha256: str, staging: str) -> Published | None:
    """Take over the master of a take that was renamed; None where there is none to take over."""
    where = "take_sha256 = ? AND settings = ? AND take != ? AND state IN ('done', 'refused')"
    for old in list(ledger.select(where, sha256, item.settings, item.take.place)):
        if not gone(old.take) or _ending(old.name) != _ending(item.take.name):
            continue
        if declarations_in(old.stamp) != item.take.stamp.beside:
            continue  # other declarations, perhaps another verdict
        new = old._replace(
            take=item.take.place, name=item.take.name, stamp=str(item.take.stamp), tag=item.tag
        )
        if not old.output:  # refused, or only judged
            with ledger.transaction():
                ledger.rename(old, new, _moved(ledger, old, new, out))
            return Published(new, [])
        master = join(out, *old.output.split("/"))
        try:
            if storage(out).digest(master) != old.output_sha256:
                continue
            staged = storage(out).copy(master, staging)
        except OSError:
            continue
        new = new._replace(
            output=item.stem + old.output[len(tagged(old.name, old.tag)) :],
            staged=staged,
            replaces=old.output_sha256,
            retires=old.output,
        )
        with ledger.transaction():
            ledger.rename(old, new, _moved(ledger, old, new, out))
        entry, _ = publish(ledger, out, new, 0)  # the same bytes: nothing is replaced
        return Published(
            entry, [Problem(entry.output, f"renamed with its take, from {old.output}")]
        )
    return None


def _moved(ledger: Ledger, old: Entry, new: Entry, out: str) -> bytes | None:
    text = ledger.report(old)
    if text is None:
        return None
    report = Report.from_json(text)
    update: dict[str, object] = {"input": report.input.model_copy(update={"path": new.take})}
    if report.output is not None:
        place = join(out, *new.output.split("/"))
        update["output"] = report.output.model_copy(update={"path": place})
    return packed(report.model_copy(update=update).model_dump_json(by_alias=True))


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix
