"""Gaps that are faults, and pauses that are not."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.dropouts import Dropouts, Gaps
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio
from tests.oracles import decoded
from tests.signals import Array, concat, noise, pink, recording, silence


def measured(samples: Array, rate: int = 48_000) -> Measurement:
    audio = Audio.from_array(samples, rate)
    return read_curves(run_meters(audio, (KEnergy, Gaps)), (Loudness, Dropouts))


def dropouts(samples: Array, rate: int = 48_000) -> float | None:
    return measured(samples, rate).values["dropouts"]


def with_gap(samples: Array, start_s: float, length_ms: float, rate: int, fade_ms: float) -> Array:
    """The sound with a stretch faded to nothing."""
    start, length = round(start_s * rate), round(length_ms * rate / 1000)
    fade = round(fade_ms * rate / 1000)
    gain = np.ones(len(samples))
    gain[start : start + length] = 0
    gain[start - fade : start] = np.linspace(1, 0, fade)
    gain[start + length : start + length + fade] = np.linspace(0, 1, fade)
    return samples * gain[:, None]


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("length_ms", "fade_ms"), [(12, 0), (20, 2), (40, 5), (400, 0)])
def test_a_gap_is_found_where_it_is(length_ms: float, fade_ms: float, rate: int) -> None:
    got = measured(with_gap(pink(-30, 3, rate), 1.5, length_ms, rate, fade_ms), rate)
    assert got.values["dropouts"] == 1
    (event,) = (event for event in got.events if event.quantity == "dropouts")
    assert event.start_s == pytest.approx(1.5, abs=0.008)
    assert event.end_s - event.start_s == pytest.approx(length_ms / 1000, abs=0.012)


def test_a_gap_in_one_channel_names_it() -> None:
    x = pink(-30, 3)
    x[:, 1:] = with_gap(x[:, 1:], 1.5, 30, 48_000, 0)
    (event,) = (event for event in measured(x).events if event.quantity == "dropouts")
    assert event.channel == 1
    x[:, :1] = with_gap(x[:, :1], 1.5, 30, 48_000, 0)
    (event,) = (event for event in measured(x).events if event.quantity == "dropouts")
    assert event.channel is None


def test_a_gap_that_is_not_silent_needs_40_db() -> None:
    x = pink(-30, 3, channels=1)
    for depth_db, count in ((50, 1), (30, 0)):
        y = x.copy()
        y[72_000:73_000] *= 10 ** (-depth_db / 20)
        assert dropouts(y) == count


def test_zeros_between_sounds_count_whatever_their_length() -> None:
    """A dip lasts half a second at most, zeros any time; 3 ms are too short for both."""
    for length_ms, count in ((3, 0), (15, 1), (3000, 1)):
        x = with_gap(pink(-30, 8, channels=1), 3, length_ms, 48_000, 0)
        assert measured(x).values["gaps"] == count
        assert dropouts(x) == count
    x[144_000:150_000] = 1e-4  # now the zeros come after near silence
    assert dropouts(x) == 0


def dithered(samples: Array) -> Array:
    """At 16 bit, with triangular dither."""
    rng = np.random.default_rng(5)
    dither = rng.random(samples.shape) - rng.random(samples.shape)
    result: Array = np.round(samples * 32768 + dither) / 32768
    return result


def test_a_hole_is_one_with_dither_as_without() -> None:
    for length_ms in (20, 400, 3000):
        x = with_gap(pink(-30, 8), 3, length_ms, 48_000, 0)
        assert dropouts(x) == dropouts(dithered(x)) == 1


def test_what_dies_away_into_digital_silence_is_no_hole_and_what_is_cut_off_is() -> None:
    """A clock: each tick begins at once and rings out, and nothing is between them."""
    time_s = np.arange(24_000) / 48_000
    ring = np.sin(2 * np.pi * 2500 * time_s)[:, None].repeat(2, axis=1)
    rung = 0.3 * ring * np.exp(-time_s / 0.01)[:, None]
    clock = concat(*[part for _ in range(8) for part in (rung, silence(0.7))])
    whole_bits = np.round(clock * 32768) / 32768
    assert dropouts(whole_bits) == dropouts(dithered(clock)) == 0
    cut = concat(*[part for _ in range(8) for part in (rung[:700], silence(0.7))])
    assert dropouts(cut) == dropouts(dithered(cut)) == 7


def test_pauses_at_the_ends_and_between_quiet_sides_are_none() -> None:
    assert dropouts(concat(silence(1), pink(-30, 2), silence(1))) == 0
    word, breath = pink(-20, 1), pink(-60, 0.2)
    gated = concat(*[part for _ in range(4) for part in (word, breath, silence(0.2), breath)])
    got = measured(gated)
    assert got.values["gaps"] == 4
    assert got.values["dropouts"] == 0


def test_a_dip_must_come_back_within_half_a_second() -> None:
    quiet = pink(-80, 3, channels=1)
    loud = pink(-30, 3, channels=1)
    for length_s, count in ((0.4, 1), (0.6, 0)):
        hole = quiet[: round(length_s * 48_000)]
        assert dropouts(concat(loud, hole, loud)) == count


def test_without_gaps_heard_or_without_programme_nothing_is_said() -> None:
    k_only = run_meters(Audio.from_array(noise(-20, 1), 48_000), (KEnergy,))
    assert read_curves(k_only, (Loudness, Dropouts)).values["dropouts"] is None
    assert dropouts(silence(1)) is None
    whole = measured(with_gap(pink(-30, 3), 1.5, 20, 48_000, 0))
    without_events = Measurement(whole.values, whole.curves)
    assert read_curves(without_events, (Loudness, Dropouts)).values["dropouts"] is None


GENTLE = [
    "ambienzzz_keyboard.mp3",
    "audiomentations_tap.wav",
    "modsounds_watch_tick.flac",
    "moodist_things_paper.mp3",
    "softspeech_vctk_p286_011.wav",
    "whisper_wesper_sample.wav",
]


@pytest.mark.parametrize("name", GENTLE)
def test_recordings_have_none(name: str) -> None:
    assert dropouts(decoded(recording(f"gentle/{name}"), 44_100, 2), 44_100) == 0
