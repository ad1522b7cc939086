"""Spans of time given by people: on the command line, or in the label files of sound editors.

Read are label tracks of Audacity (tab-separated), markers and regions of REAPER (CSV with a header)
and of Adobe Audition (tab-separated with a header), plain lists, a time or a span on each line, and
the markers inside a WAV, which recorders and sound editors put there.
Times are seconds (``92.5``) or have minutes and hours (``1:32.5``, ``1:01:32.5``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asmrmaster.audio.cues import MAGICS, read_cues
from asmrmaster.audio.regular import read_regular
from asmrmaster.audio.times import HOW_TO_WRITE, read_time, shortened
from asmrmaster.errors import InputError, ParameterError, PresetError

POINT_S = 0.03
"""A point, set by eye, stands for so much around it."""
LARGEST_BYTES, MOST = 4_000_000, 10_000
"""Beyond this a file is no list of labels."""

_SPAN = re.compile(r"\s*([\d:.]+)(?:\s*[-–]\s*([\d:.]+))?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Label:
    """A span in seconds and what is written on it."""

    start_s: float
    end_s: float
    text: str = ""

    @property
    def span(self) -> tuple[float, float]:
        """From, to, in seconds; a point is widened to 30 ms."""
        if self.end_s > self.start_s:
            return self.start_s, self.end_s
        return max(0.0, self.start_s - POINT_S / 2), self.start_s + POINT_S / 2


def read_spans(text: str) -> tuple[tuple[float, float], ...]:
    """The spans in a label file, or in a text such as ``1:02.5-1:03, 2:10``.

    Raises ParameterError for a text and PresetError for a file that cannot be understood.
    """
    if _is_file(text):
        return tuple(label.span for label in read_labels(Path(text)))
    if not re.fullmatch(r"[\d:.,;\s–-]+", text):
        raise ParameterError("is neither a time nor a label file", subject=text, hint=HOW_TO_WRITE)
    parts = [part for part in re.split(r"[,;]", text) if part.strip()]
    if not parts:
        raise ParameterError("holds no time", subject=repr(text), hint=HOW_TO_WRITE)
    return tuple(_plain(part).span for part in parts)


def read_labels(path: Path) -> tuple[Label, ...]:
    """All labels of a file in order of time. Raises PresetError naming the line."""
    if _is_wav(path):
        return _markers(path)
    rows = _numbered(path)
    first = rows[0][1] if rows else ""
    columns = [column.strip().lower() for column in re.split(r"[\t,]", first)]
    read_row: Callable[[str], Label | None] = _plain
    if {"name", "start", "end"} <= set(columns):
        rows, read_row = rows[1:], _Table(columns, ",").region
    elif {"name", "start", "duration"} <= set(columns):
        rows, read_row = rows[1:], _Table(columns, "\t").cue
    elif "\t" in first:
        read_row = _audacity
    labels = []
    for number, row in rows:
        try:
            label = read_row(row)
        except (ParameterError, csv.Error) as error:
            what = str(error).removesuffix(f". {HOW_TO_WRITE}")
            raise PresetError(f"line {number}: {what}", subject=path, hint=HOW_TO_WRITE) from None
        if label is not None:
            labels.append(label)
    if not labels:
        raise PresetError("holds no label", subject=path, hint=HOW_TO_WRITE)
    return tuple(sorted(labels, key=lambda label: (label.start_s, label.end_s)))


def _label(start_s: float, end_s: float, text: str) -> Label:
    if end_s < start_s:
        raise ParameterError(f"ends at {end_s:g} s, before it starts at {start_s:g} s")
    return Label(start_s, end_s, text.strip())


def _plain(row: str) -> Label:
    """``1:02.5-1:03 words`` or ``1:02.5 words``."""
    found = _SPAN.fullmatch(row)
    if found is None:
        raise ParameterError(f"{shortened(row.strip())} is no time", hint=HOW_TO_WRITE)
    start, end, text = found.groups()
    return _label(read_time(start), read_time(end or start), text or "")


def _audacity(row: str) -> Label | None:
    """``start⇥end⇥words``; a line with a backslash tells the frequencies of the one before."""
    if row.startswith("\\"):
        return None
    start, _, rest = row.partition("\t")
    end, _, text = rest.partition("\t")
    return _label(read_time(start.replace(",", ".")), read_time(end.replace(",", ".")), text)


class _Table:
    """Rows with named columns."""

    def __init__(self, columns: list[str], delimiter: str) -> None:
        self._columns, self._delimiter = columns, delimiter

    def region(self, row: str) -> Label:
        """REAPER: markers have no end."""
        cells = self._cells(row)
        start_s = read_time(cells["start"])
        return _label(start_s, read_time(cells["end"]) if cells["end"] else start_s, cells["name"])

    def cue(self, row: str) -> Label:
        """Audition: a start and a duration."""
        cells = self._cells(row)
        form = cells.get("time format", "decimal")
        if form.lower() != "decimal":
            raise ParameterError(f"times are in {shortened(form)}; export them as decimal")
        start_s = read_time(cells["start"])
        return _label(start_s, start_s + read_time(cells["duration"] or "0"), cells["name"])

    def _cells(self, row: str) -> dict[str, str]:
        quoted = self._delimiter == ","
        cells = next(csv.reader([row], strict=True)) if quoted else row.split(self._delimiter)
        if len(cells) < len(self._columns) - 1:
            raise ParameterError(f"has {len(cells)} columns instead of {len(self._columns)}")
        padded = [*cells, ""]
        return {name: padded[k].strip() for k, name in enumerate(self._columns)}


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # no name a file could have
        return False


def _is_wav(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in MAGICS
    except OSError:
        return False  # reading it as text says why


def _markers(path: Path) -> tuple[Label, ...]:
    """The cue points of a WAV."""
    try:
        rate, cues = read_cues(path)
    except (InputError, OSError) as error:
        raise PresetError(f"its markers cannot be read: {error}", subject=path) from None
    if not cues:
        raise PresetError("is a WAV without markers", subject=path, hint=HOW_TO_WRITE)
    return tuple(
        Label(cue.start / rate, (cue.start + cue.frames) / rate, cue.text.strip()) for cue in cues
    )


def _numbered(path: Path) -> list[tuple[int, str]]:
    """The lines of a file that hold something, with their numbers from 1 on."""
    try:
        data = read_regular(path, LARGEST_BYTES)
    except OSError as error:
        raise PresetError(f"cannot be read: {error.strerror}", subject=path) from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise PresetError("is not a text file", subject=path, hint=HOW_TO_WRITE)
    rows = list(_filled(re.split(r"\r\n|\r|\n", text)))
    if len(rows) > MOST:
        raise PresetError(f"holds more than {MOST} lines", subject=path)
    return rows


def _filled(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        table = line.lower().startswith(("#,name", "#\tname"))
        if line.strip() and (table or not line.lstrip().startswith("#")):
            yield number, line
