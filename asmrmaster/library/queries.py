"""Looking into a ledger: what it holds, the reports in it, and those judged again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from asmrmaster.errors import InputError
from asmrmaster.library.ledger import Ledger

if TYPE_CHECKING:
    from asmrmaster.presets import Profile
    from asmrmaster.report import Report


@dataclass(frozen=True)
class Choice:
    """Which entries are meant; empty means all.

    name: the whole of it, or a part, or a pattern in which ``*`` stands for anything; all else in
    it means itself, so that "[ASMR] rain?.wav" is a name.
    """

    verdict: str = ""
    state: str = ""
    preset: str = ""
    profile: str = ""
    name: str = ""

    def condition(self) -> tuple[str, list[str]]:
        """The condition in SQL, and its values."""
        fields = ("verdict", "state", "preset", "profile")
        given = [(field, getattr(self, field)) for field in fields if getattr(self, field)]
        terms = [f"{field} = ?" for field, _ in given]
        values = [value for _, value in given]
        if self.name:
            pattern = self.name if "*" in self.name else f"*{self.name}*"
            terms.append("(name = ? OR name GLOB ?)")
            values += [self.name, re.sub(r"[\[?]", r"[\g<0>]", pattern)]
        return " AND ".join(terms) or "1", values


def sure(ledger: Ledger, choice: Choice) -> Choice:
    """The choice, if the ledger knows its preset and its profile; InputError names those it has."""
    for kind, wanted in (("preset", choice.preset), ("profile", choice.profile)):
        known = [name for (name,) in ledger.rows(f"SELECT DISTINCT {kind} FROM settings")]
        if wanted and wanted not in known:
            raise InputError(
                f"the ledger knows no {kind} {wanted}",
                subject=ledger.path,
                hint=f"It has: {', '.join(sorted(known)) or 'none'}",
            )
    return choice


class Row(NamedTuple):
    """One line of a list."""

    name: str
    state: str
    verdict: str
    cause: str
    output: str
    preset: str
    profile: str


def rows(ledger: Ledger, choice: Choice, limit: int | None = None) -> Iterator[Row]:
    """Lines of a list, in order of names."""
    where, values = choice.condition()
    query = (
        f"SELECT {', '.join(Row._fields)} FROM masters JOIN settings ON key = settings"
        f" WHERE {where} ORDER BY name, take LIMIT ?"
    )
    return map(Row._make, ledger.rows(query, *values, -1 if limit is None else limit))


def reports(ledger: Ledger, choice: Choice) -> Iterator[tuple[Row, Report]]:
    """The reports of published masters, and of files that were checked."""
    where, values = choice.condition()
    return _reports(ledger, where, values)


def _reports(ledger: Ledger, where: str, values: list[str]) -> Iterator[tuple[Row, Report]]:
    from asmrmaster.report import Report

    query = (
        f"SELECT {', '.join(Row._fields)}, report, data FROM masters"
        " JOIN settings ON key = settings LEFT JOIN reports ON master = id"
        f" WHERE {where} AND state = 'done' ORDER BY name, take"
    )
    for *columns, sha256, data in ledger.rows(query, *values):
        row = Row._make(columns)
        text = ledger.report_text(sha256, data)
        if text is not None:
            yield row, Report.from_json(text, subject=row.name)


def judge_again(ledger: Ledger, profile: Profile, choice: Choice) -> Iterator[tuple[Row, Report]]:
    """Every published master judged by another profile, from what was measured then."""
    from asmrmaster.report import rescore

    for row, report in reports(ledger, choice):
        yield row, rescore(report, profile)


def report_on(ledger: Ledger, name: str) -> list[Report]:
    """The reports on one take or master, one for each settings. InputError where there is none."""
    found = [report for _, report in _reports(ledger, "? IN (name, output)", [name])]
    if not found:
        raise InputError(
            "the ledger has no report on it",
            subject=name,
            hint="`asmrmaster library list` shows the names it knows",
        )
    return found
