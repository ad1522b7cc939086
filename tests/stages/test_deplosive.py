"""Debump: bursts of bass go down while they last, nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.meters.pops import Bass, find_pops
from asmrmaster.stages import STAGES
from asmrmaster.stages.base import Edit
from asmrmaster.stages.deplosive import Deplosive
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, sine

RATE = 48_000
SECONDS = 10.0
PLACES = (2.5, 4.1, 6.3, 8.6)


def bed() -> Array:
    """A soft voice at 160 Hz and above, over a room."""
    voice = np.sum([sine(160 * k, -40 - 3 * k, SECONDS) for k in range(1, 12)], axis=0)
    time = np.arange(len(voice)) / RATE
    result: Array = voice * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))[:, None] + pink(-62, SECONDS)
    return result


def bumps(peak_dbfs: float, decay_s: float = 0.04) -> Array:
    """Plosives: 45 Hz, up within 8 ms."""
    time = np.arange(round(0.3 * RATE)) / RATE
    wave = (1 - np.exp(-time / 0.004)) * np.exp(-time / decay_s) * np.sin(2 * np.pi * 45 * time)
    samples = np.zeros((round(SECONDS * RATE), 2))
    for place in PLACES:
        start = round(place * RATE)
        samples[start : start + len(wave)] += (10 ** (peak_dbfs / 20) * wave / wave.max())[:, None]
    return samples


def without_plosives(samples: Array, stage: Deplosive | None = None) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    audio = (stage or Deplosive())(Audio.from_array(samples, RATE), edits.append)
    return audio.to_array(), edits


def pops(samples: Array) -> int:
    meter = Bass(RATE, 2)
    meter.add(samples)
    low, total = meter.result().curves["bass_energy"].values.T.astype(np.float64)
    return len(find_pops(low, total))


def bass_db(samples: Array, place: float) -> float:
    from scipy.signal import butter, sosfiltfilt

    low = sosfiltfilt(butter(4, 120, fs=RATE, output="sos"), samples, axis=0)
    return float(db(float(np.mean(low[round(place * RATE) : round((place + 0.12) * RATE)] ** 2))))


@pytest.mark.parametrize(("peak_dbfs", "deepest_db"), [(-30, 24), (-22, 24), (-12, 40)])
def test_the_meter_no_longer_hears_the_bumps(peak_dbfs: float, deepest_db: float) -> None:
    samples = bed() + bumps(peak_dbfs)
    assert pops(samples) == len(PLACES)
    result, edits = without_plosives(samples, Deplosive(max_reduction_db=deepest_db))
    assert pops(result) == 0
    assert len(edits) == len(PLACES)
    for place, edit in zip(PLACES, edits, strict=True):
        assert place - 0.2 < edit.start_s < place + 0.01
        assert place + 0.05 < edit.end_s < place + 0.6
        assert bass_db(result, place) < bass_db(samples, place) - 10


def test_the_voice_above_goes_on() -> None:
    clean, samples = bed(), bed() + bumps(-20)
    result, _ = without_plosives(samples)
    freq = np.fft.rfftfreq(round(0.3 * RATE), 1 / RATE)
    for place in PLACES:
        part = slice(round(place * RATE), round(place * RATE) + round(0.3 * RATE))
        weight = np.hanning(part.stop - part.start)[:, None]
        voice, after = (np.abs(np.fft.rfft(x[part] * weight, axis=0)) for x in (clean, result))
        for harmonic in range(2, 8):
            near = np.abs(freq - 160 * harmonic) < 12
            change = np.sum(after[near] ** 2) / np.sum(voice[near] ** 2)
            assert abs(10 * np.log10(change)) < 0.5


def test_outside_of_the_bumps_all_stays_bit_for_bit() -> None:
    samples = bed() + bumps(-20)
    result, edits = without_plosives(samples)
    outside = np.ones(len(samples), dtype=bool)
    for edit in edits:
        outside[round(edit.start_s * RATE) : round(edit.end_s * RATE)] = False
    assert outside.mean() > 0.75
    assert np.array_equal(result[outside], samples[outside])


@pytest.mark.parametrize(
    "samples",
    [bed(), pink(-30, SECONDS), noise(-30, SECONDS), sine(60, -20, SECONDS), np.zeros((RATE, 2))],
    ids=["voice", "pink", "white", "hum", "silence"],
)
def test_where_nothing_bumps_nothing_changes(samples: Array) -> None:
    result, edits = without_plosives(samples)
    assert edits == []
    assert np.array_equal(result, samples)


def test_a_tap_without_bass_is_no_bump() -> None:
    time = np.arange(round(0.05 * RATE)) / RATE
    samples = bed()
    for place in PLACES:
        start = round(place * RATE)
        tap = 0.3 * np.exp(-time / 0.005) * np.sin(2 * np.pi * 1800 * time)
        samples[start : start + len(time)] += tap[:, None]
    result, edits = without_plosives(samples)
    assert edits == []
    assert np.array_equal(result, samples)


def test_what_remains_and_how_deep_may_be_set() -> None:
    samples = bed() + bumps(-12)
    _, edits = without_plosives(samples, Deplosive(max_reduction_db=10))
    assert {edit.amount_db for edit in edits} == {-10}
    samples = bed() + bumps(-38)
    little, more = (
        without_plosives(samples, Deplosive(remains_db=remains_db))[0] for remains_db in (0.0, 12.0)
    )
    assert bass_db(little, PLACES[0]) < bass_db(more, PLACES[0]) - 4


def test_one_taken_back_and_one_protected_stay() -> None:
    samples = bed() + bumps(-20)
    _, edits = without_plosives(samples)
    stage = Deplosive(skip_edits=frozenset({edits[0].id}), protect=((4.0, 4.6),))
    result, fewer = without_plosives(samples, stage)
    assert fewer == edits[2:]
    assert np.array_equal(result[: 5 * RATE], samples[: 5 * RATE])


def test_bumps_are_sought_before_hiss_is_lowered() -> None:
    """Denoise makes pauses quieter, so that what follows rises further: in 94 s of hair brushing
    deplosive after denoise made 30 edits, before it 5."""
    assert list(STAGES).index("deplosive") < list(STAGES).index("denoise")
