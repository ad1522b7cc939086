"""What startles without being louder than everything, and what does not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from asmrmaster import demo
from asmrmaster.meters import measure
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.meters.startle import Startle
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, silence, sine

RATE, SECONDS = 24_000, 70.0
OUTLIER, IMPULSE, STOP, TONE = (quantity.name for quantity in Startle.quantities)


def values(samples: Array) -> Mapping[str, float | None]:
    audio = Audio.from_array(samples, RATE)
    return measure(audio, (KEnergy, Spectrum), (Loudness, Startle)).values


def heard(samples: Array) -> tuple[dict[str, float], list[tuple[str, float]]]:
    found = measure(Audio.from_array(samples, RATE), (KEnergy, Spectrum), (Loudness, Startle))
    values = {name: value for name, value in found.values.items() if value is not None}
    return values, [(e.quantity, e.start_s) for e in found.events]


def with_(bed: Array, event: Array, *at_s: float) -> Array:
    out = bed.copy()
    for at in at_s:
        start = round(at * RATE)
        out[start : start + len(event)] += event[: len(out) - start]
    return out


def phrases() -> Array:
    """Phrases of 2 to 3 s, over a floor 30 dB below, with pauses of 0.6 to 8 s."""
    samples = pink(-60, SECONDS, RATE)
    voice = pink(-30, SECONDS, RATE, seed=4)
    at, rng = 0.5, np.random.default_rng(2)
    while at < SECONDS - 4:
        length = rng.uniform(2, 3)
        part = slice(round(at * RATE), round((at + length) * RATE))
        samples[part] += voice[part] * np.minimum(1, np.hanning(len(voice[part])) * 30)[:, None]
        at += length + rng.choice([0.6, 0.8, 1.5, 8.0], p=[0.4, 0.3, 0.2, 0.1])
    return samples


def test_nothing_in_a_steady_bed_and_nothing_in_speech_with_pauses() -> None:
    for bed in (pink(-30, SECONDS, RATE), phrases()):
        values, events = heard(bed)
        assert values[OUTLIER] < 7
        assert values[STOP] < 5
        assert values[TONE] == 0
        assert not [name for name, _ in events if name in (STOP, TONE)]


def test_a_slam_every_20_s_does_not_excuse_the_next_one() -> None:
    bed = pink(-30, SECONDS, RATE)
    slam = noise(-16, 0.4, RATE)
    values, events = heard(with_(bed, slam, 5, 25, 45, 65))
    assert values[OUTLIER] > 8
    starts = [at for name, at in events if name == OUTLIER]
    assert np.allclose(starts, [5, 25, 45, 65], atol=0.5)


def test_a_slam_in_the_first_15_s_counts() -> None:
    values, events = heard(with_(pink(-30, SECONDS, RATE), noise(-16, 0.4, RATE), 2.0))
    assert values[OUTLIER] > 8
    assert abs(events[0][1] - 2.0) < 0.5


@pytest.mark.parametrize(("gain", "least"), [(0.0, 30.0), (0.1, 8.0)])
def test_a_sudden_stop_or_drop_that_comes_back(gain: float, least: float) -> None:
    bed = pink(-30, SECONDS, RATE)
    bed[round(40 * RATE) : round(42 * RATE)] *= gain
    values, events = heard(bed)
    assert values[STOP] > least
    assert any(name == STOP and abs(at - 40) < 0.6 for name, at in events)


def test_an_end_and_a_slow_fade_are_no_sudden_stop() -> None:
    bed = pink(-30, SECONDS, RATE)
    bed[round(60 * RATE) :] = 0
    assert heard(bed)[0][STOP] < 5
    slow = pink(-30, SECONDS, RATE)
    slow *= (1 - 0.95 * np.sin(np.linspace(0, np.pi, len(slow))) ** 2)[:, None]
    assert heard(slow)[0][STOP] < 5


def test_strokes_and_breath_that_fade_out_do_not_stop() -> None:
    """A pause in a fade lies below every pause before it, and so does the sound that follows."""
    samples = phrases()
    left = np.clip(np.arange(len(samples))[::-1] / (10 * RATE), 0, 1)
    assert heard(samples * ((1 - np.cos(np.pi * left)) / 2)[:, None])[0][STOP] < 5
    take = demo.take(SECONDS, RATE)
    assert heard(take * ((1 - np.cos(np.pi * left)) / 2)[:, None])[0][STOP] < 5


def test_a_stop_shortly_before_a_fade_is_one() -> None:
    samples = pink(-30, SECONDS, RATE)
    left = np.clip(np.arange(len(samples))[::-1] / (10 * RATE), 0, 1)
    samples = samples * ((1 - np.cos(np.pi * left)) / 2)[:, None]
    samples[round(57 * RATE) : round(58 * RATE)] = 0
    values, events = heard(samples)
    assert values[STOP] > 30
    assert any(name == STOP and abs(at - 57) < 0.6 for name, at in events)


def test_a_beep_at_programme_level_is_told_from_noise_and_from_a_glide() -> None:
    bed = pink(-30, SECONDS, RATE)
    beep = sine(3000, -33, 0.6, RATE)
    values, events = heard(with_(bed, beep, 40))
    assert values[TONE] > 7
    assert any(name == TONE and abs(at - 40) < 0.5 for name, at in events)
    time = np.arange(round(0.6 * RATE)) / RATE
    glide = np.sin(2 * np.pi * (2500 * time + 2000 * time**2))[:, None].repeat(2, axis=1)
    assert heard(with_(bed, 10 ** (-33 / 20) * glide, 40))[0][TONE] == 0


def test_a_click_of_5_ms_over_a_steady_bed() -> None:
    bed = pink(-30, SECONDS, RATE)
    assert heard(bed)[0][IMPULSE] < 6
    assert heard(with_(bed, noise(-10, 0.005, RATE), 40))[0][IMPULSE] > 9.5


def test_what_is_short_or_silent_is_not_assessed() -> None:
    for samples in (pink(-30, 20, RATE), silence(40, RATE), silence(0, RATE)):
        assert all(values(samples)[q.name] is None for q in Startle.quantities)
