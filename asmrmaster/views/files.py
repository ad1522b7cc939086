"""Saving views of a report beside each other."""

from __future__ import annotations

from pathlib import Path

from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views import text


def save(report: Report, folder: Path, *, force: bool = False) -> list[Path]:
    """Write NAME.report.json and NAME.report.txt into ``folder``; OutputError where one exists."""
    file = report.output or report.input
    name = Path(file.path).name
    views = {
        folder / f"{name}.report.json": report.to_json(),
        folder / f"{name}.report.txt": text.render(report, full=True),
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
