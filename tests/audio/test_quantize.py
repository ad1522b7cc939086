"""Rounding, dither and full scale."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from asmrmaster.audio.quantize import BLANK_S, Quantizer
from tests.signals import Array, concat, noise, silence, sine

RATE = 48_000


def steps(samples: Array, bits: int, block: int = RATE) -> NDArray[np.int64]:
    """Samples in steps of the word length."""
    quantize = Quantizer(bits, RATE, samples.shape[1])
    parts = [quantize(samples[i : i + block]) for i in range(0, len(samples), block)]
    left = np.concatenate(parts).astype(np.int64)
    assert not np.any(left % 2 ** (32 - bits)), "left-justified: the low bits are empty"
    return left >> (32 - bits)


def error(samples: Array, bits: int) -> Array:
    """What quantising added, in steps."""
    result: Array = steps(samples, bits) - samples * 2.0 ** (bits - 1)
    return result


@pytest.mark.parametrize("bits", [24, 32])
def test_long_words_are_rounded_not_floored(bits: int) -> None:
    rest = error(noise(-20, 1.0), bits)
    assert np.abs(rest).max() <= 0.5
    assert abs(rest.mean()) < 0.005
    step = 2.0 ** (1 - bits)
    given = np.array([[-0.6], [-0.4], [0.4], [0.6], [1.0]]) * step
    assert steps(given, bits)[:, 0].tolist() == [-1, 0, 0, 1, 1]


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_words_already_of_that_length_pass_unharmed(bits: int) -> None:
    words = np.random.default_rng(1).integers(-(2 ** (bits - 2)), 2 ** (bits - 2), (5_000, 2))
    got = steps(words / 2.0 ** (bits - 1), bits)
    assert np.abs(got - words).max() <= (1 if bits == 16 else 0)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5, 0.73])
def test_dither_makes_the_error_independent_of_the_sound(bits: int, offset: float) -> None:
    """Mean 0 and variance 1/4 step², whatever the value: Lipshitz et al. 1992, section 5."""
    value = (20 + offset) * 2.0 ** (1 - bits)
    rest = error(np.full((4 * RATE, 2), value), bits)
    assert np.abs(rest).max() <= 1.5
    assert np.abs(rest.mean(axis=0)).max() < 0.005
    assert rest.var(axis=0) == pytest.approx(0.25, rel=0.02)


def test_dither_level_at_16_bits() -> None:
    """TPDF dither and rounding together: half a step, −96.3 dBFS RMS."""
    rest = error(noise(-50, 10.0), 16) / 2**15
    assert 10 * np.log10(np.mean(rest**2)) == pytest.approx(20 * np.log10(0.5 / 2**15), abs=0.05)


def test_dither_is_white_and_differs_between_channels() -> None:
    rest = error(noise(-30, 4.0), 16)
    frames = len(rest)
    bound = 5 / np.sqrt(frames)  # five standard deviations of a correlation by chance
    left, right = rest.T / rest.std()
    assert abs(np.mean(left * right)) < bound
    for lag in (1, 2, 3, 4, 8, 1_000, RATE):
        assert abs(np.mean(left[lag:] * left[:-lag])) < bound
        assert abs(np.mean(left[lag:] * right[:-lag])) < bound


def test_a_sine_below_one_step_survives_at_16_bits_without_harmonics() -> None:
    """Undithered, it would vanish; with dither it stands alone above the noise."""
    tone = sine(1_000, 20 * np.log10(0.4 / 2**15), 8.0, channels=1)
    spectrum = np.abs(np.fft.rfft(steps(tone, 16)[:, 0])) * 2 / len(tone)
    assert spectrum[8_000] == pytest.approx(0.4, abs=0.02)
    assert max(spectrum[8_000 * k] for k in (2, 3, 5, 7)) < 0.02
    assert not steps(tone * 2.0**-8, 24).any(), "without dither it does vanish"


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 9_999), max_size=12), channels=st.integers(1, 3))
def test_same_bytes_for_any_blocks(cuts: list[int], channels: int) -> None:
    sound = concat(
        silence(0.02, channels=channels),
        noise(-60, 0.05, channels=channels),
        silence(0.12, channels=channels),
        noise(-60, 0.02, channels=channels),
    )[:10_000]
    whole = Quantizer(16, RATE, channels)(sound)
    quantize = Quantizer(16, RATE, channels)
    edges = [0, *sorted(cuts), len(sound)]
    parts = [quantize(sound[a:b]) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_digital_silence_stays_digital_silence(bits: int) -> None:
    assert not steps(silence(2.0), bits).any()


def test_dither_stops_after_a_long_zero_and_not_in_a_short_one() -> None:
    gap = round(BLANK_S * RATE)
    sound = concat(noise(-60, 0.5), silence(1.0), noise(-60, 0.5), silence(0.05), noise(-60, 0.1))
    got = steps(sound, 16)
    start = RATE // 2
    assert np.count_nonzero(got[start : start + gap]) > gap / 4
    assert not got[start + gap : start + RATE].any()
    second = 2 * RATE
    assert np.count_nonzero(got[second : second + RATE // 20]) > RATE / 100


def test_one_sounding_channel_keeps_the_dither_of_the_other() -> None:
    sound = noise(-60, 1.0)
    sound[:, 1] = 0
    got = steps(sound, 16)[RATE // 2 :, 1]
    assert np.count_nonzero(got) > len(got) / 8


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_full_scale_is_held_and_counted(bits: int) -> None:
    top = 2 ** (bits - 1)
    sound = np.array([[1.0, -1.0], [1.5, -1.5], [0.0, 7.0]] * 100)
    quantize = Quantizer(bits, RATE, 2)
    got = quantize(sound).astype(np.int64) >> (32 - bits)
    assert got.max() == top - 1
    assert got.min() == -top
    assert quantize.over == 300, "exactly full scale is not beyond it"


def test_the_block_is_left_alone_and_may_be_empty() -> None:
    sound = noise(-20, 0.1)
    copy = sound.copy()
    quantize = Quantizer(16, RATE, 2)
    quantize(sound)
    assert np.array_equal(sound, copy)
    assert quantize(np.empty((0, 2))).shape == (0, 2)


def test_an_array_in_any_order_gives_the_same() -> None:
    sound = noise(-20, 0.1)
    assert np.array_equal(
        Quantizer(16, RATE, 2)(sound), Quantizer(16, RATE, 2)(np.asfortranarray(sound))
    )
