"""One row per file: verdict, every value before and after, and how each criterion came out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from asmrmaster.meters import QUANTITIES
from asmrmaster.report import Report
from asmrmaster.views import phrases

FACTS = (
    "file",
    "verdict",
    "profile",
    "profile_version",
    "preset",
    "duration_s",
    "channels",
    "rate_hz",
    "format",
    "sha256",
    "take",
    "take_sha256",
)
"""Columns every row has. Then come values as measured, ``before_`` the values of the take, and
``criterion_`` the state of each criterion."""

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
            *(_text(name) for name in after),
            *(f"before_{name}" for name in before),
            *(f"criterion_{name}" for name in criteria),
        ]
    )
    for report in reports:
        old = report.before.values if report.before else {}
        states = {f.criterion: phrases.result(f)[0] for f in report.findings}
        writer.writerow(
            [
                *_facts(report),
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
    return [
        _text(file.path),
        report.verdict,
        _text(report.profile.id),
        report.profile.version,
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
