"""Presets, EQ curves and profiles as text."""

from __future__ import annotations

import textwrap
from typing import Any

from asmrmaster.meters import QUANTITIES
from asmrmaster.presets import GRADES, Document, Profile

WIDTH = 88


def show(document: Document) -> str:
    """A document in words, with what each key means."""
    head = f"{document.id} {document.version}: {document.title}"
    lines = [head, *textwrap.wrap(document.when, WIDTH), ""]
    lines += _profile(document) if isinstance(document, Profile) else _keys(document)
    return "\n".join(lines)


def diff(first: Document, second: Document) -> str:
    """One line for each key in which two documents of a kind differ."""
    one, two = _flat(first), _flat(second)
    keys = [key for key in {**one, **two} if one.get(key) != two.get(key) and key != "sha256"]
    lines = [f"{key}: {one.get(key, 'none')} | {two.get(key, 'none')}" for key in keys]
    return "\n".join([f"{first.id} {first.version} | {second.id} {second.version}", *lines])


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
        unit = QUANTITIES[c.quantity].unit
        lines.append(f"{key} {c.title}: {c.limit} {unit} ({c.requirement})")
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
