"""What a Python program asks for, checked before any sound is opened.

Raises WrongTypeError, which is a TypeError, and ParameterError.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from asmrmaster.audio.keeping import KEEPING, Keeping
from asmrmaster.declarations.content import Content
from asmrmaster.delivery.length import Length
from asmrmaster.edits.corrections import Corrections
from asmrmaster.engine.job import Job, Progress, Request
from asmrmaster.errors import ParameterError, WrongTypeError
from asmrmaster.presets import EqCurve, Preset, Profile
from asmrmaster.presets.recipe import Name, load_profile, load_recipe
from asmrmaster.report.at_ear import Listening
from asmrmaster.runtime.threads import Threads

T = TypeVar("T")


def of_master(
    preset: Name | Preset,
    profile: Name | Profile | None,
    eq: Name | EqCurve | None,
    settings: Mapping[str, object] | None,
    *,
    length: Length | None = None,
    corrections: Corrections | None = None,
    content: Name | Content | None = None,
    reviewed_by: str = "",
    stream: int | str | None = None,
) -> Request:
    """What is asked of a master, but for its files. Raises PresetError too."""
    hint = 'Such as {"target.integrated_lufs": -26}'
    _is(settings, Mapping, "the settings", "a mapping from dotted keys to values", hint)
    recipe = load_recipe(preset, profile, eq=eq, settings=settings)
    _is(length, Length, "the length", "an asmrmaster.Length")
    _is(corrections, Corrections, "the corrections", "an asmrmaster.Corrections")
    return Request(
        Path(),
        recipe.profile,
        recipe,
        length=length,
        corrections=corrections or Corrections(),
        content=content if isinstance(content, Content) else path("the declarations", content),
        reviewed_by=_is(reviewed_by, str, "who listened", "a name") or "",
        stream=_is(stream, (int, str), "the stream", "a number or a language"),
    )


def of_check(
    profile: Name | Profile,
    *,
    stream: int | str | None,
    codec: str,
    listening: Listening | None,
    content: Name | Content | None,
    reviewed_by: str,
) -> Request:
    """What is asked of a check, but for its file. Raises PresetError too."""
    _is(listening, Listening, "how it is listened to", "an asmrmaster.Listening")
    return Request(
        Path(),
        load_profile(profile),
        stream=_is(stream, (int, str), "the stream", "a number or a language"),
        codec=_is(codec, str, "the codec", "a text such as aac:160k") or "",
        listening=listening or Listening(),
        content=content if isinstance(content, Content) else path("the declarations", content),
        reviewed_by=_is(reviewed_by, str, "who listened", "a name") or "",
    )


def job(request: Request, progress: Progress | None, threads: int | None) -> Job:
    """The job of a host."""
    if progress is not None and not callable(progress):
        raise WrongTypeError("the progress", progress, "a function of the share that is done")
    return Job(request, runner(threads), progress)


def runner(threads: int | None) -> Threads:
    """Threads to share the work of one call among; None: as many as serve."""
    if threads is None:
        return Threads.default()
    if isinstance(threads, bool) or not isinstance(threads, int):
        raise WrongTypeError("the count of threads", threads, "a whole number, or None")
    if threads < 1:
        raise ParameterError(f"{threads} threads do nothing", hint="Give 1 or more")
    return Threads(threads)


def tags(given: str) -> Keeping:
    """Which tags of the take travel."""
    for known in KEEPING:
        if known == given:
            return known
    raise ParameterError(f"tags are {', '.join(KEEPING)}, not {given!r}")


def path(what: str, given: Name | None) -> Path | None:
    """A path, where one is given."""
    _is(given, (str, os.PathLike), what, "a path")
    return None if given is None else Path(given)


def _is(given: T, kind: type | tuple[type, ...], what: str, needed: str, hint: str = "") -> T:
    """What is given, if it is None or of this type."""
    if given is None or isinstance(given, kind):
        return given
    raise WrongTypeError(what, given, needed, hint=hint)
