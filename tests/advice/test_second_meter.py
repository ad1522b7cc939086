"""The second opinion: it agrees, and where it cannot be had the verdict stands without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.advice import second_meter
from asmrmaster.advice.second_meter import integrated_lufs
from asmrmaster.errors import InputError
from tests.cli.test_commands import run
from tests.signals import noise, pink


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.wav"
    soundfile.write(path, np.concatenate([pink(-30, 4), pink(-50, 3)]), 48_000, "PCM_24")
    return path


def test_two_meters_agree(take: Path) -> None:
    """EBU Tech 3341 allows 0.1 LU."""
    assert integrated_lufs(take) == pytest.approx(
        engine.check(take).after.values["integrated_lufs"], abs=0.1
    )


def test_the_command_tells_both_beside_files_that_cannot_be_read(take: Path) -> None:
    bad = take.with_name("bad.wav")
    bad.write_bytes(b"RIFF nonsense")
    result = run("check", bad, take, "--second-meter")
    assert result.exit_code == 2
    assert result.stderr.count("bad.wav") == 1
    assert f"{take}: asmrmaster" in result.stderr
    assert "pyloudnorm -" in result.stderr
    assert f"{take}: " in result.stdout


def test_what_it_cannot_measure_changes_no_verdict(take: Path) -> None:
    wide = take.with_name("wide.wav")
    soundfile.write(wide, noise(-30, 2, channels=6), 48_000, "PCM_24")
    with pytest.raises(InputError, match="five channels"):
        integrated_lufs(wide)
    told, plain = run("check", wide, "--second-meter"), run("check", wide)
    assert "nothing for the second meter" in told.stderr
    assert (told.exit_code, told.stdout) == (plain.exit_code, plain.stdout)


def test_what_it_cannot_hold_is_told(take: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_meter, "MAX_SAMPLES", 1000)
    with pytest.raises(InputError, match="too long"):
        integrated_lufs(take)
