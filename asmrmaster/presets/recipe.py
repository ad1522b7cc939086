"""What a master is made by: a preset and a profile, loaded, checked and fitted to a take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from asmrmaster.presets import EqCurve, Preset, Profile, load
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit, Stage
from asmrmaster.stages.repair import Measured, Repair, fit
from asmrmaster.streams.audio import Audio

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
    preset: str | Path = DEFAULT_PRESET,
    profile: str | Path | None = None,
    *,
    eq: str | Path | None = None,
    settings: Mapping[str, object] | None = None,
) -> Recipe:
    """Load what a master is made by. Names are shipped ones or paths to TOML files.

    settings: values by dotted key, such as ``{"target.integrated_lufs": -26}``. Raises PresetError.
    """
    made_by = load(Preset, preset, settings)
    curve = load(EqCurve, eq or made_by.eq)
    if curve.equalize.bands:
        made_by = load(
            Preset, preset, {**(settings or {}), "eq": curve.id, "equalize": curve.equalize}
        )
    return Recipe(made_by, load(Profile, profile or made_by.profile))


def load_profile(name: str | Path | None = None) -> Profile:
    """A screening profile by shipped name or path. Raises PresetError."""
    return load(Profile, name or DEFAULT_PROFILE)
