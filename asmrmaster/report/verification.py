"""Whether a file is what a report says of it: what was measured again against what is stated.

Pure: the sound was measured before. What follows from values (findings, verdict) is derived anew
on both sides; what no meter hears is named and left to people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from asmrmaster.meters import ASKED_BY, QUANTITIES
from asmrmaster.meters.declared import DECLARED
from asmrmaster.presets import Profile
from asmrmaster.report.document import Report
from asmrmaster.report.facts import FileFacts, MeasurementData, Moment, ReviewPoint
from asmrmaster.report.formatting import clock, inside, with_unit
from asmrmaster.report.judging import judge

TOLERANCE_DB = 0.05
"""Two processors differ in the last digits of a level, by far less; LU and dB alike."""
TOLERANCE_SHARE = 0.005
"""Of values that are no levels: seconds, hertz, rates."""
TOLERANCE_S = 0.02
"""Of a moment: two steps of the curves it was found on."""
TOLERANCE_PICTURE_DB = 1
"""Pictures are kept in whole decibels."""
LAST_DIGIT = 0.001
"""A finding may fall on the other side of its limit for no more than this."""

_OF_OTHERS = ("Also heard", "Also there", "What a player may choose besides")
"""Beginnings of notes on what is not heard again: another codec, other sound streams."""
_LEVELS = frozenset({"LU", "LUFS", "dB", "dB(A)", "dB/s", "dBFS", "dBTP"})
_DECLARED = frozenset(quantity.name for quantity in DECLARED)


@dataclass(frozen=True)
class Fresh:
    """What was found out of the file now: its facts, what was measured, what to listen to."""

    facts: FileFacts
    measured: MeasurementData
    review: tuple[ReviewPoint, ...]


@dataclass(frozen=True)
class Comparison:
    """differences: what is stated and not so, in words. compared: how many values were.

    unchecked: what the report states and no measurement of this file can show, in words.
    """

    differences: tuple[str, ...]
    compared: int
    unchecked: tuple[str, ...]


def compare(report: Report, fresh: Fresh, profile: Profile) -> Comparison:
    """Everything a report says of its file against what was found now.

    profile: by which both are judged.
    """
    stated, measured = report.after, fresh.measured
    names = [name for name in {**stated.values, **measured.values} if name not in ASKED_BY]
    differences = [
        *_facts(report.output or report.input, fresh.facts, written=report.output is not None),
        *_values(names, stated, measured),
        *_events(stated.events, measured.events),
        *_drawn(report, fresh),
        *_judged(report, fresh, profile),
    ]
    return Comparison(tuple(differences), len(names), tuple(unchecked(report)))


def unchecked(report: Report) -> Iterator[str]:
    """What a report states and its file alone does not show."""
    asked = sorted(
        inside(QUANTITIES[name].title)
        for name, value in report.after.values.items()
        if value is not None and name in ASKED_BY and name not in _DECLARED
    )
    yield from asked
    if report.declared or report.judgements or report.notes:
        yield "what people declared and judged"
    if report.output is not None:
        yield "what was done to the take"
    if report.at_source:
        yield "advice on the recording"
    if report.at_ear:
        yield "the level it is played at"
    if report.deliveries:
        yield "files for destinations"
    yield "who made the report and when"


def _facts(stated: FileFacts, found: FileFacts, *, written: bool) -> Iterator[str]:
    """written: by the engine, whose notes tell how; a file that is only read does not."""
    if stated.sha256 != found.sha256:
        yield (
            f"another file: sha256 {stated.sha256[:12]} in the report, {found.sha256[:12]} measured"
        )
    for name, unit in (
        ("format", ""),
        ("rate_hz", "Hz"),
        ("channels", ""),
        ("stream", ""),
        ("frames", ""),
        ("player_gain_db", "dB"),
    ):
        was, now = getattr(stated, name), getattr(found, name)
        if was != now:
            title = name.removesuffix("_hz").removesuffix("_db").replace("_", " ")
            yield _differ(title, with_unit(str(was), unit), with_unit(str(now), unit))
    if abs(stated.duration_s - found.duration_s) > 1 / max(found.rate_hz, 1):
        yield _differ("length", f"{stated.duration_s:g} s", f"{found.duration_s:g} s")
    told = {note for note in stated.notes if not note.startswith(_OF_OTHERS)}
    if not written and told - set(found.notes):
        yield "notes on the file are not those it gives"


def _values(
    names: Iterable[str], stated: MeasurementData, measured: MeasurementData
) -> Iterator[str]:
    for name in names:
        was, now = stated.values.get(name), measured.values.get(name)
        if name not in QUANTITIES:
            yield f"{name} is no quantity this version knows"
        elif not alike(name, was, now):
            yield _differ(inside(QUANTITIES[name].title), _figure(name, was), _figure(name, now))


def alike(name: str, was: float | None, now: float | None) -> bool:
    """Whether two values of a quantity differ by no more than measuring again may."""
    if was is None or now is None:
        return was is now
    if QUANTITIES[name].unit in _LEVELS:
        return abs(was - now) <= TOLERANCE_DB
    return abs(was - now) <= TOLERANCE_SHARE * max(abs(was), abs(now), 1.0)


def _events(stated: Sequence[Moment], found: Sequence[Moment]) -> Iterator[str]:
    """The first moment that is stated and not found, or found and not stated."""

    def order(moment: Moment) -> tuple[str, str, float, float]:
        return moment.quantity, str(moment.channel), moment.start_s, moment.size

    for was, now in zip_longest(sorted(stated, key=order), sorted(found, key=order)):
        one = was or now
        if was is None or now is None or not _same_moment(was, now):
            known = QUANTITIES.get(one.quantity)
            what = inside(known.title) if known else one.quantity
            yield f"moments of {what} differ, first at {clock(one.start_s)}"
            return


def _same_moment(was: Moment, now: Moment) -> bool:
    return (
        (was.quantity, was.channel) == (now.quantity, now.channel)
        and abs(was.start_s - now.start_s) <= TOLERANCE_S
        and abs(was.end_s - now.end_s) <= TOLERANCE_S
        and was.quantity in QUANTITIES
        and alike(was.quantity, was.size, now.size)
    )


def _drawn(report: Report, fresh: Fresh) -> Iterator[str]:
    """Curves, pictures and places to listen to."""
    stated, measured = report.after, fresh.measured
    for name in {**stated.curves, **measured.curves}:
        was, now = stated.curves.get(name), measured.curves.get(name)
        if was is None or now is None or not _near(was.model_dump(), now.model_dump(), 0.061):
            yield f"the curve {name} differs"
    for name in {**stated.pictures, **measured.pictures}:
        picture, found = stated.pictures.get(name), measured.pictures.get(name)
        if (
            picture is None
            or found is None
            or not _near(picture.model_dump(), found.model_dump(), TOLERANCE_PICTURE_DB)
        ):
            yield f"the picture {name} differs"
    places = [point.model_dump() for point in report.review]
    if not _near(places, [point.model_dump() for point in fresh.review], TOLERANCE_DB):
        yield "places to listen to differ"


def _near(was: Any, now: Any, tolerance: float) -> bool:
    """Whether plain data is the same, each number within ``tolerance``."""
    if isinstance(was, dict) and isinstance(now, dict):
        return was.keys() == now.keys() and all(_near(was[k], now[k], tolerance) for k in was)
    if isinstance(was, (list, tuple)) and isinstance(now, (list, tuple)):
        return len(was) == len(now) and all(
            _near(a, b, tolerance) for a, b in zip(was, now, strict=True)
        )
    if isinstance(was, (int, float)) and isinstance(now, (int, float)):
        return abs(was - now) <= tolerance
    return bool(was == now)


def _judged(report: Report, fresh: Fresh, profile: Profile) -> Iterator[str]:
    """Findings and verdict of what was measured now, with what people declared as it is stated."""
    kept = {name: x for name, x in report.after.values.items() if name in ASKED_BY}
    values = {**fresh.measured.values, **kept}
    data = fresh.measured.model_copy(update={"values": values})
    verdict, findings = judge(data, fresh.facts, profile)
    before = {finding.criterion: finding for finding in report.findings}
    moved = False
    for now in findings:
        was = before.get(now.criterion)
        if was is None or was.state == now.state:
            continue
        if was.measured is not None and now.measured is not None:
            moved = moved or abs(was.measured - now.measured) <= LAST_DIGIT
            if abs(was.measured - now.measured) <= LAST_DIGIT:
                continue
        yield f"{now.criterion} is {now.state!r} and not {was.state!r}"
    if verdict != report.verdict and not moved:
        yield f"the verdict is {verdict!r} and not {report.verdict!r}"


def _figure(name: str, value: float | None) -> str:
    quantity = QUANTITIES[name]
    if value is None:
        return "nothing"
    return with_unit(f"{value:z.{max(quantity.decimals, 2)}f}", quantity.unit)


def _differ(title: str, was: str, now: str) -> str:
    return f"{title} {was} in the report, {now} measured"
