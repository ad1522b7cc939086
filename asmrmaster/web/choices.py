"""What can be chosen on the page: shipped presets, EQ curves and profiles, and those named at the
start. A choice is asked for by its id and looked up here, so no request names a file to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from asmrmaster.errors import PresetError
from asmrmaster.presets import Document, EqCurve, Preset, Profile, load, shipped, unknown
from asmrmaster.presets.recipe import DEFAULT_PRESET, DEFAULT_PROFILE


@dataclass(frozen=True)
class Choice:
    """A document and the name or path it is loaded by."""

    document: Document
    source: str


@dataclass(frozen=True)
class Catalogue:
    """own: profiles of the clinician's own, as paths; the first of them is chosen unless another
    is. Raises PresetError when first used, if one of them is wrong."""

    own: tuple[str, ...] = ()

    @cached_property
    def profiles(self) -> Mapping[str, Choice]:
        """By id, the one to begin with first."""
        return _choices(Profile, (*self.own, DEFAULT_PROFILE, *shipped(Profile)))

    @cached_property
    def presets(self) -> Mapping[str, Choice]:
        """By id, the one to begin with first."""
        return _choices(Preset, (DEFAULT_PRESET, *shipped(Preset)))

    @cached_property
    def curves(self) -> Mapping[str, Choice]:
        """By id."""
        return _choices(EqCurve, shipped(EqCurve))

    def source(self, choices: Mapping[str, Choice], asked: str) -> str:
        """What a choice is loaded by. Raises PresetError for an id that is not offered."""
        if asked not in choices:
            raise PresetError(unknown("choice", asked[:40], choices))
        return choices[asked].source


def _choices(kind: type[Document], names: Iterable[str]) -> dict[str, Choice]:
    found: dict[str, Choice] = {}
    for name in names:
        document = load(kind, name)
        found.setdefault(document.id, Choice(document, name))
    return found
