"""What runs in a process of its own for one file: check or master, excerpts, results to disk.

It speaks to the page in lines of JSON, which is read and never executed there: ``{"length": s}``,
``{"share": 0 to 1}``, ``{"ready": verdict}`` once the report can be read, ``{"sounds": true}`` once
the excerpts can, ``{"failed": text}``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.delivery.length import Length
from asmrmaster.delivery.output import default_output
from asmrmaster.edits.corrections import Corrections
from asmrmaster.engine.job import Progress
from asmrmaster.errors import AsmrmasterError, ReportError
from asmrmaster.presets.recipe import load_profile, load_recipe
from asmrmaster.report import open_saved
from asmrmaster.views import excerpts, playback
from asmrmaster.web.job_files import JobRequest, write_whole
from asmrmaster.web.resource_limits import Limits, admit, confine

REPORT, SOUNDS, LIST = "report.json", "sounds", "sounds.json"
PIECES, OPENED = "pieces.json", "opened.json"
MOST_PAGE_BYTES = 200_000_000
LOG = "worker.log"
MOST_BYTES = 16_000_000
"""Of all excerpts together; they are sent one by one as they are asked for."""
STEP_S = 0.1
"""Progress is sent this often at most."""

Send = Callable[[str, object], None]


def run(folder: Path, connection: Connection, limits: Limits) -> None:
    """Do the job in ``folder``, send messages on how it goes, and leave the results there."""
    tempfile.tempdir = str(folder)  # what is left behind goes with the folder
    with (folder / LOG).open("w", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
        os.dup2(log.fileno(), sys.stdout.fileno())

    def send(what: str, value: object) -> None:
        connection.send_bytes(json.dumps({what: value}).encode())

    confine(limits)
    try:
        _do(JobRequest.load(folder), folder, limits, send)
    except AsmrmasterError as error:
        send("failed", f"{error.message}. {error.hint}" if error.hint else error.message)
    except MemoryError:
        send("failed", "it needs more memory than one file may use here")
    except Exception:
        traceback.print_exc()
        send("failed", "it could not be worked on; the file is probably damaged")


def _do(job: JobRequest, folder: Path, limits: Limits, send: Send) -> None:
    take = job.sound(folder)
    if _is_report(take):
        _open(take, folder, send)
        return
    source = read(take)
    admit(source, limits)
    send("length", source.audio.duration_s)
    progress = _spaced(lambda share: send("share", share))
    if job.kind == "check":
        report = engine.check(take, load_profile(job.profile), progress=progress)
    else:
        recipe = load_recipe(job.preset, job.profile, eq=job.eq, settings=job.settings)
        asked = (job.start_s, job.loop_s) != (None, None)
        length = Length(start_s=job.start_s or 0.0, loop_s=job.loop_s) if asked else None
        corrections = Corrections(protect=job.protect, undo=frozenset(job.undo))
        target = folder / f"master{default_output(source).suffix}"
        report = engine.master(
            take, target, recipe=recipe, length=length, corrections=corrections, progress=progress
        )
    report = report.stamped(datetime.now(UTC).isoformat(timespec="seconds"))
    write_whole(folder / REPORT, report.to_json())
    send("ready", report.verdict)
    keep_pieces(playback.sounds(report), folder)
    compared = report.before is not None
    _keep(excerpts.cut(report, max_bytes=MOST_BYTES) if compared else (), folder)
    send("sounds", True)


def _is_report(path: Path) -> bool:
    """Whether a file is a saved report, JSON or page, and no sound."""
    with path.open("rb") as file:
        return file.read(200).lstrip()[:1] in (b"{", b"<")


def _open(path: Path, folder: Path, send: Send) -> None:
    """A saved report with what was said and what can be heard in it, to go on with."""
    if path.stat().st_size > MOST_PAGE_BYTES:
        raise ReportError("is too large for a saved report", subject=path)
    report = open_saved(path)
    write_whole(folder / OPENED, "{}")
    write_whole(folder / REPORT, report.to_json())
    send("ready", report.verdict)
    keep_pieces(playback.from_page(path.read_bytes()), folder)
    _keep((), folder)
    send("sounds", True)


def piece_path(folder: Path, number: int) -> Path:
    """Where a piece of the whole sound lies."""
    return folder / SOUNDS / f"piece-{number}"


def keep_pieces(pieces: Sequence[playback.Piece], folder: Path) -> None:
    """Each piece in a file of its own, and a list of where they begin and end."""
    (folder / SOUNDS).mkdir(exist_ok=True)
    for k, one in enumerate(pieces):
        piece_path(folder, k).write_bytes(one.sound)
    write_whole(folder / PIECES, json.dumps([[one.start_s, one.end_s] for one in pieces]))


def load_pieces(folder: Path) -> tuple[playback.Piece, ...]:
    """The pieces in a job's folder; none where they are not there yet."""
    if not (folder / PIECES).is_file():
        return ()
    listed = json.loads((folder / PIECES).read_text(encoding="utf-8"))
    return tuple(
        playback.Piece(start_s, end_s, piece_path(folder, k).read_bytes())
        for k, (start_s, end_s) in enumerate(listed)
    )


def _spaced(send: Callable[[float], None]) -> Progress:
    last = 0.0

    def update(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= STEP_S:
            last = now
            send(round(min(max(share, 0.0), 1.0), 3))

    return update


def _keep(cut: tuple[excerpts.Excerpt, ...], folder: Path) -> None:
    """Each sound in a file of its own, and a list of what they are."""
    (folder / SOUNDS).mkdir(exist_ok=True)
    listed = []
    for k, excerpt in enumerate(cut):
        for kind, sound in (("after", excerpt.after), ("before", excerpt.before)):
            if sound is not None:
                sound_path(folder, k, kind).write_bytes(sound)
        listed.append([excerpt.start_s, excerpt.end_s, excerpt.label, excerpt.before is not None])
    write_whole(folder / LIST, json.dumps(listed))


def sound_path(folder: Path, number: int, kind: str) -> Path:
    """Where a sound of an excerpt lies. kind: before or after."""
    return folder / SOUNDS / f"{number}-{kind}"


def load_sounds(folder: Path) -> tuple[excerpts.Excerpt, ...]:
    """The excerpts in a job's folder; none where they are not cut yet."""
    if not (folder / LIST).is_file():
        return ()
    listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    return tuple(
        excerpts.Excerpt(
            start_s,
            end_s,
            label,
            after=sound_path(folder, k, "after").read_bytes(),
            before=sound_path(folder, k, "before").read_bytes() if compared else None,
        )
        for k, (start_s, end_s, label, compared) in enumerate(listed)
    )
