"""Every view by name: what one saved report, or many together, can be shown as."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from asmrmaster.errors import InputError, ReportError
from asmrmaster.report import Report
from asmrmaster.views import csv, folder, html, junit, markers, playback, sheet, text
from asmrmaster.views.excerpts import Excerpt, cut
from asmrmaster.views.playback import Piece

SAVED, PAGE = ".report.json", ".report.html"
"""How the names of a saved report, and of its page beside it, end."""


def excerpts(report: Report) -> tuple[Excerpt, ...]:
    """What can be heard of the report; nothing where the sound is no longer there."""
    try:
        return cut(report)
    except InputError:
        return ()


def sounds(report: Report) -> tuple[Piece, ...]:
    """What can be played of the report; nothing where the sound is no longer there."""
    try:
        return playback.sounds(report)
    except InputError:
        return ()


def page(report: Report, *, audio: bool = True, places: bool = True) -> str:
    """The page, with excerpts of what is named where the sound still lies where it was.

    places: whether it says where files lie, or only how they are called.
    """
    told = report if places else report.without_places()
    if not audio:
        return html.render(told)
    cut_ = excerpts(report) if report.before is not None else ()
    return html.render(told, cut_, pieces=sounds(report))


ONE: Mapping[str, tuple[str, Callable[[Report], str]]] = MappingProxyType(
    {
        "text": (".report.txt", lambda report: text.render(report, full=True)),
        "json": (SAVED, Report.to_json),
        "html": (PAGE, page),
        "sheet": (".sheet.html", sheet.render),
        **{name: (f".{ending}", render) for name, (ending, render) in markers.FORMATS.items()},
    }
)
"""Views of one report: how the name of such a file ends, and the function that makes it."""


@dataclass(frozen=True)
class Saved:
    """A saved report and where it lies."""

    path: Path
    report: Report


def _table(saved: Iterable[Saved], at: Path) -> str:
    return csv.render([one.report for one in saved])


def _results(saved: Iterable[Saved], at: Path) -> str:
    return junit.render(one.report for one in saved)


def _folder(saved: Iterable[Saved], at: Path) -> str:
    return folder.render(folder.Entry(one.report, _page_of(one.path, at)) for one in saved)


def _page_of(path: Path, at: Path) -> str:
    """The way from the folder ``at`` to the page beside a saved report, empty where none is."""
    found = path.with_name(path.name.removesuffix(SAVED) + PAGE)
    if not path.name.endswith(SAVED) or not found.is_file():
        return ""
    try:
        return Path(os.path.relpath(found, at)).as_posix()
    except ValueError:  # another drive
        return ""


MANY: Mapping[str, Callable[[Iterable[Saved], Path], str]] = MappingProxyType(
    {"csv": _table, "junit": _results, "folder": _folder}
)
"""Views of many reports, given the folder the view will lie in."""


def saved(paths: Iterable[Path], tell: Callable[[ReportError], None]) -> Iterator[Saved]:
    """The reports at these paths, and below those that are folders, in the order of their names.

    They come without curves and pictures, which no view of many shows. tell: is given what cannot
    be read, which is left out.
    """
    for path in paths:
        found = sorted(path.rglob(f"*{SAVED}")) if path.is_dir() else [path]
        for one in found:
            try:
                yield Saved(one, _slim(Report.load(one)))
            except ReportError as error:
                tell(error)


def _slim(report: Report) -> Report:
    bare: dict[str, object] = {"curves": {}, "pictures": {}}
    update = {
        name: measured.model_copy(update=bare)
        for name, measured in (("before", report.before), ("after", report.after))
        if measured is not None
    }
    return report.model_copy(update=update)
