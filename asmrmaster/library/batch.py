"""A whole library at once: every take mastered, one bad file never in the way of the others.

    find takes → hold them against the ledger → work, file by file, on a crew → enter → publish

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
from asmrmaster.library.task import target_name, told
from asmrmaster.presets.recipe import Recipe

RecipeFor = Callable[[Take], Recipe]


class RunOptions(TypedDict, total=False):
    """How a run goes about its work; everything may be left out.

    ledger: its file, among the masters unless told. jobs: worker processes, one for each core
    unless told; crew: others to do the work. force: make all again and replace what lies there.
    retry: try again what was refused or set aside. waiting: told whom it waits for, where another
    run is at work; without it that raises OutputError. tell: told of progress. each: told of every
    take that was worked on.
    """

    ledger: Path | None
    jobs: int | None
    crew: Workers | None
    force: bool
    retry: bool
    waiting: Callable[[str], None] | None
    tell: Callable[[Progress], None] | None
    each: Callable[[Entry, Ledger], None] | None


def batch(given: Iterable[str], out: str, recipe: Recipe, **manner: Unpack[RunOptions]) -> Summary:
    """Master all takes of ``given`` into ``out``, in the same tree of folders.

    Raises InputError or OutputError before any work, and before anything is written, where it
    cannot begin, and OutputError where the ledger cannot be written any more; other troubles are in
    the summary.
    """
    out = separate(given := list(given), out)
    takes, problems = takes_in(given, out)
    with opened(given, out, manner) as book:
        return run(takes, book, out, lambda take: recipe, problems, **manner)


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


def look(given: Iterable[str], out: str, recipe: Recipe, **manner: Unpack[RunOptions]) -> Preview:
    """What a run would do, as far as the headers of its takes tell."""
    out = separate(given := list(given), out)
    takes, problems = takes_in(given, out)
    path = manner.get("ledger") or default_ledger(out)
    book = Ledger(path) if path.is_file() else Ledger(Path(":memory:"), create=True)
    with book:
        todo = _planned(takes, book, out, lambda take: recipe, manner)
        row = book.one("SELECT sum(seconds), sum(size) FROM masters WHERE state = 'done'")
    spent_s, size = row or (None, None)
    names: dict[str, str] = {}
    for item in todo.items:
        try:
            names[item.take.place] = _name(item)
        except InputError as error:
            problems.append(Problem(item.take.name, told(error)))
    todo.items = [item for item in todo.items if item.take.place in names]
    return Preview(todo, names, problems, todo.size * spent_s / size if spent_s and size else None)


def _name(item: Item) -> str:
    """The name of a master before it is made; without its ending where the take is far away."""
    place = item.take.place
    return item.stem if is_remote(place) else target_name(item.stem, place, Path(place))


@contextmanager
def opened(given: list[str], out: str, manner: RunOptions) -> Iterator[Ledger]:
    """The ledger of a folder of masters, begun if need be, for this run alone and tidied up."""
    with ExitStack() as stack:
        path = manner.get("ledger") or default_ledger(out)
        book = stack.enter_context(Ledger(path, create=True))
        stack.enter_context(alone(book.path, book.holder, waiting=manner.get("waiting")))
        book.belong(out)
        book.come_from(root(absolute(one)) for one in given)
        publishing.recover(book, out)
        run = book.begin()
        yield book
        book.end(run)


@contextmanager
def crewed(manner: RunOptions, at_most: int | None = None) -> Iterator[Workers]:
    """The crew that was asked for, or processes of this machine."""
    crew = manner.get("crew")
    if crew is not None:
        yield crew
        return
    with LocalWorkers(manner.get("jobs"), at_most=at_most) as local:
        yield local


def run(
    takes: Iterable[Take],
    book: Ledger,
    out: str,
    recipe_for: RecipeFor,
    problems: Iterable[Problem] = (),
    **manner: Unpack[RunOptions],
) -> Summary:
    """One pass over these takes on an open ledger. problems: those found before it."""
    began = time.monotonic()
    todo = _planned(takes, book, out, recipe_for, manner)
    summary = Summary(without=list(problems), unchanged=len(todo.standing))
    for entry in todo.altered:
        summary.without.append(Problem(entry.name, ALTERED))
    summary.takes = len(todo.items) + len(todo.standing) + len(summary.without)
    for entry in todo.standing:
        summary.count(entry)
    if todo.items:
        with crewed(manner, at_most=len(todo.items)) as crew:
            tell, each = manner.get("tell"), manner.get("each")
            Scheduler(book, out, crew, summary, tell, each).go(todo)
    summary.seconds = time.monotonic() - began
    return summary


def _planned(
    takes: Iterable[Take], ledger: Ledger, out: str, recipe_for: RecipeFor, manner: RunOptions
) -> Plan:
    force, retry = manner.get("force", False), manner.get("retry", False)
    return plan(takes, ledger, out, recipe_for, force=force, retry=retry)


def separate(given: Iterable[str], out: str) -> str:
    """``out`` as an absolute place; InputError if it is one of the folders the takes come from."""
    place = absolute(out)
    if any(absolute(one) == place for one in given):
        raise InputError(
            "takes and masters would lie in the same folder",
            subject=place,
            hint="Name another folder for the masters",
        )
    return place
