"""Drawings over time: loudness with its limits, the ride, what happened when, the sides.

Everything is worked out from the report alone, so a saved report can be drawn at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil, floor

from asmrmaster.report import CurveData, Dip, MeasurementData, Report, clock
from asmrmaster.views import phrases
from asmrmaster.views.scales import Scale, area, path, spread, ticks, time_ticks
from asmrmaster.views.svg import (
    FOOT,
    LEFT,
    LINE,
    RIGHT,
    TOP,
    WIDTH,
    Note,
    Plot,
    Rule,
    Stroke,
    time_scale,
)
from asmrmaster.views.timeline import happened

SILENT_LUFS = -100.0
CLEAR = 46.0
"""Width of a label, so that none covers another."""
MOST_LABELS = 24

_LIMITED = {
    "max_short_term_above_programme_lu": ("3 s", "limit"),
    "max_momentary_above_programme_lu": ("0.4 s", "limit short"),
}
"""Limits relative to programme loudness that can be drawn: the window they hold for, and how."""


def plots(report: Report) -> list[Plot]:
    """What can be drawn of this report over time, from top to bottom."""
    drawn = (loudness(report), ride(report), peaks(report), happened(report), sides(report))
    return [plot for plot in drawn if plot is not None]


# --- loudness -------------------------------------------------------------------------------------


def loudness(report: Report) -> Plot | None:
    """Momentary and short-term loudness, the take's beside it, programme and limits across."""
    x, height = time_scale(report), 310
    shown = _curves(report)
    levels = [v for _, _, curve in shown for v in curve.values if v is not None]
    if not levels:
        return None
    programme = report.after.values.get("integrated_lufs")
    lines = list(_limit_lines(report, programme))
    top_lufs = ceil((max([*levels, *(level for _, level, _ in lines)]) + 1) / 5) * 5
    quiet = [
        measured.values.get("integrated_lufs")
        for measured in (report.before, report.after)
        if measured
    ]
    known = [level for level in quiet if level is not None] or [sorted(levels)[len(levels) // 2]]
    lowest = min(min(known) - 12, *(level - 2 for _, level, _ in lines), top_lufs - 20)
    y = Scale(max(floor(lowest / 5) * 5, top_lufs - 80), top_lufs, height - FOOT, TOP)
    places = spread([y(level) for _, level, _ in lines], LINE, TOP + 4, height - FOOT)
    return Plot(
        key="loudness",
        title="Loudness over time",
        summary=_loudness_words(report, lines),
        height=height,
        x_ticks=time_ticks(x),
        y_ticks=ticks(y),
        unit="LUFS",
        strokes=tuple(Stroke(kind, path(curve, x, y)) for kind, _, curve in shown),
        rules=tuple(
            Rule(kind, y(level), text, place)
            for (kind, level, text), place in zip(lines, places, strict=True)
        ),
        legend=tuple((kind, words) for kind, words, _ in reversed(shown)),
    )


def _curves(report: Report) -> list[tuple[str, str, CurveData]]:
    """Kind, words and curve of each line, the most important last, so that it lies on top."""
    one = "master" if report.before else "file"
    wanted: list[tuple[str, str, MeasurementData | None, str]] = [
        ("momentary", f"{one}, 0.4 s (momentary)", report.after, "momentary_lufs"),
        ("before", "take as it came, 3 s", report.before, "short_term_lufs"),
        ("short-term", f"{one}, 3 s (short-term)", report.after, "short_term_lufs"),
    ]
    return [
        (kind, words, _heard(measured.curves[name]))
        for kind, words, measured, name in wanted
        if measured is not None and name in measured.curves
    ]


def _heard(curve: CurveData) -> CurveData:
    """The curve without silence and what comes before the first whole window."""
    kept = tuple(v if v is not None and v > SILENT_LUFS else None for v in curve.values)
    return curve.model_copy(update={"values": kept})


def _limit_lines(report: Report, programme: float | None) -> Iterable[tuple[str, float, str]]:
    """Kind, level and words of the horizontal lines."""
    if programme is None:
        return
    yield "programme", programme, f"programme {phrases.number(programme)}"
    for finding in report.findings:
        if finding.quantity in _LIMITED and finding.limit.max is not None:
            level = programme + finding.limit.max
            window, kind = _LIMITED[finding.quantity]
            yield kind, level, f"limit for {window} {phrases.number(level)}"
    floor_lufs = report.after.values.get("noise_floor_lufs")
    if floor_lufs is not None:
        yield "floor", floor_lufs, f"noise floor {phrases.number(floor_lufs)}"


def _loudness_words(report: Report, lines: list[tuple[str, float, str]]) -> str:
    parts = [f"{text[:1].upper()}{text[1:]} LUFS." for _, _, text in lines]
    for name, window in (("short_term_lufs", "3 s"), ("momentary_lufs", "0.4 s")):
        curve = report.after.curves.get(name)
        values = [] if curve is None else [-1e9 if v is None else v for v in curve.values]
        if curve is not None and values and max(values) > -1e9:
            at = (values.index(max(values)) + 1) * curve.hop_s
            parts.append(
                f"Loudest {window}: {phrases.number(max(values))} LUFS, ending at {clock(at)}."
            )
    if report.before and (level_before := report.before.values.get("integrated_lufs")) is not None:
        parts.append(f"The take had a programme loudness of {phrases.number(level_before)} LUFS.")
    return " ".join(parts)


# --- ride -----------------------------------------------------------------------------------------


def ride(report: Report) -> Plot | None:
    """The gain curve without its static part, deepest dips labelled where there is room."""
    facts = report.ride
    if facts is None or facts.curve is None or not facts.curve.values:
        return None
    x, height = time_scale(report), 180
    deepest = max((dip.depth_db for dip in facts.dips), default=0.0)
    low = -max(6.0, ceil((deepest + 4) / 6) * 6)
    y = Scale(low, 0, height - FOOT, TOP)
    count = len(facts.dips)
    words = [f"Besides {phrases.number(facts.static_gain_db, sign=True)} dB throughout."]
    words.append(f"Fade-in {facts.fade_in_s:g} s, fade-out {facts.fade_out_s:g} s.")
    if count:
        dips = "Turned down once" if count == 1 else f"Turned down in {count} places"
        words.append(f"{dips}, at most by {phrases.number(deepest)} dB.")
    else:
        words.append("Nothing was turned down for a moment.")
    return Plot(
        key="ride",
        title="The ride: how the gain moved",
        summary=" ".join(words),
        height=height,
        x_ticks=time_ticks(x),
        y_ticks=ticks(y, 4),
        unit="dB",
        strokes=(Stroke("ride", area(facts.curve, x, y, 0.0)),),
        notes=tuple(_dip_notes(facts.dips, x, y)),
    )


def _dip_notes(dips: Iterable[Dip], x: Scale, y: Scale) -> Iterable[Note]:
    """The depth of each dip below it, deepest first, those left out that would cover another."""
    taken: list[Note] = []
    for dip in sorted(dips, key=lambda dip: (-dip.depth_db, dip.start_s)):
        place = min(max(x((dip.start_s + dip.end_s) / 2), LEFT + CLEAR / 2), WIDTH - RIGHT - 20)
        text = f"{phrases.MINUS}{dip.depth_db:.1f}"
        note = Note(round(place, 1), round(y(-dip.depth_db) + LINE - 2, 1), text)
        if not any(_covers(note, other) for other in taken):
            taken.append(note)
            yield note
        if len(taken) >= MOST_LABELS:
            return


def _covers(one: Note, other: Note) -> bool:
    return abs(one.x - other.x) < CLEAR and abs(one.y - other.y) < LINE


# --- peaks ----------------------------------------------------------------------------------------

PEAKS_DB = 48.0
"""Peaks are drawn this far down from the top."""


def peaks(report: Report) -> Plot | None:
    """The highest sample peaks over time, the take's beside them, and what is accepted."""
    master = "master" if report.before else "file"
    measured = [("before", "take as it came", report.before), ("peak", master, report.after)]
    shown = [
        (kind, words, CurveData(hop_s=drawn.hop_s, unit=drawn.unit, values=drawn.values[0]))
        for kind, words, one in measured
        if one is not None and (drawn := one.pictures.get("peaks")) is not None
    ]
    levels = [v for _, _, curve in shown for v in curve.values if v is not None]
    if not levels or shown[-1][0] != "peak":
        return None
    x, height = time_scale(report), 150
    accepted = [
        f.limit.max
        for f in report.findings
        if f.quantity == "true_peak_dbtp" and f.limit.max is not None
    ]
    top = max(0.0, ceil(max(levels) / 6) * 6)
    y = Scale(top - PEAKS_DB, top, height - FOOT, TOP)
    true_peak = phrases.figure("true_peak_dbtp", report.after.values.get("true_peak_dbtp"))
    words = [f"The highest sample in each {shown[-1][2].hop_s:.2g} s. True peak {true_peak}."]
    words += [f"Accepted is at most {phrases.number(level)} dBTP." for level in accepted]
    return Plot(
        key="peaks",
        title="Peaks over time",
        summary=" ".join(words),
        height=height,
        x_ticks=time_ticks(x),
        y_ticks=ticks(y, 4),
        unit="dBFS",
        strokes=tuple(Stroke(kind, path(curve, x, y)) for kind, _, curve in shown),
        rules=tuple(
            Rule("limit", y(level), f"limit {phrases.number(level)}", y(level))
            for level in accepted
        ),
        legend=tuple((kind, words) for kind, words, _ in reversed(shown)) if report.before else (),
    )


# --- sides ----------------------------------------------------------------------------------------


def sides(report: Report) -> Plot | None:
    """How much louder left is than right over time."""
    drawn = report.after.pictures.get("channels")
    if drawn is None or drawn.rows != ("left", "right"):
        return None
    pairs = zip(*drawn.values, strict=True)
    difference = [None if a is None or b is None else float(a - b) for a, b in pairs]
    known = [abs(d) for d in difference if d is not None]
    if not known:
        return None
    x, height = time_scale(report), 160
    most = max(6, ceil(min(max(known), 30) / 6) * 6)
    y = Scale(-most, most, height - FOOT, TOP)
    curve = CurveData(hop_s=drawn.hop_s, unit="dB", values=tuple(difference))
    left = sum(d > 0 for d in difference if d is not None) / len(known)
    plain = [replace(t, text=t.text.removeprefix(phrases.MINUS)) for t in ticks(y, 4)]
    return Plot(
        key="sides",
        title="Left and right",
        summary=f"Left is the louder side {100 * left:.0f} % of the time; "
        f"the sides differ by up to {max(known):.0f} dB over {drawn.hop_s:.1f} s.",
        height=height,
        x_ticks=time_ticks(x),
        y_ticks=plain,
        unit="dB",
        strokes=(Stroke("sides", path(curve, x, y)),),
        rules=(Rule("middle", y(0), "equal", y(0) + 4),),
        notes=(
            Note(WIDTH - RIGHT + 8, TOP + 10, "left louder"),
            Note(WIDTH - RIGHT + 8, height - 30, "right louder"),
        ),
    )
