"""The edit log as labels for sound editors, each edit with the name to undo it by.

As a WAV it is a copy of the master whose markers are the edits, beside those the take had.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from asmrmaster.audio import Draft, check_target, master_format, read
from asmrmaster.audio import write as write_sound
from asmrmaster.audio.cues import Cue, add_cues
from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views.markers import FORMATS, marks

WAV = "wav"
_BY_ENDING = (
    ("audition.csv", "audition"),
    ("times.txt", "times"),
    (".csv", "reaper"),
    (".txt", "audacity"),
    (".wav", WAV),
)
"""How a name ends, and what such a file holds; the first that fits counts."""


def edit_labels(report: Report, format: str) -> str:
    """The edits and dips of a report as a file of one of the ``markers.FORMATS``."""
    return FORMATS[format][1](_log(report))


def _log(report: Report) -> Report:
    """A report of nothing but edits and dips, the edits with their names."""
    named = tuple(
        edit.model_copy(update={"reason": f"{edit.reason} [{edit.id}]"}) for edit in report.edits
    )
    return report.model_copy(
        update={
            "findings": (),
            "after": report.after.model_copy(update={"events": ()}),
            "edits": named,
        }
    )


def needs_master(path: Path | None) -> bool:
    """Whether labels under this name are written into a copy of the master."""
    return path is not None and labels_format(path) == WAV


def labels_format(path: Path) -> str:
    """Which of the formats a file of this name holds. Raises OutputError for other names."""
    for ending, format in _BY_ENDING:
        if path.name.lower().endswith(ending):
            return format
    raise OutputError(
        "labels are not written to a file of such a name",
        subject=path,
        hint="End it in .txt for Audacity, .csv for REAPER, audition.csv for Audition, or .wav",
    )


def check(path: Path, takes: Iterable[Path] = (), *, force: bool = False) -> None:
    """OutputError if labels of these takes cannot be written under this name."""
    if needs_master(path):
        check_target(path, takes, force)
    elif path.exists() and not force:
        raise _exists(path)


def write(report: Report, path: Path, *, force: bool = False) -> None:
    """Write the edit log of a report. Raises OutputError."""
    if needs_master(path):
        _write_wav(report, path, force)
        return
    text = edit_labels(report, labels_format(path))
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None


def _write_wav(report: Report, path: Path, force: bool) -> None:
    """A copy of the master with its edits as markers."""
    if report.output is None:
        raise OutputError("there is no master to copy", subject=path)
    master = Path(report.output.path)
    check_target(path, (master, Path(report.input.path)), force)
    rate = report.output.rate_hz
    cues = [
        Cue(round(mark.start_s * rate), round((mark.end_s - mark.start_s) * rate), mark.text)
        for mark in marks(_log(report))
    ]
    with Draft(path) as draft:
        try:
            if report.output.format.split("/")[0] in ("WAV", "RF64"):
                shutil.copyfile(master, draft.path)
            else:
                source = read(master)
                write_sound(source.audio, draft.path, master_format(source.format, path))
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None
        add_cues(draft.path, cues)
        draft.publish(path, force=force)


def _exists(path: Path) -> OutputError:
    return OutputError("exists already", subject=path, hint="Use --force or another name")
