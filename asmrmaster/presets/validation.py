"""What is wrong with a data file, in plain words: the key, the range and the likely meaning."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from asmrmaster.errors import PresetError

M = TypeVar("M", bound=BaseModel)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence on an unknown name, with the nearest known one."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return f"unknown {what} {name!r}; {hint}"


def validate(model: type[M], data: object, *, where: str, subject: object = "") -> M:
    """``data`` as ``model``; the first thing wrong with it raises PresetError in plain words."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A misspelt key is the cause where a key is also missing, so it is told first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        path = ".".join(str(part) for part in first["loc"])
        raise PresetError(_explain(model, first, path, where), subject=subject) from None


def _explain(model: type[BaseModel], error: Any, path: str, where: str) -> str:
    """One sentence for one validation error."""
    place = f"{where} {path}".strip()
    if error["type"] == "extra_forbidden":
        owner: Any = model
        for part in error["loc"][:-1]:
            owner = _inner_model(owner, str(part)) or owner
        found = unknown("key", str(error["loc"][-1]), owner.model_fields)
        return f"{where}: {found}" if where else found
    if error["type"] == "missing":
        return f"{place} is missing"
    if error["type"] == "value_error":
        return f"{place}: {error['ctx']['error']}".removeprefix(": ")
    given = error.get("input")
    shown = f" = {given!r}" if isinstance(given, (int, float, str, bool)) else ""
    return f"{place}{shown}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _inner_model(owner: type[BaseModel], field: str) -> type[BaseModel] | None:
    """The model a field holds, directly or as the values of a dict or tuple."""
    info = owner.model_fields.get(field)
    if info is None:
        return None
    found = [info.annotation, *getattr(info.annotation, "__args__", ())]
    for candidate in found:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
