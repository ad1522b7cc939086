"""Labels for sound editors: the edit log, each edit with the name to undo it by, or other marks.

As a WAV they are markers in a copy of the sound they are about, beside those it has.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from asmrmaster.audio import Draft, check_target, master_format, read
from asmrmaster.audio import write as write_sound
from asmrmaster.audio.cues import Cue, add_cues
from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views.markers import FORMATS, Mark, marks

WAV = "wav"
_BY_ENDING = (
    ("audition.csv", "audition"),
    ("times.txt", "times"),
    (".csv", "reaper"),
    (".txt", "audacity"),
    (".wav", WAV),
)
"""How a name ends, and what such a file holds; the first that fits counts."""


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


def edit_marks(report: Report) -> list[Mark]:
    """The edits and dips of a report."""
    return marks(_log(report))


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
    """Write the edit log of a report, about its master. Raises OutputError.

    A copy of a master that does not meet its profile bears a name that says so, as the master does.
    """
    if needs_master(path) and report.output is None:
        raise OutputError("there is no master to put markers in", subject=path)
    if needs_master(path):
        from asmrmaster.engine.publish import named_by_verdict  # only here: it loads the engine

        path = named_by_verdict(path, report.verdict)
    sound = Path((report.output or report.input).path)
    write_marks(edit_marks(report), path, sound, (Path(report.input.path),), force=force)


def write_marks(
    found: Sequence[Mark], path: Path, sound: Path, takes: Iterable[Path] = (), *, force: bool
) -> None:
    """Write marks under a name that says the format; about this sound, never over it or a take.

    Raises OutputError, and InputError where the sound is to be copied and cannot be read.
    """
    if needs_master(path):
        _write_wav(found, path, sound, takes, force)
        return
    text = FORMATS[labels_format(path)][1](found)
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None


def _write_wav(
    found: Sequence[Mark], path: Path, sound: Path, takes: Iterable[Path], force: bool
) -> None:
    """A copy of the sound with these markers, byte for byte where it is a WAV."""
    check_target(path, (sound, *takes), force)
    source = read(sound)
    rate = source.audio.rate
    with Draft(path) as draft:
        try:
            if source.format.container in ("WAV", "RF64"):
                shutil.copyfile(sound, draft.path)
            else:
                write_sound(source.audio, draft.path, master_format(source.format, path))
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None
        cues = (
            Cue(round(m.start_s * rate), round((m.end_s - m.start_s) * rate), m.text) for m in found
        )
        add_cues(draft.path, cues)
        draft.publish(path, force=force)


def _exists(path: Path) -> OutputError:
    return OutputError("exists already", subject=path, hint="Use --force or another name")
