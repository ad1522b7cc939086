"""Silence and room tone before a programme, and what is neither."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.lead_in import first_sound, lead_in

STEP_S = 0.1


def levels(*parts: tuple[float, float]) -> np.ndarray:
    """(seconds, LUFS), one after the other, with some movement."""
    rng = np.random.default_rng(0)
    return np.concatenate(
        [lufs + rng.uniform(-2, 2, round(seconds / STEP_S)) for seconds, lufs in parts]
    )


def test_silence_is_found_to_the_point() -> None:
    found = lead_in(levels((20, -150), (17, -30)), -30.0, STEP_S)
    assert found is not None
    assert found.level_lufs is None
    assert found.seconds == pytest.approx(20.0)
    assert first_sound(levels((3, -93), (1, -60))) == 30


def test_room_tone_is_found_and_cut_at_a_whole_second() -> None:
    found = lead_in(levels((40.5, -72), (60, -27)), -27.0, STEP_S)
    assert found is not None
    assert found.seconds == 40.0
    assert found.level_lufs == pytest.approx(-70.0, abs=0.5)


@pytest.mark.parametrize(
    "quiet_then",
    [
        ((60, -50), (2, -15), (60, -50)),  # a slam, which makes itself the programme
        ((40, -50), (60, -27)),  # a quiet passage
        ((3, -75), (60, -27)),  # a breath
        ((60, -27), (40, -75)),  # behind it
        ((60, -27),),
    ],
)
def test_what_is_no_lead_in(quiet_then: tuple[tuple[float, float], ...]) -> None:
    curve = levels(*quiet_then)
    assert lead_in(curve, float(curve.max()), STEP_S) is None


def test_all_silence_has_no_beginning() -> None:
    assert lead_in(levels((60, -150)), -70.0, STEP_S) is None
    assert lead_in(np.empty(0), -30.0, STEP_S) is None
