"""Declick: clicks go, taps stay."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from asmrmaster.dsp.impulses import SEGMENT_HOPS
from asmrmaster.dsp.level import db
from asmrmaster.dsp.residual import hop_frames
from asmrmaster.stages.base import Edit
from asmrmaster.stages.declick import Declick
from asmrmaster.streams.audio import Audio
from tests.signals import Array, noise, pink, recording, sine

RATE = 48_000


def declicked(
    samples: Array, rate: int = RATE, stage: Declick | None = None
) -> tuple[Array, list[Edit]]:
    edits: list[Edit] = []
    audio = (stage or Declick())(Audio.from_array(samples, rate), edits.append)
    return audio.to_array(), edits


def bed(seconds: float = 4.0, rate: int = RATE) -> Array:
    """A quiet room with a hum in it, two channels."""
    return pink(-50, seconds, rate) + sine(180, -45, seconds, rate)


def planted(clean: Array, frames: list[int], shape: list[float]) -> Array:
    samples = clean.copy()
    for number, frame in enumerate(frames):
        samples[frame : frame + len(shape), number % clean.shape[1]] += shape
    return samples


FRAMES = [30_000, 65_530, 98_304, 131_072 - 7, 150_000]  # some at the joints of what is judged


@pytest.mark.parametrize("shape", [[0.2], [0.1, 0.2, -0.12], [0.2, -0.1, 0.15, -0.2, 0.1] * 3])
def test_clicks_are_rebuilt_from_what_is_around_them(shape: list[float]) -> None:
    clean = bed()
    result, edits = declicked(planted(clean, FRAMES, shape))
    assert len(edits) == len(FRAMES)
    for frame, edit in zip(FRAMES, edits, strict=True):
        span = slice(frame - 8, frame + len(shape) + 8)
        error, click = np.sum((result[span] - clean[span]) ** 2), np.sum(np.square(shape))
        assert db(click) - db(error) > 30
        assert edit.first_frame is not None
        assert abs(edit.first_frame - frame) <= 6


def test_only_what_is_logged_has_changed() -> None:
    samples = planted(bed(), FRAMES, [0.2])
    result, edits = declicked(samples)
    changed = np.zeros(samples.shape, dtype=bool)
    for edit in edits:
        span = slice(round(edit.start_s * RATE), round(edit.end_s * RATE))
        changed[span, edit.channel] = True
    assert changed.sum() <= len(FRAMES) * 14
    assert np.array_equal(result[~changed], samples[~changed])
    assert not np.array_equal(result[changed], samples[changed])


def taps(decay_s: float, tone: bool) -> Array:
    """Four taps a second over a quiet bed, from 12 to 40 dB below full scale."""
    rng = np.random.default_rng(7)
    samples = pink(-62, 6.0)
    for place in np.arange(0.3, 5.7, 0.25):
        time = np.arange(round(8 * decay_s * RATE)) / RATE
        tones = np.sin(2 * np.pi * np.outer((2500, 5200, 9100), time) + 1).mean(axis=0)
        wave = tones if tone else rng.standard_normal(len(time)) / 4
        size = 10 ** (-rng.uniform(12, 40) / 20)
        start = round(place * RATE)
        samples[start : start + len(time)] += (size * wave * np.exp(-time / decay_s))[:, None]
    return samples


@pytest.mark.parametrize("tone", [True, False])
@pytest.mark.parametrize("decay_s", [0.0006, 0.002, 0.006])
def test_taps_stay_bit_for_bit(decay_s: float, tone: bool) -> None:
    samples = taps(decay_s, tone)
    result, edits = declicked(samples)
    assert edits == []
    assert np.array_equal(result, samples)


@pytest.mark.parametrize(
    "name",
    [
        "gentle/audiomentations_tap.wav",
        "gentle/ibm_typing.wav",
        "gentle/modsounds_chalk_write_03.flac",
        "gentle/modsounds_fire_crackle.flac",
        "gentle/modsounds_leaves_01.flac",
        "gentle/modsounds_pencil_write.flac",
        "gentle/modsounds_watch_tick.flac",
        "gentle/softspeech_vctk_p286_011.wav",
        "gentle/whisper_wesper_sample.wav",
        "jarring/modsounds_glass_break_1.ogg",
        "jarring/modsounds_coin.flac",
    ],
)
def test_real_transients_stay_bit_for_bit(name: str) -> None:
    samples, rate = soundfile.read(recording(name), always_2d=True)
    result, edits = declicked(samples, rate)
    assert edits == []
    assert np.array_equal(result, samples)


def test_the_aligned_pair_comes_back() -> None:
    clean, rate = soundfile.read(recording("clicks/clicks_new_clean.wav"), always_2d=True)
    damaged, _ = soundfile.read(recording("clicks/clicks_new_degraded.wav"), always_2d=True)
    result, edits = declicked(damaged, rate)
    assert db(np.sum(clean**2)) - db(np.sum((result - clean) ** 2)) > 39
    assert len(edits) >= 52
    for edit in edits:
        assert edit.first_frame is not None
        near = slice(edit.first_frame - 3, edit.first_frame + 40)
        assert np.any(clean[near] != damaged[near]), edit.id
    untouched, none = declicked(clean, rate)
    assert none == []
    assert np.array_equal(untouched, clean)


def test_a_cut_is_no_click() -> None:
    samples = np.delete(sine(440, -20, 2.0) + pink(-70, 2.0), slice(50_000, 50_040), axis=0)
    samples[70_000:] = 0.0
    assert declicked(samples)[1] == []


def test_an_edit_tells_its_evidence() -> None:
    (edit,) = declicked(planted(bed(), [50_000], [0.2]))[1]
    evidence = dict(edit.evidence)
    assert edit.id == "declick-1-0050000"
    assert edit.end_s - edit.start_s == pytest.approx(1 / RATE)
    assert evidence["match"] > 25
    assert evidence["isolation_db"] > 20
    assert evidence["width_ms"] == pytest.approx(1000 / RATE)
    assert edit.amount_db < -20


def test_a_sample_lost_to_zero_has_an_amount_one_can_read() -> None:
    samples, rate = soundfile.read(recording("clicks/clicks_new_degraded.wav"), always_2d=True)
    _, edits = declicked(samples, rate)
    assert max(abs(edit.amount_db) for edit in edits) < 91


def test_a_protected_click_and_one_taken_back_stay() -> None:
    samples = planted(bed(), FRAMES, [0.2])
    _, edits = declicked(samples)
    spared = Declick(protect=((0.6, 0.7),), skip_edits=frozenset({edits[2].id}))
    result, fewer = declicked(samples, stage=spared)
    assert fewer == [edits[1], *edits[3:]]
    assert result[FRAMES[0], 0] == samples[FRAMES[0], 0]
    assert result[FRAMES[2], 0] == samples[FRAMES[2], 0]


def test_sensitivity_moves_what_is_found() -> None:
    weak, strong = (planted(bed(), [50_000], [size]) for size in (0.012, 0.03))
    low, usual, high = (Declick(sensitivity=value) for value in (0.25, 1.0, 2.0))
    assert [len(declicked(weak, stage=stage)[1]) for stage in (low, usual, high)] == [0, 0, 1]
    assert [len(declicked(strong, stage=stage)[1]) for stage in (low, usual, high)] == [0, 1, 1]


def test_longer_ones_only_where_allowed() -> None:
    burst = list(0.2 * np.random.default_rng(3).choice([-1.0, 1.0], 40))
    samples = planted(bed(), [50_000], burst)
    assert declicked(samples)[1] == []
    result, edits = declicked(samples, stage=Declick(longest_ms=2.0))
    assert len(edits) == 1
    assert db(float(np.mean(result[50_000:50_040, 0] ** 2))) < -35


def test_white_noise_is_left_alone() -> None:
    samples = noise(-30, 10.0, channels=1)
    assert declicked(samples)[1] == []


def test_a_second_pass_looks_only_where_the_first_found() -> None:
    rate, hop = 8_000, hop_frames(8_000)
    frames = [SEGMENT_HOPS * hop * k + near for k, near in ((1, -3), (2, 5), (4, -2), (6, 3))]
    samples = pink(-50, 8.0, rate)
    for frame in frames:
        samples[frame, frame % 2] += 0.2
    audio, edits, again = Audio.from_array(samples, rate), list[Edit](), list[Edit]()
    first = Declick()(audio, edits.append).to_array()
    assert len(edits) == len(frames)
    known = Declick().after(edits)
    assert np.array_equal(known(audio, again.append).to_array(), first)
    assert again == edits
    assert known.model_dump() == Declick().model_dump(), "and nothing of that is written down"
    untouched = Declick().after(())(audio).to_array()
    assert np.array_equal(untouched, samples), "it has not looked"
