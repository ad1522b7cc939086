"""``--set`` means the same in any order."""

from __future__ import annotations

from itertools import permutations

import pytest

from asmrmaster.presets import Preset, load
from asmrmaster.stages.denoise import Denoise


@pytest.mark.filterwarnings("ignore:hush is called denoise now:FutureWarning")
@pytest.mark.parametrize("name", ["denoise", "hush"])
def test_a_stage_turned_on_keeps_its_parameters_in_any_order(name: str) -> None:
    for pairs in permutations([(name, "on"), (f"{name}.reduction_db", 12)]):
        stage = load(Preset, "gentle", dict(pairs)).stages["denoise"]
        assert isinstance(stage, Denoise)
        assert stage.reduction_db == 12


def test_off_wins_in_any_order_and_is_remembered() -> None:
    for pairs in permutations([("denoise", "off"), ("denoise.reduction_db", 12)]):
        preset = load(Preset, "whisper", dict(pairs))
        assert "denoise" not in preset.stages
        assert preset.off == {"denoise"}


def test_a_stage_of_the_preset_can_be_turned_off_and_changed() -> None:
    assert "declick" not in load(Preset, "whisper", {"declick": "off"}).stages
    changed = load(Preset, "whisper", {"declick.sensitivity": 0.5, "declick": "on"}).stages
    assert changed["declick"].model_dump()["sensitivity"] == 0.5
