"""Dips: as deep as the excess, in their band, while it lasts, each one logged."""

from __future__ import annotations

import numpy as np
import pytest

from asmrmaster.dsp.level import db
from asmrmaster.dsp.stft import frame_size
from asmrmaster.stages.base import Edit, EditLog, no_log
from asmrmaster.stages.dynamic_band import Band, DipMask
from asmrmaster.stages.repair import Repair
from asmrmaster.stages.spectral_mask import masked
from asmrmaster.streams.audio import Audio
from tests.signals import Array, pink, sine

RATE = 48_000
LIMIT_DB = -40.0


class Cap(Repair):
    """Keeps 3 to 4 kHz below ``LIMIT_DB``."""

    name = "cap"
    title = "Cap"

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        size = frame_size(audio.rate)

        def need(level_db: Array, total_db: Array) -> Array:
            assert level_db.shape == (len(total_db), 1)
            result: Array = np.maximum(0.0, level_db - LIMIT_DB)
            return result

        def make() -> DipMask:
            return DipMask(self, (Band("too much", 3000, 4000),), need, size, audio, log)

        return masked(audio, self, size, make)


def bursts(seconds: float = 8.0) -> Array:
    """A quiet bed with half a second of 3.5 kHz at −23 dB in both channels together, twice."""
    samples = pink(-60, seconds)
    tone = sine(3500, -23, seconds) + sine(1000, -40, seconds)
    gate = np.zeros(len(samples))
    for start in (2.0, 4.09):  # the second one across the joint of two stretches
        gate[round(start * RATE) : round((start + 0.5) * RATE)] = 1
    return samples + tone * np.convolve(gate, np.hanning(960) / 480, "same")[:, None]


def capped(samples: Array, stage: Cap, block: int = 48_000) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    audio = stage(Audio.from_array(samples, RATE, block), edits.append)
    return audio.to_array(), edits


def level_db(samples: Array) -> float:
    return float(db(float(np.sum(np.mean(samples**2, axis=0)))))


def test_a_burst_comes_down_to_the_limit() -> None:
    samples = bursts()
    result, edits = capped(samples, Cap())
    for start in (2.05, 4.14):
        part = slice(round(start * RATE), round((start + 0.4) * RATE))
        assert level_db(samples[part]) == pytest.approx(-23, abs=0.2)
        assert level_db(result[part]) == pytest.approx(-37, abs=0.6)  # and the rest is at −40
    assert [edit.amount_db for edit in edits] == pytest.approx([-17, -17], abs=0.3)


def test_outside_of_the_dips_all_stays_bit_for_bit() -> None:
    samples = bursts()
    result, edits = capped(samples, Cap())
    outside = np.ones(len(samples), dtype=bool)
    for edit in edits:
        outside[round(edit.start_s * RATE) : round(edit.end_s * RATE)] = False
    assert outside.mean() > 0.8
    assert np.array_equal(result[outside], samples[outside])


def test_other_frequencies_go_on() -> None:
    samples = bursts()
    result, _ = capped(samples, Cap())
    turn = np.exp(-2j * np.pi * 1000 * np.arange(len(samples)) / RATE)
    part = slice(round(2.05 * RATE), round(2.45 * RATE))
    before, after = (abs(np.mean(x[part, 0] * turn[part])) for x in (samples, result))
    assert 20 * np.log10(after / before) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("block", [1000, 4096, 98_304, 400_000])
def test_blocks_do_not_matter(block: int) -> None:
    samples = bursts()
    whole, edits = capped(samples, Cap())
    parts, same = capped(samples, Cap(), block)
    assert np.array_equal(whole, parts)
    assert edits == same


def test_a_dip_taken_back_is_left_out_whole() -> None:
    samples = bursts()
    whole, (first, second) = capped(samples, Cap())
    result, edits = capped(samples, Cap(skip_edits=frozenset({second.id})))
    assert edits == [first]
    cut = 3 * RATE
    assert np.array_equal(result[:cut], whole[:cut])
    assert np.array_equal(result[cut:], samples[cut:])


def test_a_protected_span_stays_and_the_rest_of_its_dip_is_made() -> None:
    samples = bursts()
    result, edits = capped(samples, Cap(protect=((2.1, 2.25),)))
    part = slice(round(2.1 * RATE), round(2.25 * RATE))
    assert np.array_equal(result[part], samples[part])
    assert len(edits) == 3
    late = slice(round(2.38 * RATE), round(2.45 * RATE))
    assert level_db(result[late]) < -36


def test_a_dip_at_the_end_of_the_sound_is_logged() -> None:
    samples = bursts()[: round(2.3 * RATE)]
    _, (edit,) = capped(samples, Cap())
    assert edit.start_s == pytest.approx(1.95, abs=0.06)
    assert edit.reason == "too much lowered"
    assert edit.id.startswith("cap-0-")
