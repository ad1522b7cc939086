"""The limiter: its ceiling by several meters, its gain in dB and ms, its silence when idle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.fft
import scipy.signal as ss
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from asmrmaster.meters.peaks import Peaks
from asmrmaster.stages.base import Edit
from asmrmaster.stages.limiter import GUARD_DB, MOST_EDITS, Limiter
from asmrmaster.streams.audio import Audio
from tests import libebur128
from tests.signals import Array, noise, pink, recording, silence, sine

RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def limited(samples: Array, rate: int = 48_000, **parameters: float) -> Array:
    return Limiter(**parameters)(Audio.from_array(samples, rate)).to_array()


def edits_of(samples: Array, rate: int, **parameters: float) -> list[Edit]:
    edits: list[Edit] = []
    for _ in Limiter(**parameters)(Audio.from_array(samples, rate), edits.append).open():
        pass
    return edits


def true_peak_dbtp(samples: Array, rate: int) -> float:
    meter = Peaks(rate, samples.shape[1])
    meter.add(samples)
    value = meter.result().values["true_peak_dbtp"]
    assert value is not None
    return value


def fourier_peak_dbtp(samples: Array) -> float:
    """True peak by 16-fold Fourier interpolation."""
    size = scipy.fft.next_fast_len(len(samples) + 4096, real=True)
    fine = 16 * scipy.fft.irfft(scipy.fft.rfft(samples, size, axis=0), 16 * size, axis=0)
    return float(20 * np.log10(np.abs(fine).max()))


def raised(samples: Array, rate: int, peak_dbtp: float) -> Array:
    """The sound with its true peak at this level."""
    result: Array = samples * 10 ** ((peak_dbtp - true_peak_dbtp(samples, rate)) / 20)
    return result


def in_24_bits(samples: Array) -> Array:
    return np.round(samples * 2**23) / 2**23


def taps(rate: int, channels: int = 2) -> Array:
    """A quiet bed with a few taps, below 0.4 of the rate."""
    samples = pink(-46, 0.5, rate, channels)
    for number, place in enumerate((0.1, 0.25, 0.27, 0.4)):
        decay = np.exp(-np.arange(rate // 40) / (rate / 250))[:, None]
        start = int(place * rate)
        samples[start : start + len(decay)] += decay * noise(-9, 1, len(decay), channels, number)
    result: Array = ss.oaconvolve(samples, ss.firwin(101, 0.8)[:, None], "same", axes=0)
    return result


# --- the ceiling ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("over_db", "ceiling"), [(6, -1.0), (20, -6.0)])
def test_no_meter_reads_more_than_the_ceiling(rate: int, over_db: float, ceiling: float) -> None:
    samples = raised(taps(rate), rate, ceiling + over_db)
    out = in_24_bits(limited(samples, rate, ceiling_dbtp=ceiling))
    assert true_peak_dbtp(out, rate) <= ceiling
    assert fourier_peak_dbtp(out) <= ceiling + 0.02
    assert libebur128.true_peak_dbtp(out, rate) <= ceiling + 0.05
    assert true_peak_dbtp(out, rate) > ceiling - 0.2  # and it does not take more than it must


@pytest.mark.parametrize(
    "name",
    [
        "gentle/ibm_typing.wav",
        "gentle/modsounds_fire_crackle.flac",
        "gentle/modsounds_watch_tick.flac",
        "gentle/moodist_things_slide-projector.mp3",
        "gentle/whisper_wesper_sample.wav",
        "jarring/modsounds_pistol_fire_02.flac",
    ],
)
@pytest.mark.parametrize("over_db", [6, 12])
def test_the_ceiling_holds_on_real_sound(name: str, over_db: float) -> None:
    samples, rate = sf.read(recording(name), frames=200_000, always_2d=True)
    out = in_24_bits(limited(raised(samples, rate, over_db - 2), rate, ceiling_dbtp=-2))
    assert true_peak_dbtp(out, rate) <= -2
    assert libebur128.true_peak_dbtp(out, rate) <= -1.95


@pytest.mark.parametrize("share", [4, 6, 8, 5.3])
@pytest.mark.parametrize("phase_deg", [0, 45, 60, 67.5])
def test_the_ceiling_holds_on_tones_that_hide_between_samples(
    share: float, phase_deg: float
) -> None:
    n = np.arange(24_000)
    tone = 1.41 * np.sin(2 * np.pi * n / share + np.deg2rad(phase_deg))
    tone *= np.minimum(1, np.minimum(n, n[::-1]) / 4800)
    out = limited(tone[:, None], ceiling_dbtp=-2)
    assert true_peak_dbtp(out, 48_000) <= -2
    assert libebur128.true_peak_dbtp(out, 48_000) <= -1.95


def test_white_noise_stays_below_by_its_own_meter() -> None:
    out = limited(raised(noise(-20, 1.0), 48_000, 11), ceiling_dbtp=-1)
    assert true_peak_dbtp(out, 48_000) <= -1


@pytest.mark.parametrize("frames", [1, 5, 100, 32_767, 32_768, 32_769, 65_536])
def test_a_sound_may_begin_and_end_at_full_level(frames: int) -> None:
    samples = np.full((frames, 1), 3.0)
    out = limited(samples, ceiling_dbtp=-6)
    assert true_peak_dbtp(out, 48_000) <= -6
    assert true_peak_dbtp(out, 48_000) > -6.3


# --- what it leaves alone -------------------------------------------------------------------------


def test_below_the_ceiling_samples_pass_bit_for_bit() -> None:
    samples = raised(taps(48_000), 48_000, -1.001)
    assert np.array_equal(limited(samples, ceiling_dbtp=-1), samples)
    assert edits_of(samples, 48_000, ceiling_dbtp=-1) == []
    assert not np.array_equal(limited(samples, ceiling_dbtp=-1.01), samples)


def test_far_from_a_peak_samples_pass_bit_for_bit() -> None:
    samples = pink(-40, 3.0)
    samples[72_000, 0] = 1.0
    out = limited(samples, ceiling_dbtp=-6)
    release = round(48_000 * (6 + GUARD_DB) / 200)
    first, last = 72_000 - 96 - 32, 72_000 + 480 + release + 96 + 32
    assert np.array_equal(out[:first], samples[:first])
    assert np.array_equal(out[last:], samples[last:])
    assert (np.abs(out[first:last]) <= np.abs(samples[first:last])).all()


def test_all_channels_get_one_gain() -> None:
    samples = pink(-30, 1.0, channels=8)
    samples[20_000:20_400, 5] = 1.5
    gain = limited(samples, ceiling_dbtp=-3) / samples
    assert gain.min() < 0.5
    assert np.ptp(gain, axis=1).max() < 1e-12


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 48_000), max_size=5))
def test_blocks_change_not_one_bit(cuts: list[int]) -> None:
    samples = raised(taps(48_000), 48_000, 8)
    edges = [0, *sorted(cuts), len(samples)]
    parts = [samples[start:stop] for start, stop in pairwise(edges)]
    audio = Audio(48_000, 2, len(samples), lambda: iter(parts))
    assert np.array_equal(Limiter()(audio).to_array(), limited(samples))


# --- the gain -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 48_000, 192_000])
@pytest.mark.parametrize(
    ("lookahead_ms", "hold_ms", "release_db_per_s"), [(2, 10, 200), (5, 30, 60), (1, 2, 600)]
)
def test_gain_goes_down_before_a_peak_holds_and_comes_back_steadily(
    rate: int, lookahead_ms: float, hold_ms: float, release_db_per_s: float
) -> None:
    samples = np.full((rate, 1), 1e-4)
    at = rate // 4
    samples[at] = 1.0
    out = limited(
        samples,
        rate,
        ceiling_dbtp=-12,
        lookahead_ms=lookahead_ms,
        hold_ms=hold_ms,
        release_db_per_s=release_db_per_s,
    )
    gain_db = 20 * np.log10(out[:, 0] / samples[:, 0])
    ms, cell_ms = rate / 1000, 8000 / rate
    assert gain_db[at] == pytest.approx(-12 - GUARD_DB, abs=0.01)
    down = np.flatnonzero(gain_db < -0.01)
    assert (at - down[0]) / ms == pytest.approx(lookahead_ms, abs=0.35 * lookahead_ms + cell_ms)
    assert (np.diff(gain_db[down[0] : at]) <= 1e-9).all()
    held = np.flatnonzero(gain_db < -12)
    assert (held[-1] - at) / ms >= hold_ms - lookahead_ms
    half, most = np.flatnonzero(gain_db < -6)[-1], np.flatnonzero(gain_db < -9)[-1]
    assert 3 / ((half - most) / rate) == pytest.approx(release_db_per_s, rel=0.1)
    assert (gain_db[down[-1] + round(ms * lookahead_ms) + 16 :] == 0).all()


@pytest.mark.parametrize(
    ("freq_hz", "hold_ms", "worst_db"),
    [(100, 10, -100), (997.3, 10, -100), (5000, 10, -100), (30, 20, -100), (30, 10, -30)],
)
def test_distortion_of_a_steady_tone_limited_by_six_db(
    freq_hz: float, hold_ms: float, worst_db: float
) -> None:
    tone = sine(freq_hz, 0, 3.0, channels=1)
    out = limited(tone, ceiling_dbtp=-6, hold_ms=hold_ms)[48_000:96_000, 0]
    angle = 2 * np.pi * freq_hz * np.arange(48_000, 96_000) / 48_000
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fit = basis @ np.linalg.lstsq(basis, out)[0]
    found_db = 10 * np.log10(np.sum((out - fit) ** 2) / np.sum(fit**2) + 1e-17)
    assert found_db < worst_db
    if worst_db == -100:
        assert 20 * np.log10(np.abs(fit).max()) == pytest.approx(-6 - GUARD_DB, abs=0.01)
    else:
        assert found_db > -60  # a hold shorter than half a period does colour the tone


# --- the log --------------------------------------------------------------------------------------


def test_edits_tell_when_and_how_deep() -> None:
    samples = silence(4.0, channels=1) + 1e-4
    for at_s, level in ((0.5, 0.4), (0.8, 0.8), (3.0, 1.0)):
        samples[round(at_s * 48_000)] = level
    first, second = edits_of(samples, 48_000, ceiling_dbtp=-12)
    assert first.stage == "limiter"
    assert first.start_s == pytest.approx(0.498, abs=0.002)
    assert 0.81 < first.end_s < 0.9
    assert first.amount_db == pytest.approx(-12 - GUARD_DB - 20 * np.log10(0.8), abs=0.02)
    assert dict(first.evidence)["limited_s"] < first.end_s - first.start_s - 0.1
    assert second.start_s == pytest.approx(2.998, abs=0.002)
    assert second.amount_db == pytest.approx(-12 - GUARD_DB, abs=0.02)


def test_every_change_is_inside_an_edit() -> None:
    samples = raised(taps(44_100), 44_100, 6)
    changed = np.flatnonzero((limited(samples, 44_100) != samples).any(axis=1)) / 44_100
    edits = edits_of(samples, 44_100)
    assert len(edits) == 1
    assert edits[0].start_s <= changed[0]
    assert changed[-1] <= edits[0].end_s


def test_a_log_of_thousands_of_taps_stays_readable() -> None:
    rate, count = 8000, 1500
    samples = np.zeros((count * 8000, 1))
    samples[4000::8000] = 1.0
    samples[8000 * 700 + 4000] = 1.5
    edits = edits_of(samples, rate, ceiling_dbtp=-6)
    assert 1 <= len(edits) <= MOST_EDITS
    assert edits[0].start_s == pytest.approx(0.5, abs=0.01)
    assert edits[-1].end_s == pytest.approx(count - 0.5, abs=0.1)
    assert min(edit.amount_db for edit in edits) == pytest.approx(
        -6 - GUARD_DB - 20 * np.log10(1.5), abs=0.02
    )
    assert sum(dict(edit.evidence)["limited_s"] for edit in edits) < count * 0.1
