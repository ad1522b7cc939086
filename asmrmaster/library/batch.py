"""A whole library at once: every take mastered, one bad file never in the way of the others.

    find takes → hold them against the ledger → work, file by file, on a crew → enter → publish

Whatever a run is killed by, the next one continues where it was: see ``ledger``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from asmrmaster.errors import InputError, OutputError
from asmrmaster.library import publishing
from asmrmaster.library.crew import Crew, Local
from asmrmaster.library.ledger import WORKSHOP, Entry, Ledger
from asmrmaster.library.lock import alone
from asmrmaster.library.loop import Loop
from asmrmaster.library.plan import ALTERED, Plan, plan
from asmrmaster.library.storage import is_remote
from asmrmaster.library.summary import Progress, Summary
from asmrmaster.library.takes import Problem, Take, absolute, find
from asmrmaster.mastering import Recipe

RecipeFor = Callable[[Take], Recipe]


def default_ledger(out: str) -> Path:
    """Where the ledger lies unless told. OutputError for object storage, which holds none."""
    if is_remote(out):
        raise OutputError(
            "a ledger cannot lie in object storage",
            subject=out,
            hint="Say --ledger FILE, on a disk of this machine",
        )
    return Path(out) / WORKSHOP / "ledger.db"


@contextmanager
def opened(
    out: str, ledger: Path | None = None, *, waiting: Callable[[str], None] | None = None
) -> Iterator[Ledger]:
    """The ledger of a folder of masters, begun if need be, for this run alone and tidied up."""
    with ExitStack() as stack:
        book = stack.enter_context(Ledger(ledger or default_ledger(out), create=True))
        stack.enter_context(alone(book.path, book.holder, waiting=waiting))
        book.belong(out)
        publishing.recover(book, out)
        run = book.begin()
        yield book
        book.end(run)


def look(
    given: Iterable[str],
    out: str,
    recipe: Recipe,
    *,
    ledger: Path | None = None,
    force: bool = False,
    retry: bool = False,
) -> tuple[Plan, list[Problem], float | None]:
    """What a run would do, what would be in its way, and its seconds on one worker, if known."""
    out = _separate(given := list(given), out)
    problems: list[Problem] = []
    takes = find(given, out, problems)
    path = ledger or default_ledger(out)
    book = Ledger(path) if path.is_file() else Ledger(Path(":memory:"), create=True)
    with book:
        todo = plan(takes, book, out, lambda take: recipe, force=force, retry=retry)
        row = book.one("SELECT sum(seconds), sum(size) FROM masters WHERE state = 'done'")
    spent_s, size = row or (None, None)
    return todo, problems, todo.size * spent_s / size if spent_s and size else None


def batch(
    given: Iterable[str],
    out: str,
    recipe: Recipe,
    *,
    ledger: Path | None = None,
    jobs: int | None = None,
    crew: Crew | None = None,
    force: bool = False,
    retry: bool = False,
    waiting: Callable[[str], None] | None = None,
    tell: Callable[[Progress], None] | None = None,
    each: Callable[[Entry], None] | None = None,
) -> Summary:
    """Master all takes of ``given`` into ``out``, in the same tree of folders.

    ledger: its file, in ``out`` unless told. jobs: worker processes, one for each core unless told;
    crew: others to do the work. force, retry: see ``plan``. waiting: told whom it waits for, where
    another run is at work; without it that raises OutputError. tell: told of progress; each: of
    every take that was worked on.

    Raises InputError or OutputError before any work where it cannot begin; later troubles are in
    the summary.
    """
    out = _separate(given := list(given), out)
    problems: list[Problem] = []
    takes = find(given, out, problems)
    with opened(out, ledger, waiting=waiting) as book:
        return run(
            takes, book, out, lambda take: recipe,
            problems=problems, jobs=jobs, crew=crew, force=force, retry=retry, tell=tell, each=each,
        )  # fmt: skip


def run(
    takes: Iterable[Take],
    ledger: Ledger,
    out: str,
    recipe_for: RecipeFor,
    *,
    problems: Iterable[Problem] = (),
    jobs: int | None = None,
    crew: Crew | None = None,
    force: bool = False,
    retry: bool = False,
    tell: Callable[[Progress], None] | None = None,
    each: Callable[[Entry], None] | None = None,
) -> Summary:
    """One pass over these takes on an open ledger."""
    began = time.monotonic()
    todo = plan(takes, ledger, out, recipe_for, force=force, retry=retry)
    summary = Summary(without=list(problems))
    summary.unchanged = len(todo.standing)
    for entry in todo.standing:
        summary.count(entry)
    for entry in todo.altered:
        summary.without.append(Problem(entry.name, ALTERED))
    summary.takes = len(todo.items) + len(todo.standing) + len(todo.altered)
    if todo.items:
        with ExitStack() as stack:
            if crew is None:
                crew = stack.enter_context(Local(jobs, at_most=len(todo.items)))
            Loop(ledger, out, crew, summary, tell, each).go(todo)
    summary.seconds = time.monotonic() - began
    return summary


def _separate(given: Iterable[str], out: str) -> str:
    """``out`` as an absolute place; InputError if it is one of the folders the takes come from."""
    place = absolute(out)
    if any(absolute(one) == place for one in given):
        raise InputError(
            "takes and masters would lie in the same folder",
            subject=place,
            hint="Name another folder for the masters",
        )
    return place
