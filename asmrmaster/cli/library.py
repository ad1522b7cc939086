"""Commands on a folder of masters: what its ledger knows, and keeping it in order."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from asmrmaster.cli.help import group, note
from asmrmaster.cli.options import options, profile_option
from asmrmaster.cli.progress import progress
from asmrmaster.cli.results import EXIT_MEETS, EXIT_NO_VERDICT, code_of, exit_code
from asmrmaster.errors import one_line

if TYPE_CHECKING:
    from asmrmaster.library.ledger import Ledger
    from asmrmaster.library.queries import Choice


@group(examples=(("asmrmaster library list masters", "Takes, their verdicts and their masters."),))
def library() -> None:
    """What the ledger of a folder of masters knows."""


VERDICTS = ("meets", "meets with advisories", "does not meet", "not assessed")
STATES = ("done", "refused", "failed", "aside", "replaced")
_choice = options(
    click.option("--verdict", type=click.Choice(VERDICTS), help="Only this verdict."),
    click.option("--state", type=click.Choice(STATES), help="Only this state."),
    click.option("--preset", default="", help="Only this preset."),
    click.option("--by", "profile_id", default="", help="Only those judged by this profile."),
    click.option("--name", default="", help="Only names with this in them, or fitting a pattern."),
)
_where = click.argument("where", metavar="OUT", type=click.Path(path_type=Path))


def _open(where: Path, *, write: bool = False) -> Ledger:
    """The ledger in a folder of masters or of checked files, or at a path of its own."""
    from asmrmaster.library.ledger import Ledger, default_ledger

    if not where.is_dir():
        return Ledger(where, write=write)
    made, checked = default_ledger(str(where)), default_ledger(str(where), checks=True)
    return Ledger(made if made.is_file() or not checked.is_file() else checked, write=write)


def _chosen(ledger: Ledger, profile_id: str, **given: str | None) -> Choice:
    """What was asked for. InputError where no take was ever made or judged so."""
    from asmrmaster.library.queries import Choice, sure

    named = {name: value for name, value in given.items() if value is not None}
    return sure(ledger, Choice(profile=profile_id, **named))


def _print(lines: Iterable[str]) -> None:
    """Many lines, a thousand at a time."""
    rest = iter(lines)
    while chunk := list(islice(rest, 1000)):
        click.echo("\n".join(chunk))


@library.command(
    name="list",
    examples=(
        (
            'asmrmaster library list masters --verdict "does not meet"',
            "Which masters do not meet, and where they lie.",
        ),
    ),
)
@_where
@_choice
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(where: Path, limit: int | None, as_json: bool, **choice: Any) -> None:
    """Takes, what became of them, and their masters."""
    from asmrmaster.library.queries import rows
    from asmrmaster.views import library as words

    with _open(where) as ledger:
        found = rows(ledger, _chosen(ledger, **choice), limit)
        if as_json:
            _print(json.dumps(row._asdict(), ensure_ascii=False) for row in found)
        else:
            _print(words.table(found))


@library.command(
    examples=(("asmrmaster library show masters rain.wav", "Everything known of one take."),)
)
@_where
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.option("--full", is_flag=True, help="Also print every figure, criterion and edit.")
def show(where: Path, name: str, as_json: bool, full: bool) -> None:
    """The report on one take or master, under all settings it was made by."""
    from asmrmaster.library.queries import report_on
    from asmrmaster.views import text

    with _open(where) as ledger:
        reports = report_on(ledger, name)
    if as_json:
        data = [report.to_dict() for report in reports]
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join(text.render(report, full=full) for report in reports))
    sys.exit(exit_code(reports))


@library.command(
    examples=(
        (
            "asmrmaster library export masters -o masters.csv",
            "All figures of all takes, for a spreadsheet.",
        ),
    )
)
@_where
@_choice
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
              help="A .csv, .json, .jsonl or .parquet file; else CSV is printed.")  # fmt: skip
def export(where: Path, output: Path | None, **choice: Any) -> None:
    """A table of all takes with all their figures."""
    from asmrmaster.library.export import export as write

    with _open(where) as ledger:
        write(ledger, output or sys.stdout, _chosen(ledger, **choice))


@library.command(
    examples=(
        (
            "asmrmaster library report masters reports --as html --as csv",
            "A page for each master, and one table of all.",
        ),
    )
)
@_where
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@_choice
@click.option("--as", "kinds", type=click.Choice(["html", "json", "text", "sheet", "csv", "junit"]),
              multiple=True, default=("html", "json", "text", "sheet"), show_default=True,
              help="What to write; may be repeated.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace existing files.")
def report(where: Path, folder: Path, kinds: tuple[str, ...], force: bool, **choice: Any) -> None:
    """Write the reports on all masters below DIR, in the same tree; no audio needed."""
    from asmrmaster.views.library_reports import write

    with _open(where) as ledger:
        count = write(ledger, _chosen(ledger, **choice), folder, kinds, force=force)
    click.echo(f"{count} reports in {one_line(str(folder))}.")
    sys.exit(EXIT_MEETS if count else EXIT_NO_VERDICT)


@library.command(
    examples=(
        (
            "asmrmaster library rebuild masters",
            "A new ledger from the masters and the reports on them.",
        ),
    )
)
@click.argument("where", metavar="OUT")
@click.argument("saved", nargs=-1, metavar="[REPORTS]...",
                type=click.Path(exists=True, file_okay=False, path_type=Path))  # fmt: skip
@click.option("--ledger", "path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the ledger shall lie. Default: OUT/.asmrmaster/ledger.db.")  # fmt: skip
def rebuild(where: str, saved: tuple[Path, ...], path: Path | None) -> None:
    """Make a lost ledger anew.

    It goes by the reports beside it, and by those saved in the folders REPORTS. Where a copy of the
    ledger is left (ledger.db.backup), rename that instead.
    """
    from asmrmaster.library.discovery import absolute
    from asmrmaster.library.ledger import default_ledger
    from asmrmaster.library.rebuild import rebuild as anew

    out = absolute(where)
    found = anew(path or default_ledger(out), out, saved)
    if found.lost or found.unread:
        note(
            f"{found.lost} reports whose master is gone or was changed since,"
            f" {found.unread} that cannot be read."
        )
    click.echo(f"{found.entered} masters are known again. Run batch: it compares their takes once.")
    sys.exit(EXIT_MEETS if found.entered else EXIT_NO_VERDICT)


@library.command(
    examples=(
        (
            "asmrmaster library verify masters",
            "Lists what is damaged or gone; exit code 0 where nothing is.",
        ),
    )
)
@_where
def verify(where: Path) -> None:
    """Read every master again: is it there, and the same as when it was made?"""
    from asmrmaster.library.maintenance import verify as read_again

    checked, wrong = 0, 0
    with _open(where) as ledger, progress("Reading masters") as update:
        for entry, problem in read_again(ledger, update):
            checked += 1
            if problem:
                wrong += 1
                click.echo(one_line(f"{entry.output or entry.name}: {problem}"))
    click.echo(f"{checked - wrong} of {checked} masters are whole and unchanged.")
    sys.exit(EXIT_NO_VERDICT if wrong else EXIT_MEETS)


@library.command(
    examples=(
        ("asmrmaster library prune masters", "What would be forgotten."),
        (
            "asmrmaster library prune masters --yes --masters",
            "Forget it, and remove masters nobody changed.",
        ),
    )
)
@_where
@click.option("--masters", is_flag=True, help="Also remove their masters, if nobody changed them.")
@click.option("--deleted", multiple=True, metavar="FOLDER",
              help="This folder of takes is gone for good; may be repeated.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do it; without this it is only listed.")
def prune(where: Path, masters: bool, deleted: tuple[str, ...], yes: bool) -> None:
    """Forget takes that are gone.

    Where none of the takes of a folder is there, its disk may only not be connected: they are kept.
    """
    from asmrmaster.library.discovery import absolute
    from asmrmaster.library.lock import alone
    from asmrmaster.library.maintenance import orphaned, orphans
    from asmrmaster.library.maintenance import prune as forget

    count = 0
    with ExitStack() as stack:
        ledger = stack.enter_context(_open(where, write=yes))
        if yes:
            stack.enter_context(alone(ledger.path, ledger.holder))
        found = orphans(ledger, [absolute(folder) for folder in deleted])
        for entry in orphaned(ledger, found):
            count += 1
            click.echo(one_line(f"{entry.take}  ->  {entry.output or entry.cause}"))
        if yes:
            forget(ledger, found, masters=masters)
    for root, takes in found.away.items():
        note(
            f"{root}: none of its takes ({takes}) is there, so none is forgotten. Connect the disk"
            f" or share; or, if they are gone for good, say --deleted {shlex.quote(root)}"
        )
    click.echo(f"{count} {'forgotten' if yes or not count else 'to forget: add --yes'}.")
    sys.exit(EXIT_NO_VERDICT if found.away else EXIT_MEETS)


@library.command(
    examples=(
        (
            "asmrmaster library rescore masters --profile sleep",
            "Which masters another profile accepts.",
        ),
    )
)
@_where
@profile_option
@_choice
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def rescore(where: Path, profile: str | None, as_json: bool, **choice: Any) -> None:
    """Judge all masters by another profile, from what was measured then; no audio needed."""
    from asmrmaster.library.queries import judge_again
    from asmrmaster.presets.recipe import load_profile
    from asmrmaster.views import library as words

    asked = load_profile(profile)
    verdicts: Counter[str] = Counter()
    with _open(where) as ledger:
        for row, report in judge_again(ledger, asked, _chosen(ledger, **choice)):
            verdicts[report.verdict] += 1
            again = {"name": row.name, "before": row.verdict, "verdict": report.verdict}
            line = words.again(row, report)
            click.echo(json.dumps(again, ensure_ascii=False) if as_json else line)
    counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    click.echo(f"{asked.id} {asked.version}: {counted or 'no masters'}", err=as_json)
    sys.exit(code_of(verdicts))


COMMANDS = (library,)
