"""How the sound begins and ends."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.edges import Edges
from asmrmaster.meters.loudness import Loudness
from tests.meters.test_loudness import energy
from tests.signals import Array


def read(values: Array) -> Measurement:
    curve = Curve(values[:, None].astype(np.float32), 0.01, "mean square")
    return read_curves(Measurement(curves={"k_energy": curve}), (Loudness, Edges))


def value(values: Array, name: str) -> float:
    got = read(values).values[name]
    assert got is not None
    return got


def test_a_cut_in_stands_at_full_level_and_a_soft_start_below() -> None:
    assert value(energy((60, -23)), "cut_in_lu") == pytest.approx(0, abs=0.01)
    assert value(energy((0.4, -55), (60, -23)), "cut_in_lu") == pytest.approx(-32, abs=0.1)


@pytest.mark.parametrize(("seconds", "reads_lu"), [(1, -12.7), (3, -22.3)])
def test_a_straight_fade_in_reads_as_the_profiles_say(seconds: int, reads_lu: float) -> None:
    """Its first 0.4 s hold a third of the power they end with."""
    faded = energy((60, -23))
    faded[: seconds * 100] *= np.linspace(0, 1, seconds * 100) ** 2
    assert value(faded, "cut_in_lu") == pytest.approx(reads_lu, abs=0.2)


def test_the_end_is_measured_in_time_and_level() -> None:
    ending = energy((60, -23), (5, -30), (0.4, -48))
    programme = value(ending, "integrated_lufs")
    assert value(ending, "last_400ms_lu") == pytest.approx(-48 - programme, abs=0.01)
    # The last window within 6 LU still holds a tenth of a second of full level.
    assert value(ending, "fade_out_s") == pytest.approx(5.4 - 0.3, abs=0.1)
    assert value(energy((60, -23)), "fade_out_s") == 0


def test_a_5_s_fade_reads_about_as_calibrated() -> None:
    """A cos² fade of 5 s read 1.8 to 3.4 s on recordings, one of 20 s 6.7 to 10.7 s."""
    steady = energy((60, -23))
    for seconds, low, high in ((5, 1.8, 3.4), (20, 6.7, 10.7)):
        fade = np.cos(np.linspace(0, np.pi / 2, seconds * 100)) ** 4
        faded = steady.copy()
        faded[-len(fade) :] *= fade
        assert low < value(faded, "fade_out_s") < high


def test_an_intro_with_the_loudest_moment_is_above_the_rest() -> None:
    loud = energy((5, -25), (1, -15), (60, -25))
    measured = read(loud)
    assert measured.values["intro_above_rest_lu"] == pytest.approx(10, abs=0.01)
    (event,) = (e for e in measured.events if e.quantity == "intro_above_rest_lu")
    assert 5 <= event.start_s < event.end_s <= 6.001
    calm = energy((15, -30), (60, -25))
    assert value(calm, "intro_above_rest_lu") == pytest.approx(-5, abs=0.01)
    assert not any(e.quantity == "intro_above_rest_lu" for e in read(calm).events)


def test_a_moment_across_the_seam_is_heard_on_the_side_of_its_windows() -> None:
    """0.2 s of it, half in the intro: no window of the rest begins before 15 s."""
    seam = energy((14.9, -25), (0.2, -10), (60, -25))
    assert value(seam, "intro_above_rest_lu") == pytest.approx(0, abs=0.01)
    early = energy((14.8, -25), (0.2, -10), (60, -25))
    whole = 10 * np.log10((20 * 10**1.5 + 20) / 40)
    assert value(early, "intro_above_rest_lu") == pytest.approx(whole, abs=0.01)


def test_without_a_rest_or_a_programme_there_is_none() -> None:
    assert read(energy((15.39, -20))).values["intro_above_rest_lu"] is None
    assert read(energy((15.4, -20))).values["intro_above_rest_lu"] == pytest.approx(0, abs=1e-4)
    for nothing in (energy((0.39, -20)), energy((30, -90))):
        assert {read(nothing).values[q.name] for q in Edges.quantities} == {None}
