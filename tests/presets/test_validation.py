"""Everything wrong with a data file is said in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from asmrmaster.errors import PresetError
from asmrmaster.presets import (
    Document,
    Preset,
    Profile,
    load,
    unknown,
    write_copy,
)


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(folder: Path, kind: type[Document], base: str, old: str, new: str) -> Path:
    """A copy of a shipped file with one thing replaced."""
    text = write_copy(kind, base, "own", folder / "base.toml").read_text(encoding="utf-8")
    assert old in text
    return written(folder, text.replace(old, new))


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    with pytest.raises(PresetError, match=r"unknown preset 'tactil'; did you mean 'tactile'\?"):
        load(Preset, "tactil")
    assert unknown("stage", "zzz", ["a", "b"]) == "unknown stage 'zzz'; known: a, b"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("hold_ms", "hold_mss", "unknown key 'hold_mss'; did you mean 'hold_ms'?"),
        ("[target]", "[targett]", "unknown key 'targett'; did you mean 'target'?"),
        ("integrated_lufs = -24.0", "integrated_lufs = 3", "integrated_lufs = 3"),
        ("integrated_lufs = -24.0", 'integrated_lufs = "loud"', "integrated_lufs"),
        ("[stages.highpass]", "[stages.hipass]", "unknown stage 'hipass'; did you mean"),
        ("cutoff_hz", "cutof_hz", "unknown key 'cutof_hz'; did you mean 'cutoff_hz'?"),
        ('version = "1.1.0"', 'version = "one"', "version"),
        ("[limiter]", "[limiter", "is not readable TOML"),
    ],
)
def test_a_wrong_preset_is_explained(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = changed(tmp_path, Preset, "gentle", old, new)
    with pytest.raises(PresetError) as error:
        load(Preset, path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('quantity = "integrated_lufs"', 'quantity = "integrated_luf"', "did you mean"),
        ("min = -30.0\nmax = -16.0", "", "needs min or max"),
        ("min = -30.0", "min = -3.0", "min -3.0 is above max -16.0"),
        ('requirement = "required"', 'requirement = "maybe"', "requirement"),
        ('method = "S"', 'method = "Z"', "method"),
    ],
)
def test_a_wrong_profile_is_explained(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = changed(tmp_path, Profile, "general", old, new)
    with pytest.raises(PresetError) as error:
        load(Profile, path)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drop = 3", "drop must be a list"),
        ('drop = ["L99"]', "drop: unknown criterion 'L99'; known: C1"),
        ("override = 3", "override must be a table"),
        ("override.L1 = 3", "L1 must be a table"),
        ("criteria = 3", "criteria must be a table"),
        ("x = " + "[" * 5_000, "not readable TOML"),
        ("x = " + "9" * 5_000, "not readable TOML"),
        ("x = " + "[{}]", "unknown key 'x'"),
    ],
)
def test_a_table_where_none_belongs_is_told(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'extends = "general"\nid = "own"\n{text}\n')
    with pytest.raises(PresetError) as error:
        load(Profile, path)
    assert words in str(error.value)
    assert "own.toml" in str(error.value)


def test_a_name_no_disk_can_hold_is_told() -> None:
    with pytest.raises(PresetError, match="too long"):
        load(Profile, "a" * 300)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("key", ["criteria.L1.max", "criteria.L1.tolerance"])
def test_a_limit_is_a_number(key: str, number: str) -> None:
    """Nothing is above NaN: such a limit would accept everything."""
    with pytest.raises(PresetError, match="finite number"):
        load(Profile, "general", {key: float(number)})


@pytest.mark.parametrize("key", ["target.integrated_lufs", "highpass.cutoff_hz", "limiter.hold_ms"])
def test_a_parameter_is_a_number(key: str) -> None:
    with pytest.raises(PresetError, match="finite number"):
        load(Preset, "gentle", {key: float("nan")})
