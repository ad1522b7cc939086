"""The command that checks a report against its file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asmrmaster.cli.help import command
from asmrmaster.cli.progress import progress
from asmrmaster.cli.results import EXIT_DOES_NOT_MEET, EXIT_MEETS
from asmrmaster.errors import AlteredReportError, one_line

if TYPE_CHECKING:
    from asmrmaster.engine.verification import Verification

EXIT_AGREES, EXIT_DIFFERS = EXIT_MEETS, EXIT_DOES_NOT_MEET
NAMED = 3
"""Differences that stand in the one line; --full lists them all."""


@command(
    examples=(
        (
            "asmrmaster verify rain.report.html rain.wav",
            "Measures the file again and says what differs, in one line.",
        ),
        (
            "asmrmaster verify rain.report.html rain.wav --trust keys.txt",
            "And whether somebody whose key you have signed it.",
        ),
    )
)
@click.argument("report", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--stream", metavar="N|LANG", help="Which sound of a video, as it was checked.")
@click.option("--trust", type=click.Path(path_type=Path), metavar="KEYS",
              help="Public keys, one a line; one of them has to have signed.")  # fmt: skip
@click.option("--full", is_flag=True, help="List everything that differs, one a line.")
def verify(report: Path, file: Path, stream: str | None, trust: Path | None, full: bool) -> None:
    """Check a REPORT somebody handed you against its FILE.

    REPORT is the JSON, the saved page or the delivery sheet: each holds the report. The file is
    measured again, by two meters, and judged again by the limits inside the report. Signatures,
    inside it or in REPORT.signatures.json, are checked. Exit code 0: it agrees; 1: it differs, was
    altered, or is not signed by a key of KEYS; 2: it cannot be told.

    \b
    Examples:
      asmrmaster verify rain.wav.report.html rain.wav
      asmrmaster verify rain.wav.sheet.html rain.wav --full
    """
    from asmrmaster import engine, signatures
    from asmrmaster.report import open_saved

    trusted = signatures.read_keys(trust) if trust else ()
    try:
        stated = open_saved(report)
    except AlteredReportError as error:
        click.echo(f"DIFFERS: {error}")
        sys.exit(EXIT_DIFFERS)
    with progress(file.name) as update:
        found = engine.verify(stated, file, stream=stream, progress=update)
    signed = signatures.check_signatures(
        stated, (*stated.signatures, *signatures.read_beside(signatures.beside(report))), trusted
    )
    wrong = [f"signature: {one.words}" for one in signed if one.standing == "broken"]
    if trust and not any(one.standing == "trusted" for one in signed):
        wrong.append(f"signature: none by a key of {trust.name}")
    found = replace(found, differences=(*wrong, *found.differences))
    click.echo(line(found, stated.verdict))
    for one in signed:
        if one.standing != "broken":
            click.echo(f"  {one_line(one.words)}")
    if full:
        for difference in found.differences:
            click.echo(f"  {difference}")
    sys.exit(EXIT_AGREES if found.agrees else EXIT_DIFFERS)


def line(found: Verification, verdict: str) -> str:
    """What came of it in one line."""
    second = f"; {found.second}" if found.second else ""
    if found.agrees:
        return (
            f"AGREES: {found.path.name}, sha256 {found.sha256[:12]}: {found.compared} values "
            f"measured again, verdict again {verdict!r}{second}. "
            f"Not shown by the file: {', '.join(found.unchecked)}."
        )
    named = "; ".join(found.differences[:NAMED])
    more = len(found.differences) - NAMED
    return f"DIFFERS: {found.path.name}: {named}" + (f"; and {more} more." if more > 0 else ".")


COMMANDS = (verify,)
