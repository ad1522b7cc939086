"""The floor of every take: planted noise is the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from asmrmaster.dsp import noise_floor
from asmrmaster.dsp.filters import a_weighting_power
from asmrmaster.meters import measure, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.noise import AT_MOST, NOISE, PROGRAMME, Noise, nominal_rate
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink

RATE = 48_000
SECONDS = 15.0


def a_level(samples: Array, rate: int = RATE) -> float:
    """A-weighted level, channels added, straight from the spectrum of all of it."""
    power = np.abs(np.fft.rfft(samples, axis=0)) ** 2
    weight = a_weighting_power(np.fft.rfftfreq(len(samples), 1 / rate).astype(np.float64))[:, None]
    return float(10 * np.log10((power * weight).sum() * 2 / len(samples) ** 2))


def at(samples: Array, level: float) -> Array:
    return samples * 10 ** ((level - a_level(samples)) / 20)


def words(seconds: float = SECONDS, seed: int = 4) -> Array:
    """A whisper of shaped noise at -30 dBFS(A): words with pauses of digital silence."""
    from scipy.signal import butter, sosfilt

    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    wave = sosfilt(
        butter(2, [900, 5000], "bandpass", fs=RATE, output="sos"), rng.standard_normal(frames)
    )
    gate = np.zeros(frames)
    place = RATE // 4
    while place < frames - RATE:
        length = int(rng.uniform(0.3, 0.7) * RATE)
        gate[place : place + length] = np.hanning(length) * rng.uniform(0.5, 1)
        place += length + int(rng.uniform(0.1, 0.6) * RATE)
    return at(np.repeat((wave * gate)[:, None], 2, axis=1), -30.0)


def taps(seconds: float = SECONDS) -> Array:
    rng = np.random.default_rng(8)
    samples = np.zeros((round(seconds * RATE), 2))
    tap = np.exp(-np.arange(2400) / 240) * rng.standard_normal(2400)
    for start in range(RATE // 3, len(samples) - RATE, round(0.41 * RATE)):
        samples[start : start + 2400] += (0.2 * tap)[:, None]
    return samples


def fan(seconds: float = SECONDS) -> Array:
    spectrum = np.fft.rfft(noise(-20, seconds, seed=3), axis=0)
    freq = np.fft.rfftfreq(round(seconds * RATE), 1 / RATE)
    shape = 1 / np.maximum(freq, 20) ** 0.8 / (1 + (freq / 3000) ** 2)
    return np.fft.irfft(spectrum * shape[:, None], round(seconds * RATE), axis=0)


def hum(seconds: float = SECONDS) -> Array:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(a * np.sin(2 * np.pi * 50 * k * time + k) for k, a in ((1, 1.0), (2, 0.5), (3, 0.4)))
    return np.repeat(np.asarray(wave)[:, None], 2, axis=1)


def brown(seconds: float = SECONDS) -> Array:
    spectrum = np.fft.rfft(noise(-20, seconds, seed=6), axis=0)
    freq = np.fft.rfftfreq(round(seconds * RATE), 1 / RATE)
    return np.fft.irfft(spectrum / np.maximum(freq, 20)[:, None], round(seconds * RATE), axis=0)


KINDS: dict[str, Callable[[], Array]] = {
    "white": lambda: noise(-20, SECONDS, seed=2),
    "pink": lambda: pink(-20, SECONDS, seed=2),
    "brown": brown,
    "fan": fan,
    "hum": hum,
}


def read(samples: Array, rate: int = RATE, block: int = 48_000) -> Measurement:
    audio = Audio.from_array(samples, rate, block)
    return Noise.read(run_meters(audio, (Spectrum,)))


def floor(samples: Array) -> float:
    value = read(samples).values["noise_floor_a_dbfs"]
    assert value is not None
    return value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", [-75.0, -60.0, -45.0])
def test_planted_noise_is_found_at_its_level(kind: str, level: float) -> None:
    """Within 0.5 dB, and called noise, as long as the words stand out of it."""
    measured = read(words() + at(KINDS[kind](), level)).values
    assert measured["noise_floor_a_dbfs"] == pytest.approx(level, abs=0.5)
    assert measured["noise_answer"] == NOISE
    confidence = measured["noise_confidence"]
    assert confidence is not None
    assert confidence >= 0.7


@pytest.mark.parametrize("kind", ["white", "hum", "pink", "fan"])
@pytest.mark.parametrize("over", [words, taps], ids=["words", "taps"])
def test_more_noise_never_reads_less(kind: str, over: object) -> None:
    """From -80 to -35 by 1 dB: the row is always there, and the distance only falls."""
    programme, added = (words if over is words else taps)(), KINDS[kind]()
    rows = [read(programme + at(added, level)).values for level in range(-80, -34)]
    floors = [row["noise_floor_a_dbfs"] for row in rows]
    above = [row["programme_above_noise_db"] for row in rows]
    assert None not in (*floors, *above)
    assert min(np.diff(np.array(floors, float))) > -0.3
    assert max(np.diff(np.array(above, float))) < 0.3


def test_what_nothing_stands_out_of_is_the_programme() -> None:
    assert read(pink(-30, 20.0)).values["noise_answer"] == PROGRAMME


def test_crackling_is_no_noise_however_even_it_is() -> None:
    """Fire and brushing dwell at one level too, but flicker within 20 ms."""
    rng = np.random.default_rng(9)
    wave = rng.standard_normal((20 * RATE, 2)) * 10 ** (-50 / 20)
    wave *= np.exp(rng.standard_normal(20 * RATE // 480).repeat(480) * 0.8)[:, None]
    measured = read(wave + words(20.0)).values
    assert measured["noise_answer"] == AT_MOST


@pytest.mark.parametrize("below_db", [10, 6, 3, 0])
def test_faint_words_do_not_make_noise_crackle(below_db: float) -> None:
    """They stand out of it, but leave no gaps in it: drops and crackles do both."""
    spoken = at(words(60.0), -30)
    sound = spoken + at(noise(-40, 60.0), -30 - below_db)
    assert _confidence(sound) > 0.9
    drops = np.zeros(sound.shape)
    rng = np.random.default_rng(8)
    places = rng.integers(0, len(drops), 60 * 2000)
    np.add.at(drops, places, rng.lognormal(0, 1, (len(places), 2)))
    assert _confidence(spoken + at(drops, -30 - below_db)) < 0.5


def _confidence(sound: Array) -> float:
    found = measure(Audio.from_array(sound, RATE), (Spectrum,), (Noise,))
    confidence = found.values["noise_confidence"]
    assert confidence is not None
    return confidence


def test_fades_are_no_floor() -> None:
    samples = words(40.0) + at(noise(-20, 40.0, seed=2), -60.0)
    faded = samples.copy()
    ramp = np.linspace(0, 1, 3 * RATE)[:, None] ** 2
    faded[: 3 * RATE] *= ramp
    faded[-3 * RATE :] *= ramp[::-1]
    assert floor(faded) == pytest.approx(floor(samples), abs=0.3)


@pytest.mark.parametrize("lead_s", [5, 15, 60])
def test_silence_before_it_changes_nothing(lead_s: int) -> None:
    samples = words() + at(KINDS["white"](), -60.0)
    led = np.concatenate([np.zeros((lead_s * RATE, 2)), samples])
    assert floor(led) == pytest.approx(floor(samples), abs=0.1)


def test_noise_that_starts_half_way_counts_as_loud_as_it_becomes() -> None:
    half = 30 * RATE
    samples = np.concatenate([words(30.0, seed=4), words(30.0, seed=5)])
    samples[:half] += at(noise(-20, 30.0, seed=2), -65.0)
    samples[half:] += at(fan(30.0), -50.0)
    measured = read(samples)
    assert measured.values["noise_floor_a_dbfs"] == pytest.approx(-50, abs=0.5)
    over_time = measured.curves["noise_floor"].values
    assert over_time[0] == pytest.approx(-65, abs=0.6)
    assert over_time[-1] == pytest.approx(-50, abs=0.6)


def test_blocks_and_channels_change_nothing() -> None:
    samples = words(12.0) + at(noise(-20, 12.0, seed=2), -60.0)
    whole, cut = (read(samples, block=block).values for block in (48_000, 777))
    assert whole == cut
    mono = read(samples[:, :1]).values["noise_floor_a_dbfs"]
    both = whole["noise_floor_a_dbfs"]
    assert mono is not None
    assert both is not None
    assert both - mono == pytest.approx(3.0, abs=0.3), "two channels of noise, added"


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_any_rate_reads_the_same_noise(rate: int) -> None:
    rng = np.random.default_rng(1)
    samples = rng.standard_normal((20 * rate, 1)) * 1e-3
    burst = (np.arange(20 * rate) / rate % 2 < 0.4)[:, None]
    samples = samples + 0.1 * burst * rng.standard_normal(samples.shape)
    wanted = a_level(1e-3 * rng.standard_normal((20 * rate, 1)), rate)
    assert read(samples, rate).values["noise_floor_a_dbfs"] == pytest.approx(wanted, abs=0.4)


def test_the_nominal_rate_has_as_many_bands() -> None:
    for rate in (8000, 16_000, 22_050, 32_000, 44_100, 48_000):
        bands = noise_floor.count_bands(rate)
        assert noise_floor.count_bands(nominal_rate(bands)) == bands


def test_gain_moves_the_floor_and_nothing_else() -> None:
    samples = words(12.0) + at(noise(-20, 12.0, seed=2), -60.0)
    quiet, loud = read(samples).values, read(2 * samples).values
    for name, moved in (("noise_floor_a_dbfs", 6.02), ("programme_above_noise_db", 0.0)):
        one, other = quiet[name], loud[name]
        assert one is not None
        assert other is not None
        assert other - one == pytest.approx(moved, abs=0.1)


def test_silence_and_next_to_nothing_have_none() -> None:
    for frames in (RATE, 0, 1, RATE // 10):
        assert set(read(np.zeros((frames, 2))).values.values()) == {None}
    assert measure(Audio.from_array(noise(-40, 1.0), RATE)).values["noise_confidence"] is not None
