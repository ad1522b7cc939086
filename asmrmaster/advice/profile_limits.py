"""A profile learned from files its owner accepts: limits proposed from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from asmrmaster.errors import ParameterError
from asmrmaster.meters import QUANTITIES
from asmrmaster.meters.declared import DECLARED
from asmrmaster.presets import Profile
from asmrmaster.report import Report

_DECLARED = frozenset(quantity.name for quantity in DECLARED)


@dataclass(frozen=True)
class Proposal:
    """One limit moved: which criterion, which side, from what, to what."""

    criterion: str
    title: str
    side: str
    now: float
    proposed: float
    unit: str

    def __str__(self) -> str:
        unit = f" {self.unit}".rstrip()
        return f"{self.criterion} {self.title}: {self.side} {self.now:g} → {self.proposed:g}{unit}"


def propose(base: Profile, accepted: Sequence[Report]) -> list[Proposal]:
    """Limits of ``base`` moved to the extreme of the accepted files, rounded outward to 0.1.

    Only limits on what is measured are moved, tighter or wider; criteria that no file could be
    measured for stay. Raises ParameterError without files.
    """
    if not accepted:
        raise ParameterError("there is nothing to learn from; name the files you accept")
    found = []
    for key, c in base.criteria.items():
        if c.requirement == "report" or c.quantity in _DECLARED:
            continue
        values = [report.after.values.get(c.quantity) for report in accepted]
        known = [value for value in values if value is not None]
        if not known:
            continue
        unit = QUANTITIES[c.quantity].unit
        if c.max is not None:
            found.append(Proposal(key, c.title, "max", c.max, ceil(max(known) * 10) / 10, unit))
        if c.min is not None:
            found.append(Proposal(key, c.title, "min", c.min, floor(min(known) * 10) / 10, unit))
    return [one for one in found if one.proposed != one.now]


def as_toml(base: str, name: str, proposals: Sequence[Proposal], count: int) -> str:
    """A profile file that extends ``base`` by the proposed limits, each with its reason."""
    lines = [
        f'extends = "{base}"',
        f'id = "{name}"',
        'version = "1.0.0"',
        f"date = {date.today().isoformat()}",
        'status = "learned from accepted files"',
        "",
    ]
    by_criterion: dict[str, list[Proposal]] = {}
    for one in proposals:
        by_criterion.setdefault(one.criterion, []).append(one)
    for key, ones in by_criterion.items():
        lines.append(f"[override.{key}]")
        lines += [f"{one.side} = {one.proposed}" for one in ones]
        lines += [f'reason = "the extreme of {count} accepted files"', ""]
    return "\n".join(lines)
