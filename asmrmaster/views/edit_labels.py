"""The edit log as labels for sound editors, each edit with the name to undo it by."""

from __future__ import annotations

from pathlib import Path

from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views.markers import FORMATS

_BY_ENDING = (
    ("audition.csv", "audition"),
    ("times.txt", "times"),
    (".csv", "reaper"),
    (".txt", "audacity"),
)
"""How a name ends, and what such a file holds; the first that fits counts."""


def edit_labels(report: Report, format: str) -> str:
    """The edits and dips of a report as a file of one of the ``markers.FORMATS``."""
    named = tuple(
        edit.model_copy(update={"reason": f"{edit.reason} [{edit.id}]"}) for edit in report.edits
    )
    log = report.model_copy(
        update={
            "findings": (),
            "after": report.after.model_copy(update={"events": ()}),
            "edits": named,
        }
    )
    return FORMATS[format][1](log)


def labels_format(path: Path) -> str:
    """Which of the formats a file of this name holds. Raises OutputError for other names."""
    for ending, format in _BY_ENDING:
        if path.name.lower().endswith(ending):
            return format
    raise OutputError(
        "labels are not written to a file of such a name",
        subject=path,
        hint="End it in .txt for Audacity, .csv for REAPER, audition.csv for Audition",
    )


def check(path: Path, *, force: bool = False) -> None:
    """OutputError if labels cannot be written under this name."""
    labels_format(path)
    if path.exists() and not force:
        raise _exists(path)


def write(report: Report, path: Path, *, force: bool = False) -> None:
    """Write the edit log of a report. Raises OutputError."""
    text = edit_labels(report, labels_format(path))
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None


def _exists(path: Path) -> OutputError:
    return OutputError("exists already", subject=path, hint="Use --force or another name")
