"""What a report names, as markers for the programs people edit sound in.

Audacity (label track, tab-separated), REAPER (Region/Marker Manager, CSV), Adobe Audition (Markers
panel, tab-separated although called CSV) and a plain list of times.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from asmrmaster.report import Moment, Report, clock
from asmrmaster.views import phrases, text

POINT_S = 0.0005
"""What is shorter than this is a point."""


@dataclass(frozen=True)
class Mark:
    """A stretch of the file, or a point where both times are the same, and what it is."""

    start_s: float
    end_s: float
    text: str


def marks(report: Report) -> list[Mark]:
    """Findings, other events, dips and edits in order of time; what is named twice is one mark."""
    found = []
    for finding in report.findings:
        if finding.state in ("fail", "advisory"):
            for event in finding.events:
                words = f"{phrases.WORDS[finding.state]}: {phrases.inside(finding.title)}"
                words += _size(event)
                found.append(Mark(event.start_s, event.end_s, words + _side(event.channel)))
    named = {
        event
        for finding in report.findings
        if finding.state in ("fail", "advisory")
        for event in finding.events
    }
    for event in report.after.events:
        if event not in named:
            words = phrases.title(event.quantity) + _size(event)
            found.append(Mark(event.start_s, event.end_s, words + _side(event.channel)))
    for dip in report.ride.dips if report.ride else ():
        words = f"turned down {dip.depth_db:.1f} dB: {dip.reason}"
        found.append(Mark(dip.start_s, dip.end_s, words))
    for edit in report.edits:
        words = f"{edit.stage} {phrases.number(edit.amount_db)} dB: {edit.reason}"
        found.append(Mark(edit.start_s, edit.end_s, words + _side(edit.channel)))
    shown = {Mark(max(m.start_s, 0.0), max(m.end_s, m.start_s, 0.0), _line(m.text)) for m in found}
    return sorted(shown, key=lambda m: (m.start_s, m.end_s, m.text))


def summary(report: Report) -> str:
    """The result and its limits, on one line at the beginning."""
    parts = [
        text.headline(report).removeprefix(f"{phrases.visible(phrases.subject(report).path)}: ")
    ]
    parts += [line.removeprefix("! ") for line in text.changed_lines(report)]
    return ". ".join(parts)


def _size(event: Moment) -> str:
    """How much it is, of a quantity that a single event has; a rate or a count it has not."""
    unit = phrases.quantity(event.quantity).unit
    counted = not unit or unit.startswith("/")
    return "" if counted else f" {phrases.figure(event.quantity, event.size)}"


def _side(channel: int | None) -> str:
    return "" if channel is None else f" (channel {channel + 1})"


def _line(text: str) -> str:
    """Text on one line, without what could end a field."""
    return " ".join(phrases.visible(text.replace("\t", " ").replace("\n", " ")).split())


def _marked(what: Report | Iterable[Mark]) -> Iterable[Mark]:
    """The marks; of a report with its result and its limits at the very beginning."""
    if not isinstance(what, Report):
        return what
    return [Mark(0.0, 0.0, _line(summary(what))), *marks(what)]


def audacity(what: Report | Iterable[Mark]) -> str:
    """A label track: start, end in seconds, and text, separated by tabs."""
    return "".join(f"{m.start_s:.6f}\t{m.end_s:.6f}\t{m.text}\n" for m in _marked(what))


def reaper(what: Report | Iterable[Mark]) -> str:
    """Regions (R) and markers (M) with times as hours, minutes and seconds."""
    rows = [["#", "Name", "Start", "End", "Length"]]
    counts = {"R": 0, "M": 0}
    for mark in _marked(what):
        length_s = mark.end_s - mark.start_s
        kind = "R" if length_s >= POINT_S else "M"
        counts[kind] += 1
        ends = [_hms(mark.end_s), _hms(length_s)] if kind == "R" else ["", ""]
        rows.append([f"{kind}{counts[kind]}", mark.text, _hms(mark.start_s), *ends])
    return _table(rows, ",")


def audition(what: Report | Iterable[Mark]) -> str:
    """Cue markers with decimal times."""
    rows = [["Name", "Start", "Duration", "Time Format", "Type", "Description"]]
    for mark in _marked(what):
        length = _decimal(mark.end_s - mark.start_s)
        rows.append([mark.text, _decimal(mark.start_s), length, "decimal", "Cue", ""])
    return "".join("\t".join(row) + "\n" for row in rows)


def times(what: Report | Iterable[Mark]) -> str:
    """One line for each mark: the time and what is there."""
    return "".join(f"{clock(m.start_s)} {m.text}\n" for m in _marked(what))


def _table(rows: Iterable[Iterable[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _hms(seconds: float) -> str:
    """0:00:32.000"""
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{ms:03d}"


def _decimal(seconds: float) -> str:
    """0:32.000, or 1:00:32.000 from an hour on."""
    text = _hms(seconds)
    return text.removeprefix("0:").removeprefix("0") if text.startswith("0:") else text


FORMATS: Mapping[str, tuple[str, Callable[[Report | Iterable[Mark]], str]]] = MappingProxyType(
    {
        "audacity": ("labels.txt", audacity),
        "reaper": ("regions.csv", reaper),
        "audition": ("audition.csv", audition),
        "times": ("times.txt", times),
    }
)
"""Each format with the end of its file name and the function that writes it, of a report or of
marks."""
