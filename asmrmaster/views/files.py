"""Saving views of a report beside each other."""

from __future__ import annotations

from pathlib import Path

from asmrmaster.errors import InputError, OutputError
from asmrmaster.excerpts import Excerpt, cut
from asmrmaster.report import Report
from asmrmaster.views import html, sheet, text


def save(report: Report, folder: Path, *, audio: bool = True, force: bool = False) -> list[Path]:
    """Write NAME.report.json, .txt and .html and NAME.sheet.html into ``folder``.

    audio: whether short excerpts of what is named are embedded in the page. Raises OutputError
    where one of them exists or cannot be written.
    """
    file = report.output or report.input
    name = Path(file.path).name
    views = {
        folder / f"{name}.report.json": report.to_json(),
        folder / f"{name}.report.txt": text.render(report, full=True),
        folder / f"{name}.report.html": html.render(report, _excerpts(report) if audio else ()),
        folder / f"{name}.sheet.html": sheet.render(report),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in views.items():
            with path.open("w" if force else "x", encoding="utf-8") as out:
                out.write(content + "\n")
    except FileExistsError as error:
        raise OutputError(
            "exists already", subject=error.filename, hint="Use --force or another folder"
        ) from None
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}",
            subject=error.filename or folder,
            hint="Check the folder, its permissions and the free space",
        ) from None
    return list(views)


def _excerpts(report: Report) -> tuple[Excerpt, ...]:
    """What can be heard of the report; nothing where the sound is no longer there."""
    try:
        return cut(report)
    except InputError:
        return ()
