"""One pass, every meter: order, threads, taps and broken streams."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile as sf

from asmrmaster.audio import read
from asmrmaster.errors import InputError
from asmrmaster.meters import METERS, Tap, measure, passes, read_curves, run_both, run_meters
from asmrmaster.meters.base import Curve, Measurement, Meter
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.passes import finite, in_whole_seconds
from asmrmaster.meters.peaks import Peaks
from asmrmaster.meters.samples import Samples
from asmrmaster.runtime.threads import Threads
from asmrmaster.stages.filtering import filtered_for_meters
from asmrmaster.stages.highpass import HighPass
from asmrmaster.stages.peak_detail import PeakDetail
from asmrmaster.streams import audio
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.runner import HERE, Runner
from tests.signals import Array, noise, pink, sine

RATE = 8_000


def chopped(samples: Array, sizes: list[int], promised: int | None = None) -> Audio:
    """The sound in blocks of these sizes, over and over."""

    def blocks() -> Iterator[Block]:
        start = turn = 0
        while start < len(samples):
            stop = start + sizes[turn % len(sizes)]
            yield samples[start:stop]
            start, turn = stop, turn + 1

    frames = len(samples) if promised is None else promised
    return Audio(RATE, samples.shape[1], frames, blocks)


class Witness(Meter):
    """Remembers what it was given."""

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.blocks: list[Block] = []

    def add(self, block: Block) -> None:
        self.blocks.append(block)

    def result(self) -> Measurement:
        whole = np.concatenate([np.zeros((0, self.channels)), *self.blocks])
        return Measurement(curves={"heard": Curve(whole, 1 / self.rate, "full scale")})


@pytest.fixture(autouse=True)
def blocks_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few seconds of sound are many blocks."""
    monkeypatch.setattr(audio, "BLOCK_BYTES", 1)


def same(one: Measurement, two: Measurement) -> bool:
    return (
        dict(one.values) == dict(two.values)
        and one.events == two.events
        and all(np.array_equal(c.values, two.curves[n].values) for n, c in one.curves.items())
    )


