"""Looking into a ledger: what it holds, the reports in it, and those judged again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from asmrmaster.errors import InputError
from asmrmaster.library.ledger import Ledger, unpacked

if TYPE_CHECKING:
    from asmrmaster.presets import Profile
    from asmrmaster.report import Report


@dataclass(frozen=True)
class Choice:
    """Which entries are meant; empty means all. name: a part of it, or a pattern with ``*``."""

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
            terms.append("name GLOB ?")
            values.append(self.name if "*" in self.name else f"*{self.name}*")
        return " AND ".join(terms) or "1", values


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
    """The reports of published masters."""
    from asmrmaster.report import Report

    where, values = choice.condition()
    query = (
        f"SELECT {', '.join(Row._fields)}, data FROM masters JOIN settings ON key = settings"
        f" JOIN reports ON master = id WHERE {where} AND state = 'done' ORDER BY name, take"
    )
    for *columns, data in ledger.rows(query, *values):
        row = Row._make(columns)
        yield row, Report.from_json(unpacked(data), subject=row.name)


def judge_again(ledger: Ledger, profile: Profile, choice: Choice) -> Iterator[tuple[Row, Report]]:
    """Every published master judged by another profile, from what was measured then."""
    from asmrmaster.report import rescore

    for row, report in reports(ledger, choice):
        yield row, rescore(report, profile)


def report_on(ledger: Ledger, name: str) -> list[Report]:
    """The reports on one take or master, one for each settings. InputError where there is none."""
    found = [
        report
        for row, report in reports(ledger, Choice(name=f"*{name}*"))
        if name in (row.name, row.output)
    ]
    if not found:
        raise InputError(
            "the ledger has no report on it",
            subject=name,
            hint="`asmrmaster library list` shows the names it knows",
        )
    return found
