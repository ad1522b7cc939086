"""Declip: short clipped peaks come back, long ones are told, all else stays."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit
from asmrmaster.stages.declip import Declip
from asmrmaster.streams.audio import Audio
from tests.signals import Array, pink, recording, sine

RATE = 48_000


def declipped(
    samples: Array, stage: Declip | None = None, rate: int = RATE
) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    return (stage or Declip())(Audio.from_array(samples, rate), edits.append).to_array(), edits


def voice(seconds: float = 4.0) -> Array:
    """A gliding harmonic tone with noise in it, peak at full scale, louder once a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (150 * time + 8 * np.sin(2 * np.pi * 0.7 * time))
    wave = sum(np.sin(k * phase + k * k) / k for k in range(1, 20))
    wave *= 0.4 + 0.6 * np.exp(-(((time % 1) - 0.5) ** 2) / 0.01)
    samples = wave[:, None] / np.abs(wave).max() + pink(-60, seconds)
    result: Array = samples / np.abs(samples).max()
    return result


def sdr_db(clean: Array, other: Array) -> float:
    return float(db(float(np.sum(clean**2)) / float(np.sum((other - clean) ** 2))))


def test_clipping_by_3_db_is_undone() -> None:
    clean = voice() * 10 ** (3 / 20)
    clipped = np.clip(clean, -1, 1)
    result, edits = declipped(clipped)
    assert sdr_db(clean, result) > sdr_db(clean, clipped) + 8
    assert edits
    assert all(edit.amount_db > 0 for edit in edits)


def test_clipped_speech_gains_8_db_and_clean_speech_stays() -> None:
    clean, rate = soundfile.read(recording("gentle/softspeech_vctk_p286_011.wav"), always_2d=True)
    clean *= 10 ** (3 / 20) / np.abs(clean).max()
    clipped = np.clip(clean, -1, 1)
    assert sdr_db(clean, declipped(clipped, rate=rate)[0]) > sdr_db(clean, clipped) + 8
    quiet = clean / 2
    result, edits = declipped(quiet, rate=rate)
    assert edits == []
    assert np.array_equal(result, quiet)


@pytest.mark.parametrize("over_db", [1, 3, 6])
def test_a_whisper_cut_to_single_samples_gains_8_db(over_db: float) -> None:
    clean, rate = soundfile.read(recording("gentle/whisper_wesper_sample.wav"), always_2d=True)
    clean *= 10 ** (over_db / 20) / np.abs(clean).max()
    clipped = np.clip(clean, -1, 1)
    assert sdr_db(clean, declipped(clipped, rate=rate)[0]) > sdr_db(clean, clipped) + 8


def test_a_smooth_top_at_full_scale_stays() -> None:
    for freq_hz in (60, 220, 1000):
        samples = np.clip(np.round(sine(freq_hz, 0, 2.0) * 32768), -32768, 32767) / 32768
        result, edits = declipped(samples)
        assert edits == []
        assert np.array_equal(result, samples)


def test_only_clipped_samples_change() -> None:
    clipped = np.clip(voice() * 1.3, -1, 1)
    result, edits = declipped(clipped)
    whole = np.abs(clipped) < 0.998
    assert np.array_equal(result[whole], clipped[whole])
    outside = np.ones(clipped.shape, dtype=bool)
    for edit in edits:
        outside[round(edit.start_s * RATE) : round(edit.end_s * RATE), edit.channel] = False
    assert np.array_equal(result[outside], clipped[outside])


def test_a_peak_across_a_joint_is_rebuilt_whole() -> None:
    time = np.arange(3 * RATE) - 65_536.0
    clean = (1.2 * np.cos(time * 2 * np.pi * 200 / RATE) * np.exp(-(time**2) / 2e4))[:, None]
    clean = clean + pink(-60, 3.0, channels=1)
    clipped = np.clip(clean, -1, 1)
    result, edits = declipped(clipped)
    assert len(edits) == 1
    part = slice(65_500, 65_570)
    assert np.abs(result[part] - clean[part]).max() < 0.02


def test_what_is_too_long_is_reported_and_left() -> None:
    clean = 1.5 * sine(60, 0, 2.0) + pink(-50, 2.0)
    clipped = np.clip(clean, -1, 1)
    result, edits = declipped(clipped)
    assert np.array_equal(result, clipped)
    assert edits
    assert {edit.reason for edit in edits} == {"clipped too long to rebuild, left"}
    assert all(edit.amount_db == 0 for edit in edits)
    assert min(dict(edit.evidence)["longest_ms"] for edit in edits) > 3


def test_loud_and_clean_stays_bit_for_bit() -> None:
    samples = sine(220, -0.1, 2.0) * (1 + 0.05 * sine(3, 0, 2.0)) / 1.06
    result, edits = declipped(samples)
    assert edits == []
    assert np.array_equal(result, samples)


def test_a_protected_span_and_an_edit_taken_back_stay() -> None:
    clipped = np.clip(voice() * 1.3, -1, 1)
    _, edits = declipped(clipped)
    taken = frozenset(edit.id for edit in edits[:3])
    result, fewer = declipped(clipped, Declip(skip_edits=taken, protect=((2.0, 4.0),)))
    assert {edit.id for edit in fewer} == {edit.id for edit in edits[3:] if edit.end_s <= 2.0}
    assert np.array_equal(result[2 * RATE :], clipped[2 * RATE :])


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_other_rates(rate: int) -> None:
    time = np.arange(rate // 2) / rate
    clean = sum(np.sin(2 * np.pi * 180 * k * time + k * k) / k for k in range(1, 12))
    clean = (1.3 * clean / np.abs(clean).max())[:, None] + pink(-60, 0.5, rate, channels=1)
    clipped = np.clip(clean, -1, 1)
    result, _ = declipped(clipped, rate=rate)
    assert sdr_db(clean, result) > sdr_db(clean, clipped) + 10
