"""A whole library at once: every take mastered, one bad file never in the way of the others.

    find takes → compare them with the ledger → work, file by file, on a workers → enter → publish

Whatever a run is killed by, the next one continues where it was: see ``ledger``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from asmrmaster.errors import InputError
from asmrmaster.library import publishing
from asmrmaster.library.discovery import Problem, Take, absolute, find, root
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.local_workers import LocalWorkers, Workers
from asmrmaster.library.lock import alone
from asmrmaster.library.paths import is_remote
from asmrmaster.library.plan import ALTERED, Item, Plan, plan
from asmrmaster.library.scheduler import Scheduler
from asmrmaster.library.schema import Entry
from asmrmaster.library.summary import Progress, Summary
from asmrmaster.library.task import message_of, target_name
from asmrmaster.presets.recipe import Recipe

RecipeFor = Callable[[Take], Recipe]


class RunOptions(TypedDict, total=False):
    """How a run goes about its work; everything may be left out.

    ledger: its file, among the masters by default. jobs: worker processes, one for each core by
    default; workers: others to do the work. force: make all again and replace what lies there.
    retry: try again what was refused or set aside. on_wait: called with a message where another run
    is at work on the same masters; without it that raises OutputError. on_progress: called as work
    goes on. on_take: called after every take that was worked on.
    """

    ledger: Path | None
    jobs: int | None
    workers: Workers | None
    force: bool
    retry: bool
    on_wait: Callable[[str], None] | None
    on_progress: Callable[[Progress], None] | None
    on_take: Callable[[Entry, Ledger], None] | None


def batch(given: Iterable[str], out: str, recipe: Recipe, **options: Unpack[RunOptions]) -> Summary:
    """Master all takes of ``given`` into ``out``, in the same tree of folders.

    Raises InputError or OutputError before any work, and before anything is written, where it
    cannot begin, and OutputError where the ledger cannot be written any more; other troubles are in
    the summary.
    """
    out = separate(given := list(given), out)
    takes, problems = takes_in(given, out)
    with opened(given, out, options) as records:
        return run(takes, records, out, lambda take: recipe, problems, **options)


def takes_in(given: list[str], out: str) -> tuple[list[Take], list[Problem]]:
    """The takes, at least one, and what is in the way of others. InputError where there is none:
    a disk that is not connected looks like that, too."""
    problems: list[Problem] = []
    takes = find(given, out, problems)
    if takes:
        return takes, problems
    names = [problem.name for problem in problems] or given
    others = f" (and {len(names) - 1} more like it)" if problems and len(names) > 1 else ""
    raise InputError(
        f"{problems[0].cause}{others}" if problems else "no sound or video is there",
        subject=names[0] if problems else ", ".join(names),
        hint="Nothing was begun; check the name, and that the disk is connected",
    )


@dataclass(frozen=True)
class Preview:
    """What a run would do. names: of the masters, by take. problems: what is in its way. seconds:
    on one worker, if known."""

    plan: Plan
    names: dict[str, str]
    problems: list[Problem]
    seconds: float | None


def preview(
    given: Iterable[str], out: str, recipe: Recipe, **options: Unpack[RunOptions]
) -> Preview:
    """What a run would do, as far as the headers of its takes show."""
    out = separate(given := list(given), out)
    takes, problems = takes_in(given, out)
    path = options.get("ledger") or default_ledger(out)
    records = Ledger(path) if path.is_file() else Ledger(Path(":memory:"), create=True)
    with records:
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
    return Preview(todo, names, problems, todo.size * spent_s / size if spent_s and size else None)


def _name(item: Item) -> str:
    """The name of a master before it is made; without its ending where the take is far away."""
    place = item.take.place
    return item.stem if is_remote(place) else target_name(item.stem, place, Path(place))


@contextmanager
def opened(given: list[str], out: str, options: RunOptions) -> Iterator[Ledger]:
    """The ledger of a folder of masters, created if need be, locked for this run and recovered."""
    with ExitStack() as stack:
        path = options.get("ledger") or default_ledger(out)
        records = stack.enter_context(Ledger(path, create=True))
        stack.enter_context(alone(records.path, records.holder, on_wait=options.get("on_wait")))
        records.bind(out)
        records.add_roots(root(absolute(source)) for source in given)
        publishing.recover(records, out)
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
    takes: Iterable[Take],
    records: Ledger,
    out: str,
    recipe_for: RecipeFor,
    problems: Iterable[Problem] = (),
    **options: Unpack[RunOptions],
) -> Summary:
    """One pass over these takes on an open ledger. problems: those found before it."""
    began = time.monotonic()
    todo = _planned(takes, records, out, recipe_for, options)
    summary = Summary(without=list(problems), unchanged=len(todo.standing))
    for entry in todo.altered:
        summary.without.append(Problem(entry.name, ALTERED))
    summary.takes = len(todo.items) + len(todo.standing) + len(summary.without)
    for entry in todo.standing:
        summary.count(entry)
    if todo.items:
        with workers_for(options, at_most=len(todo.items)) as workers:
            on_progress, on_take = options.get("on_progress"), options.get("on_take")
            Scheduler(records, out, workers, summary, on_progress, on_take).run(todo)
    summary.seconds = time.monotonic() - began
    return summary


def _planned(
    takes: Iterable[Take], ledger: Ledger, out: str, recipe_for: RecipeFor, options: RunOptions
) -> Plan:
    force, retry = options.get("force", False), options.get("retry", False)
    return plan(takes, ledger, out, recipe_for, force=force, retry=retry)


def separate(given: Iterable[str], out: str) -> str:
    """``out`` as an absolute place; InputError if it is one of the folders the takes come from."""
    place = absolute(out)
    if any(absolute(source) == place for source in given):
        raise InputError(
            "takes and masters would lie in the same folder",
            subject=place,
            hint="Name another folder for the masters",
        )
    return place
