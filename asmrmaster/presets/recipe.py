"""What a master is made by: a preset and a profile, loaded, checked and fitted to a take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from asmrmaster.presets import EqCurve, Preset, Profile
from asmrmaster.presets.documents import given
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.repair import Measured, Repair, fit
from asmrmaster.streams.audio import Audio

Name = str | os.PathLike[str]
"""A shipped name, or a path."""

DEFAULT_PRESET, DEFAULT_PROFILE = "gentle", "general"


@dataclass(frozen=True)
class Recipe:
    """A preset and a profile, loaded and checked."""

    preset: Preset
    profile: Profile

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Repair and tone stages in the order they run."""
        return tuple(self.preset.stages[name] for name in STAGES if name in self.preset.stages)

    def fitted(self, audio: Audio) -> Recipe:
        """This recipe with what its stages need to know of this take filled in."""
        if not any(isinstance(stage, Measured) for stage in self.stages):
            return self
        stages = {stage.name: stage for stage in fit(audio, self.stages)}
        return replace(self, preset=self.preset.model_copy(update={"stages": stages}))

    def after(self, edits: Iterable[Edit]) -> Recipe:
        """This recipe for another pass over a take in which its repairs made these edits."""
        made = tuple(edits)
        stages = {
            stage.name: stage.after(made) if isinstance(stage, Repair) else stage
            for stage in self.stages
        }
        return replace(self, preset=self.preset.model_copy(update={"stages": stages}))


def load_recipe(
    preset: Name | Preset = DEFAULT_PRESET,
    profile: Name | Profile | None = None,
    *,
    eq: Name | EqCurve | None = None,
    settings: Mapping[str, object] | None = None,
) -> Recipe:
    """Load what a master is made by: each a shipped name, a path to a TOML file, or at hand.

    settings: values by dotted key, such as ``{"target.integrated_lufs": -26}``. Raises PresetError.
    """
    made_by = given(Preset, preset, settings)
    curve = given(EqCurve, eq or made_by.eq)
    if curve.equalize.bands:
        toned = {**(settings or {}), "eq": curve.id, "equalize": curve.equalize}
        made_by = given(Preset, preset, toned)
    return Recipe(made_by, given(Profile, profile or made_by.profile))


def load_profile(name: Name | Profile | None = None) -> Profile:
    """A screening profile by shipped name, by path, or at hand. Raises PresetError."""
    return given(Profile, name or DEFAULT_PROFILE)
