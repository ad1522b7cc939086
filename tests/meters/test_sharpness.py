"""Loudness and sharpness against the figures of ISO 532-1 and DIN 45692."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from asmrmaster.dsp.zwicker import (
    THIRD_OCTAVES_HZ,
    loudness_sone,
    sharpness_acum,
    specific_loudness,
    third_octave_response,
)
from asmrmaster.errors import ParameterError
from asmrmaster.meters import METERS, QUANTITIES
from asmrmaster.meters.sharpness import SHARPNESS_QUANTITIES, ThirdOctaves, measure_sharpness
from asmrmaster.streams.audio import Audio
from tests.signals import Array, concat, noise, silence, sine

TOLERANCE = 0.05
"""ISO 532-1, 5.1 and DIN 45692, 6: 5 % or 0.1 sone, 5 % or 0.05 acum."""


def tone(freq_hz: float, level_db: float) -> Array:
    result: Array = level_db + 10 * np.log10(third_octave_response(np.array([freq_hz]))[:, 0])
    return result


def band(low_hz: float, high_hz: float, level_db: float) -> Array:
    """White noise between two frequencies, of this level."""
    freq = np.arange(1.0, 24_001)
    inside = (freq >= low_hz) & (freq <= high_hz)
    response = third_octave_response(freq[inside])
    result: Array = level_db + 10 * np.log10(response.mean(axis=1))
    return result


def test_bands_are_the_nominal_third_octaves() -> None:
    assert THIRD_OCTAVES_HZ[[0, 16, 27]] == pytest.approx([25.1, 1000, 12_589], rel=0.001)
    edges = 1000 * 10 ** np.array([-0.05, 0, 0.05])
    assert third_octave_response(edges)[16] == pytest.approx([0.5, 1, 0.5], abs=1e-6)


def test_machinery_noise_of_the_standard() -> None:
    """ISO 532-1 annex B.2, test signal 1: 83.296 sone."""
    levels = np.array(
        [-60, -60, 78, 79, 89, 72, 80, 89, 75, 87, 85, 79, 86, 80, 71, 70, 72, 71, 72, 74, 69, 65,
         67, 77, 68, 58, 45, 30.0]
    )  # fmt: skip
    assert float(loudness_sone(specific_loudness(levels))) == pytest.approx(83.296, rel=0.005)


@pytest.mark.parametrize(
    ("freq_hz", "level_db", "sone"), [(250, 80, 14.655), (1000, 60, 4.019), (4000, 40, 1.549)]
)
def test_tones_of_the_standard(freq_hz: float, level_db: float, sone: float) -> None:
    """ISO 532-1 annex B.3, test signals 2 to 4."""
    found = float(loudness_sone(specific_loudness(tone(freq_hz, level_db))))
    assert found == pytest.approx(sone, rel=TOLERANCE)


def test_ten_phon_double_the_loudness() -> None:
    levels = np.stack([tone(1000, level) for level in (40.0, 50.0, 60.0, 70.0)])
    sone = loudness_sone(specific_loudness(levels))
    assert sone[0] == pytest.approx(1, abs=0.05)
    assert sone[1:] / sone[:-1] == pytest.approx([2, 2, 2], rel=0.06)


EDGES_HZ = (
    200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720,
    2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12_000,
)  # fmt: skip
ACUM = (
    0.38, 0.49, 0.60, 0.71, 0.82, 0.93, 1.00, 1.13, 1.26, 1.35, 1.49,
    1.64, 1.78, 2.06, 2.40, 2.82, 3.48, 4.43, 5.52, 6.81, 8.55,
)  # fmt: skip


@pytest.mark.parametrize(
    ("edges", "acum"), list(zip(pairwise(EDGES_HZ), ACUM, strict=True)), ids=str
)
def test_sharpness_of_critical_bands_of_4_sone(edges: tuple[int, int], acum: float) -> None:
    """DIN 45692 table A.2; the first critical bands by Zwicker, each at a level of 4 sone."""
    levels = band(*edges, 0) + np.arange(45.0, 75, 0.25)[:, None]
    patterns = specific_loudness(levels)
    nearest = int(np.abs(loudness_sone(patterns) - 4).argmin())
    found = float(sharpness_acum(patterns[nearest]))
    assert found == pytest.approx(acum, abs=max(0.05, TOLERANCE * acum))


def test_nothing_has_no_loudness_and_no_sharpness() -> None:
    pattern = specific_loudness(np.full((3, 28), -100.0))
    assert np.all(loudness_sone(pattern) == 0)
    assert np.all(sharpness_acum(pattern) == 0)


# --- of a file ------------------------------------------------------------------------------------


def measure(samples: Array, level_dba: float, rate: int = 48_000) -> dict[str, float | None]:
    return dict(measure_sharpness(Audio.from_array(samples, rate), level_dba).values)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_tone_reads_as_in_the_standard_at_the_assumed_level(rate: int) -> None:
    values = measure(sine(1000, -33, 4, rate), 60, rate)
    assert values["loudness_n5_sone"] == pytest.approx(4.019, rel=TOLERANCE)
    assert values["loudness_n50_sone"] == pytest.approx(4.019, rel=TOLERANCE)
    assert measure(sine(1000, -6, 4, rate), 60, rate) == pytest.approx(values, rel=1e-3)
    louder = measure(sine(1000, -33, 4, rate), 70, rate)["loudness_n50_sone"]
    assert louder == pytest.approx(8.0, rel=0.06)


def test_hiss_is_sharper_than_a_low_tone_and_percentiles_tell_parts() -> None:
    low = measure(sine(300, -20, 10), 50)["sharpness_s5_acum"]
    hiss = measure(noise(-20, 10), 50)["sharpness_s5_acum"]
    assert low is not None
    assert hiss is not None
    assert low < 1 < 2 < hiss
    mixed = measure(concat(sine(300, -20, 18), noise(-20, 2)), 50)
    assert mixed["sharpness_s5_acum"] == pytest.approx(hiss, rel=0.1)


def test_both_ears_are_averaged() -> None:
    one, two = (noise(-30, 3, channels=channels) for channels in (1, 2))
    first, second = measure(one, 50), measure(two, 50)
    assert second["loudness_n50_sone"] == pytest.approx(first["loudness_n50_sone"], rel=0.02)


def test_silence_and_very_short_sound_have_no_values() -> None:
    for samples in (silence(3), silence(0), noise(-20, 0.49)):
        assert set(measure(samples, 50).values()) == {None}
    assert set(measure(noise(-20, 3), 0)) == {quantity.name for quantity in SHARPNESS_QUANTITIES}


def test_barely_audible_sound_has_loudness_but_no_sharpness() -> None:
    values = measure(noise(-20, 3), 5)
    assert values["sharpness_s5_acum"] is None
    assert values["loudness_n50_sone"] is not None
    assert values["loudness_n50_sone"] < 0.1


@pytest.mark.parametrize("level_dba", [-0.1, 120.1])
def test_impossible_levels_are_refused(level_dba: float) -> None:
    with pytest.raises(ParameterError, match=str(level_dba)):
        measure(silence(1), level_dba)


def test_it_can_be_named_but_is_not_heard_in_every_pass() -> None:
    assert ThirdOctaves not in METERS
    assert {quantity.name for quantity in SHARPNESS_QUANTITIES} <= set(QUANTITIES)
