"""The noise floor where a take has pauses, and none where it has not."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import Energy, KEnergy
from asmrmaster.meters.floor import Floor
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio
from tests.oracles import decoded
from tests.signals import Array, concat, noise, pink, recording, silence


def measured(samples: Array, rate: int = 48_000) -> Measurement:
    audio = Audio.from_array(samples, rate)
    return read_curves(run_meters(audio, (KEnergy, Energy)), (Loudness, Floor))


def value(samples: Array, name: str) -> float:
    got = measured(samples).values[name]
    assert got is not None
    return got


def spoken(pauses: int = 6, pause_s: float = 1.0) -> Array:
    """Phrases of 2 s with nothing between them."""
    parts = [part for i in range(pauses) for part in (pink(-30, 2, seed=i), silence(pause_s))]
    return concat(*parts, pink(-30, 2, seed=99))


@pytest.mark.parametrize("floor_dbfs", [-50, -60, -75])
def test_noise_in_the_pauses_is_the_floor(floor_dbfs: float) -> None:
    x = spoken()
    hiss = noise(floor_dbfs, len(x) / 48_000, seed=7)
    alone = run_meters(Audio.from_array(hiss, 48_000), (KEnergy, Energy))
    lufs = read_curves(alone, (Loudness,)).values["integrated_lufs"]
    values = measured(x + hiss).values
    if lufs is None:  # below -70 LUFS there is no programme loudness to compare with
        lufs = float(-0.691 + 10 * np.log10(alone.curves["k_energy"].values.sum(axis=1).mean()))
    assert values["noise_floor_lufs"] == pytest.approx(lufs, abs=0.4)
    assert values["noise_floor_dbfs"] == pytest.approx(floor_dbfs, abs=0.4)
    programme = values["integrated_lufs"]
    assert programme is not None
    assert values["programme_above_floor_lu"] == pytest.approx(programme - lufs, abs=0.4)
    assert values["pause_share_percent"] == pytest.approx(100 * 6 * 0.65 / 20, abs=5)


def test_rain_has_no_floor() -> None:
    values = measured(pink(-40, 20)).values
    assert values["noise_floor_lufs"] is None
    assert values["pause_share_percent"] == 0


def test_hiss_as_loud_as_the_voice_is_no_floor_but_the_sound() -> None:
    x = spoken()
    values = measured(x + noise(-42, len(x) / 48_000)).values
    assert values["noise_floor_lufs"] is None


def test_the_trough_of_a_wave_is_no_pause() -> None:
    """20 LU deep, 12 s long: far below the programme, but never entered at once."""
    t = np.arange(60 * 48_000) / 48_000
    swell_db = -10 + 10 * np.sin(2 * np.pi * t / 12)
    values = measured(pink(-25, 60) * 10 ** (swell_db[:, None] / 20)).values
    assert values["noise_floor_lufs"] is None


def test_fades_are_no_pauses() -> None:
    x = pink(-25, 30)
    ramp = np.linspace(-60, 0, 8 * 48_000)[:, None]
    x[: len(ramp)] *= 10 ** (ramp / 20)
    x[-len(ramp) :] *= 10 ** (ramp[::-1] / 20)
    assert value(concat(silence(2), x, silence(3)), "pause_share_percent") == 0


def test_less_than_a_second_of_pause_is_too_little() -> None:
    assert value(spoken(pauses=1, pause_s=0.9), "pause_share_percent") == 0
    assert value(spoken(pauses=1, pause_s=2.0), "pause_share_percent") > 0


def test_a_gated_floor_is_silence_and_a_number() -> None:
    assert value(spoken(), "noise_floor_lufs") == pytest.approx(-200.7, abs=0.1)


def test_a_step_between_pauses_is_measured_and_placed() -> None:
    x = spoken(pauses=8, pause_s=1.2)
    hiss = noise(-70, len(x) / 48_000)
    half = len(x) // 2
    hiss[half:] *= 10 ** (8 / 20)
    got = measured(x + hiss)
    assert got.values["floor_step_lu"] == pytest.approx(8, abs=1)
    (event,) = (e for e in got.events if e.quantity == "floor_step_lu")
    assert event.start_s <= half / 48_000 <= event.end_s + 0.4
    even = measured(x + noise(-70, len(x) / 48_000)).values["floor_step_lu"]
    assert even is not None
    assert even < 1


@pytest.mark.parametrize("samples", [silence(5), noise(-20, 0.3), noise(-90, 5)])
def test_no_programme_no_floor(samples: Array) -> None:
    values = measured(samples).values
    assert {values[quantity.name] for quantity in Floor.quantities} == {None}


@pytest.mark.parametrize(
    ("name", "rate", "pauses"),
    [
        ("moodist_things_paper.mp3", 24_000, True),
        ("ambienzzz_purring.mp3", 48_000, False),
        ("ambienzzz_beach.mp3", 48_000, False),
        ("modsounds_rain_light.flac", 44_100, False),
        ("modsounds_wind.flac", 44_100, False),
    ],
)
def test_recordings(name: str, rate: int, pauses: bool) -> None:
    values = measured(decoded(recording(f"gentle/{name}"), rate, 1), rate).values
    assert (values["noise_floor_lufs"] is not None) == pauses
