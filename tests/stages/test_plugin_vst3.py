"""A real VST3 in the chain: in time with the take, heard by us, and off the output for results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from asmrmaster.dsp.level import db
from asmrmaster.errors import OutputError
from asmrmaster.stages.base import Edit
from asmrmaster.stages.plugin import Plugin
from asmrmaster.streams.audio import Audio
from tests.signals import Array, pink, sine

FOLDER = Path("/usr/lib/vst3")
LIMITER, PRINTS, MONO = (FOLDER / f"{n}.vst3" for n in ("ZaMaximX2", "ZamHeadX2", "ZamTube"))
pytestmark = pytest.mark.skipif(
    not LIMITER.exists(),
    reason="zam-plugins is missing, whose VST3 this runs: apt-get install zam-plugins",
)


def through(samples: Array, path: Path, rate: int = 48_000, **parameters: Any) -> Array:
    edits: list[Edit] = []
    stage = Plugin(path=str(path), parameters=parameters)
    result = stage(Audio.from_array(samples, rate), edits.append).to_array()
    assert [dict(e.evidence) for e in edits] == [{"unreported_latency_frames": 0}]
    return result


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_limiter_that_looks_ahead_stays_in_time(rate: int) -> None:
    loaded: Any = Plugin(path=str(LIMITER))._load()
    assert loaded.reported_latency_samples > 100, "else this proves nothing"
    samples = pink(-30, 1.5, rate)
    np.testing.assert_allclose(through(samples, LIMITER, rate), samples, atol=1e-6)


def test_what_it_is_told_to_do_is_done_in_time() -> None:
    samples = sine(300, -20, 1) + 0.0
    samples[24_000:24_100] *= 4
    result = through(samples, LIMITER, threshold_db=-12.0, output_ceiling_db=-12.0)
    assert result.shape == samples.shape
    assert np.abs(samples).max() > 0.3
    assert np.abs(result).max() < 10 ** (-11.5 / 20)
    early, late = slice(4_000, 20_000), slice(36_000, 46_000)
    for part in (early, late):
        ratio = float(np.mean(result[part] ** 2) / np.mean(samples[part] ** 2))
        assert abs(db(ratio)) < 0.05
        assert np.corrcoef(result[part, 0], samples[part, 0])[0, 1] > 0.9999


def test_the_smallest_numbers_stay_what_they_are() -> None:
    """This one switches the processor to take them for 0 as soon as it is loaded."""
    smallest = np.array([1e-310])
    through(pink(-30, 0.5), LIMITER)
    assert (smallest * 1.0)[0] > 0


def test_one_for_another_count_of_channels_is_refused_in_words() -> None:
    with pytest.raises(OutputError, match="does not support 2-channel"):
        through(pink(-30, 0.5), MONO)


def test_in_a_master_it_is_listed_and_its_chatter_kept_off_the_results(tmp_path: Path) -> None:
    take = tmp_path / "take.wav"
    soundfile.write(take, pink(-40, 6), 48_000, "PCM_24")
    command = [sys.executable, "-c", "from asmrmaster.cli import main; main()", "master", take,
               "-o", tmp_path / "m.wav", "--set", f"plugin.path={PRINTS}", "--json"]  # fmt: skip
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert "convolution" in done.stderr, "this plugin prints, else it proves nothing"
    assert report["output"]["frames"] == report["input"]["frames"] == 6 * 48_000
    assert report["chain"][0]["stage"] == "plugin"
    (edit,) = (e for e in report["edits"] if e["stage"] == "plugin")
    assert "does not answer for" in edit["reason"]
