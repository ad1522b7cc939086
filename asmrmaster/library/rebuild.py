"""A ledger that is lost, made anew from what is left: the masters, and the reports on them.

A report says what its master was made from, by which preset and profile, and the hash of both; a
master that has that hash is the one. The next run compares the bytes of every take once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from asmrmaster.errors import OutputError, ReportError
from asmrmaster.library import report_files
from asmrmaster.library.ledger import Ledger, key_of
from asmrmaster.library.paths import inside, join
from asmrmaster.library.schema import Entry
from asmrmaster.library.stores import storage
from asmrmaster.library.task import cause_of
from asmrmaster.report import Report, open_saved

ENDINGS = (".report.json", ".report.html")
"""Ends of names of saved reports, of which one is enough."""


@dataclass
class Rebuilt:
    """entered: masters that are known again. lost: reports whose master is gone or was changed.
    unread: files that are no reports, or damaged ones."""

    entered: int = 0
    lost: int = 0
    unread: int = 0


def rebuild(path: Path, out: str, saved: Iterable[Path] = ()) -> Rebuilt:
    """Make the ledger at ``path`` of the masters in ``out``, which there must not be yet.

    saved: folders with reports that were saved, besides those beside the ledger. Raises OutputError
    where there is a ledger.
    """
    if path.exists():
        raise OutputError(
            "there is a ledger already",
            subject=path,
            hint="Move it away first; a whole one needs no rebuilding",
        )
    found = Rebuilt()
    with Ledger(path, create=True) as ledger:
        ledger.bind(out)
        for read in _reports(path, saved):
            try:
                report = read()
            except (ReportError, OSError):
                found.unread += 1
                continue
            entry = _entry(ledger, report, out)
            if entry is None:
                found.lost += 1
                continue
            text = report.model_dump_json(by_alias=True)
            with ledger.transaction():
                ledger.save(entry, report.after.values, report_files.packed(text))
        row = ledger.first_row("SELECT count(*) FROM masters")
        found.entered = row[0] if row else 0
    return found


def _reports(path: Path, saved: Iterable[Path]) -> Iterator[Callable[[], Report]]:
    for sha256, _ in report_files.all_kept(path):
        yield partial(_kept, path, sha256)
    for folder in saved:
        seen: set[str] = set()
        for file in sorted(file for end in ENDINGS for file in folder.rglob(f"*{end}")):
            master = str(file).rpartition(".report.")[0]
            if master not in seen:
                seen.add(master)
                yield partial(open_saved, file)


def _kept(path: Path, sha256: str) -> Report:
    return Report.from_json(report_files.kept(path, sha256))


def _entry(ledger: Ledger, report: Report, out: str) -> Entry | None:
    """The entry of a report whose master is still there as it was made."""
    made, take = report.output, report.input.path
    if made is None or report.preset is None or not inside(made.path, out):
        return None
    output = made.path[len(out) :].replace("\\", "/").strip("/")
    place = join(out, *output.split("/"))
    try:
        if storage(place).digest(place) != made.sha256:
            return None
        stamp = storage(place).stamp(place)
    except OSError:
        return None
    settings = key_of(report.preset.sha256, report.profile.sha256)
    ledger.record_reference(settings, report.preset, report.profile)
    name = PurePosixPath(output).with_name(PurePosixPath(take.replace("\\", "/")).name)
    tag = f"{report.preset.id}-{report.profile.id}-{settings[:6]}"
    return Entry(
        take=take,
        settings=settings,
        name=str(name),
        size=0,
        stamp="",  # unlike any: the next run compares its bytes
        take_sha256=report.input.sha256,
        state="done",
        verdict=report.verdict,
        cause=cause_of(report),
        tag=tag if f".{tag}." in output else "",
        output=output,
        output_sha256=made.sha256,
        output_stamp=stamp.coarse,
        version=report.versions.get("asmrmaster", ""),
        duration_s=report.input.duration_s,
        attempts=1,
    )
