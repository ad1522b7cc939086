"""The equaliser: tones come out as its curve says, and its bands stay gentle."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.stages.equalize import Band, Equalize
from asmrmaster.streams.audio import Audio
from tests.signals import noise, sine

CURVE = Equalize(
    bands=(
        Band(kind="low_shelf", freq_hz=160, gain_db=-4),
        Band(kind="bell", freq_hz=1000, gain_db=3, q=1.5),
        Band(kind="high_shelf", freq_hz=6000, gain_db=-5),
    )
)


@pytest.mark.parametrize("rate", [22_050, 48_000, 192_000])
@pytest.mark.parametrize("freq_hz", [30, 160, 500, 1000, 3000, 6000, 10_000])
def test_tones_change_as_the_curve_says(rate: int, freq_hz: float) -> None:
    tone = sine(freq_hz, -20, 1.0, rate)
    out = CURVE(Audio.from_array(tone, rate)).to_array()
    settled = slice(rate // 2, None)
    change = 10 * np.log10(np.mean(out[settled] ** 2) / np.mean(tone[settled] ** 2))
    assert change == pytest.approx(CURVE.response_db(rate, np.array([freq_hz]))[0], abs=0.02)


def test_curve_has_the_gains_that_were_asked_for() -> None:
    freqs = np.array([15.0, 160.0, 1000.0, 6000.0, 20_000.0])
    found = CURVE.response_db(96_000, freqs)
    assert found == pytest.approx([-4.0, -2.0, 3.0, -2.5, -5.0], abs=0.15)


@pytest.mark.parametrize("kind", ["bell", "low_shelf", "high_shelf"])
@pytest.mark.parametrize("gain_db", [-6, -2, 2, 6])
@pytest.mark.parametrize("q", [0.3, 0.7, 1.0])
def test_no_band_goes_far_beyond_its_gain(kind: str, gain_db: float, q: float) -> None:
    stage = Equalize.model_validate(
        {"bands": [{"kind": kind, "freq_hz": 1000, "gain_db": gain_db, "q": q}]}
    )
    curve = stage.response_db(48_000, np.geomspace(10, 23_000, 2000)) * np.sign(gain_db)
    assert curve.max() <= 1.1 * abs(gain_db)
    assert curve.min() >= -0.1 * abs(gain_db)


@pytest.mark.parametrize(
    "stage",
    [
        Equalize(),
        Equalize(bands=(Band(kind="bell", freq_hz=1000, gain_db=0),)),
        Equalize(bands=(Band(kind="bell", freq_hz=15_000, gain_db=3),)),  # no room at 16 kHz
    ],
)
def test_nothing_to_do_is_the_same_sound(stage: Equalize) -> None:
    audio = Audio.from_array(noise(-20, 0.1, 16_000), 16_000)
    assert stage(audio) is audio
    assert stage.response_db(16_000, np.array([1000.0]))[0] == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "notch"},
        {"gain_db": 6.1},
        {"gain_db": -7},
        {"freq_hz": 5},
        {"freq_hz": 30_000},
        {"q": 0.1},
        {"q": 3},
        {"kind": "low_shelf", "q": 1.5},
        {"width": 1},
    ],
)
def test_what_is_not_gentle_is_refused(wrong: dict[str, object]) -> None:
    Band.model_validate({"kind": "bell", "freq_hz": 1000, "gain_db": 3})
    with pytest.raises(ValueError, match="validation error"):
        Band.model_validate({"kind": "bell", "freq_hz": 1000, "gain_db": 3, **wrong})
