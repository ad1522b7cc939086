"""Declarations: what is known of a recording that cannot be heard in it.

A TOML file beside the sound, ``take.content.toml``, in which a person declares what is in it, how
listeners are forewarned, and which moments somebody has listened to. Triggers are personal, so
content is declared and not judged; profiles may ask that it is declared, or that some is absent.
What is not declared is not known: its quantity is None, never a pass.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from asmrmaster.audio import read
from asmrmaster.audio.names import beside
from asmrmaster.audio.regular import read_regular
from asmrmaster.declarations.claims import Claim, find_claims
from asmrmaster.declarations.transcript import read_transcript
from asmrmaster.errors import InputError, OutputError, PresetError
from asmrmaster.meters import run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.declared import DECLARED
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.pace import words_per_minute
from asmrmaster.meters.voice import voice_over_bed_db
from asmrmaster.presets import unknown, validate
from asmrmaster.presets.toml import parse

SUFFIX = ".content.toml"
MOST_BYTES = 1_000_000

TAGS: dict[str, str] = {
    "whisper": "whispered or very soft speech",
    "mouth": "mouth sounds",
    "eating": "eating and drinking",
    "breathing": "breathing and nose sounds",
    "throat": "throat sounds",
    "tapping-clicking": "tapping, clicking, keyboards, pens",
    "scratching": "scratching",
    "crinkling": "crinkling",
    "brushing": "brushing",
    "water": "water",
    "fire": "fire",
    "thunder-wind": "thunder or strong wind",
    "footsteps-doors": "footsteps or doors",
    "medical-role-play": "medical role-play",
    "personal-attention": "personal attention, close to the ear",
    "romantic-tone": "a romantic or flirting tone",
    "parasocial-address": "the listener addressed as a friend or partner",
    "crying": "crying",
    "alarms": "alarms or sirens",
}
"""The whole vocabulary."""
MISOPHONIA_CORE = {"mouth", "eating", "breathing", "throat", "tapping-clicking"}
"""Common triggers of misophonia (Swedo et al. 2022 and the core classes studied before)."""

REVIEW_REACH_S = 2.0
"""A declared time this near to a moment covers it."""
LENGTH_TOLERANCE_S = 1.0
"""A stem or transcript may be this much longer than the file, a stem as much shorter."""

Seconds = Annotated[float, Field(ge=0, le=360_000, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Chapter(_Part):
    """A mark to jump to."""

    at_s: Annotated[Seconds, Field(description="where it starts")]
    title: Annotated[str, Field(max_length=200, description="its name")]


class Stems(_Part):
    """The layers a voice recording was mixed from, as files beside the declarations."""

    voice: Annotated[str, Field(min_length=1, description="the voice alone")]
    background: Annotated[str, Field(min_length=1, description="everything else")]


class Listened(_Part):
    """A moment somebody listened to and found fit to stay."""

    at_s: Annotated[Seconds, Field(description="when it is")]
    note: Annotated[str, Field(max_length=500, description="what is heard there")] = ""


class Review(_Part):
    """Who listened, and to what."""

    by: Annotated[str, Field(min_length=1, max_length=200, description="who listened")]
    moments: Annotated[tuple[Listened, ...], Field(max_length=1000, description="to what")] = ()


class Content(_Part):
    """All declarations; each may be left out."""

    title: Annotated[str | None, Field(max_length=500, description="as published")] = None
    description: Annotated[str | None, Field(max_length=20_000, description="as published")] = None
    tags: Annotated[tuple[str, ...] | None, Field(description="all content that applies")] = None
    declared_by: Annotated[str | None, Field(max_length=200, description="who declares this")] = (
        None
    )
    declared_as: Annotated[
        Literal["maker", "checker"] | None,
        Field(description="as who made the recording, or as somebody who checks it"),
    ] = None
    declared_on: Annotated[str | None, Field(max_length=40, description="when, ISO 8601")] = None
    forewarning: Annotated[
        Literal["spoken", "written", "none"] | None,
        Field(description="how listeners are told what is to come"),
    ] = None
    volume_passage_s: Annotated[
        tuple[Seconds, Seconds] | None,
        Field(description="start and end of a passage to set the volume by"),
    ] = None
    chapters: Annotated[tuple[Chapter, ...], Field(max_length=1000, description="marks")] = ()
    transcript: Annotated[
        str | None, Field(min_length=1, description="SRT, VTT or text file beside this one")
    ] = None
    stems: Annotated[Stems | None, Field(description="voice and background")] = None
    review: Annotated[Review | None, Field(description="who listened to which moments")] = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Content:
        """The declarations in a TOML file. Raises PresetError naming the key that is wrong."""
        return load_content(Path(path))

    @field_validator("tags")
    @classmethod
    def _known(cls, tags: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for tag in tags or ():
            if tag not in TAGS:
                raise ValueError(unknown("tag", tag, TAGS))
        return tags

    @field_validator("volume_passage_s")
    @classmethod
    def _ordered(cls, passage: tuple[float, float] | None) -> tuple[float, float] | None:
        if passage is not None and passage[0] >= passage[1]:
            raise ValueError(f"{passage[0]:g} to {passage[1]:g} s is no passage")
        return passage


def content_path(sound: Path) -> Path:
    """Where the declarations of a sound are looked for: ``take.content.toml`` by ``take.wav``."""
    return beside(sound, SUFFIX)


def load_content(path: Path) -> Content:
    """The declarations in a file. Raises PresetError naming the key that is wrong."""
    try:
        table = parse(read_regular(path, MOST_BYTES))
    except OSError as error:
        raise PresetError(f"cannot be read: {error.strerror or error}", subject=path) from None
    except ValueError as error:
        raise PresetError(f"is not readable TOML: {error}", subject=path.name) from None
    return validate(Content, table, where="declarations", subject=path.name)


def undeclared() -> Measurement:
    """What is known without declarations: nothing."""
    return Measurement({quantity.name: None for quantity in DECLARED})


def measure_content(
    content: Content, folder: Path, duration_s: float, review_s: Sequence[float] = ()
) -> Measurement:
    """Every declared quantity of a file of this length.

    folder: where the declarations lie; transcript and stems are named relative to it. review_s:
    times of the moments a person is asked to listen to. Raises InputError where a transcript or
    stem cannot be read, or does not fit the file.
    """
    values = dict(undeclared().values)
    values["content_tags_declared"] = float(content.tags is not None)
    if content.tags is not None:
        values["misophonia_core_tags"] = len(MISOPHONIA_CORE & set(content.tags))
    if content.forewarning is not None:
        values["forewarning_given"] = float(content.forewarning != "none")
    if content.volume_passage_s is not None:
        if content.volume_passage_s[1] > duration_s:
            raise InputError(
                f"volume_passage_s ends at {content.volume_passage_s[1]:g} s, after the end of the "
                f"file ({duration_s:.1f} s)"
            )
        values["volume_passage_given"] = 1.0
    if content.chapters:
        values["chapter_marks"] = len(content.chapters)
    if content.title is not None or content.description is not None:
        values["health_claims"] = len(claims_of(content))
    if content.review is not None:
        values["review_points_confirmed"] = _confirmed(content.review, review_s)
    if content.transcript is not None:
        values["words_per_minute"] = _pace(_beside(folder, content.transcript), duration_s)
    if content.stems is not None:
        voice, bed = (
            _stem(_beside(folder, name), duration_s)
            for name in (content.stems.voice, content.stems.background)
        )
        values["voice_over_bed_db"] = voice_over_bed_db(voice, bed)
    return Measurement(values)


def claims_of(content: Content) -> tuple[Claim, ...]:
    """What title and description claim of health."""
    return find_claims("\n".join(part for part in (content.title, content.description) if part))


def _confirmed(review: Review, moments_s: Sequence[float]) -> int:
    """How many of the moments have a declared time near them."""
    listened = [moment.at_s for moment in review.moments]
    return sum(any(abs(at - t) <= REVIEW_REACH_S for t in listened) for at in moments_s)


def _beside(folder: Path, name: str) -> Path:
    """A file that lies in the folder of the declarations, or below it; InputError for others.

    Declarations come with a take from somebody else, and shall not read what lies elsewhere.
    """
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, names no file can have
        inside = False
    if not inside:
        raise InputError(
            "does not lie beside the declarations that name it",
            subject=name,
            hint="Put it in their folder",
        )
    return path


def _pace(path: Path, duration_s: float) -> float | None:
    transcript = read_transcript(path)
    if transcript.end_s > duration_s + LENGTH_TOLERANCE_S:
        raise InputError(
            f"runs to {transcript.end_s:.1f} s and the file only to {duration_s:.1f} s",
            subject=path,
            hint="It belongs to another recording",
        )
    speech_s = duration_s if transcript.speech_s is None else transcript.speech_s
    return words_per_minute(transcript.words, speech_s)


def _stem(path: Path, duration_s: float) -> Measurement:
    audio = read(path).audio
    if abs(audio.duration_s - duration_s) > LENGTH_TOLERANCE_S:
        raise InputError(
            f"is {audio.duration_s:.1f} s long and the file {duration_s:.1f} s",
            subject=path,
            hint="Export stems over the whole length",
        )
    return run_meters(audio, [KEnergy])


def write_template(path: Path) -> Path:
    """Write a declarations file with everything explained and nothing declared yet.

    Raises OutputError where it exists or cannot be written.
    """
    tags = "\n".join(f'#   "{tag}",  # {what}' for tag, what in TAGS.items())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(tags=tags))
    except FileExistsError:
        raise OutputError("exists already", subject=path, hint="Edit it, or move it away") from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", subject=path) from None
    return path


_TEMPLATE = """\
# What is in the recording that no meter can hear. Remove the "# " before what you declare; what
# you leave out counts as not known, not as absent.

# title = ""
# description = \"\"\"
# \"\"\"

# Who declares this: as "maker" of the recording, or as "checker"; and when.
# declared_by = ""
# declared_as = "maker"
# declared_on = "2026-11-30"

# All content that applies; keep the brackets empty to declare that none of it does.
# tags = [
{tags}
# ]

# How listeners are told what is to come: "spoken", "written" or "none".
# forewarning = "spoken"

# A steady passage to set the volume by, from and to, in seconds.
# volume_passage_s = [0.0, 12.0]

# What is said: an .srt, .vtt or .txt file beside this one.
# transcript = "take.srt"

# [[chapters]]
# at_s = 0.0
# title = "Welcome"

# The layers of the mix, as sound files over the whole length beside this one.
# [stems]
# voice = "voice.wav"
# background = "background.wav"

# Who listened to which of the moments the report asks for.
# [review]
# by = ""
# moments = [
#   {{ at_s = 92.5, note = "a page turns" }},
# ]
"""
