"""Which takes are meant: folders, patterns, list files and single files, as one list.

    given                takes                          its root
    folder               sound files in it, any depth   the folder
    pattern              files it fits                  its part without wildcards
    list (.txt .m3u …)   files named in it, one a line  the folder the list lies in
    file                 itself                         the folder it lies in

Names in the mirrored tree are relative to the folder that all roots share.

In folders only files with an extension of sound or video are takes (``audio.extensions``); what is
named outright, or fits a pattern, is always one.
"""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from asmrmaster.audio.extensions import is_sound
from asmrmaster.audio.regular import read_regular_text
from asmrmaster.audio.validation import unreadable
from asmrmaster.errors import InputError
from asmrmaster.library.paths import DECLARED, declared_at, inside, is_remote, join, parent
from asmrmaster.library.storage import LINK, Refused, Stamp
from asmrmaster.library.stores import storage

_DRIVE = re.compile(r"^([A-Za-z]):(?=/)")
"""Of Windows; a colon elsewhere is part of a name, and tells it from others."""

LISTS = frozenset({".txt", ".lst", ".m3u", ".m3u8"})
"""Ends of names of lists: one take a line, relative to the list; ``#`` begins a remark."""


class Take(NamedTuple):
    """One take: where it lies, its name in the mirrored tree (with ``/``), its stamp."""

    place: str
    name: str
    stamp: Stamp


@dataclass(frozen=True)
class Problem:
    """A take, or a folder, that gave no verdict, and why. code: which of ``causes.CAUSES``."""

    name: str
    cause: str
    code: str = "unreadable"


LINKS, NO_ENDING = "links to folders", "files without an ending"
"""What is left out of a folder, and only counted."""


def find(
    given: Iterable[str], out: str, problems: list[Problem], skipped: Counter[str] | None = None
) -> list[Take]:
    """The takes, each once, in order of names, without what lies in ``out``.

    A name that is no text (bytes that are not UTF-8) and a folder that cannot be listed become
    problems; ``skipped`` counts what was left out of folders. Raises InputError where one of
    ``given`` leads nowhere.
    """
    inputs = [absolute(source) for source in given]

    def refused(place: str, cause: str, code: str = "unreadable") -> None:
        problems.append(Problem(_shown(place), cause, code))

    counts: Counter[str] = Counter() if skipped is None else skipped

    found: dict[str, Stamp] = {}
    declared: dict[str, str] = {}
    for source in inputs:
        for place, stamp in _files_of(source, refused, counts):
            if place.endswith(DECLARED):
                declared[place] = stamp.coarse
                continue
            if inside(place, out):
                continue
            if place != _shown(place):
                refused(place, "its name is not text: rename it", "not-text")
                continue
            found.setdefault(place, stamp)
    base = _shared([root(source) for source in inputs])
    return [
        Take(
            place,
            _relative(place, base),
            stamp._replace(beside=declared.get(declared_at(place), "")),
        )
        for place, stamp in sorted(found.items())
    ]


def absolute(place: str) -> str:
    """A place without ``.``, ``..`` or a relative beginning."""
    return place.rstrip("/") if is_remote(place) else os.path.abspath(place)


def _files_of(source: str, refused: Refused, skipped: Counter[str]) -> Iterator[tuple[str, Stamp]]:
    """The files one of the given things leads to; InputError where it leads nowhere."""
    try:
        yield from _files_at(source, refused, skipped)
    except OSError as error:  # a storage that does not answer, or not to us
        raise unreadable(error, Path(source)) from None


def _files_at(source: str, refused: Refused, skipped: Counter[str]) -> Iterator[tuple[str, Stamp]]:
    store = storage(source)
    if store.present(source):

        def in_folder(place: str, cause: str) -> None:
            if cause == LINK:
                skipped[LINKS] += 1
            elif is_sound(place) or os.path.isdir(place):
                refused(place, cause)

        for found in store.walk(source, in_folder):
            if is_sound(found.place) or found.place.endswith(DECLARED):
                yield found
            elif not PurePosixPath(found.place.replace(os.sep, "/")).suffix:
                skipped[NO_ENDING] += 1
        return
    named: Iterable[str] = [source]
    try:
        named_outright = store.stamp(source)
    except OSError as error:
        if not glob.has_magic(source):
            missing = isinstance(error, FileNotFoundError)
            raise _missing(source) if missing else unreadable(error, Path(source)) from None
        fixed = root(source)  # a folder called [this] is no pattern; what follows it may be one
        named = list(store.match(glob.escape(fixed) + source[len(fixed) :]))
        if not named:
            raise InputError("no file fits this pattern", subject=source) from None
    else:
        if Path(source).suffix.lower() not in LISTS:
            yield source, named_outright
            yield from _declarations_beside(source)
            return
        named = _listed(source)
    for place in named:
        try:
            yield place, storage(place).stamp(place)
            yield from _declarations_beside(place)
        except OSError as error:
            refused(place, unreadable(error, Path(place)).message)


def _missing(source: str) -> InputError:
    return InputError(
        "there is no such file or folder",
        subject=source,
        hint="Check the name, and that the disk is connected",
    )


def _declarations_beside(take: str) -> Iterator[tuple[str, Stamp]]:
    """The declarations beside a take that was named, if there are some."""
    place = declared_at(take)
    with suppress(FileNotFoundError):
        yield place, storage(place).stamp(place)


def _listed(file: str) -> list[str]:
    store = storage(file)
    with store.fetch(file) as local:
        try:
            lines = read_regular_text(local).splitlines()
        except (OSError, UnicodeDecodeError):
            raise InputError(
                "this list cannot be read", subject=file, hint="Save it as UTF-8 text"
            ) from None
    names = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return [name if is_remote(name) else absolute(join(parent(file), name)) for name in names]


def root(source: str) -> str:
    """The folder below which one of the given things, an absolute place, has its takes."""
    if storage(source).present(source):
        return source
    fixed = parent(source)
    while glob.has_magic(fixed) and not storage(fixed).present(fixed):
        fixed = parent(fixed)
    return fixed


def _shared(folders: list[str]) -> str:
    """The folder all of these lie in; ``""`` where there is none."""
    shared = folders[0]
    while shared and not all(inside(folder, shared) for folder in folders):
        shared = parent(shared)
    return shared


def _relative(place: str, base: str) -> str:
    rest = place[len(base) :] if base and inside(place, base) else place.split("://", 1)[-1]
    return _DRIVE.sub(r"\1", rest.replace(os.sep, "/")).lstrip("/")


def _shown(place: str) -> str:
    """The place as text that can be stored and printed."""
    return place.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
