"""Denoise: the floor goes down, what stands above it stays."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit
from asmrmaster.stages.denoise import Denoise, learn_floor
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink

RATE = 48_000
FLOOR_DBFS = -65.0
QUIET = slice(RATE // 2, 3 * RATE)


def level_db(samples: Array) -> float:
    return float(db(float(np.mean(samples**2))))


def hiss(seconds: float) -> Array:
    return pink(FLOOR_DBFS, seconds, seed=1)


def whisper(seconds: float, snr_db: float) -> Array:
    """Syllables of shaped noise after 4 s of nothing, so far above the floor, left louder."""
    from scipy.signal import butter, sosfilt

    frames = round(seconds * RATE)
    wave = sosfilt(
        butter(2, [1200, 6000], "bandpass", fs=RATE, output="sos"), noise(0, seconds)[:, 0]
    )
    time = np.arange(frames) / RATE
    wave *= np.clip(np.sin(2 * np.pi * 2.7 * time), 0, None) ** 0.5 * (time > 4)
    loud = (
        np.abs(np.sin(2 * np.pi * 2.7 * time)) * (np.sin(2 * np.pi * 2.7 * time) > 0) * (time > 4)
    )
    wave *= 10 ** ((FLOOR_DBFS + snr_db) / 20) / np.sqrt(np.mean(wave[loud > 0.5] ** 2))
    result: Array = np.stack([wave, 0.6 * wave], axis=1)
    return result


def taps(seconds: float, peak_dbfs: float) -> Array:
    time = np.arange(round(0.05 * RATE)) / RATE
    tap = np.exp(-time / 0.005) * np.sin(2 * np.pi * 2400 * time)
    samples = np.zeros((round(seconds * RATE), 2))
    for place in np.arange(4.0, seconds - 1, 0.31):
        start = round(place * RATE)
        samples[start : start + len(tap)] += (10 ** (peak_dbfs / 20) * tap)[:, None]
    return samples


def deepened(samples: Array, stage: Denoise | None = None) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    audio = (stage or Denoise())(Audio.from_array(samples, RATE), edits.append)
    return audio.to_array(), edits


@pytest.mark.parametrize("reduction_db", [3.0, 6.0, 12.0])
def test_the_floor_goes_down_by_what_was_asked_for(reduction_db: float) -> None:
    samples = hiss(10.0) + whisper(10.0, 20)
    result, (edit,) = deepened(samples, Denoise(reduction_db=reduction_db))
    assert level_db(result[QUIET]) - level_db(samples[QUIET]) == pytest.approx(
        -reduction_db, abs=0.15
    )
    assert edit.amount_db == -reduction_db
    assert edit.id == "denoise-0-0000000"
    assert dict(edit.evidence)["floor_dbfs"] == pytest.approx(FLOOR_DBFS + 3, abs=0.6)


@pytest.mark.parametrize("snr_db", [12, 18, 30])
def test_a_whisper_keeps_its_level(snr_db: float) -> None:
    wanted = whisper(10.0, snr_db)
    samples = hiss(10.0) + wanted
    result, _ = deepened(samples)
    active = np.abs(wanted).max(axis=1) > np.abs(wanted).max() / 10
    assert abs(level_db(result[active]) - level_db(samples[active])) < 0.5
    through = np.sum(result * wanted) / np.sum(samples * wanted)
    assert abs(20 * np.log10(through)) < 0.3


def test_taps_keep_their_level_and_their_attack() -> None:
    wanted = taps(10.0, -25)
    samples = hiss(10.0) + wanted
    result, edits = deepened(samples)
    assert edits
    for start in range(4 * RATE, 9 * RATE, round(0.31 * RATE)):
        span = slice(start, start + 1440)
        assert abs(level_db(result[span]) - level_db(samples[span])) < 0.5
        attack = slice(start, start + 48)
        assert np.abs(result[attack] - samples[attack]).max() < 0.1 * 10 ** (-25 / 20)


def test_what_is_left_of_the_floor_is_as_even_as_it_was() -> None:
    """Musical noise is tones that come and go: cells of the spectrum that stick out."""
    from scipy.signal import stft

    samples = hiss(10.0) + whisper(10.0, 20)
    result, _ = deepened(samples, Denoise(reduction_db=12))
    flatness, peaks = [], []
    for sound in (samples, result):
        cells = np.abs(stft(sound[QUIET, 0], RATE, nperseg=2048)[2][20:, 3:-3]) ** 2
        whitened = cells / cells.mean(axis=1, keepdims=True)
        flatness.append(np.exp(np.mean(np.log(whitened))) / whitened.mean())
        peaks.append(np.percentile(whitened, 99.9))
    assert flatness[1] == pytest.approx(flatness[0], rel=0.03)
    assert peaks[1] < 1.1 * peaks[0]


def test_one_mask_for_all_channels_keeps_the_image() -> None:
    samples = hiss(10.0) + whisper(10.0, 20)
    result, _ = deepened(samples)
    for part in (samples, result):
        loud = part[4 * RATE : 9 * RATE]
        assert level_db(loud[:, 0]) - level_db(loud[:, 1]) == pytest.approx(4.4, abs=0.3)
    one = np.stack([samples[:, 0], samples[:, 0]], axis=1)
    both, _ = deepened(one)
    assert np.array_equal(both[:, 0], both[:, 1])


@pytest.mark.parametrize(
    "samples",
    [noise(-40, 8.0), pink(-30, 8.0), np.zeros((8 * RATE, 2)), hiss(1.0)],
    ids=["rain", "surf", "silence", "short"],
)
def test_what_has_no_floor_stays_bit_for_bit(samples: Array) -> None:
    assert learn_floor(Audio.from_array(samples, RATE)) == ((), ())
    result, edits = deepened(samples)
    assert edits == []
    assert np.array_equal(result, samples)


def test_digital_silence_in_a_take_is_no_floor() -> None:
    samples = hiss(16.0) + whisper(16.0, 25)
    samples[: 2 * RATE] = 0
    floor, _ = learn_floor(Audio.from_array(samples, RATE))
    assert db(float(np.sum(10 ** (np.array(floor) / 10)))) == pytest.approx(FLOOR_DBFS + 3, abs=1)


def test_a_floor_learned_once_replays_the_same() -> None:
    samples = hiss(10.0) + whisper(10.0, 20)
    fitted = Denoise().fitted(Audio.from_array(samples, RATE))
    replayed = Denoise.model_validate_json(fitted.model_dump_json())
    assert np.array_equal(deepened(samples)[0], deepened(samples, replayed)[0])
    assert fitted.fitted(Audio.from_array(samples, RATE)) is fitted


def test_protected_spans_and_a_denoise_taken_back_stay() -> None:
    samples = hiss(10.0) + whisper(10.0, 20)
    result, _ = deepened(samples, Denoise(protect=((1.0, 2.0),)))
    assert np.array_equal(result[RATE : 2 * RATE], samples[RATE : 2 * RATE])
    assert level_db(result[round(2.1 * RATE) : 3 * RATE]) < FLOOR_DBFS - 5.5
    back, edits = deepened(samples, Denoise(skip_edits=frozenset({"denoise-0-0000000"})))
    assert edits == []
    assert np.array_equal(back, samples)
