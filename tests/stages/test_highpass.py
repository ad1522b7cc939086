"""The high-pass: what it takes and what it leaves, in dB."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.stages.highpass import HighPass
from asmrmaster.streams.audio import Audio
from tests.signals import sine


def change_db(stage: HighPass, freq_hz: float, rate: int) -> float:
    tone = sine(freq_hz, -20, 2.0, rate, channels=1)
    out = stage(Audio.from_array(tone, rate)).to_array()
    settled = slice(len(tone) // 2, None)
    return float(10 * np.log10(np.mean(out[settled] ** 2) / np.mean(tone[settled] ** 2)))


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("cutoff_hz", [10, 25, 80, 120])
@pytest.mark.parametrize("order", [2, 4])
def test_three_db_at_the_cutoff_and_a_slope_below(rate: int, cutoff_hz: int, order: int) -> None:
    stage = HighPass(cutoff_hz=cutoff_hz, order=order)
    assert change_db(stage, cutoff_hz, rate) == pytest.approx(-3.01, abs=0.05)
    assert change_db(stage, cutoff_hz / 2, rate) == pytest.approx(
        -10 * np.log10(1 + 2 ** (2 * order)), abs=0.3
    )
    assert change_db(stage, cutoff_hz * 10, rate) == pytest.approx(0.0, abs=0.01)


def test_order_three_is_refused() -> None:
    with pytest.raises(ValueError, match="2 or 4"):
        HighPass.model_validate({"order": 3})
