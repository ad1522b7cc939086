"""Transcripts: what is said and when, from SubRip, WebVTT or plain text.

Only what pace needs is kept: how many words there are and for how long cues are shown. Whatever a
file holds, it is either read or refused in one line that names the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asmrmaster.audio.regular import read_regular
from asmrmaster.audio.times import in_seconds
from asmrmaster.errors import InputError

MOST_BYTES = 5_000_000
"""A transcript of a whole day is smaller."""
SUFFIXES = (".srt", ".vtt", ".txt")

_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})")
_MARKUP = re.compile(r"<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|\([^()]*\)")  # tags, and what is not said
_WORD = re.compile(r"[^\W_]+(?:['’‑-][^\W_]+)*")
_ARROW = "-->"


@dataclass(frozen=True)
class Transcript:
    """words: how many are said. speech_s: how long cues are shown; None for plain text.

    end_s: when the last cue ends; 0 for plain text.
    """

    words: int
    speech_s: float | None
    end_s: float


def read_transcript(path: Path) -> Transcript:
    """The transcript in a file, by its extension. Raises InputError."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{suffix or 'no extension'} is not a kind of transcript",
            subject=path,
            hint=f"Use {', '.join(SUFFIXES)}",
        )
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", subject=path) from None
    try:
        return parse_transcript(decoded(data), timed=suffix != ".txt")
    except InputError as error:
        raise InputError(error.message, subject=path, hint=error.hint) from None


def decoded(data: bytes) -> str:
    """Text from bytes: UTF-8, or UTF-16 with its mark. Raises InputError for anything else."""
    if len(data) > MOST_BYTES:
        raise InputError(f"is larger than {MOST_BYTES // 1_000_000} MB: not a transcript")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError("is not text in UTF-8", hint="Save it again as UTF-8") from None
    if "\0" in text:
        raise InputError("is not text: it holds zero bytes")
    return text


def parse_transcript(text: str, *, timed: bool) -> Transcript:
    """The transcript in a text. timed: SubRip or WebVTT, else plain text.

    Cues may overlap and come in any order; time shown twice counts once. Raises InputError for a
    time that is none, for a cue that ends before it starts, and where there is no cue at all.
    """
    if not timed:
        return Transcript(count_words(text), None, 0.0)
    cues: list[tuple[float, float]] = []
    words = 0
    for number, block in _blocks(text):
        arrows = [k for k, line in enumerate(block) if _ARROW in line]
        if not arrows:
            continue  # a title, a note or a style
        if len(arrows) > 1:
            raise InputError(f"line {number + arrows[1]}: a cue must follow a blank line")
        cues.append(_times(block[arrows[0]], number + arrows[0]))
        words += count_words("\n".join(block[arrows[0] + 1 :]))
    if not cues:
        raise InputError("holds no cues", hint="A cue has a line like 00:01.000 --> 00:02.500")
    return Transcript(words, _covered(cues), max(end for _, end in cues))


def count_words(text: str) -> int:
    """Words that are said: tags, and remarks in brackets, are not."""
    return sum(1 for _ in _WORD.finditer(_MARKUP.sub(" ", text)))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of its first line."""
    block: list[str] = []
    number = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield number - len(block) + 1, block


def _times(line: str, number: int) -> tuple[float, float]:
    """Start and end in seconds of the cue this line opens."""
    start, _, rest = line.partition(_ARROW)
    end = (rest.split() or [""])[0]  # settings may follow
    start_s, end_s = (_seconds(part.strip(), number) for part in (start, end))
    if end_s < start_s:
        raise InputError(f"line {number}: the cue ends at {end} before it starts")
    return start_s, end_s


def _seconds(text: str, number: int) -> float:
    match = _TIME.fullmatch(text)
    if match is None:
        raise InputError(
            f"line {number}: {text[:40]!r} is not a time", hint="Times look like 00:01:02.500"
        )
    hours, minutes, seconds, fraction = match.groups()
    if int(minutes) > 59 or int(seconds) > 59:
        raise InputError(f"line {number}: {text!r} has more than 59 minutes or seconds")
    whole = in_seconds(int(hours or 0), int(minutes), int(seconds))
    return whole + int(fraction.ljust(3, "0")) / 1000


def _covered(cues: list[tuple[float, float]]) -> float:
    """How long at least one cue is shown."""
    covered, until = 0.0, 0.0
    for start, end in sorted(cues):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered
