"""The test signals of EBU Tech 3341 (2023) Table 1 and EBU Tech 3342 (2023) Table 1.

Synthesised from the tables: 1 kHz sines, in phase in both channels, levels in dBFS peak, the phase
going on where the level changes. Tolerances are the tables' own: 0.1 LU, and 1 LU for the range.
Cases 7 and 8 (5 and 6 of Tech 3342) are recordings of programmes, which cannot be synthesised;
15 to 23 are about true peak and stand in ``test_peaks.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import M_HOPS, S_HOPS, Loudness
from asmrmaster.meters.passes import run_meters
from asmrmaster.streams.audio import Audio, Block
from tests.signals import Array

RATES = [44_100, 48_000, 96_000, 192_000]
SILENT = -np.inf

Part = tuple[float, float]
"""Seconds and dBFS peak."""


def tone(parts: Sequence[Part], rate: int) -> Audio:
    """A 1 kHz sine in one channel, its level stepping from part to part."""
    seconds, levels = np.array(parts).T
    starts = np.round(np.append(0, np.cumsum(seconds)) * rate).astype(int)
    frames = int(starts[-1])
    second = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)  # whole periods: it repeats
    gains = 10 ** (levels / 20)

    def blocks() -> Iterator[Block]:
        for start in range(0, frames, rate):
            at = np.clip(starts, start, min(start + rate, frames))
            block: Array = np.repeat(gains, np.diff(at)) * second[: at[-1] - start]
            yield block[:, None]

    return Audio(rate, 1, frames, blocks)


def read(parts: Sequence[Part], rate: int) -> Measurement:
    """What is read from the tone in two channels. It is heard once and counted in both."""
    measured = run_meters(tone(parts, rate), (KEnergy,))
    curve = measured.curves["k_energy"]
    both = replace(curve, values=np.repeat(curve.values, 2, axis=1))
    return read_curves(replace(measured, curves={"k_energy": both}), (Loudness,))


def value(measured: Measurement, name: str) -> float:
    got = measured.values[name]
    assert got is not None
    return got


def curve(measured: Measurement, name: str) -> Array:
    return measured.curves[name].values.astype(np.float64)


INTEGRATED: dict[int, tuple[list[Part], float]] = {
    1: ([(20, -23)], -23),
    2: ([(20, -33)], -33),
    3: ([(10, -36), (60, -23), (10, -36)], -23),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", INTEGRATED)
def test_3341_integrated(case: int, rate: int) -> None:
    parts, expected = INTEGRATED[case]
    measured = read(parts, rate)
    assert value(measured, "integrated_lufs") == pytest.approx(expected, abs=0.1)
    if case <= 2:
        assert value(measured, "max_momentary_lufs") == pytest.approx(expected, abs=0.1)
        assert value(measured, "max_short_term_lufs") == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_3341_case_6_surround(rate: int) -> None:
    second = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    levels = np.array([-28, -28, -24, -30, -30])
    block = np.asfortranarray(second[:, None] * 10 ** (levels / 20))
    audio = Audio(rate, 5, 20 * rate, lambda: iter([block] * 20))
    measured = read_curves(run_meters(audio, (KEnergy,)), (Loudness,))
    assert value(measured, "integrated_lufs") == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_3341_cases_9_and_12_windows_are_rectangular(rate: int) -> None:
    short = curve(read([(1.34, -20), (1.66, -30)] * 5, rate), "short_term_lufs")
    np.testing.assert_allclose(short[S_HOPS - 1 :], -23, atol=0.1)
    moments = curve(read([(0.18, -20), (0.22, -30)] * 25, rate), "momentary_lufs")
    np.testing.assert_allclose(moments[100:], -23, atol=0.1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("first", range(0, 20, 5))
def test_3341_cases_10_and_13_maxima_of_files(first: int, rate: int) -> None:
    """Twenty files each; the maximum may not depend on when the tone begins."""
    for i in range(first, first + 5):
        measured = read([(i * 0.15, SILENT), (3, -23), (1, SILENT)], rate)
        assert value(measured, "max_short_term_lufs") == pytest.approx(-23, abs=0.1)
        measured = read([(i * 0.02, SILENT), (0.4, -23), (1, SILENT)], rate)
        assert value(measured, "max_momentary_lufs") == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("length_s", "step_s", "name"),
    [(3.0, 0.15, "short_term_lufs"), (0.4, 0.02, "momentary_lufs")],
    ids=["11", "14"],
)
def test_3341_cases_11_and_14_maxima_follow_live(
    length_s: float, step_s: float, name: str, rate: int
) -> None:
    parts = [
        part
        for i in range(20)
        for part in [
            (i * step_s, SILENT),
            (length_s, -38.0 + i),
            (length_s - i * step_s, SILENT),
        ]
    ]
    moving = curve(read(parts, rate), name)
    maxima = moving[: len(moving) // 20 * 20].reshape(20, -1).max(axis=1)
    np.testing.assert_allclose(maxima, -38.0 + np.arange(20), atol=0.1)


def test_a_hop_of_100_ms_would_miss_case_13() -> None:
    """The reason for the 10 ms grid: seldom looks read up to half a decibel low."""
    moving = curve(read([(0.06, SILENT), (0.4, -23), (1, SILENT)], 48_000), "momentary_lufs")
    assert moving[M_HOPS - 1 :: 10].max() < -23.1
    assert moving.max() == pytest.approx(-23, abs=0.1)


RANGE: dict[int, tuple[list[float], float]] = {
    1: ([-20, -30], 10),
    2: ([-20, -15], 5),
    3: ([-40, -20], 20),
    4: ([-50, -35, -20, -35, -50], 15),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", RANGE)
def test_3342_loudness_range(case: int, rate: int) -> None:
    levels, expected = RANGE[case]
    measured = read([(20, level) for level in levels], rate)
    assert value(measured, "loudness_range_lu") == pytest.approx(expected, abs=1)
    assert value(measured, "loudness_range_lu") == pytest.approx(expected, abs=0.05)  # as reached
