"""The reference pages of ``docs/``, written from the data so that they cannot disagree with it.

python -m asmrmaster.views.reference docs
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets import GRADES, Criterion, EqCurve, Preset, Profile, load, shipped
from asmrmaster.presets.words import words
from asmrmaster.report import with_unit


def quantities() -> str:
    """Every number a report can hold: its definition and source."""
    rows = [
        (f"`{q.name}`", q.unit or "-", q.title, q.definition, q.source) for q in QUANTITIES.values()
    ]
    return _page(
        "Quantities",
        "Everything that is measured or declared. A quantity that cannot be measured in a file "
        "has no value, and a criterion on it is not assessed.",
        [_table(("name", "unit", "title", "definition", "source"), rows)],
    )


HEAD = ("id", "criterion", "limit", "kind", "method / direction / limit", "why", "source")


def profiles() -> str:
    """Every shipped profile with all of its criteria."""
    parts = ["Grades: " + "; ".join(f"**{grade}** {words}" for grade, words in GRADES.items())]
    for name in shipped(Profile):
        profile = load(Profile, name)
        parts += [f"## {profile.title} (`{name}` {profile.version}, {profile.date})", profile.text]
        parts.append(f"Status: {profile.status}.")
        for group in profile.order:
            known = words().groups[group]
            own = {key: c for key, c in profile.criteria.items() if c.group == group}
            parts += [f"### {known.title}", f"*{known.question}*"]
            parts.append(_table(HEAD, [_criterion(key, c) for key, c in own.items()]))
    return _page(
        "Profiles",
        "What is accepted. Each criterion keeps apart what its method, its direction and its "
        "number rest on.",
        parts,
    )


def _criterion(key: str, c: Criterion) -> tuple[str, ...]:
    unit = QUANTITIES[c.quantity].unit
    grades = f"{c.grades.method} / {c.grades.direction} / {c.grades.limit}"
    limit = with_unit(c.limit, unit) if c.requirement != "report" else "-"
    plain = words().criteria.get(key)
    title = plain.title if plain else c.title
    kind = c.requirement if c.requirement == "report" else f"{c.requirement}, {c.role}"
    return key, f"{title}: `{c.quantity}`", limit, kind, grades, c.rationale, c.source


def presets() -> str:
    """Every shipped preset and EQ curve."""
    parts = ["## Presets"]
    for name in shipped(Preset):
        preset = load(Preset, name)
        target = preset.target
        parts.append(
            f"**{preset.title}** (`{name}` {preset.version}). {preset.when} Target "
            f"{target.integrated_lufs:g} LUFS; stages: {', '.join(preset.stages) or 'none'}; EQ "
            f"curve `{preset.eq}`."
        )
    parts.append("## EQ curves")
    for name in shipped(EqCurve):
        curve = load(EqCurve, name)
        bands = [f"{b.gain_db:+g} dB at {b.freq_hz:g} Hz ({b.kind})" for b in curve.equalize.bands]
        parts.append(
            f"**{curve.title}** (`{name}`). {curve.when} {', '.join(bands) or 'No bands'}."
        )
    return _page("Presets and EQ curves", "How a master is made.", parts)


PAGES: Mapping[str, Callable[[], str]] = {
    "quantities.md": quantities,
    "profiles.md": profiles,
    "presets.md": presets,
}
"""Pages by file name."""


def _page(title: str, lead: str, parts: Iterable[str]) -> str:
    made = "<!-- Written by asmrmaster.views.reference; change the data instead. -->"
    return "\n\n".join([f"# {title}", made, lead, *(part.strip() for part in parts)]) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in x) + " |" for x in lines
    )


def main(folder: Path) -> None:
    """Write all pages into ``folder``."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
