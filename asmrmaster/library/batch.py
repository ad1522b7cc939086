"""A whole library at once: every take mastered, one bad file never in the way of the others.

    find takes → hold them against the ledger → work, file by file, on a crew → enter → publish

Whatever a run is killed by, the next one continues where it was: see ``ledger``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from asmrmaster.errors import InputError
from asmrmaster.library import publishing
from asmrmaster.library.crew import Crew, Local
from asmrmaster.library.entries import Entry
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.lock import alone
from asmrmaster.library.loop import Loop
from asmrmaster.library.plan import ALTERED, Plan, plan
from asmrmaster.library.summary import Progress, Summary
from asmrmaster.library.takes import Problem, Take, absolute, find
from asmrmaster.recipes import Recipe

RecipeFor = Callable[[Take], Recipe]


class Manner(TypedDict, total=False):
    """How a run goes about its work; everything may be left out.

    ledger: its file, among the masters unless told. jobs: worker processes, one for each core
    unless told; crew: others to do the work. force: make all again and replace what lies there.
    retry: try again what was refused or set aside. waiting: told whom it waits for, where another
    run is at work; without it that raises OutputError. tell: told of progress. each: told of every
    take that was worked on.
    """

    ledger: Path | None
    jobs: int | None
    crew: Crew | None
    force: bool
    retry: bool
    waiting: Callable[[str], None] | None
    tell: Callable[[Progress], None] | None
    each: Callable[[Entry, Ledger], None] | None


def batch(given: Iterable[str], out: str, recipe: Recipe, **manner: Unpack[Manner]) -> Summary:
    """Master all takes of ``given`` into ``out``, in the same tree of folders.

    Raises InputError or OutputError before any work where it cannot begin, and OutputError where
    the ledger cannot be written any more; other troubles are in the summary.
    """
    out = separate(given := list(given), out)
    problems: list[Problem] = []
    takes = find(given, out, problems)
    with opened(out, manner) as book:
        return run(takes, book, out, lambda take: recipe, problems, **manner)


def look(
    given: Iterable[str], out: str, recipe: Recipe, **manner: Unpack[Manner]
) -> tuple[Plan, list[Problem], float | None]:
    """What a run would do, what would be in its way, and its seconds on one worker, if known."""
    out = separate(given := list(given), out)
    problems: list[Problem] = []
    takes = find(given, out, problems)
    path = manner.get("ledger") or default_ledger(out)
    book = Ledger(path) if path.is_file() else Ledger(Path(":memory:"), create=True)
    with book:
        todo = _planned(takes, book, out, lambda take: recipe, manner)
        row = book.one("SELECT sum(seconds), sum(size) FROM masters WHERE state = 'done'")
    spent_s, size = row or (None, None)
    return todo, problems, todo.size * spent_s / size if spent_s and size else None


@contextmanager
def opened(out: str, manner: Manner) -> Iterator[Ledger]:
    """The ledger of a folder of masters, begun if need be, for this run alone and tidied up."""
    with ExitStack() as stack:
        path = manner.get("ledger") or default_ledger(out)
        book = stack.enter_context(Ledger(path, create=True))
        stack.enter_context(alone(book.path, book.holder, waiting=manner.get("waiting")))
        book.belong(out)
        publishing.recover(book, out)
        run = book.begin()
        yield book
        book.end(run)


@contextmanager
def crewed(manner: Manner, at_most: int | None = None) -> Iterator[Crew]:
    """The crew that was asked for, or processes of this machine."""
    crew = manner.get("crew")
    if crew is not None:
        yield crew
        return
    with Local(manner.get("jobs"), at_most=at_most) as local:
        yield local


def run(
    takes: Iterable[Take],
    book: Ledger,
    out: str,
    recipe_for: RecipeFor,
    problems: Iterable[Problem] = (),
    **manner: Unpack[Manner],
) -> Summary:
    """One pass over these takes on an open ledger. problems: those found before it."""
    began = time.monotonic()
    todo = _planned(takes, book, out, recipe_for, manner)
    summary = Summary(without=list(problems), unchanged=len(todo.standing))
    for entry in todo.standing:
        summary.count(entry)
    for entry in todo.altered:
        summary.without.append(Problem(entry.name, ALTERED))
    summary.takes = len(todo.items) + len(todo.standing) + len(todo.altered)
    if todo.items:
        with crewed(manner, at_most=len(todo.items)) as crew:
            tell, each = manner.get("tell"), manner.get("each")
            Loop(book, out, crew, summary, tell, each).go(todo)
    summary.seconds = time.monotonic() - began
    return summary


def _planned(
    takes: Iterable[Take], ledger: Ledger, out: str, recipe_for: RecipeFor, manner: Manner
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
