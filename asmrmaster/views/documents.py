"""Presets, EQ curves and profiles as text."""

from __future__ import annotations

import textwrap
from typing import Any

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets import GRADES, Criterion, Document, Profile
from asmrmaster.report import with_unit

WIDTH = 88


def show(document: Document) -> str:
    """A document in words, with what each key means."""
    head = f"{document.id} {document.version}: {document.title}"
    lines = [head, *textwrap.wrap(document.when, WIDTH), ""]
    lines += _profile(document) if isinstance(document, Profile) else _keys(document)
    return "\n".join(lines)


def diff(first: Document, second: Document) -> str:
    """One line for each key in which two documents of a kind differ; criteria in their words."""
    lines = [f"{first.id} {first.version} | {second.id} {second.version}"]
    one, two = _flat(first), _flat(second)
    for key in {**one, **two}:
        if one.get(key) != two.get(key) and key != "sha256" and not key.startswith("criteria."):
            lines.append(f"{key}: {one.get(key, 'none')} | {two.get(key, 'none')}")
    if isinstance(first, Profile) and isinstance(second, Profile):
        for key in {**first.criteria, **second.criteria}:
            lines += _criterion(key, first.criteria.get(key), second.criteria.get(key))
    return "\n".join(lines)


def _criterion(key: str, one: Criterion | None, two: Criterion | None) -> list[str]:
    """What two profiles ask under one id, and whatever else of it differs."""
    if one == two:
        return []
    titles = " | ".join(dict.fromkeys(c.title for c in (one, two) if c))
    lines = [f"{key} {titles}: {_asked(one)} | {_asked(two)}"]
    if one is None or two is None:
        return lines
    before, after = one.model_dump(), two.model_dump()
    for name, was in before.items():
        now = after[name]
        if was == now or name in ("title", "min", "max", "requirement"):
            continue
        if name == "rationale" and now.startswith(was):
            lines.append(f"    {now.removeprefix(was).strip()}")
        else:
            lines.append(f"    {name}: {was or 'none'} | {now or 'none'}")
    return lines


def _asked(c: Criterion | None) -> str:
    """Limit, unit and requirement in words."""
    if c is None:
        return "none"
    if c.requirement == "report":
        return "reported only"
    return f"{with_unit(c.limit, QUANTITIES[c.quantity].unit)} ({c.requirement})"


def _flat(document: Document) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else key, inner)
        else:
            flat[prefix] = value

    walk("", document.model_dump(mode="json"))
    return flat


def _keys(document: Document) -> list[str]:
    skipped = ("id", "version", "title", "when", "sha256")
    flat = _flat(document)
    return [f"{key} = {flat[key]}" for key in flat if key not in skipped and flat[key] is not None]


def _profile(profile: Profile) -> list[str]:
    lines = [*textwrap.wrap(profile.text, WIDTH), f"Status: {profile.status}, {profile.date}", ""]
    for key, c in profile.criteria.items():
        lines.append(f"{key} {c.title}: {_asked(c)}")
        grades = c.grades
        evidence = f"method {grades.method}, direction {grades.direction}, limit {grades.limit}"
        for part in (
            f"Protects from: {c.protects}",
            c.rationale,
            f"Evidence: {evidence}. {c.source}",
        ):
            lines += textwrap.wrap(part, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    lines += ["", "Grades: " + "; ".join(f"{grade}: {words}" for grade, words in GRADES.items())]
    return lines