@pytest.mark.parametrize("sizes", [[RATE], [1], [0, 777, 3], [5 * RATE], [RATE - 1, RATE + 1]])
def test_blocks_become_seconds(sizes: list[int]) -> None:
    x = noise(-20, 2.5, RATE)
    seconds = list(in_whole_seconds(chopped(x, sizes)))
    assert [len(block) for block in seconds] == [RATE, RATE, RATE // 2]
    np.testing.assert_array_equal(np.concatenate(seconds), x)


def test_blocks_hold_whole_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    x = noise(-20, 7.5, RATE)
    monkeypatch.setattr(audio, "BLOCK_BYTES", 3 * x[:RATE].nbytes - 100)
    blocks = list(in_whole_seconds(chopped(x, [RATE])))
    assert [len(block) for block in blocks] == [3 * RATE, 3 * RATE, 3 * RATE // 2]


def test_a_second_that_comes_whole_is_not_copied() -> None:
    x = np.asfortranarray(noise(-20, 1, RATE))
    (block,) = in_whole_seconds(chopped(x, [RATE]))
    assert np.shares_memory(block, x)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("sizes", [[RATE], [313, 4000, 0]])
def test_neither_threads_nor_blocks_change_a_digit(threads: int, sizes: list[int]) -> None:
    x = pink(-20, 6.3, RATE)
    expected = run_meters(chopped(x, [len(x)]), METERS)
    assert same(expected, run_meters(chopped(x, sizes), METERS, runner=Threads(threads)))


def test_every_meter_hears_everything_in_order() -> None:
    x = noise(-20, 61.7, RATE)
    measured = run_meters(chopped(x, [1000]), (Witness,))
    np.testing.assert_array_equal(measured.curves["heard"].values, x)


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_stream_of_another_length_than_promised_is_refused(difference: int) -> None:
    x = noise(-20, 1.2, RATE)
    audio = chopped(x, [1000], promised=len(x) + difference)
    with pytest.raises(InputError, match="9600 frames where"):
        run_meters(audio, (KEnergy,))
    tap = Tap(audio, (KEnergy,))
    with pytest.raises(InputError, match="9600 frames where"):
        list(tap.audio.open())


def test_an_error_in_the_stream_comes_out_and_leaves_no_thread() -> None:
    before = threading.active_count()

    def failing() -> Iterator[Block]:
        yield noise(-20, 1, RATE)
        raise InputError("the disk is gone")

    with pytest.raises(InputError, match="the disk is gone"):
        run_meters(Audio(RATE, 2, 2 * RATE, failing), (KEnergy,), runner=Threads(2))
    assert threading.active_count() == before


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    measure(chopped(noise(-20, 300, RATE, 1), [RATE]), (Energy,), (), told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) > 1


def test_a_tap_lets_the_sound_pass_and_hears_it() -> None:
    x = pink(-30, 3.3, RATE)
    tap = Tap(chopped(x, [700]), (KEnergy, Energy))
    with pytest.raises(RuntimeError, match="not passed"):
        tap.measured()
    np.testing.assert_array_equal(tap.audio.to_array(), x)
    assert same(tap.measured(), run_meters(chopped(x, [700]), (KEnergy, Energy)))
    blocks = tap.audio.open()
    next(blocks)
    with pytest.raises(RuntimeError, match="not passed"):  # a new pass has begun
        tap.measured()


def test_a_take_and_what_becomes_of_it_are_heard_in_one_pass() -> None:
    x = sine(1000, -20, 3, RATE)
    opened = 0

    def take() -> Iterator[Block]:
        nonlocal opened
        opened += 1
        yield x

    tap = Tap(Audio(RATE, 2, len(x), take), (KEnergy,))

    def halved() -> Iterator[Block]:
        for block in tap.audio.open():
            yield block / 2

    after = measure(Audio(RATE, 2, len(x), halved), (KEnergy,), (Loudness,))
    before = read_curves(tap.measured(), (Loudness,))
    loud, soft = before.values["integrated_lufs"], after.values["integrated_lufs"]
    assert loud is not None
    assert soft is not None
    assert loud - soft == pytest.approx(6.02, abs=0.01)
    assert opened == 1


@pytest.mark.parametrize("name", ["WAV PCM_16", "WAV PCM_24", "WAV PCM_32", "WAV FLOAT",
                                  "FLAC PCM_24", "MP3 MPEG_LAYER_III"])  # fmt: skip
def test_threads_measure_what_one_thread_does(name: str, tmp_path: Path) -> None:
    x = pink(-30, 4.3, RATE) + sine(1000, -20, 4.3, RATE)
    x[RATE : RATE + 40] *= 8
    container, codec = name.split()
    sf.write(tmp_path / "take", x, RATE, codec, format=container)
    take = read(tmp_path / "take").audio
    assert (take.single is None) == (name not in ("WAV PCM_16", "WAV PCM_24", "WAV FLOAT"))
    told: list[float] = []

    def both(runner: Runner) -> tuple[Measurement, Measurement]:
        return run_both(
            take,
            (KEnergy, Peaks),
            lambda sound: filtered_for_meters(sound, (HighPass(cutoff_hz=60),)),
            (*METERS, PeakDetail),
            told.append,
            light=True,
            runner=runner,
        )

    alone = both(HERE)
    told.clear()
    shared = both(Threads(2))
    assert told[-1] == 1
    everything = run_meters(take, METERS, runner=Threads(2))
    expected = (*alone, run_meters(take, METERS))
    for one, two in zip(expected, (*shared, everything), strict=True):
        assert dict(one.values) == dict(two.values)
        assert one.events == two.events
        assert list(one.curves) == list(two.curves)
        for name, curve in one.curves.items():
            np.testing.assert_array_equal(curve.values, two.curves[name].values)


def test_single_precision_reaches_only_those_who_can_do_with_it() -> None:
    class Precise(Witness):
        double = True

    x = noise(-20, 1.5, RATE).astype(np.float32)
    measured = [passes.MeterSet(Audio.from_array(x, RATE), (kind,)) for kind in (Witness, Precise)]
    for ears in measured:
        for task in ears.tasks(cast("Block", x)):
            task()
    kinds = [ears._meters[0].blocks[0].dtype for ears in measured]  # type: ignore[attr-defined]
    assert kinds == [np.float32, np.float64]


def test_damage_reaches_only_those_who_ask_for_it() -> None:
    x = noise(-20, 1.5, RATE)
    x[100, 0], x[200, 1], x[300, 0] = np.nan, np.inf, -1e12
    measured = run_meters(chopped(x, [RATE]), (Witness, Samples))
    clean = measured.curves["heard"].values
    assert measured.values["non_finite_samples"] == 3
    assert clean[100, 0] == clean[200, 1] == clean[300, 0] == 0
    np.testing.assert_array_equal(clean[301:], x[301:])
    assert finite(x[301:]).base is x  # sound without damage is passed on as it is


def test_reading_again_replaces_what_was_read_before() -> None:
    measured = measure(chopped(sine(1000, -20, 5, RATE), [RATE]), (KEnergy,), (Loudness,))
    quieter = Curve(measured.curves["k_energy"].values / 100, 0.01, "mean square")
    again = read_curves(
        Measurement(measured.values, {"k_energy": quieter}, measured.events), (Loudness,)
    )
    first, second = measured.values["integrated_lufs"], again.values["integrated_lufs"]
    assert first is not None
    assert second is not None
    assert first - second == pytest.approx(20, abs=1e-3)
    assert len(again.events) == len(measured.events)


def test_a_reading_whose_curve_is_missing_is_left_out() -> None:
    measured = measure(chopped(noise(-20, 1, RATE), [RATE]), (Energy,), (Loudness,))
    assert dict(measured.values) == {}
