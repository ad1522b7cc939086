"""One row per file: verdict, every value before and after, and how each criterion came out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets import GROUPS
from asmrmaster.report import Report
from asmrmaster.report.changed_limits import changed_in_words
from asmrmaster.views import phrases
from asmrmaster.views.text import shipped_sentence

FACTS = (
    "file",
    "verdict",
    "state",
    "headline",
    "second_line",
    "profile",
    "profile_version",
    "limits",
    "changed_limits",
    "by_shipped_limits",
    "preset",
    "duration_s",
    "channels",
    "rate_hz",
    "format",
    "sha256",
    "take",
    "take_sha256",
)
"""Columns every row has. Then come ``answer_`` the answer to each question, values as measured,
``before_`` the values of the take, and ``criterion_`` the state of each criterion."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(reports: Sequence[Report]) -> str:
    """The table as text, RFC 4180 but for lines that end in a line feed alone."""
    after = _columns(name for report in reports for name in report.after.values)
    before = _columns(name for r in reports if r.before for name in r.before.values)
    criteria = list(dict.fromkeys(f.criterion for r in reports for f in r.findings))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            *FACTS,
            *(f"answer_{group}" for group in GROUPS),
            *(_text(name) for name in after),
            *(f"before_{name}" for name in before),
            *(f"criterion_{name}" for name in criteria),
        ]
    )
    for report in reports:
        old = report.before.values if report.before else {}
        answers = {a.question: a.state for a in report.answered.answers}
        states = {f.criterion: phrases.result(f)[0] for f in report.findings}
        writer.writerow(
            [
                *_facts(report),
                *(answers[group] for group in GROUPS),
                *(_value(report.after.values.get(name)) for name in after),
                *(_value(old.get(name)) for name in before),
                *(states.get(name, "") for name in criteria),
            ]
        )
    return out.getvalue()


def _columns(names: Iterable[str]) -> list[str]:
    """Quantities in the order of the registry, then those this version does not know."""
    found = set(names)
    return [n for n in QUANTITIES if n in found] + sorted(found - QUANTITIES.keys())


def _facts(report: Report) -> list[str]:
    file = phrases.subject(report)
    made = report.output is not None
    found = report.answered
    return [
        _text(file.path),
        report.verdict,
        found.state,
        _text(found.headline),
        _text(found.second_line),
        _text(report.profile.id),
        report.profile.version,
        report.profile.standing,
        _text("; ".join(map(changed_in_words, report.profile.changes))),
        _text(shipped_sentence(report)),
        _text(report.preset.id) if report.preset else "",
        _value(file.duration_s),
        str(file.channels),
        str(file.rate_hz),
        _text(file.format),
        file.sha256,
        _text(report.input.path) if made else "",
        report.input.sha256 if made else "",
    ]


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    """Text a spreadsheet takes for text: a name that looks like a formula gets a quote before it.

    OWASP, "CSV injection".
    """
    shown = phrases.visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
