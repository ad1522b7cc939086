"""Advice at the source: each planted fault is named with its figure, and a good take has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.advice import recording
from asmrmaster.audio import read
from asmrmaster.dsp.filters import Filter, highpass
from asmrmaster.report import Report
from asmrmaster.stages.hum import HumLine
from tests import made_reports
from tests.cli.test_commands import run
from tests.signals import Array, noise, pink, sine

RATE = 48_000


def good(seconds: float = 20.0, rate: int = RATE) -> Array:
    """Phrases of 3 s with pauses of 1 s, well recorded: peaks near −12 dBFS, a floor 50 dB down."""
    x = Filter(highpass(100, rate, 4), 2)(pink(-26, seconds, rate, seed=1))
    return np.asarray(x * phrases(len(x), rate))


def phrases(frames: int, rate: int = RATE) -> Array:
    """1 for 3 s, 50 dB less for 1 s, and so on; shape (frames, 1)."""
    time_s = np.arange(frames)[:, None] / rate
    return np.where(time_s % 4 < 3, 1.0, 10 ** (-50 / 20))


def advice(samples: Array, folder: Path, rate: int = RATE, subtype: str = "PCM_24") -> list[str]:
    path = folder / "take.wav"
    soundfile.write(path, samples, rate, subtype)
    return list(recording.advised(engine.check(path), read(path)).at_source)


def fan(level_dbfs: float, seconds: float) -> Array:
    """Noise that falls by 12 dB an octave from 60 Hz on."""
    spectrum = np.fft.rfft(noise(0, seconds), axis=0)
    freq = np.fft.rfftfreq(round(seconds * RATE), 1 / RATE)
    wave = np.fft.irfft(spectrum / (1 + (freq[:, None] / 60) ** 2), round(seconds * RATE), axis=0)
    return np.asarray(wave * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave**2)))


def clipped(x: Array) -> Array:
    loud = np.clip(x[5 * RATE : 6 * RATE] * 30, -0.9, 0.9)
    return np.concatenate([x[: 5 * RATE], loud, x[6 * RATE :]])


def test_a_good_take_has_nothing_to_fix(tmp_path: Path) -> None:
    assert advice(good(), tmp_path) == [recording.NOTHING]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda x: x * 10 ** (-30 / 20), ["turn the gain up by about", "away from the noise"]),
        (lambda x: x * 10 ** (14 / 20), ["turn the gain down by about 1"]),
        (clipped, ["It clips at 0:05.0", "gain down by 6 dB"]),
        (lambda x: x + sine(50, -45, 20) + sine(150, -46, 20),
         ["hum at 50 Hz (and at 150 Hz), at -45 dBFS"]),
        (lambda x: x + noise(-58, 20, seed=5), ["LU below the sound, and 31 are wanted", "hiss"]),
        (lambda x: x + fan(-42, 20), ["LU below the sound", "a fan, heating or traffic"]),
        (lambda x: x + sine(18, -26, 20) * phrases(len(x)), ["Rumble below 40 Hz comes to"]),
        (lambda x: x + 0.01, ["The zero line is off by -40 dBFS"]),
        (lambda x: x * (1.0, 0.5), ["One side is 6.0 LU louder"]),
        (lambda x: x[:, :1] * (1.0, -1.0), ["against each other (correlation -1.0)"]),
    ],
    ids=["low", "high", "clipped", "hum", "hiss", "fan", "rumble", "offset", "lean", "polarity"],
)  # fmt: skip
def test_a_planted_fault_is_named_with_its_figure(
    fault: object, said: list[str], tmp_path: Path
) -> None:
    assert callable(fault)
    told = [one for one in advice(fault(good()), tmp_path) if "begin with that" not in one]
    assert len(told) == 1, told
    for words in said:
        assert words in told[0]
    assert told[0].endswith(".")


def test_rate_and_codec_are_told(tmp_path: Path) -> None:
    assert "nothing above 8 kHz" in advice(good(rate=16_000), tmp_path, 16_000)[0]
    soundfile.write(tmp_path / "take.ogg", good(), RATE)
    path = tmp_path / "take.ogg"
    told = recording.advised(engine.check(path), read(path)).at_source
    assert "thrown sound away already" in told[-1]


def test_a_slam_is_no_matter_of_gain(tmp_path: Path) -> None:
    x = good(40)
    x[5 * RATE : round(5.15 * RATE)] *= 20
    x *= 0.95 / np.abs(x).max()
    told = advice(x, tmp_path)
    assert "A single moment, at 0:05." in told[0]
    assert not any("turn the gain" in one for one in told)


def with_values(**values: float) -> Report:
    report = made_reports.checked()
    after = report.after.model_copy(update={"values": values, "events": ()})
    return report.model_copy(update={"after": after})


def test_it_is_pure_and_bears_what_was_not_measured() -> None:
    assert list(recording.advise(with_values())) == []
    told = list(recording.advise(with_values(strongest_tone_hz=8_000, pops_per_min=9)))
    assert "A tone at 8000 Hz never stops" in told[0]
    assert "There are 9 pops" in told[1]
    assert list(recording.advise(with_values(strongest_tone_hz=150), [HumLine(150, -50, 30)])) == []
    audible = with_values(integrated_lufs=-30.0)
    assert "at -50 dBFS" in next(recording.advise(audible, [HumLine(50, -50, 30)]))
    assert list(recording.advise(audible, [HumLine(50, -80, 30)])) == [], "too faint to hear"


def test_the_command_line_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    soundfile.write(path, good() * (1.0, 0.5), RATE, "PCM_24")
    assert (
        "To fix at the source:\n  One side is 6.0 LU louder"
        in run("check", path, "--advise").stdout
    )
    assert "at the source" not in run("check", path).stdout


def test_one_pop_in_a_short_take_is_no_habit(tmp_path: Path) -> None:
    x = good(12)
    pause = round(7.8 * RATE)
    time = np.arange(len(x) - pause)[:, None] / RATE
    x[pause:] += 0.1 * np.exp(-time / 0.05) * np.sin(2 * np.pi * 50 * time)
    assert not [said for said in advice(x, tmp_path) if "pops" in said]
    measured = engine.check(tmp_path / "take.wav").after.values["pops_per_min"]
    assert measured is not None
    assert measured > recording.MOST_POPS_PER_MIN, "else this proves nothing"
