"""Blocks from another process: the same, whatever befalls it, and nothing is left behind."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from asmrmaster.errors import InputError
from asmrmaster.meters import run_meters
from asmrmaster.meters.energy import KEnergy
from asmrmaster.runtime.fork import Processes
from asmrmaster.streams import audio
from asmrmaster.streams.audio import Audio, Block
from asmrmaster.streams.shared_memory import SharedBlocks
from tests.signals import noise

RATE = 8_000
SOUND = noise(-20, 9.5, RATE)


@pytest.fixture(autouse=True)
def blocks_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few seconds of sound are many blocks."""
    monkeypatch.setattr(audio, "BLOCK_BYTES", 1)


def sound(at_block: int = -1, *, kill: bool = False) -> Audio:
    """Ten blocks; before this one the process that reads them is killed or, anywhere, fails."""
    here = os.getpid()

    def blocks() -> Iterator[Block]:
        for number, start in enumerate(range(0, len(SOUND), RATE)):
            if number == at_block:
                if not kill:
                    raise InputError("is damaged")
                if os.getpid() != here:
                    os.kill(os.getpid(), signal.SIGKILL)
            yield SOUND[start : start + RATE]

    return Audio(RATE, 2, len(SOUND), blocks, anywhere=True)


def handed_over(audio: Audio, most: int = 100) -> list[Block]:
    """The first so many blocks as they are taken here."""
    shared, here = SharedBlocks(audio), os.getpid()

    def work() -> None:
        if os.getpid() != here:
            shared.give(shared.source.open())

    with Processes(2).beside(work):
        return [block for block, _ in zip(shared.audio.open(), range(most), strict=False)]


@pytest.mark.usefixtures("splitting")
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_blocks_come_over_as_they_are(kind: type[np.floating]) -> None:
    single = np.asarray(SOUND, np.float32)
    audio = sound()
    if kind is np.float32:
        audio = Audio(RATE, 2, len(SOUND), audio.open, Audio.from_array(single, RATE, RATE).open)
    blocks = handed_over(audio)
    assert {block.dtype for block in blocks} == {np.dtype(kind)}
    assert [len(block) for block in blocks] == [RATE] * 9 + [RATE // 2]
    np.testing.assert_array_equal(np.concatenate(blocks), SOUND if kind is np.float64 else single)


@pytest.mark.usefixtures("splitting")
@pytest.mark.parametrize("at_block", [0, 1, 5, 9])
def test_what_a_process_leaves_is_read_here(at_block: int) -> None:
    blocks = handed_over(sound(at_block, kill=True))
    np.testing.assert_array_equal(np.concatenate(blocks), SOUND)


@pytest.mark.parametrize("at_block", [0, 4])
def test_damage_is_told_once_what_was_before_it_is_heard(
    at_block: int, splitting: list[int]
) -> None:
    told: list[float] = []
    with pytest.raises(InputError, match="is damaged"):
        run_meters(sound(at_block), (KEnergy,), told.append, runner=Processes(2))
    assert len(told) == at_block
    assert len(splitting) == 1


@pytest.mark.parametrize("most", [0, 1, 4, 100])
def test_nothing_is_left_behind(most: int, splitting: list[int]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    handed_over(sound(), most)
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ProcessLookupError):
        os.kill(splitting[0], 0)


@pytest.mark.usefixtures("splitting")
def test_where_there_is_no_room_for_it_one_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run_meters(sound(), (KEnergy,)).curves["k_energy"].values

    def refused() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socketpair", refused)
    np.testing.assert_array_equal(
        run_meters(sound(), (KEnergy,), runner=Processes(2)).curves["k_energy"].values, expected
    )
