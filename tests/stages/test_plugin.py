"""Plugins: whatever runs, the sound keeps its length and its place; what cannot run is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.errors import OutputError, ParameterError
from asmrmaster.presets import Preset, load
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.stages.base import Edit
from asmrmaster.stages.plugin import BLOCK, Plugin, hosted
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array, noise, pink, sine

RATE = 48_000


def through(effect: Any, samples: Array, rate: int = RATE) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    return hosted(Audio.from_array(samples, rate), effect, "fx", edits.append).to_array(), edits


class Late:
    """An effect that delays by more than it says (nothing), and by as much again if it drifts."""

    def __init__(self, frames: int, channels: int = 2, drift: int = 0) -> None:
        self._frames, self._channels, self._drift = frames, channels, drift
        self.reset()

    def reset(self) -> None:
        if hasattr(self, "_held"):
            self._frames += self._drift
        self._held = np.zeros((self._channels, self._frames), dtype=np.float32)

    def process(
        self, input_array: Array, sample_rate: float, buffer_size: int, reset: bool
    ) -> np.ndarray:
        assert input_array.shape[1] == buffer_size == BLOCK, "blocks of one size"
        assert not reset
        joined = np.concatenate([self._held, input_array], axis=1)
        self._held = joined[:, BLOCK:]
        return joined[:, :BLOCK]


@pytest.mark.parametrize("frames", [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 17])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_gain_is_gain_at_any_length(frames: int, channels: int) -> None:
    x = noise(-20, 1, channels=channels)[:frames]
    result, (edit,) = through(pedalboard.Gain(-6), x)
    assert result.shape == x.shape
    np.testing.assert_allclose(result, x * 10 ** (-6 / 20), atol=1e-7)
    assert "does not answer for" in edit.reason
    assert dict(edit.evidence) == {"unreported_latency_frames": 0}


def test_a_filter_is_heard_as_one_without_joints() -> None:
    x = sine(40, -20, 2) + sine(2000, -30, 2)
    result, _ = through(pedalboard.HighpassFilter(400), x)
    whole = pedalboard.HighpassFilter(400).process(x.T.astype(np.float32), RATE)
    np.testing.assert_allclose(result, whole.T, atol=1e-6)
    assert 10 * np.log10(np.mean(result[RATE:] ** 2) / np.mean(x[RATE:] ** 2)) < -8


@pytest.mark.parametrize("frames", [1, 480, 5_000])
def test_reported_latency_is_taken_off(frames: int) -> None:
    from pedalboard_native._internal import AddLatency

    x = pink(-30, 1)
    result, _ = through(AddLatency(frames), x)
    np.testing.assert_allclose(result, x, atol=1e-7)


@pytest.mark.parametrize("frames", [1, 441, 10_000])
def test_latency_that_is_not_reported_is_measured(frames: int) -> None:
    x = pink(-30, 1)
    result, (edit,) = through(Late(frames), x)
    np.testing.assert_allclose(result, x, atol=1e-7)
    assert dict(edit.evidence) == {"unreported_latency_frames": frames}


def test_a_delay_that_drifts_is_told() -> None:
    with pytest.raises(OutputError, match="fx: is late by changing amounts"):
        through(Late(100, drift=7), pink(-30, 1))


def test_every_pass_starts_anew_whatever_the_blocks() -> None:
    x = pink(-30, 1)

    def cut() -> Iterator[Block]:
        for start in range(0, len(x), 7_001):
            yield x[start : start + 7_001]

    audio = hosted(Audio(RATE, 2, len(x), cut), pedalboard.Chorus(), "fx")
    first = audio.to_array()
    assert np.array_equal(first, audio.to_array())
    assert np.array_equal(first, through(pedalboard.Chorus(), x)[0])
    assert not np.allclose(first, x, atol=1e-3), "it does something"


class Wrong(Late):
    """An effect that fails in one way or another."""

    def __init__(self, how: str) -> None:
        super().__init__(0)
        self._how = how

    def process(
        self, input_array: Array, sample_rate: float, buffer_size: int, reset: bool
    ) -> np.ndarray:
        if self._how == "nan":
            return input_array * np.float32(np.nan)
        if self._how == "mono":
            return input_array[:1]
        if self._how == "nothing":
            return input_array[:, :0]
        raise ValueError("this plugin does not support\n 2-channel input")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nan", "not a number"),
        ("mono", "turned 2 channels into"),
        ("nothing", "held back 48000 frames"),
        ("raise", "does not support 2-channel input"),
    ],
)
def test_what_a_plugin_does_wrong_is_told(how: str, said: str) -> None:
    with pytest.raises(OutputError, match=f"fx: .*{said}"):
        through(Wrong(how), pink(-30, 1))


def test_a_plugin_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    text = tmp_path / "notes.vst3"
    text.write_text("no plugin")
    for path, said in ((tmp_path / "gone.vst3", "file not found"), (text, "unsupported")):
        with pytest.raises(ParameterError, match=said) as error:
            Plugin(path=str(path))(Audio.from_array(pink(-30, 1), RATE))
        assert path.name in str(error.value)
        assert "\n" not in str(error.value)


def test_an_instrument_is_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    class Organ(Late):
        is_instrument = True

    monkeypatch.setattr(pedalboard, "load_plugin", lambda *given, **named: Organ(0))
    with pytest.raises(ParameterError, match="an instrument"):
        Plugin(path="organ.vst3")(Audio.from_array(pink(-30, 1), RATE))


def test_its_place_is_after_repair_and_before_tone() -> None:
    preset = load(Preset, "gentle", {"plugin.path": "x.vst3", "declick.sensitivity": 1})
    assert list(preset.stages) == ["declick", "plugin", "highpass"]


def test_the_report_lists_it_as_outside_the_guarantee(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A built-in effect stands for the VST3; the rest of the way is the same."""
    given: list[Any] = []

    def load_plugin(path: str, parameters: dict[str, Any], plugin_name: str | None) -> Any:
        given.append((path, parameters, plugin_name))
        return pedalboard.HighShelfFilter(4000, -3)

    monkeypatch.setattr(pedalboard, "load_plugin", load_plugin)
    soundfile.write(tmp_path / "take.wav", pink(-30, 12, 16_000), 16_000, "PCM_24")
    settings = {"plugin.path": "air.vst3", "plugin.parameters": {"mix": 0.5}}
    recipe = load_recipe("gentle", settings=settings)
    report = engine.master(tmp_path / "take.wav", tmp_path / "m.wav", recipe=recipe)
    assert set(map(str, given)) == {"('air.vst3', {'mix': 0.5}, None)"}
    (edit,) = (edit for edit in report.edits if edit.stage == "plugin")
    assert edit.id == "plugin-0-0000000"
    assert "air.vst3" in edit.reason
    chain = {stage.stage: stage.parameters for stage in report.chain}
    assert chain["plugin"]["parameters"] == {"mix": 0.5}
    assert report.change is not None
    assert report.change.level_change_lu is not None
    assert -3 < report.change.level_change_lu < -0.1
