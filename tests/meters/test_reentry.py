"""Re-entry: sound after a long quiet."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.reentry import Reentry
from tests.meters.test_loudness import energy
from tests.signals import Array


def read(values: Array) -> Measurement:
    curve = Curve(values[:, None], 0.01, "mean square")
    return read_curves(Measurement(curves={"k_energy": curve}), (Loudness, Reentry))


def seconds(values: Array) -> float | None:
    return read(values).values["min_reentry_s"]


def rising(from_lufs: float, to_lufs: float, time_s: float) -> Array:
    level = np.linspace(from_lufs, to_lufs, round(time_s * 100), endpoint=False)
    return np.concatenate([energy((0.01, lufs)) for lufs in level])


def test_an_abrupt_return_takes_half_a_window() -> None:
    """Momentary loudness is 3 dB down when half of its 0.4 s is filled."""
    measured = read(energy((30, -23), (14, -80), (30, -23)))
    assert measured.values["min_reentry_s"] == pytest.approx(0.2, abs=0.015)
    (event,) = (e for e in measured.events if e.quantity == "min_reentry_s")
    assert 43.9 < event.start_s < event.end_s < 44.5


def test_a_slow_return_takes_its_time() -> None:
    """−63 to −23 LUFS in 8 s: 17 LU of it take 3.4 s, and the window adds its delay."""
    values = np.concatenate([energy((30, -23), (14, -80)), rising(-63, -23, 8), energy((30, -23))])
    assert seconds(values) == pytest.approx(3.4, abs=0.2)


def test_the_fastest_of_several_counts() -> None:
    slow = np.concatenate([energy((30, -23), (14, -80)), rising(-63, -23, 8)])
    values = np.concatenate([slow, energy((30, -23), (14, -80), (30, -23))])
    assert seconds(values) == pytest.approx(0.2, abs=0.015)
    assert len([e for e in read(values).events if e.quantity == "min_reentry_s"]) == 2


@pytest.mark.parametrize(("quiet_s", "counts"), [(12.7, False), (13.1, True)])
def test_ten_seconds_of_quiet_windows_are_needed(quiet_s: float, counts: bool) -> None:
    """A window of 3 s is quiet when the last of the sound has left it."""
    found = seconds(energy((30, -23), (quiet_s, -90), (30, -23)))
    assert (found is not None) == counts


@pytest.mark.parametrize(("quiet_lufs", "counts"), [(-42, False), (-45, True)])
def test_quiet_is_20_lu_below_the_programme(quiet_lufs: float, counts: bool) -> None:
    found = seconds(energy((60, -23), (20, quiet_lufs), (60, -23)))
    assert (found is not None) == counts


def test_a_quiet_end_has_no_return() -> None:
    assert seconds(energy((60, -23), (20, -80))) is None
    assert seconds(energy((60, -23), (20, -80), (5, -35))) is None


def test_a_silent_beginning_counts() -> None:
    assert seconds(energy((14, -120), (60, -23))) == pytest.approx(0.2, abs=0.015)


def test_what_never_is_quiet_or_loud_has_no_value() -> None:
    assert seconds(energy((60, -23))) is None
    assert seconds(energy((60, -90))) is None
    assert seconds(energy((0.3, -20))) is None
