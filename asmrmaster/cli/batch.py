"""The command on many files: batch."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asmrmaster.cli.options import read_settings, recipe_options
from asmrmaster.cli.results import EXIT_MEETS, EXIT_NO_VERDICT

if TYPE_CHECKING:
    from asmrmaster.library.summary import Progress, Summary

ledger_option = click.option(
    "--ledger",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ledger's file. Default: OUT/.asmrmaster/ledger.db.",
)


@click.command()
@click.argument("given", nargs=-1, required=True, metavar="IN... OUT")
@recipe_options
@click.option("--jobs", "-j", type=int, metavar="N", help="Takes at a time. Default: one a core.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--force", is_flag=True, help="Make all again and replace what lies there.")
@click.option("--retry", is_flag=True, help="Try again what was refused or set aside.")
@click.option("--wait", "wait_for_it", is_flag=True, help="Wait for another run on OUT to end.")
@ledger_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def batch(
    given: tuple[str, ...],
    preset: str,
    profile: str | None,
    eq: str | None,
    settings: tuple[str, ...],
    target: float | None,
    jobs: int | None,
    dry_run: bool,
    force: bool,
    retry: bool,
    wait_for_it: bool,
    ledger: Path | None,
    as_json: bool,
) -> None:
    """Master every take in IN into OUT, in the same tree of folders.

    IN is a folder, a pattern, a list (.txt, .m3u: one take a line) or a file, on a disk or in
    object storage (s3://…). A second run does only what changed; a killed one is continued by the
    next. One bad file never stops the others.
    """
    if len(given) < 2:
        raise click.UsageError("name where the takes are, then the folder for the masters")
    from asmrmaster import mastering
    from asmrmaster.library.batch import batch as run
    from asmrmaster.library.batch import look
    from asmrmaster.library.crew import usable_cores
    from asmrmaster.views import library as words

    *takes, out = given
    recipe = mastering.recipe(
        preset=preset, profile=profile, eq=eq, settings=read_settings(settings, target)
    )
    if dry_run:
        plan, problems, seconds = look(takes, out, recipe, ledger=ledger, force=force, retry=retry)
        click.echo(words.planned(plan, problems, seconds, jobs or usable_cores()))
        sys.exit(EXIT_NO_VERDICT if problems else EXIT_MEETS)
    with _Line() as line:
        found = run(
            takes, out, recipe, ledger=ledger, jobs=jobs, force=force, retry=retry,
            waiting=_say if wait_for_it else None, tell=line.tell,
        )  # fmt: skip
    click.echo(json.dumps(_data(found), indent=2) if as_json else words.summary(found))
    sys.exit(found.exit_code)


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Line:
    """A line of progress on standard error: rewritten on a terminal, else one every 10 s."""

    def __init__(self) -> None:
        self._tty = sys.stderr.isatty()
        self._shown = time.monotonic()
        self._drawn = False

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *error: object) -> None:
        if self._drawn and self._tty:
            click.echo("\r\x1b[K", err=True, nl=False)

    def tell(self, now: Progress) -> None:
        if time.monotonic() - self._shown < (0.2 if self._tty else 10):
            return
        from asmrmaster.views import library as words

        self._shown, self._drawn = time.monotonic(), True
        text = words.progress(now)
        click.echo(f"\r{text}\x1b[K" if self._tty else text, err=True, nl=not self._tty)


def _data(found: Summary) -> dict[str, object]:
    return {**asdict(found), "verdicts": dict(found.verdicts)}


COMMANDS = (batch,)
