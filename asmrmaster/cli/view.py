"""The command that shows saved reports again: as pages, tables, test results, markers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asmrmaster.cli.help import command
from asmrmaster.cli.results import EXIT_NO_VERDICT
from asmrmaster.cli.values import ViewName
from asmrmaster.errors import AsmrmasterError

if TYPE_CHECKING:
    from asmrmaster.report import FileFacts, Report


@command(
    examples=(
        ("asmrmaster view take.wav.report.json", "The report as text again."),
        (
            "asmrmaster view take.wav.report.json --as html -o take.html",
            "As a page, with excerpts to listen to where the sound is at hand.",
        ),
        ("asmrmaster view reports --as csv -o figures.csv", "All figures of many, in one table."),
    )
)
@click.argument("paths", nargs=-1, required=True, metavar="REPORT.json|FOLDER...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--as", "kind", type=ViewName(), default="text", show_default=True,
              metavar="VIEW",
              help="Of one report: text, json, html, sheet, audacity, reaper, audition or times. "
                   "Of many: csv, junit or folder, a page that links to theirs.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="File to write; without it the view is printed.")  # fmt: skip
@click.option("--audio/--no-audio", default=True, help="Embed short excerpts in the page.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def view(paths: tuple[Path, ...], kind: str, output: Path | None, audio: bool, force: bool) -> None:
    """Show saved reports; no measuring, and no audio needed.

    A FOLDER stands for every report saved in it and below.
    """
    from asmrmaster.presets import unknown
    from asmrmaster.report import Report
    from asmrmaster.views import files, registry

    failed = False

    def refuse(error: AsmrmasterError) -> None:
        nonlocal failed
        failed = True
        click.echo(f"asmrmaster: {error}", err=True)

    if kind in registry.MANY:
        found = registry.saved(paths, refuse)
        shown = registry.MANY[kind](found, output.parent if output else Path())
    elif kind in registry.ONE:
        if len(paths) > 1 or paths[0].is_dir():
            many = ", ".join(registry.MANY)
            raise click.UsageError(f"{kind} shows one report; {many} show many")
        report = Report.load(paths[0])
        shown = _one(report, kind, audio, paths[0])
    else:
        raise click.UsageError(unknown("view", kind, [*registry.ONE, *registry.MANY]))
    if output is None:
        click.echo(shown.removesuffix("\n"))
    else:
        files.write({output: shown}, force=force)
    sys.exit(EXIT_NO_VERDICT if failed else 0)


def _one(report: Report, kind: str, audio: bool, beside: Path) -> str:
    from asmrmaster.views import registry

    if kind != "html":
        return registry.ONE[kind][1](report)
    return registry.page(_at_hand(report, beside), audio=audio, places=False)


def _at_hand(report: Report, beside: Path) -> Report:
    """The report with where its files lie now: where it says, beside it, or in the folder above."""

    def found(file: FileFacts) -> FileFacts:
        name = Path(file.path).name
        places = (Path(file.path), beside.parent / name, beside.absolute().parent.parent / name)
        there = next((place for place in places if place.is_file()), places[0])
        return file.model_copy(update={"path": str(there)})

    update = {"input": found(report.input), "output": report.output and found(report.output)}
    return report.model_copy(update=update)


COMMANDS = (view,)
