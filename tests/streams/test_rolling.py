"""The stretch of a stream around the present."""

from __future__ import annotations

import numpy as np

from asmrmaster.streams.audio import Audio
from asmrmaster.streams.rolling import Rolling
from tests.signals import noise


def test_all_of_it_comes_out_once_and_in_order() -> None:
    samples = noise(-20, 1, 8000, 2)
    sound = Rolling(Audio.from_array(samples, 8000, block=300))
    out = [*sound.until(1000)]
    assert sum(len(block) for block in out) == 1000
    assert np.array_equal(sound.around(1200, 1500), samples[1200:1500])
    out += [*sound.until(1300), *sound.rest()]
    assert np.array_equal(np.concatenate(out), samples)


def test_what_is_written_is_what_comes_out_and_the_source_stays() -> None:
    samples = noise(-20, 1, 8000, 2)
    kept = samples.copy()
    sound = Rolling(Audio.from_array(samples, 8000, block=500))
    sound.around(700, 1100)[:] = 0.25
    assert np.all(sound.around(600, 1200)[100:500] == 0.25)
    out = np.concatenate([*sound.rest()])
    assert np.all(out[700:1100] == 0.25)
    assert np.array_equal(out[:700], kept[:700])
    assert np.array_equal(samples, kept)


def test_beyond_the_end_there_is_nothing() -> None:
    sound = Rolling(Audio.from_array(noise(-20, 0.1, 8000, 1), 8000))
    assert len(sound.around(600, 2000)) == 200
    assert [*Rolling(Audio.from_array(np.zeros((0, 2)), 8000)).until(5)] == []
    assert Rolling(Audio.from_array(np.zeros((0, 2)), 8000)).around(0, 5).shape == (0, 2)
