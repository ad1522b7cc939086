"""Reports written from a ledger whenever they are wanted: one for each master, or one of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from asmrmaster.errors import OutputError
from asmrmaster.library.ledger import Ledger
from asmrmaster.library.queries import Choice, reports
from asmrmaster.report import Report
from asmrmaster.views import files, registry

TOGETHER = {"csv": "reports.csv", "junit": "reports.xml"}
"""Views of many reports, and how their file is called."""


def write(
    ledger: Ledger, choice: Choice, folder: Path, kinds: Iterable[str], *, force: bool = False,
    missing: bool = False,
) -> int:  # fmt: skip
    """Write the reports of a ledger below ``folder``, in the tree the masters lie in; how many.

    missing: leave out those that are there already. Raises OutputError where a file exists or
    cannot be written.
    """
    kinds = tuple(kinds)
    alone = [kind for kind in kinds if kind not in TOGETHER]
    together = [kind for kind in kinds if kind in TOGETHER]
    if existing := [folder / TOGETHER[kind] for kind in together if not force]:
        for path in existing:
            if path.exists():
                raise OutputError("exists already", subject=path, hint="Use --force")
    count = 0

    def each() -> Iterator[registry.Saved]:
        nonlocal count
        for row, report in reports(ledger, choice):
            count += 1
            name = PurePosixPath(row.output or row.name)
            into = folder.joinpath(*name.parent.parts)
            if alone and not (missing and _there(report, into, alone)):
                # Excerpts would have the sound read again.
                files.save(report, into, kinds=alone, audio=False, force=force)
            yield registry.Saved(into / name.name, report)

    if not together:
        for _ in each():
            pass
    for number, kind in enumerate(together):
        if number:
            count, alone = 0, []
        files.write({folder / TOGETHER[kind]: registry.MANY[kind](each(), folder)}, force=force)
    return count


def _there(report: Report, folder: Path, kinds: Iterable[str]) -> bool:
    name = Path((report.output or report.input).path).name
    return all((folder / f"{name}{registry.ONE[kind][0]}").exists() for kind in kinds)
