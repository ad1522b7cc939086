"""Extreme sounds through ``check`` and ``master``, end to end: a right result or one clear line."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from asmrmaster.cli import main
from tests.signals import Array, noise, pink, silence, sine

RATE = 48_000


def one_bad(value: float) -> Array:
    """Noise with one such sample in the middle, at 1.0 s."""
    x = pink(-30, 2)
    x[RATE, 1] = value
    return x


def pulses(every: int, frames: int = 2 * RATE) -> Array:
    x = np.zeros((frames, 2))
    x[every // 2 :: every] = 1.0
    return x


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [*map(str, words), "--json"])
    unexpected = result.exception and not isinstance(result.exception, SystemExit)
    assert not unexpected, result.exception
    return result


def refused(result: Result, words: str, path: Path) -> None:
    """Exit code 2 and one line, which names the file and what is wrong."""
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"asmrmaster: {path}")
    assert words in line
    assert result.stdout == ""


def report(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 1, 2), result.output
    assert result.stderr == ""
    found: dict[str, Any] = json.loads(result.stdout, parse_constant=pytest.fail)
    return found


REFUSED: dict[str, tuple[Array, int, str]] = {
    "nothing": (np.zeros((0, 2)), RATE, "no sound"),
    "one sample": (np.full((1, 2), 0.5), RATE, "too short"),
    "399 ms": (noise(-20, 0.399), RATE, "too short"),
    "denormal": (np.full((RATE, 2), 5e-324), RATE, "silent"),
    "tiny": (1e-30 * noise(0, 1), RATE, "silent"),
    "NaN in the middle": (one_bad(np.nan), RATE, "at 1.000 s is infinite or not a number"),
    "infinity in the middle": (one_bad(np.inf), RATE, "at 1.000 s is infinite or not a number"),
    "the other infinity": (one_bad(-np.inf), RATE, "at 1.000 s is infinite or not a number"),
    "largest double": (one_bad(1.7e308), RATE, "at 1.000 s is more than 80 dB above full scale"),
    "unscaled integers": (2**23 * one_bad(0), RATE, "is more than 80 dB above full scale"),
    "9 channels": (pink(-30, 0.5, channels=9), RATE, "9 channels"),
    "7 kHz": (pink(-30, 1, 7_000), 7_000, "7000 Hz"),
    "384 kHz": (pink(-30, 0.5, 384_000, 1), 384_000, "384000 Hz"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    samples, rate, words = REFUSED[name]
    path = tmp_path / "take.wav"
    soundfile.write(path, samples, rate, "DOUBLE")
    refused(run("check", path), words, path)
    refused(run("master", path, "-o", tmp_path / "m.wav"), words, path)
    assert list(tmp_path.iterdir()) == [path]


HEARD: dict[str, tuple[Array, int, float | None, float | None]] = {
    # loudness as BS.1770-5 defines it, and true peak, where they are known beforehand
    "full-scale square": (np.where(sine(997, 0, 2) >= 0, 1.0, -1.0), RATE, None, None),
    "sine at full scale": (sine(997, 0, 2), RATE, 0.0, 0.0),
    "highest frequency": (np.tile([[0.1, 0.1], [-0.1, -0.1]], (RATE, 1)), RATE, None, None),
    "pulses": (pulses(480), RATE, None, 0.0),
    "above full scale": (10 * sine(997, 0, 2), RATE, 20.0, 20.0),
    "mono": (sine(997, -20, 2, channels=1), RATE, -23.01, -20.0),
    "7.1": (sine(997, -40, 2, channels=8), RATE, None, -40.0),
    "8 kHz": (sine(997, -20, 2, 8_000), 8_000, -20.0, -20.0),
    "192 kHz": (sine(997, -20, 1, 192_000), 192_000, -20.0, -20.0),
    "one side": (sine(997, -20, 2) * (1, 0), RATE, -23.01, -20.0),
    "against each other": (sine(997, -20, 2) * (1, -1), RATE, -20.0, -20.0),
    "offset": (np.clip(pink(-30, 2) + 0.5, -1, 1), RATE, None, None),
    # 17 whole windows and three that hold a quarter, a half and three quarters: -0.34 LU
    "after silence": (np.concatenate([silence(2), sine(997, -20, 2)]), RATE, -20.34, -20.0),
    "400 ms": (sine(997, -20, 0.4), RATE, -20.0, None),
}


@pytest.mark.parametrize("name", HEARD)
def test_every_sound_is_measured_and_mastered(name: str, tmp_path: Path) -> None:
    samples, rate, loudness_lufs, peak_dbtp = HEARD[name]
    path = tmp_path / "take.wav"
    soundfile.write(path, samples, rate, "DOUBLE")
    before = report(run("check", path))["after"]["values"]
    if loudness_lufs is not None:
        assert before["integrated_lufs"] == pytest.approx(loudness_lufs, abs=0.1)
    if peak_dbtp is not None:
        assert before["true_peak_dbtp"] == pytest.approx(peak_dbtp, abs=0.3)
    made = report(run("master", path, "-o", tmp_path / "m.wav"))
    (master,) = (p for p in tmp_path.iterdir() if p != path)
    assert master.name == made["output"]["path"]
    written, written_rate = soundfile.read(master, always_2d=True)
    assert (written.shape, written_rate) == (samples.shape, rate)
    assert np.isfinite(written).all()
    assert made["after"]["values"]["integrated_lufs"] <= -23.9
    assert made["after"]["values"]["true_peak_dbtp"] <= -1.99
    reached = made["ride"]["target_lufs"]
    assert made["after"]["values"]["integrated_lufs"] == pytest.approx(reached, abs=0.15)


def test_what_has_no_loudness_after_its_fades_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "offset.wav"
    soundfile.write(path, np.full((2 * RATE, 2), 0.5), RATE, "DOUBLE")
    assert report(run("check", path))["after"]["values"]["dc_offset_dbfs"] == pytest.approx(
        20 * math.log10(0.5), abs=0.01
    )
    refused(run("master", path, "-o", tmp_path / "m.wav"), "too quiet", path)
    assert list(tmp_path.iterdir()) == [path]
