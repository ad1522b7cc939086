"""Data files: everything shipped loads, inherits, is replaced and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster.errors import PresetError
from asmrmaster.presets import (
    Document,
    EqCurve,
    Preset,
    Profile,
    load,
    shipped,
    write_copy,
)
from asmrmaster.stages.hum import Hum
from asmrmaster.stages.repair import Repair

KINDS: list[type[Document]] = [Preset, EqCurve, Profile]
SHIPPED = [(kind, name) for kind in KINDS for name in shipped(kind)]


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_everything_shipped_loads_under_its_own_name(kind: type[Document], name: str) -> None:
    document = load(kind, name)
    assert document.id == name
    assert len(document.sha256) == 64
    assert document.when.endswith(".")


def test_what_is_shipped() -> None:
    assert shipped(Preset) == ["gentle", "nature", "roleplay", "tactile", "whisper"]
    assert len(shipped(EqCurve)) == 6
    assert shipped(Profile) == ["general", "misophonia", "sensory", "sleep", "trauma"]


def test_every_eq_curve_is_gentle() -> None:
    for name in shipped(EqCurve):
        for band in load(EqCurve, name).equalize.bands:
            assert -6 <= band.gain_db <= 6


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"mine\.toml: there is no such preset file"):
        load(Preset, tmp_path / "mine.toml")


def test_a_profile_inherits_and_says_why_it_differs() -> None:
    general, sleep = load(Profile, "general"), load(Profile, "sleep")
    assert sleep.criteria["L2"] == general.criteria["L2"]
    assert sleep.criteria["L4"].max == 10
    assert "Here: " in sleep.criteria["L4"].rationale


def test_an_override_without_a_reason_is_refused(tmp_path: Path) -> None:
    text = "\n".join(['extends = "general"', 'id = "own"', "[override.L4]", "max = 9.0"])
    with pytest.raises(PresetError, match="override L4 must state a reason"):
        load(Profile, written(tmp_path, text))
    with pytest.raises(PresetError, match="unknown criterion 'L44'; did you mean"):
        load(Profile, written(tmp_path, text.replace("L4", "L44")))


def test_a_document_cannot_extend_itself(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'extends = "{path}"\nid = "own"', encoding="utf-8")
    with pytest.raises(PresetError, match="extends"):
        load(Profile, path)


def test_settings_replace_single_values() -> None:
    preset = load(Preset, "gentle", {"limiter.hold_ms": 20, "highpass.cutoff_hz": 40})
    assert preset.limiter.hold_ms == 20
    assert preset.stages["highpass"].model_dump()["cutoff_hz"] == 40
    with pytest.raises(PresetError, match="did you mean 'hold_ms'"):
        load(Preset, "gentle", {"limiter.holdms": 20})
    with pytest.raises(PresetError, match="has no parameters"):
        load(Preset, "gentle", {"id.x": 20})


def test_the_hash_follows_the_content() -> None:
    plain = load(Preset, "gentle")
    assert plain.sha256 == load(Preset, "gentle").sha256
    assert plain.sha256 != load(Preset, "gentle", {"target.integrated_lufs": -25}).sha256
    assert plain.sha256 != load(Preset, "gentle", {"highpass.cutoff_hz": 40}).sha256


def test_a_copy_is_written_once(tmp_path: Path) -> None:
    path = write_copy(Profile, "sleep", "mine", tmp_path / "mine.toml")
    assert load(Profile, path).id == "mine"
    assert load(Profile, path).criteria["L4"].max == 10
    with pytest.raises(PresetError, match="exists already"):
        write_copy(Profile, "sleep", "mine", path)
    with pytest.raises(PresetError, match="id"):
        write_copy(Profile, "sleep", "Not a name!", tmp_path / "other.toml")


def test_a_stage_is_switched_on_and_off_by_a_word() -> None:
    assert "declick" in load(Preset, "whisper").stages
    for off in ("off", False):
        assert list(load(Preset, "whisper", {"declick": off}).stages) == ["highpass", "lift"]
    for on in ("on", True):
        assert load(Preset, "gentle", {"hum": on}).stages["hum"] == Hum()
    with pytest.raises(PresetError, match="declick"):
        load(Preset, "gentle", {"declick": "maybe"})
    with pytest.raises(PresetError, match="did you mean 'declick'"):
        load(Preset, "gentle", {"stages.declik": "off"})


@pytest.mark.parametrize("name", shipped(Preset))
def test_only_voices_are_declicked_unasked(name: str) -> None:
    """Intrusions are lifted out with every preset, where the profile's limits ask for it."""
    repairs = {s for s, stage in load(Preset, name).stages.items() if isinstance(stage, Repair)}
    assert repairs == {"lift"} | ({"declick"} if name in ("whisper", "roleplay") else set())


@pytest.mark.parametrize("name", ['a"b', "a\\", "a\nb", "", "Ab", "../b"])
def test_a_copy_under_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"own\.toml"):
        write_copy(Profile, "general", name, tmp_path / "own.toml")
    assert list(tmp_path.iterdir()) == []
