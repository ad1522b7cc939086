"""How much of the sound is none."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.energy import Energy
from asmrmaster.meters.passes import run_meters
from asmrmaster.meters.silence import Silence
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, silence


def share(samples: Array) -> float | None:
    measured = run_meters(Audio.from_array(samples, 48_000), (Energy,))
    return read_curves(measured, (Silence,)).values["silent_share_percent"]


def test_the_share_of_silence() -> None:
    assert share(concat(noise(-30, 3), silence(1))) == pytest.approx(25)
    assert share(silence(1)) == 100
    assert share(noise(-80, 1)) == 0
    assert share(noise(-100, 1)) == 100


def test_one_sounding_channel_is_sound() -> None:
    assert share(noise(-30, 1) * np.array([0.0, 1.0])) == 0


def test_less_than_a_hop_is_nothing() -> None:
    assert share(noise(-30, 0.009)) is None
