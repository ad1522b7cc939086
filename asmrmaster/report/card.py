"""A report at a glance: one line for a shell, a card for a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Protocol

from asmrmaster.errors import one_line
from asmrmaster.meters import QUANTITIES
from asmrmaster.presets.words import words
from asmrmaster.report.answered import Answered, ResultState
from asmrmaster.report.changed_limits import limits_in_words, name_of
from asmrmaster.report.facts import FileFacts, Finding, JudgedBy, MeasurementData, Verdict
from asmrmaster.report.formatting import clock, inside, with_unit
from asmrmaster.report.judging import deciding

NAMED = 3
"""So many findings are named; how many more there are is said."""
SHOWN = ("integrated_lufs", "true_peak_dbtp", "max_level_novelty_lu", "noise_floor_lufs")
"""Figures on the card."""

_COLOURS: dict[ResultState, str] = {
    "stop": "#b3261e",
    "close": "#8a6100",
    "finish": "#2c5a78",
    "meets": "#1a7f4b",
}
_GREY = "#5f6368"


class Shown(Protocol):
    """What a card needs of a report."""

    @property
    def notice(self) -> str: ...

    @property
    def verdict(self) -> Verdict: ...

    @property
    def profile(self) -> JudgedBy: ...

    @property
    def answered(self) -> Answered: ...

    @property
    def input(self) -> FileFacts: ...

    @property
    def output(self) -> FileFacts | None: ...

    @property
    def before(self) -> MeasurementData | None: ...

    @property
    def after(self) -> MeasurementData: ...

    @property
    def findings(self) -> tuple[Finding, ...]: ...


def line(report: Shown) -> str:
    """File, verdict, profile, and the titles of the findings that decided it."""
    file, found = report.output or report.input, deciding(report.verdict, report.findings)
    titles = [inside(finding.title) for finding in found[:NAMED]]
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    said = f": {', '.join(titles)}{more}" if titles else ""
    profile = f"{report.profile.id} {report.profile.version}"
    return one_line(f"{file.path}: {report.verdict} ({profile}){said}")


def html(report: Shown) -> str:
    """A card that needs nothing but itself, and reads well on light and on dark."""
    file, found = report.output or report.input, report.answered
    colour, known = _COLOURS.get(found.state, _GREY), words()
    open_ones = "".join(
        f"<li>{_text(f'{known.groups[one.question].title}: {one.sentence}')}</li>"
        for one in found.answers
        if one.state != "fine"
    )
    rows = "".join(_row(title, figure) for title, figure in _figures(report))
    head, rest = limits_in_words(report.profile)
    limits = f"{head}{rest if rest[:1] in ',: ' else '. ' + rest}"
    facts = f"{clock(file.duration_s)}, {file.channels} ch, {file.rate_hz} Hz, {file.format}"
    judged = f"Judged for {name_of(report.profile)}, {inside(limits)}"
    return (
        f'<div style="border:1px solid {_GREY};border-left:6px solid {colour};padding:.6em 1em;'
        'border-radius:4px;max-width:46em;font-family:system-ui,sans-serif">'
        f"<div>{_text(file.path)}</div>"
        f'<div style="font-size:1.3em;font-weight:600">'
        f"{_text(f'{known.states[found.state]}: {found.headline}')}</div>"
        f"<div>{_text(found.second_line)}</div>"
        f"{f'<ul>{open_ones}</ul>' if open_ones else ''}"
        f'<div style="opacity:.75">{_text(f"{judged}. Formally: {report.verdict}.")}</div>'
        f"<details><summary>Figures</summary><div>{_text(facts)}</div>"
        f'<table style="margin:.5em 0">{rows}</table></details>'
        f'<div style="font-size:.8em;opacity:.75">{_text(report.notice.split(". ")[0])}.</div>'
        "</div>"
    )


def _figures(report: Shown) -> Iterable[tuple[str, str]]:
    for name in SHOWN:
        value, quantity = report.after.values.get(name), QUANTITIES[name]
        if value is not None:
            shown = with_unit(f"{value:z.{quantity.decimals}f}", quantity.unit)
            was = report.before.values.get(name) if report.before else None
            before = "" if was is None else f" (take: {was:z.{quantity.decimals}f})"
            yield quantity.title, f"{shown}{before}"


def _row(title: str, figure: str) -> str:
    return f'<tr><td style="text-align:left">{_text(title)}</td><td>{_text(figure)}</td></tr>'


def _text(text: str) -> str:
    return escape(one_line(text))
