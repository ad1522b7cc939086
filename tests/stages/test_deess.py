"""De-ess: sibilance inside the limit, everything else as it was."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.meters.spectrum import TONE_COLUMNS, Spectrum
from asmrmaster.stages.base import Edit
from asmrmaster.stages.deess import Balance, Deess, learn_balance
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink

RATE = 48_000
SECONDS = 12.0


def shaped(low_hz: float, high_hz: float, level_db: float, seed: int) -> Array:
    from scipy.signal import butter, sosfiltfilt

    wave = noise(0, SECONDS, channels=1, seed=seed)
    sos = butter(4, [low_hz, high_hz], "bandpass", fs=RATE, output="sos")
    wave = sosfiltfilt(sos, wave, axis=0)
    result: Array = np.repeat(wave / wave.std() * 10 ** (level_db / 20), 2, axis=1)
    return result


def gate(every_s: float, long_s: float) -> Array:
    """1 while a sibilant sounds, with soft edges; shape (frames, 1)."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    on = ((time % every_s) < long_s).astype(np.float64)
    return np.convolve(on, np.hanning(960) / np.hanning(960).sum(), "same")[:, None]


def voice() -> Array:
    return shaped(200, 1500, -35, seed=1) + pink(-70, SECONDS)


def sibilant(level_db: float) -> Array:
    return shaped(5500, 8500, level_db, seed=2) * gate(0.9, 0.15)


def deessed(samples: Array, stage: Deess | None = None) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    audio = (stage or Deess())(Audio.from_array(samples, RATE), edits.append)
    return audio.to_array(), edits


def sibilance_db(samples: Array) -> float:
    """99th percentile of 5–9 kHz minus median of all K-weighted, in 20 ms: limit T2."""
    meter = Spectrum(RATE, 2)
    meter.add(samples)
    curve = meter.result().curves["tone_energy"].values
    energy = dict(zip(TONE_COLUMNS, db(curve).T, strict=True))
    return float(np.percentile(energy["sibilant"], 99) - np.median(energy["k_weighted"]))


@pytest.mark.parametrize("level_db", [-30, -28, -25])
def test_planted_sibilance_comes_inside_the_limit(level_db: float) -> None:
    samples = voice() + sibilant(level_db)
    assert sibilance_db(samples) > 3.5
    result, edits = deessed(samples)
    assert sibilance_db(result) <= 3
    assert len(edits) == 14
    assert all(-12 <= edit.amount_db < 0 for edit in edits)
    assert {edit.reason for edit in edits} <= {
        "sibilance lowered",
        "sibilance and harshness lowered",
    }


def test_everything_else_changes_by_less_than_0_2_db() -> None:
    samples = voice() + sibilant(-28)
    result, _ = deessed(samples)
    away = gate(0.9, 0.15)[:, 0] == 0
    away = np.convolve(~away, np.ones(round(0.2 * RATE)), "same") < 0.5
    assert np.array_equal(result[away], samples[away])
    low = np.fft.rfft(samples - result, axis=0)
    freq = np.fft.rfftfreq(len(samples), 1 / RATE)
    other = (freq < 4000) | (freq > 11_000)
    change = float(np.sum(np.abs(low[other]) ** 2))
    kept = float(np.sum(np.abs(np.fft.rfft(samples, axis=0)[other]) ** 2))
    assert db(change / kept) < -30


def test_a_take_without_excess_stays_bit_for_bit() -> None:
    for samples in (voice(), voice() + sibilant(-45), pink(-30, SECONDS)):
        result, edits = deessed(samples)
        assert edits == []
        assert np.array_equal(result, samples)


def test_a_bright_take_is_not_dulled() -> None:
    """Crinkles: the band is loud nearly all the time, so that is the take's own balance."""
    samples = shaped(4000, 9000, -30, seed=3) * (0.6 + 0.4 * gate(0.5, 0.25)) + pink(-60, SECONDS)
    result, edits = deessed(samples)
    assert edits == []
    assert np.array_equal(result, samples)


def test_harsh_bursts_come_down_to_what_they_may_exceed() -> None:
    harsh = shaped(2500, 4800, -22, seed=4) * gate(2.9, 0.2)
    samples = voice() + shaped(2200, 5200, -55, seed=5) + harsh
    result, edits = deessed(samples)
    assert len(edits) == 5
    assert all("harshness" in edit.reason for edit in edits)
    burst = slice(round(2.95 * RATE), round(3.05 * RATE))
    lowered = db(float(np.mean(result[burst] ** 2)) / float(np.mean(samples[burst] ** 2)))
    assert -12 <= lowered < -8


def test_the_depth_is_bounded() -> None:
    samples = voice() + sibilant(-18)
    _, edits = deessed(samples, Deess(max_reduction_db=4))
    assert min(edit.amount_db for edit in edits) == -4
    result, edits = deessed(samples, Deess(max_reduction_db=0))
    assert edits == []
    assert np.array_equal(result, samples)


def test_the_balance_is_what_the_meter_says_and_replays() -> None:
    samples = voice() + sibilant(-28)
    balance = learn_balance(Audio.from_array(samples, RATE))
    assert balance is not None
    assert balance.total_db == pytest.approx(-35 + 3 + 0.7, abs=0.5)
    assert balance.sibilant_db < -55
    fitted = Deess().fitted(Audio.from_array(samples, RATE))
    assert fitted.balance == balance
    replayed = Deess.model_validate_json(fitted.model_dump_json())
    assert np.array_equal(deessed(samples)[0], deessed(samples, replayed)[0])


def test_too_little_sound_has_no_balance() -> None:
    short = (voice() + sibilant(-25))[: 4 * RATE]
    assert learn_balance(Audio.from_array(short, RATE)) is None
    assert np.array_equal(deessed(short)[0], short)
    assert learn_balance(Audio.from_array(np.zeros((RATE, 2)), RATE)) is None


def test_a_balance_may_be_given() -> None:
    samples = voice() + sibilant(-28)
    strict = Deess(balance=Balance(-45, -70, -60))
    assert min(edit.amount_db for edit in deessed(samples, strict)[1]) == -12
