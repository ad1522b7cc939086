"""The report as text for a terminal: what it amounts to, what changed, what to do next.

All figures stand behind ``full``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets.limits import in_words
from asmrmaster.presets.words import words
from asmrmaster.report import (
    Answer,
    EditData,
    Finding,
    MeasurementData,
    Report,
    clock,
    inside,
    limits_in_words,
    name_of,
)
from asmrmaster.report.sentences import minute
from asmrmaster.views import advice, phrases
from asmrmaster.views.signed import signed

WIDTH = 88
MOMENTS = 5
SCREENED = "This screens sound; it cannot say how anyone will feel."
EDITS = 40
"""So many edits are listed by name."""

SUMMARY = (
    "integrated_lufs",
    "true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
    "loudness_range_lu",
    "max_momentary_above_programme_lu",
    "max_level_novelty_lu",
    "max_band_novelty_lu",
    "noise_floor_a_dbfs",
    "programme_above_noise_db",
)
"""Quantities of the before/after table, in order."""

MARKS = {"pass": "ok", "not assessed": "--", "advisory": "!", "fail": "X"}


def render(report: Report, *, full: bool = False) -> str:
    """The report as text; ``full`` also gives every figure, criterion and edit."""
    parts = [lead(report)]
    if full:
        parts += [
            _head(report),
            _target(report),
            _table(report),
            _findings(report, full=full),
            _dips(report),
            _edits(report, full=full),
            _change(report),
            _declared(report),
            _review(report),
        ]
    parts += [
        _at_source(report),
        _repairs(report, full=full),
        _deliveries(report, full=full),
        _scenario(report, full=full),
        _notes(report) if not full else "",
        "\n".join(_wrapped(signed(report))),
        _foot(report) if full else f"{SCREENED} All figures: --full",
    ]
    text = "\n\n".join(part for part in parts if part)
    return "\n".join(map(phrases.visible, text.split("\n")))


def lead(report: Report) -> str:
    """What a person reads first: state, one sentence, answers, what changed and what to do."""
    found = report.answered
    states = words().states
    lines = [
        f"{states[found.state].upper()}: {found.headline}",
        found.second_line,
        f"{phrases.subject(report).path}, {minute(phrases.subject(report).duration_s)}",
        f"Judged for {judged_for(report)}. Formally: {report.verdict}.",
        *changed_lines(report),
        "",
        *(_answer(answer) for answer in found.answers),
    ]
    if moments := found.moments:
        lines.append("")
        lines += [f"{minute(m.at_s):>7}  {m.sentence}" for m in moments[:MOMENTS]]
        if len(moments) > MOMENTS:
            lines.append(f"         and {len(moments) - MOMENTS} more moments")
    if changed := advice.what_changed(report):
        lines += ["", f"What changed: {changed}"]
    why, command = advice.next_step(report)
    lines += ["", f"Next: {why}", *([f"  {command}"] if command else [])]
    return "\n".join(_hanging(lines))


def _hanging(lines: Iterable[str]) -> Iterable[str]:
    """Lines wrapped so that what goes on stands under what began in the same column."""
    for line in lines:
        columns = 31 if line[:13].rstrip() in words().answers.values() else 9
        indent = columns if columns == 31 or line.startswith("   ") else 2
        yield from _wrapped([line], indent=indent)


def judged_for(report: Report) -> str:
    """Whom it was judged for, and whether by the limits that are shipped."""
    head, _ = limits_in_words(report.profile)
    tick = " \N{CHECK MARK}" if report.profile.standing == "shipped" else ""
    return f"{name_of(report.profile)}, {inside(head)}{tick}"


def changed_lines(report: Report) -> list[str]:
    """What was changed in the limits, and what the shipped ones say; nothing where none was."""
    head, rest = limits_in_words(report.profile)
    if not rest:
        return []
    lines = [f"! {phrases.capital(head)}{'' if rest[:1] in ',:' or rest[:3] == ' by' else '.'}"
             f"{rest if rest[:1] in ',: ' else ' ' + rest}"]  # fmt: skip
    if said := shipped_sentence(report):
        lines.append(f"! {said}")
    return lines


def shipped_sentence(report: Report) -> str:
    """What the shipped limits say of the file; empty where it was judged by them."""
    shipped = report.shipped_result
    if shipped is None:
        return ""
    found = report.answered
    if (shipped.state, shipped.text) == (found.state, found.headline):
        return "Shipped limits give the same result."
    return f"By the shipped limits: {words().states[shipped.state]}, {shipped.text}."


def _answer(answer: Answer) -> str:
    known = words()
    title = known.groups[answer.question].title
    return f"{known.answers[answer.state]:<13}{title:<18}{answer.brief}"


def _notes(report: Report) -> str:
    return "\n".join(_wrapped([f"note: {note}" for note in phrases.notes(report)], indent=6))


def headline(report: Report) -> str:
    """One line: file, state and sentence, formal verdict, and whether limits were changed."""
    file = report.output or report.input
    found = report.answered
    return phrases.visible(
        f"{file.path}: {words().states[found.state]}: {found.headline} ({report.verdict}; "
        f"{judged_for(report)})"
    )


def _head(report: Report) -> str:
    file = report.output or report.input
    planned = report.output is None and report.ride is not None
    lines = [
        f"{'FORECAST, nothing was written: ' * planned}"
        f"{report.verdict.upper()}: {report.profile.id} {report.profile.version}",
        f"{file.path}",
        f"{clock(file.duration_s)}, {file.channels} ch, {file.rate_hz} Hz, {file.format}",
    ]
    if report.preset is not None:
        lines.append(f"made from {report.input.path}, preset {report.preset.id}")
    if report.output is not None:
        lines += [f"note on the take: {note}" for note in report.input.notes]
    lines += [f"note: {note}" for note in file.notes]
    return "\n".join(lines)


def _target(report: Report) -> str:
    ride = report.ride
    if ride is None:
        return ""
    lines = [
        f"Gain {ride.static_gain_db:+.1f} dB for a target of {ride.target_lufs:.1f} LUFS; "
        f"peaks held at {ride.ceiling_dbtp:.1f} dBTP."
    ]
    delivered = report.after.values.get("true_peak_dbtp")
    if ride.rendered_dbtp is not None and delivered is not None:
        lines.append(
            f"True peak {ride.rendered_dbtp:.2f} dBTP before the encoder, {delivered:.2f} dBTP as "
            "delivered."
        )
    if ride.target_reason:
        lines.append(f"Asked for {ride.wanted_lufs:.1f} LUFS; {ride.target_reason}.")
    if ride.level_min_db or ride.level_max_db:
        why = f": {ride.level_reason}" if ride.level_reason else ""
        lines.append(
            f"Passages levelled by {ride.level_min_db:+.1f} to {ride.level_max_db:+.1f} dB, at "
            f"{ride.level_max_db_per_s:.1f} dB/s or slower{why}."
        )
    return "\n".join(_wrapped(lines))


def _table(report: Report) -> str:
    columns: list[tuple[str, MeasurementData]] = []
    if report.before is not None:
        columns.append(("before", report.before))
    columns.append(("after" if report.before is not None else "measured", report.after))
    rows = []
    for name in SUMMARY:
        quantity = QUANTITIES[name]
        cells = [_cell(measured.values.get(name), quantity.decimals) for _, measured in columns]
        if any(cell != "-" for cell in cells):
            rows.append(_row(quantity.title, cells, quantity.unit))
    return "\n".join([_row("", [title for title, _ in columns], ""), *rows])


def _row(title: str, cells: Iterable[str], unit: str) -> str:
    return f"{title:<48}" + "".join(f"{cell:>10}" for cell in cells) + f"  {unit}".rstrip()


def _cell(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"


def _findings(report: Report, *, full: bool) -> str:
    order = ("fail", "advisory", "not assessed", "pass")
    shown = [f for state in order for f in report.findings if f.state == state and f.applies]
    passed = [f for f in shown if f.state == "pass"]
    lines = []
    for finding in shown:
        if finding.state == "pass" and not full:
            continue
        lines += _finding(finding)
    if passed and not full:
        lines.append(f"{len(passed)} other criteria pass or are only reported.")
    return "\n".join(lines)


def _finding(finding: Finding) -> list[str]:
    head = f"[{MARKS[finding.state]:>2}] {finding.criterion} {finding.title}: {finding.why}"
    lines = _wrapped([head], indent=5)
    if finding.advice:
        lines += _wrapped([f"     {finding.advice}"], indent=5)
    return lines


def _at_source(report: Report) -> str:
    if not report.at_source:
        return ""
    lines = ["To fix at the source:", *(f"  {sentence}" for sentence in report.at_source)]
    return "\n".join(_wrapped(lines, indent=4))


def _dips(report: Report) -> str:
    if report.ride is None or not report.ride.dips:
        return ""
    lines = ["Turned down for a moment:"]
    for dip in report.ride.dips[:20]:
        lines.append(
            f"  {clock(dip.start_s)} to {clock(dip.end_s)}  -{dip.depth_db:.1f} dB: {dip.reason}"
        )
    if len(report.ride.dips) > 20:
        lines.append(f"  and {len(report.ride.dips) - 20} more, all in the JSON report")
    return "\n".join(_wrapped(lines, indent=4))


def _repairs(report: Report, *, full: bool) -> str:
    """What could still be mended; with ``full`` also what was, why, and how to leave it out."""
    open_ones = [one for one in report.repairs if not one.made]
    lines = ["Not mended:"] if open_ones else []
    for one in open_ones:
        why = f": {one.why}" if full else ""
        lines.append(f"  {phrases.stage(one.stage).lower()}{why}. To have it: {one.command}")
    made = [one for one in report.repairs if one.made] if full else []
    lines += ["Mended, because the take asked for it:"] if made else []
    for one in made:
        lines.append(f"  {phrases.stage(one.stage).lower()}: {one.why}. Not wanted: {one.command}")
    return "\n".join(_wrapped(lines, indent=4))


def _edits(report: Report, *, full: bool) -> str:
    stages: dict[str, list[EditData]] = {}
    for edit in report.edits:
        stages.setdefault(edit.stage, []).append(edit)
    lines = [_done(stage, edits, report.input.duration_s) for stage, edits in stages.items()]
    if full:
        lines += [
            f"  {clock(edit.start_s)}  {edit.amount_db:+.1f} dB: {edit.reason} [{edit.id}]"
            for edit in report.edits[:EDITS]
        ]
        if len(report.edits) > EDITS:
            lines.append(f"  and {len(report.edits) - EDITS} more, all in the JSON report")
    return "\n".join(_wrapped(lines, indent=4))


def _done(stage: str, edits: list[EditData], duration_s: float) -> str:
    most_db = max(abs(edit.amount_db) for edit in edits)
    if len(edits) == 1 and edits[0].end_s - edits[0].start_s > 0.999 * duration_s:
        return f"{stage}: everywhere, by up to {most_db:.1f} dB: {edits[0].reason}."
    places = f"{len(edits)} {'place' if len(edits) == 1 else 'places'}"
    return f"{stage}: {places}, up to {most_db:.1f} dB"


def _change(report: Report) -> str:
    """What the master and the take differ by outside all that was asked for."""
    change = report.change
    if change is None:
        return ""
    moments = phrases.changed_for_a_moment(change)
    parts = [moments] if moments else ["nothing for a moment"]
    parts += [
        f"{what} {value:+.2f} {unit}".rstrip()
        for what, value, unit in (
            ("level outside edits", change.level_change_lu, "LU"),
            ("balance of the channels", change.channel_level_change_db, "dB"),
            ("correlation", change.correlation_change, ""),
        )
        if value is not None
    ]
    return "\n".join(_wrapped([f"Changed against the take: {'; '.join(parts)}."]))


def _deliveries(report: Report, *, full: bool) -> str:
    lines = []
    for made in report.deliveries:
        if not full:
            lacking = ", ".join(
                QUANTITIES[one.quantity].title for one in made.requirements if not one.met
            )
            lines.append(
                f"{made.target.id}: {made.file.path}" + (f"; lacks {lacking}" * (not made.met))
            )
            continue
        gain = f", {made.gain_db:+.1f} dB" if made.gain_db else ""
        lines.append(f"{made.target.id}: {made.file.path}, {made.file.format}{gain}")
        lines.extend(f"  {note}" for note in made.file.notes)
        for one in made.requirements:
            quantity = QUANTITIES[one.quantity]
            shown = _cell(one.measured, quantity.decimals)
            asked = in_words(one.limit)
            mark = MARKS["pass" if one.met else "fail"]
            lines.append(
                f"  [{mark:>2}] {quantity.title}: {shown} {quantity.unit}; asked for {asked}"
            )
    return "\n".join(_wrapped(lines, indent=7))


def _declared(report: Report) -> str:
    """What a person declared; who listened stands with the moments."""
    said = phrases.declared(report.declared) if report.declared else []
    lines = [f"{title}: {text}" for title, text in said if title != phrases.LISTENED]
    return "\n".join(["Declared:", *_wrapped(lines, indent=2)]) if lines else ""


def _review(report: Report) -> str:
    """The newest moments, for a person to listen to."""
    if not report.review:
        return ""
    by = report.declared.reviewed_by if report.declared else ""
    head = f"Listened to by {by}:" if by else "Listen to these moments before handing it on:"
    times = ", ".join(clock(point.start_s) for point in report.review)
    return "\n".join(_wrapped([f"{head} {times}"], indent=2))


def _scenario(report: Report, *, full: bool) -> str:
    """What the levels would be at an ear; shown where somebody said how it is listened to."""
    given = report.at_ear
    told = len(given) == 1 or any(one.loudness_n5_sone is not None for one in given)
    if not given or not (told or full):
        return ""
    head = "At the ear, which no file can know; never part of the verdict:"
    lines = [f"  {phrases.at_ear(one)}" for one in given]
    return "\n".join(_wrapped([head, *lines], indent=4))


def _foot(report: Report) -> str:
    return "\n".join(_wrapped([report.notice]))


def _wrapped(lines: Iterable[str], indent: int = 0) -> list[str]:
    out: list[str] = []
    for line in lines:
        out += textwrap.wrap(
            line, WIDTH, subsequent_indent=" " * indent, break_long_words=False
        ) or [""]
    return out
