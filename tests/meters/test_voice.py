"""Voice over bed, from two stems."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.voice import voice_over_bed_db
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, silence, sine


def measured(samples: Array, rate: int = 48_000) -> Measurement:
    return run_meters(Audio.from_array(samples, rate), (KEnergy,))


@pytest.mark.parametrize("above_db", [-3, 19, 21, 30])
def test_stems_apart_by_so_much_read_so(above_db: float) -> None:
    voice, bed = noise(-30, 10), noise(-30 - above_db, 10, seed=1)
    assert voice_over_bed_db(measured(voice), measured(bed)) == pytest.approx(above_db, abs=0.1)


def test_only_the_bed_under_the_voice_counts() -> None:
    """Music swells where nobody speaks."""
    voice = concat(noise(-30, 5), silence(5), noise(-30, 5))
    bed = concat(noise(-50, 5), noise(-20, 5), noise(-50, 5))
    assert voice_over_bed_db(measured(voice), measured(bed)) == pytest.approx(20, abs=0.2)
    swapped = concat(noise(-20, 5), noise(-50, 5), noise(-20, 5))
    assert voice_over_bed_db(measured(voice), measured(swapped)) == pytest.approx(-10, abs=0.2)


def test_rates_and_channels_may_differ() -> None:
    voice = np.repeat(sine(1000, -30, 8, channels=1), 2, axis=1)
    bed = sine(1000, -50, 8, 44_100, channels=1)
    # The same tone in two channels is 3 dB louder than in one.
    assert voice_over_bed_db(measured(voice), measured(bed, 44_100)) == pytest.approx(
        23.01, abs=0.05
    )


def test_a_silent_bed_counts_as_minus_70() -> None:
    voice = sine(1000, -30, 5)
    loudness = -30.0
    assert voice_over_bed_db(measured(voice), measured(silence(5))) == pytest.approx(
        loudness + 70, abs=0.1
    )
    assert voice_over_bed_db(measured(voice), measured(silence(1))) == pytest.approx(
        loudness + 70, abs=0.1
    )


def test_a_silent_voice_has_no_value() -> None:
    assert voice_over_bed_db(measured(silence(5)), measured(noise(-30, 5))) is None
    assert voice_over_bed_db(measured(noise(-30, 0.3)), measured(noise(-30, 5))) is None
    assert voice_over_bed_db(measured(silence(0)), measured(silence(0))) is None
