"""Saving views: whole or not at all, and nothing over what is there unless asked to."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.views import registry
from asmrmaster.views.page import GENERATOR

SAVED = ("json", "text", "html", "sheet")
"""The views that are saved together."""
INDEX = "reports.html"


def save(
    report: Report,
    folder: Path,
    *,
    kinds: Iterable[str] = SAVED,
    audio: bool = True,
    force: bool = False,
    places: bool = False,
) -> list[Path]:
    """Write NAME.report.json, .txt and .html and NAME.sheet.html into ``folder``.

    kinds: other views of one report. audio: whether short excerpts of what is named are embedded in
    the page. places: whether they say where files lie on this machine, and not only how they are
    called. Raises OutputError where one of them exists or cannot be written.
    """
    report = report.stamped(datetime.now(UTC).isoformat(timespec="seconds"))
    name = Path((report.output or report.input).path).name
    told = report if places else report.without_places()
    views = {}
    for kind in kinds:
        ending, render = registry.ONE[kind]
        made = registry.page(report, audio=audio, places=places) if kind == "html" else None
        shown = made or render(told)
        views[folder / f"{name}{ending}"] = shown
    write(views, force=force)
    return list(views)


def save_index(folder: Path) -> Path:
    """Write a page of all reports saved in ``folder``; one written before is brought up to date.

    Raises OutputError where a file of another kind has its name.
    """
    path = folder / INDEX
    shown = registry.MANY["folder"](registry.saved([folder], lambda error: None), folder)
    ours = path.is_file() and GENERATOR in path.read_text("utf-8", "replace")[:4000]
    write({path: shown}, force=ours)
    return path


def write(views: Mapping[Path, str], *, force: bool = False) -> None:
    """Write texts under their names, each whole or not at all. Raises OutputError."""
    path = Path()
    try:
        for path in views:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not force and path.exists():
                raise OutputError(
                    "exists already", subject=path, hint="Use --force or another folder"
                )
        for path, content in views.items():
            _write(path, content)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}",
            subject=path,
            hint="Check the folder, its permissions and the free space",
        ) from None


def _write(path: Path, content: str) -> None:
    part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        part.write_text(content if content.endswith("\n") else f"{content}\n", "utf-8", newline="")
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
