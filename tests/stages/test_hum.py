"""Hum: found where it is, notched as deep as it stands out, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit
from asmrmaster.stages.hum import Hum, HumLine, find_hum
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, sine

RATE = 16_000


def hum(base_hz: float, level_dbfs: float, seconds: float, rate: int = RATE) -> Array:
    """The mains and its second, third and sixth multiple, each weaker than the one before."""
    parts = ((1, 0), (2, -6), (3, -9), (6, -15))
    tones = [sine(k * base_hz, level_dbfs + fall, seconds, rate) for k, fall in parts]
    result: Array = np.sum(tones, axis=0)
    return result


def tone_dbfs(samples: Array, freq_hz: float, rate: int = RATE) -> float:
    """Level of one tone in the later half of the first channel, 0 dBFS for a full-scale sine."""
    half = samples[len(samples) // 2 :, 0]
    turn = np.exp(-2j * np.pi * freq_hz * np.arange(len(half)) / rate)
    return float(db(float(np.abs(2 * np.mean(half * turn * np.hanning(len(half)) * 2)) ** 2)))


def audio(samples: Array, rate: int = RATE) -> Audio:
    return Audio.from_array(samples, rate)


@pytest.mark.parametrize("base_hz", [49.93, 50.0, 60.08])
def test_a_hum_is_found_with_its_frequencies_and_levels(base_hz: float) -> None:
    samples = pink(-50, 30.0, RATE) + hum(base_hz, -50, 30.0)
    lines = find_hum(audio(samples))
    assert [line.freq_hz for line in lines] == pytest.approx(
        [k * base_hz for k in (1, 2, 3, 6)], abs=0.06
    )
    assert [line.level_dbfs for line in lines] == pytest.approx([-50, -56, -59, -65], abs=1.5)
    assert all(line.excess_db > 8 for line in lines)


def test_the_hum_goes_down_to_its_surroundings_and_no_further() -> None:
    bed = pink(-50, 30.0, RATE)
    samples = bed + hum(50.03, -45, 30.0)
    result = Hum()(audio(samples)).to_array()
    for multiple, fall in ((1, 0), (2, -6), (3, -9)):
        freq_hz = multiple * 50.03
        assert tone_dbfs(samples, freq_hz) == pytest.approx(-45 + fall, abs=1)
        assert tone_dbfs(result, freq_hz) < -45 + fall - 18
    for freq_hz in (75.0, 125.0, 1000.0):  # between the lines nothing happens
        probe = sine(freq_hz, -40, 30.0, RATE)
        stage = Hum(lines=find_hum(audio(samples)))
        out = stage(audio(probe)).to_array()
        assert tone_dbfs(out, freq_hz) == pytest.approx(-40, abs=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        pink(-40, 30.0, RATE),
        noise(-40, 30.0, RATE),
        pink(-50, 30.0, RATE) + sine(53.0, -40, 30.0, RATE),  # a tone, but not of the mains
        pink(-50, 30.0, RATE)
        + sine(350.0, -40, 30.0, RATE)
        + sine(550.0, -40, 30.0, RATE),  # bells
        hum(50, -40, 8.0),  # too short to tell
    ],
    ids=["pink", "white", "tone", "bells", "short"],
)
def test_where_there_is_no_hum_nothing_changes(samples: Array) -> None:
    assert find_hum(audio(samples)) == ()
    edits: list[Edit] = []
    result = Hum()(audio(samples), edits.append).to_array()
    assert np.array_equal(result, samples)
    assert edits == []


def test_a_hum_that_comes_and_goes_like_a_voice_is_none() -> None:
    samples = pink(-50, 40.0, RATE) + hum(50, -40, 40.0)
    samples[10 * RATE : 30 * RATE] = pink(-50, 20.0, RATE)
    assert find_hum(audio(samples)) == ()


def test_fitting_keeps_what_is_known_and_the_chain_can_be_replayed() -> None:
    samples = pink(-50, 30.0, RATE) + hum(50, -45, 30.0)
    fitted = Hum().fitted(audio(samples))
    assert fitted.lines
    assert fitted.fitted(audio(samples)) is fitted
    replayed = Hum.model_validate_json(fitted.model_dump_json())
    assert replayed == fitted
    once, again = Hum()(audio(samples)).to_array(), replayed(audio(samples)).to_array()
    assert np.array_equal(once, again)


def test_notches_are_no_deeper_than_allowed_and_logged() -> None:
    samples = pink(-60, 30.0, RATE) + hum(50, -30, 30.0)
    edits: list[Edit] = []
    result = Hum(max_depth_db=12)(audio(samples), edits.append).to_array()
    assert tone_dbfs(result, 50) == pytest.approx(-42, abs=0.5)
    (edit,) = edits
    assert (edit.start_s, edit.end_s, edit.amount_db) == (0.0, 30.0, -12)
    assert edit.id == "hum-0-0000000"
    assert "50.0 Hz" in edit.reason


def test_a_protected_span_and_a_hum_wanted_back_stay() -> None:
    samples = pink(-50, 30.0, RATE) + hum(50, -45, 30.0)
    result = Hum(protect=((10.0, 12.0),))(audio(samples)).to_array()
    assert np.array_equal(result[10 * RATE : 12 * RATE], samples[10 * RATE : 12 * RATE])
    assert tone_dbfs(result, 50) < -63
    steps = np.abs(
        np.diff(
            result[10 * RATE - 400 : 10 * RATE + 400] - samples[10 * RATE - 400 : 10 * RATE + 400],
            axis=0,
        )
    )
    assert steps.max() < 1e-3
    back = Hum(skip_edits=frozenset({"hum-0-0000000"}))(audio(samples)).to_array()
    assert np.array_equal(back, samples)


def test_a_line_of_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal"):
        Hum(lines=(HumLine(-50, -40, 10),))
