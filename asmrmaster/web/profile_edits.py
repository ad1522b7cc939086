"""A profile with limits moved on the page: its own document, which says what was moved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from asmrmaster.errors import PresetError
from asmrmaster.presets import Criterion, Profile, load
from asmrmaster.presets.documents import FIXED

SIDES = ("min", "max")
PREFIX = "limit."
"""A moved limit is asked for as ``limit.L1.max=-18``."""


def adjusted(base: str | Path, asked: Mapping[str, str]) -> Profile:
    """The profile ``base`` with the limits in ``asked`` (keys as above; others are left alone).

    Limits that stay where they were change nothing. One that moved changes the hash, by which every
    view knows that it is not the shipped profile. Raises PresetError where a limit is no number, is
    not the profile's, is fixed or would be looser than what still says something.
    """
    profile = load(Profile, base)
    moved: dict[str, object] = {}
    for key, text in asked.items():
        if not key.startswith(PREFIX):
            continue
        name, _, side = key.removeprefix(PREFIX).rpartition(".")
        criterion = profile.criteria.get(name)
        old = getattr(criterion, side) if criterion and side in SIDES else None
        if criterion is None or old is None:
            raise PresetError(f"{profile.id} has no limit {name} {side}")
        new = _number(text, criterion)
        if new != old:
            if name in FIXED or criterion.model_copy(update={side: new}).beyond(criterion.loosest):
                raise PresetError(_too_loose(name, criterion, side, new))
            moved[f"criteria.{name}.{side}"] = new
            was = f"{side} moved on this page from {old:g} to {new:g}."
            reason = moved.get(f"criteria.{name}.rationale", criterion.rationale)
            moved[f"criteria.{name}.rationale"] = f"{reason} Here: {was}"
    if not moved:
        return profile
    return load(Profile, base, moved)


def _too_loose(name: str, criterion: Criterion, side: str, new: float) -> str:
    if name in FIXED:
        return f"{criterion.title} cannot be moved"
    most = getattr(criterion.loosest, side)
    bound = f"at {'most' if side == 'max' else 'least'} {most:g}"
    return f"{criterion.title}: {new:g} is too loose to say anything; {bound}"


def _number(text: str, criterion: Criterion) -> float:
    try:
        value = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PresetError(f"{criterion.title}: {text[:20]!r} is not a number")
    return value
