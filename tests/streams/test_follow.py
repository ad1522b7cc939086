"""A file is read while it is written, and what is heard of it is what is in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from asmrmaster import engine
from asmrmaster.audio import read, wav
from asmrmaster.audio.quantize import Quantizer
from asmrmaster.engine import render
from asmrmaster.runtime import fork
from asmrmaster.runtime.fork import Processes
from asmrmaster.stages.filtering import filtered_for_meters
from asmrmaster.stages.highpass import HighPass
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.follow import GrowingFile
from tests.library_material import take
from tests.signals import noise, sine

RATE = 8_000


def test_a_reader_waits_for_the_writer(tmp_path: Path) -> None:
    sound = Audio.from_array(noise(-20, 400.0, RATE), RATE, 60 * RATE)
    path, there, read_s = tmp_path / "m.wav", GrowingFile(), []

    def follow() -> None:
        there.wait()
        for block in there.following(read(path).audio).open():
            read_s.append(len(block) / RATE)
            measured.append(block.copy())

    measured: list[Block] = []
    reader = threading.Thread(target=follow)
    reader.start()
    writer, quantize = wav.Writer(path, sound, "PCM_24"), Quantizer(24, RATE, 2)
    for block in there.counting(sound).open():
        time.sleep(0.02)  # what is not counted yet must not be read
        writer.write(quantize(block))
    writer.close()
    reader.join()
    assert len(read_s) > 1
    np.testing.assert_array_equal(np.concatenate(measured), read(path).audio.to_array())


def test_the_file_has_its_length_from_the_start_and_only_keeps_it_if_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "m.wav"
    writer = wav.Writer(path, Audio(RATE, 2, RATE, lambda: iter(())), "PCM_24")
    assert path.stat().st_size == 44 + RATE * 6
    writer.write(np.zeros((100, 2), np.int32))
    writer.close()
    assert path.stat().st_size == 44 + 600


@pytest.mark.parametrize("name", ["m.wav", "m.flac"])
def test_a_master_heard_meanwhile_is_the_same_and_is_told_the_same_of(
    name: str, tmp_path: Path, splitting: list[int]
) -> None:
    path = take(tmp_path / "take.wav", 40.0)
    reports, masters, told = [], [], []
    for cores in (1, 2):
        folder = tmp_path / str(cores)
        folder.mkdir()
        progress: list[float] = []
        report = engine.master(
            path, folder / name, progress=progress.append, runner=Processes(cores)
        )
        assert bool(splitting) == (cores == 2)
        assert report.output is not None
        masters.append(Path(report.output.path).read_bytes())
        reports.append(report.model_copy(update={"output": None}).to_dict())
        told.append(progress)
    assert masters[0] == masters[1]
    assert reports[0] == reports[1]
    for progress in told:
        assert progress == sorted(progress)
        assert progress[-1] == pytest.approx(1)


def test_a_render_that_fails_ends_the_listener_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, splitting: list[int]
) -> None:
    path = take(tmp_path / "take.wav", 40.0)

    def failing(audio: Audio, amplitude: object) -> Audio:
        def blocks() -> Iterator[Block]:
            yield next(audio.open())
            raise OSError("the disk is gone")

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    monkeypatch.setattr(render, "apply_gain", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        engine.master(path, tmp_path / "m.wav", runner=Processes(2))
    assert [left.name for left in tmp_path.iterdir()] == ["take.wav"]
    assert splitting
    assert not [pid for pid in splitting if Path(f"/proc/{pid}").exists()]


@pytest.mark.usefixtures("splitting")
def test_a_failed_render_ends_a_listener_that_is_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = take(tmp_path / "take.wav", 40.0)

    def refused() -> int:
        raise BlockingIOError

    def failing(audio: Audio, amplitude: object) -> Audio:
        raise OSError("the disk is gone")

    monkeypatch.setattr(fork, "fork", refused)
    monkeypatch.setattr(render, "apply_gain", lambda audio, amplitude: Audio(
        audio.rate, audio.channels, audio.frames, lambda: iter(failing(audio, amplitude).open())
    ))  # fmt: skip
    with pytest.raises(OSError, match="the disk is gone"):
        engine.master(path, tmp_path / "m.wav", runner=Processes(2))
    assert [left.name for left in tmp_path.iterdir()] == ["take.wav"]


@pytest.mark.parametrize("freq_hz", [20.0, 100.0, 3000.0])
def test_filters_for_meters_are_the_filters_to_a_hundred_thousandth(freq_hz: float) -> None:
    sound = Audio.from_array(sine(freq_hz, -6, 12.3, RATE) + noise(-60, 12.3, RATE), RATE, 7000)
    stages = (HighPass(cutoff_hz=30), HighPass(cutoff_hz=50, order=4))
    exact = stages[1](stages[0](sound)).to_array()
    found = filtered_for_meters(sound, stages)
    assert found.frames == sound.frames
    assert np.abs(found.to_array() - exact).max() < 1e-5
