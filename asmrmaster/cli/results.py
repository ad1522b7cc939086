"""Working file by file, printing the results, and exiting with the code of the contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from asmrmaster.cli.help import is_quiet
from asmrmaster.cli.progress import progress
from asmrmaster.errors import AsmrmasterError

if TYPE_CHECKING:
    from asmrmaster.report import Report

EXIT_MEETS, EXIT_DOES_NOT_MEET, EXIT_NO_VERDICT = 0, 1, 2


def each(
    paths: Sequence[Path], work: Callable[[Path, Callable[[float], None]], Report]
) -> tuple[list[Report], bool]:
    """Run ``work`` on every path; an error is printed and does not stop the others."""
    reports, failed = [], False
    for path in paths:
        try:
            with progress(path.name) as update:
                reports.append(work(path, update))
        except AsmrmasterError as error:
            failed = True
            click.echo(f"asmrmaster: {error}", err=True)
    return reports, failed


def finish(
    reports: Sequence[Report],
    failed: bool,
    *,
    many: bool,
    as_json: bool,
    report_dir: Path | None,
    full: bool,
    audio: bool = True,
    force: bool = False,
    places: bool = False,
) -> None:
    """Print and save the reports, and exit with the code of their verdicts.

    places: whether what is handed on says where files lie on this machine.
    """
    from asmrmaster.views import text

    if report_dir is not None:
        from asmrmaster.views.files import save, save_index  # only here: it loads the templates

        for report in reports:
            save(report, report_dir, audio=audio, force=force, places=places)
        if many and reports:
            save_index(report_dir)
    if as_json:
        data = [(one if places else one.without_places()).to_dict() for one in reports]
        if many or data:
            shown = data if many else data[0]
            click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    elif is_quiet():
        for report in reports:
            click.echo(text.headline(report))
    elif reports:
        click.echo("\n\n".join(text.render(report, full=full) for report in reports))
        if many:
            click.echo("\n" + "\n".join(text.headline(report) for report in reports))
    sys.exit(exit_code(reports, failed))


def exit_code(reports: Sequence[Report], failed: bool = False) -> int:
    """The code of the contract for these reports, and for what was made for destinations."""
    verdicts = [report.verdict for report in reports]
    lacking = any(not made.met for report in reports for made in report.deliveries)
    return code_of([*verdicts, *(["does not meet"] if lacking else [])], failed)


def code_of(verdicts: Iterable[str], failed: bool = False) -> int:
    """The code of the contract: no verdict weighs more than a verdict against."""
    found = set(verdicts)
    if failed or "not assessed" in found:
        return EXIT_NO_VERDICT
    return EXIT_DOES_NOT_MEET if "does not meet" in found else EXIT_MEETS
