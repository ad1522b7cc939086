"""A whole library at once: every take mastered, one bad file never in the way of the others.

    find takes → compare them with the ledger → work, file by file, on a workers → enter → publish

Whatever a run is killed by, the next one continues where it was: see ``ledger``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Unpack

from asmrmaster.errors import InputError
from asmrmaster.library import publishing
from asmrmaster.library.causes import EXIT_LOST, EXIT_NOTHING_BEGUN, LedgerError
from asmrmaster.library.discovery import Problem, Take, absolute, find, root
from asmrmaster.library.ledger import WORK_FOLDER, Ledger, default_ledger
from asmrmaster.library.local_workers import LocalWorkers, Workers
from asmrmaster.library.lock import alone
from asmrmaster.library.options import KEPT, RunOptions
from asmrmaster.library.paths import is_remote, join
from asmrmaster.library.plan import ALTERED, Item, Plan, plan
from asmrmaster.library.scheduler import Scheduler
from asmrmaster.library.summary import Summary
from asmrmaster.library.task import message_of, target_name
from asmrmaster.presets.recipe import Recipe

RecipeFor = Callable[[Take], Recipe]


def batch(given: Iterable[str], out: str, recipe: Recipe, **options: Unpack[RunOptions]) -> Summary:
    """Master all takes of ``given`` into ``out``, in the same tree of folders.

    Raises InputError or OutputError before any work, and before anything is written, where it
    cannot begin, and OutputError where the ledger cannot be written any more; other troubles are in
    the summary.
    """
    out = separate(given := list(given), out)
    listed = takes_in(given, out)
    with opened(given, out, options) as records:
        return run(listed, records, out, lambda take: recipe, **options)


class Listed(NamedTuple):
    """The takes that are meant, what is in the way of others, and how many were left out."""

    takes: list[Take]
    problems: list[Problem]
    skipped: Counter[str]


def takes_in(given: list[str], out: str) -> Listed:
    """The takes, at least one. InputError where there is none: a disk that is not connected looks
    like that, too."""
    problems: list[Problem] = []
    skipped: Counter[str] = Counter()
    takes = find(given, out, problems, skipped)
    if takes:
        return Listed(takes, problems, skipped)
    names = [problem.name for problem in problems] or given
    others = f" (and {len(names) - 1} more like it)" if problems and len(names) > 1 else ""
    raise InputError(
        f"{problems[0].cause}{others}" if problems else "no sound or video is there",
        subject=names[0] if problems else ", ".join(names),
        hint="Nothing was begun; check the name, and that the disk is connected",
    )


def check(given: Iterable[str], recipe: Recipe, **options: Unpack[RunOptions]) -> Summary:
    """Judge all takes of ``given`` as they are, and keep the verdicts in a ledger.

    The ledger lies in the one folder that is given, hidden, unless it is named. Of the recipe only
    its profile counts. Raises as ``batch`` does.
    """
    given = list(given)
    out, options = for_checks(given, options)
    listed = takes_in(given, out)
    with opened(given, out, options) as records:
        return run(listed, records, out, lambda take: recipe, **options)


def for_checks(given: list[str], options: RunOptions) -> tuple[str, RunOptions]:
    """Where takes are not looked for, and the options, where takes are only judged.

    Raises InputError where it is not clear where the ledger shall lie.
    """
    place, ledger = absolute(given[0]), options.get("ledger")
    if ledger is None and (len(given) > 1 or is_remote(place) or not Path(place).is_dir()):
        raise InputError(
            "where the verdicts shall be kept is not clear",
            subject=", ".join(given),
            hint="Say --ledger FILE; for one folder on a disk it lies in that",
        )
    path = ledger or default_ledger(place, checks=True)
    return join(place, WORK_FOLDER), {**options, "ledger": path, "check": True}


@dataclass(frozen=True)
class Preview:
    """What a run would do. names: of the masters, by take. problems: what is in its way. seconds:
    on one worker, if known. skipped: what was left out of folders, counted."""

    plan: Plan
    names: dict[str, str]
    problems: list[Problem]
    seconds: float | None
    skipped: Counter[str]


def preview(
    given: Iterable[str], out: str, recipe: Recipe, **options: Unpack[RunOptions]
) -> Preview:
    """What a run would do, as far as the headers of its takes show."""
    given = list(given)
    if not options.get("check"):
        out = separate(given, out)
    takes, problems, skipped = takes_in(given, out)
    path = options.get("ledger") or default_ledger(out)
    there = path.is_file()
    with Ledger(path, write=False) if there else Ledger(Path(":memory:"), create=True) as records:
        todo = _planned(takes, records, out, lambda take: recipe, options)
        row = records.first_row("SELECT sum(seconds), sum(size) FROM masters WHERE state = 'done'")
    spent_s, size = row or (None, None)
    names: dict[str, str] = {}
    for item in todo.items:
        try:
            names[item.take.place] = _name(item)
        except InputError as error:
            problems.append(Problem(item.take.name, message_of(error)))
    todo.items = [item for item in todo.items if item.take.place in names]
    seconds = todo.size * spent_s / size if spent_s and size else None
    return Preview(todo, names, problems, seconds, skipped)


def _name(item: Item) -> str:
    """The name of a master before it is made; without its ending where the take is far away."""
    place = item.take.place
    if item.check:
        return "judged as it is"
    return item.stem if is_remote(place) else target_name(item.stem, place, Path(place))


@contextmanager
def opened(given: list[str], out: str, options: RunOptions) -> Iterator[Ledger]:
    """The ledger of a folder of masters, created if need be, locked for this run and recovered."""
    with ExitStack() as stack:
        path = options.get("ledger") or default_ledger(out)
        records = stack.enter_context(Ledger(path, create=True))
        stack.enter_context(alone(records.path, records.holder, on_wait=options.get("on_wait")))
        if not options.get("check"):
            records.bind(out)
        records.add_roots(root(absolute(source)) for source in given)
        records.move_reports_out()
        publishing.recover(records, out, options.get("keep", KEPT))
        run = records.begin()
        yield records
        records.end(run)


@contextmanager
def workers_for(options: RunOptions, at_most: int | None = None) -> Iterator[Workers]:
    """The workers that were asked for, or processes of this machine."""
    workers = options.get("workers")
    if workers is not None:
        yield workers
        return
    with LocalWorkers(options.get("jobs"), at_most=at_most) as local:
        yield local


def run(
    listed: Listed, records: Ledger, out: str, recipe_for: RecipeFor, **options: Unpack[RunOptions]
) -> Summary:
    """One pass over these takes on an open ledger."""
    began = time.monotonic()
    todo = _planned(listed.takes, records, out, recipe_for, options)
    summary = Summary(
        without=list(listed.problems), unchanged=len(todo.standing), skipped=listed.skipped
    )
    if options.get("check"):
        summary.verb = "judged"
    for entry in todo.altered:
        summary.without.append(Problem(entry.name, ALTERED, "master-changed"))
    summary.takes = len(todo.items) + len(todo.standing) + len(summary.without)
    for entry in todo.standing:
        summary.count(entry)
    if todo.items:
        with workers_for(options, at_most=len(todo.items)) as workers:
            try:
                Scheduler(records, out, workers, summary, options).run(todo)
            except LedgerError as error:
                if error.exit_code == EXIT_NOTHING_BEGUN:
                    error.exit_code = EXIT_LOST  # it was usable when the run began
                raise
        records.back_up()
    summary.seconds = time.monotonic() - began
    return summary


def _planned(
    takes: Iterable[Take], ledger: Ledger, out: str, recipe_for: RecipeFor, options: RunOptions
) -> Plan:
    force, retry = options.get("force", False), options.get("retry", False)
    checksum = options.get("checksum", False)
    return plan(
        takes, ledger, out, recipe_for, force=force, retry=retry, checksum=checksum,
        check=options.get("check", False),
    )  # fmt: skip


def separate(given: Iterable[str], out: str) -> str:
    """``out`` as an absolute place; InputError if it is one of the folders the takes come from."""
    place = absolute(out)
    if place != place.encode("utf-8", "replace").decode():
        raise InputError(
            "the name of the folder for the masters is not text (UTF-8)",
            subject=place,
            hint="Name another folder",
        )
    if any(absolute(source) == place for source in given):
        raise InputError(
            "takes and masters would lie in the same folder",
            subject=place,
            hint="Name another folder for the masters",
        )
    return place
