"""Prescribed lengths: cut sample for sample, looped without a seam the detectors hear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster import engine
from asmrmaster.delivery.length import Length, looped, prescribed, quietest_s, trimmed
from asmrmaster.errors import ParameterError
from asmrmaster.meters import measure
from asmrmaster.streams.audio import Audio
from tests.media import wav
from tests.signals import noise, pink


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 900), st.integers(1, 1000), st.integers(1, 300))
def test_a_cut_is_that_stretch_sample_for_sample(start: int, frames: int, block: int) -> None:
    x = noise(-20, 1, rate=1000)
    frames = min(frames, 1000 - start)
    cut = trimmed(Audio.from_array(x, 1000, block), start, frames)
    assert np.array_equal(cut.to_array(), x[start : start + frames])
    assert cut.frames == frames


@pytest.mark.parametrize(("start", "frames"), [(-1, 10), (0, 0), (995, 10), (0, 1001)])
def test_what_the_sound_does_not_hold_is_refused(start: int, frames: int) -> None:
    with pytest.raises(ParameterError):
        trimmed(Audio.from_array(noise(-20, 1, rate=1000), 1000), start, frames)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4000), st.integers(0, 500), st.integers(1, 400))
def test_a_loop_has_its_length_and_the_first_round_is_the_sound(
    frames: int, crossfade: int, block: int
) -> None:
    x = noise(-20, 1, rate=1000)
    loop = looped(Audio.from_array(x, 1000, block), frames, crossfade)
    y = loop.to_array()
    assert len(y) == frames == loop.frames
    plain = min(frames, 1000 - crossfade)
    assert np.array_equal(y[:plain], x[:plain])
    assert np.array_equal(y, looped(Audio.from_array(x, 1000, 77), frames, crossfade).to_array())


def test_rounds_after_the_first_repeat() -> None:
    x = noise(-20, 1, rate=1000)
    y = looped(Audio.from_array(x, 1000), 3500, 100).to_array()
    assert np.array_equal(y[900:1800], y[1800:2700])
    assert np.array_equal(y[1000:1800], x[100:900])


def novelty(samples: np.ndarray) -> tuple[float, float]:
    """Newest moment, LU, and how many clicks."""
    values = measure(Audio.from_array(samples, 48_000)).values
    newest, clicks = values["max_level_novelty_lu"], values["isolated_clicks_per_10_min"]
    assert newest is not None
    assert clicks is not None
    return newest, clicks


def test_the_detectors_hear_no_seam_in_a_bed_and_hear_a_bad_one() -> None:
    bed = pink(-30, 20, seed=4) * np.linspace(0.8, 1.25, 20 * 48_000)[:, None]
    long = 45 * 48_000
    newest, clicks = novelty(looped(Audio.from_array(bed, 48_000), long, 4 * 48_000).to_array())
    assert newest < 3.0
    assert clicks == 0
    falling = pink(-30, 50, seed=4) * np.geomspace(1, 0.1, 50 * 48_000)[:, None]
    worse, _ = novelty(looped(Audio.from_array(falling, 48_000), 60 * 48_000, 0).to_array())
    assert worse > newest + 3


def test_a_crossfade_keeps_the_level_of_a_bed() -> None:
    x = noise(-20, 4)
    y = looped(Audio.from_array(x, 48_000), 7 * 48_000, 48_000).to_array()
    seam = y[3 * 48_000 : 4 * 48_000]
    assert 10 * np.log10(np.mean(seam**2)) == pytest.approx(-20, abs=0.2)


def test_a_crossfade_longer_than_half_is_refused() -> None:
    with pytest.raises(ParameterError, match="half"):
        looped(Audio.from_array(noise(-20, 1, rate=1000), 1000), 10, 501)


def test_a_cut_lies_in_the_pause_nearest_to_the_mark() -> None:
    energy = np.full((6000, 2), 1e-4)
    for first in (2700, 3200):
        energy[first : first + 60] = 1e-8
    assert quietest_s(energy, 30.0) == pytest.approx(32.3, abs=0.2)
    assert quietest_s(energy, 28.0) == pytest.approx(27.3, abs=0.2)
    assert quietest_s(np.full(6000, 1e-4), 30.0) == pytest.approx(30.0, abs=0.011)
    assert quietest_s(energy[:10], 0.05) == 0.05


def test_a_master_is_cut_or_looped_to_what_is_asked(tmp_path: Path) -> None:
    take = wav(tmp_path / "take.wav", pink(-30, 20, seed=2))
    cut = engine.master(take, tmp_path / "c.wav", length=Length(2.0, 10.0))
    assert cut.output is not None
    assert cut.output.duration_s == pytest.approx(10, abs=2.5)
    assert any("Cut from 2.0 s" in note for note in cut.input.notes)
    loop = engine.master(take, tmp_path / "l.flac", length=Length(loop_s=50))
    assert loop.output is not None
    assert loop.output.duration_s == 50
    assert (loop.after.values["max_level_novelty_lu"] or 0) < 3
    with pytest.raises(ParameterError):
        engine.master(take, tmp_path / "n.wav", length=Length(5.0, 100.0))
    assert {path.name for path in tmp_path.glob("*")} >= {"take.wav"}
    assert not (tmp_path / "n.wav").exists()


@pytest.mark.parametrize("wanted", [Length(duration_s=2.0), Length(0.5, 0.6), Length(1.0)])
def test_more_than_there_is_is_refused_in_plain_words(wanted: Length) -> None:
    with pytest.raises(ParameterError, match=r"a cut up to [\d.]+ s of a take of 1\.0 s"):
        prescribed(Audio.from_array(noise(-20, 1, rate=1000), 1000), wanted)
