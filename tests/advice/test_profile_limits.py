"""A profile learned from accepted files accepts them, and says where its limits come from."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner

from asmrmaster import engine
from asmrmaster.advice.profile_limits import propose
from asmrmaster.cli import main
from asmrmaster.errors import ParameterError
from asmrmaster.presets import Profile, load
from tests.signals import noise


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("accepted")
    paths = [folder / "a.wav", folder / "b.wav"]
    for number, path in enumerate(paths):
        soundfile.write(path, noise(-20 - 3 * number, 37, seed=number), 48_000, "PCM_24")
    return paths


def test_the_learned_profile_accepts_what_it_was_learned_from(
    accepted: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "mine.toml"
    words = ["profiles", "learn", "mine", *map(str, accepted), "-o", str(target)]
    shown = CliRunner().invoke(main, words, input="n\n")
    assert "E1 Start: max -12 → " in shown.output
    assert not target.exists()
    assert CliRunner().invoke(main, [*words, "--yes"]).exit_code == 0
    learned = load(Profile, target)
    assert "the extreme of 2 accepted files" in learned.criteria["E1"].rationale
    for path in accepted:
        assert engine.check(path, load(Profile, "general")).verdict == "does not meet"
        assert engine.check(path, learned).verdict.startswith("meets")
    assert CliRunner().invoke(main, [*words, "--yes"]).exit_code == 2


def test_nothing_is_learned_from_nothing() -> None:
    with pytest.raises(ParameterError):
        propose(load(Profile, "general"), [])
