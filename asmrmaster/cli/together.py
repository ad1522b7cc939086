"""The commands for those who choose and hand on: tracks side by side, and a listening plan."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from asmrmaster.cli.help import command
from asmrmaster.cli.options import profile_option
from asmrmaster.cli.progress import progress
from asmrmaster.cli.results import EXIT_NO_VERDICT
from asmrmaster.errors import AsmrmasterError

SAVED = (".json", ".html", ".htm")


@command(
    examples=(
        (
            "asmrmaster compare rain.wav sea.wav rain.report.json -o compare.html",
            "One page with a row for each track.",
        ),
    )
)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path))  # fmt: skip
@profile_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="Page to write.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an existing file.")
def compare(paths: Sequence[Path], profile: str | None, output: Path, force: bool) -> None:
    """Show tracks side by side on one page.

    Each FILE is a recording, which is checked, or a saved report, JSON or page. The page filters by
    what a client avoids, over what was declared; nothing of that is stored.
    """
    from asmrmaster.engine import check
    from asmrmaster.presets.recipe import load_profile
    from asmrmaster.report import open_saved, rescore
    from asmrmaster.views import compare as view
    from asmrmaster.views import files

    asked = load_profile(profile)
    entries: list[view.Entry] = []
    unread: list[str] = []
    for path in paths:
        try:
            if path.suffix.lower() in SAVED:
                report = open_saved(path)
                report = rescore(report, asked) if profile is not None else report
                page = os.path.relpath(path, output.parent) if path.suffix != ".json" else ""
                entries.append(view.Entry(report, page and f"./{Path(page).as_posix()}"))
            else:
                with progress(path.name) as update:
                    entries.append(view.Entry(check(path, asked, progress=update)))
        except AsmrmasterError as error:
            click.echo(f"asmrmaster: {error}", err=True)
            unread.append(path.name)
    if not entries:
        sys.exit(EXIT_NO_VERDICT)
    files.write({output: view.render(entries, unread=unread)}, force=force)
    click.echo(f"{output}: {len(entries)} side by side")
    sys.exit(EXIT_NO_VERDICT if unread else 0)


@command(
    examples=(
        (
            "asmrmaster plan rain.report.json -o plan.html",
            "One page to fill in and print.",
        ),
    )
)
@click.argument("path", metavar="REPORT", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="Page to write.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an existing file.")
def plan(path: Path, output: Path, force: bool) -> None:
    """Make a listening plan of one page from a saved REPORT.

    It is filled in and printed by whoever uses it; nothing that is typed is stored or sent.
    """
    from asmrmaster.report import open_saved
    from asmrmaster.views import files
    from asmrmaster.views import plan as view

    files.write({output: view.render(open_saved(path))}, force=force)
    click.echo(f"{output}: a listening plan")


COMMANDS = (compare, plan)
