"""Sound just inside and just outside every limit of every shipped profile, measured and judged.

One table: how to make sound for which a quantity reads a wanted number. ``report/test_judging``
does the same with bare numbers, and there also for what no pass over a file gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pytest

from asmrmaster.meters import ASKED_BY, METERS, READINGS, read_curves, run_meters
from asmrmaster.meters.base import Measurement
from asmrmaster.meters.dropouts import Dropouts, Gaps
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.sharpness import measure_sharpness
from asmrmaster.meters.voice import voice_over_bed_db
from asmrmaster.presets import Profile, load, shipped
from asmrmaster.streams.audio import Audio
from tests.judged import found
from tests.signals import Array, noise, sine

RATE = 8_000
"""Nothing that is measured here lies higher, except where the table says so."""
MIDDLES_HZ = (150, 450, 850, 1400, 2200, 3500, 6000, 11_000)
"""A tone in each band of the novelty."""

# --- sound ----------------------------------------------------------------------------------------


def levels(*parts: tuple[float, float], freq_hz: float = 1000, rate: int = RATE) -> Array:
    """A tone in both channels that lasts so many seconds at so many LUFS, part by part."""
    steps = [np.full(round(seconds * rate), 10 ** (lufs / 20)) for seconds, lufs in parts]
    gain = np.concatenate(steps)
    tone = sine(freq_hz, 0, len(gain) / rate, rate)[: len(gain)]
    return np.asarray(tone * gain[:, None])


def inverse(function: Callable[[float], float], value: float, low: float, high: float) -> float:
    """Where a rising function has this value."""
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < value else (low, middle)
    return low


def burst(seconds: float, above_lu: float) -> Array:
    """A minute with a loud passage that stands so far above the programme it adds to."""

    def above(height: float) -> float:
        mean = (60 + seconds * 10 ** (height / 10)) / (60 + seconds)
        return float(height - 10 * np.log10(mean))

    height = inverse(above, above_lu, 0, 30)
    return levels((30, -35), (seconds, -35 + height), (30, -35))


def new_bands(above_lu: float) -> Array:
    """After 30 s a tone in each band rises by so much."""
    tones = [levels((31, -40), (1, -40 + above_lu), (5, -40), freq_hz=hz, rate=32_000)[:, :1]
             for hz in MIDDLES_HZ]  # fmt: skip
    return np.asarray(sum(tones))


def one_in(per_10_min: float, before_s: float, after: Array, quiet: Array) -> Array:
    """Something that happens once in such a time, of which the first seconds do not count."""
    seconds = before_s + 600 / per_10_min
    sound = np.resize(quiet, (round(seconds * RATE), 1))
    sound[20 * RATE :][: len(after)] = after[: len(sound) - 20 * RATE]
    return sound


def new_moments(per_10_min: float) -> Array:
    """A moment 8 LU louder than all."""
    bed = levels((1, -35))[:, :1]
    return one_in(per_10_min, 15, 10 ** (8 / 20) * bed, bed)


def tuned(quantity: str, make: Callable[[float], Array]) -> Callable[[float], Array]:
    """Sound for a reading that rises nearly dB for dB with what is made, and not quite."""

    def wanted(value: float) -> Array:
        made_db = value
        for _ in range(4):
            read_db = measured(quantity, make(made_db), RATE)
            assert read_db is not None
            made_db += value - read_db
        return make(made_db)

    return wanted


def click(height_db: float) -> Array:
    """5 ms of noise that stand so high in noise."""
    sound, at = noise(-40, 60, RATE), 40 * RATE
    burst = noise(-40 + height_db, 0.005, RATE)
    sound[at : at + len(burst)] += burst
    return sound


def beep(height_db: float) -> Array:
    """A tone of 3 kHz that sets in over noise."""
    sound, at = noise(-40, 60, RATE), 40 * RATE
    tone = sine(3000, -40 + height_db, 0.6, RATE)
    sound[at : at + len(tone)] += tone
    return sound


def over_hiss(height_db: float) -> Array:
    """A tone that comes and goes over hiss."""
    hiss, tone = noise(-60, 30, RATE), sine(1000, -60 + height_db, 30, RATE)
    sounding = (np.arange(len(hiss)) % (3 * RATE) < RATE)[:, None]
    return hiss + sounding * tone


def ends(sample_dbfs: float, place: int) -> Array:
    """A tone whose first or last sample has this level."""
    sound = levels((1, -30))
    sound[place] = 10 ** (sample_dbfs / 20)
    return sound


def offset(level_dbfs: float) -> Array:
    return levels((2, -30)) + 10 ** (level_dbfs / 20)


def clipped(count: float) -> Array:
    """A tone with one higher crest, whole or cut off."""
    sound = levels((0.5, -12), freq_hz=200)
    crest = sound[RATE // 10 :][: RATE // 400]
    crest[:] = np.minimum(4 * crest, 0.6 if count else 1.0)
    return sound


def gap(count: float) -> Array:
    sound = noise(-30, 3, RATE, 1)
    sound[RATE : RATE + round(count * 0.02 * RATE)] = 0
    return sound


def leaning(balance_lu: float) -> Array:
    return levels((3, -30)) * [1, 10 ** (-balance_lu / 20)]


def inverted(seconds: float) -> Array:
    """Alike, but for this long; a window counts while three quarters of it are inverted."""
    sound = np.repeat(noise(-30, seconds + 4, RATE, 1), 2, axis=1)
    sound[2 * RATE : round((2.2 + seconds) * RATE), 1] *= -1
    return sound


def out_of_phase(loss_lu: float) -> Array:
    """Two tones whose mean is so much softer: cos² of half the phase between them."""
    time_s = np.arange(3 * RATE) / RATE
    phase = 2 * np.arccos(10 ** (-loss_lu / 20))
    wave = np.sin(2 * np.pi * 1000 * time_s[:, None] + np.array([0, phase]))
    return np.asarray(10 ** (-30 / 20) * wave)


def one_ear(seconds: float, whole_s: float) -> Array:
    sound = levels((whole_s, -30))
    sound[2 * RATE : round((2 + seconds) * RATE), 0] *= 10 ** (-40 / 20)
    return sound


def jumping(jump_db: float) -> Array:
    """One ear falls silent at once; 0.2 s apart windows of 0.4 s hold half or all of the change."""

    def seen(height: float) -> float:
        gone = 10 ** (-height / 10)
        return float(10 * np.log10((1 + gone) / 2 / gone))

    sound = levels((6, -30))
    sound[3 * RATE :, 1] *= 10 ** (-inverse(seen, jump_db, 0, 60) / 20)
    return sound


def rumbling(level_db: float) -> Array:
    share = 10 ** (level_db / 10)
    low = np.sqrt(share / (1 - share)) * levels((10, -30), freq_hz=20)
    return np.asarray(levels((10, -30)) + low)


def humming(count: float) -> Array:
    """Noise with a tone 2 dB below or above what makes it prominent, which is 8 dB."""
    masking_db = -50 + 10 * np.log10(162.2 / (RATE / 2))
    height_db = 8 + (2 if count else -2)
    return noise(-50, 40, RATE, 1) + sine(1000, masking_db + height_db + 3.01, 40, RATE, 1)


def floors(step_lu: float) -> Array:
    """Words with pauses between them, one of which is less quiet."""
    word, pause = (2, -25), (1.5, -65)
    return levels(word, pause, word, pause, word, (1.5, -65 + step_lu), word)


def taps(per_min: float) -> Array:
    """Bursts of 20 ms, evenly spaced."""
    sound = noise(-80, 90, RATE, 1)
    for at in np.arange(0.1, 89, 60 / per_min):
        sound[round(at * RATE) :][: RATE // 50] += noise(-20, 0.02, RATE, 1)
    return sound


def bright(acum: float) -> Array:
    """A tone and a high one: by as much louder as was found to make both together so sharp."""
    high_db = -12 + (acum - 2.55) / 0.0875
    return sine(1000, -30, 2, 32_000, 1) + sine(8000, -30 + high_db, 2, 32_000, 1)


# --- the table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """Makes sound that reads a number; it is tried this far inside and outside of each limit.

    least: the smallest reading there is but 0, where a thing is there or is not.
    """

    make: Callable[[float], Array]
    near: float = 0.1
    rate: int = RATE
    least: float = 0.0


TABLE: dict[str, Row] = {
    "integrated_lufs": Row(lambda v: levels((3, v)), 0.05),
    "true_peak_dbtp": Row(lambda v: sine(997, v, 0.5), 0.05, 48_000),
    "max_short_term_above_programme_lu": Row(partial(burst, 3)),
    "max_momentary_above_programme_lu": Row(partial(burst, 0.4)),
    "loudness_range_lu": Row(lambda v: levels((30, -25 - v), (30, -25))),
    "max_drift_lu": Row(lambda v: levels((120, -30), (60, -30 + v))),
    "late_rise_lu": Row(lambda v: levels((50, -30), (40, -30 + v))),
    "max_level_novelty_lu": Row(lambda v: levels((31, -30), (1, -30 + v), (5, -30))),
    "max_band_novelty_lu": Row(new_bands, rate=32_000),
    "novel_events_per_10_min": Row(new_moments),
    "max_outlier_lu": Row(lambda v: levels((31, -30), (1, -30 + v), (31, -30))),
    "max_impulse_lu": Row(tuned("max_impulse_lu", click), 0.05),
    "max_sudden_stop_lu": Row(lambda v: levels((40, -30), (1, -30 - v), (5, -30))),
    "max_new_tone_lu": Row(tuned("max_new_tone_lu", beep), 0.05, least=7.8),
    "programme_above_noise_db": Row(tuned("programme_above_noise_db", over_hiss), 0.05),
    "cut_in_lu": Row(lambda v: levels((0.4, -30 + v), (20, -30))),
    "intro_above_rest_lu": Row(lambda v: levels((15, -30 + v), (15, -30)), 0.05),
    "fade_out_s": Row(lambda v: levels((20, -30), (v + 0.3, -70)), 0.05),
    "last_400ms_lu": Row(lambda v: levels((20, -30), (0.4, -30 + v)), 0.2),
    "first_sample_dbfs": Row(partial(ends, place=0)),
    "last_sample_dbfs": Row(partial(ends, place=-1)),
    "dc_offset_dbfs": Row(offset),
    "clipped_runs": Row(clipped, 1),
    "dropouts": Row(gap, 1),
    "balance_lu": Row(leaning),
    "negative_correlation_s": Row(inverted, 0.2),
    "mono_loss_lu": Row(out_of_phase),
    "rumble_db": Row(rumbling, 0.2),
    "prominent_tones": Row(humming, 1),
    "floor_step_lu": Row(floors, 0.2),
    "one_ear_run_s": Row(partial(one_ear, whole_s=30), 0.4),
    "one_ear_share_percent": Row(lambda v: one_ear(v * 0.4, 40), 1),
    "side_jump_db": Row(jumping, 0.3),
    "trigger_density_per_min": Row(taps, 2),
    "voice_over_bed_db": Row(lambda v: levels((3, -30)) * [1, 10 ** (-v / 20)]),
    "sharpness_s5_acum": Row(bright, 0.1, 32_000),
}

# --- measuring and judging ------------------------------------------------------------------------


def limits() -> list[tuple[str, str, float, int]]:
    """Profile, criterion, limit and which way is out; limits that profiles share are tried once."""
    seen: dict[tuple[str, float, int], tuple[str, str, float, int]] = {}
    for profile in (load(Profile, name) for name in shipped(Profile)):
        for key, c in profile.criteria.items():
            if c.requirement == "report" or (c.quantity in ASKED_BY and c.quantity not in TABLE):
                continue  # declared or asked for: judged by numbers in test_report_judging
            for bound, outward in ((c.max, 1), (c.min, -1)):
                if bound is not None:
                    one = (profile.id, key, bound + outward * c.tolerance, outward)
                    seen.setdefault((c.quantity, bound, outward), one)
    return list(seen.values())


@cache
def curves() -> dict[str, type]:
    """Which meter gives a curve."""
    tiny = Audio.from_array(noise(-30, 1, RATE), RATE)
    return {name: meter for meter in METERS for name in run_meters(tiny, [meter]).curves}


def measured(quantity: str, samples: Array, rate: int) -> float | None:
    """One quantity of a sound, heard with no more than it needs."""
    audio = Audio.from_array(samples, rate)
    if quantity == "sharpness_s5_acum":
        return measure_sharpness(audio, 50).values[quantity]
    if quantity == "voice_over_bed_db":
        voice, bed = (
            run_meters(Audio.from_array(one[:, None], rate), [KEnergy]) for one in samples.T
        )
        return voice_over_bed_db(voice, bed)
    readings = [one for one in READINGS if quantity in {q.name for q in one.quantities}]
    meters = {one for one in METERS if quantity in {q.name for q in one.quantities}}
    for reading in readings:
        meters |= {KEnergy, *(curves()[name] for name in reading.needs)}
    if Dropouts in readings:
        meters.add(Gaps)
    measured: Measurement = read_curves(run_meters(audio, meters), [Loudness, *readings])
    return measured.values[quantity]


@pytest.mark.parametrize(("profile", "criterion", "edge", "outward"), limits())
def test_sound_on_either_side_of_a_limit(
    profile: str, criterion: str, edge: float, outward: int
) -> None:
    judge = load(Profile, profile)
    c = judge.criteria[criterion]
    row = TABLE[c.quantity]
    states = []
    for side in (-1, 1):
        # A count of 0 has no inside but itself.
        wanted = edge if row.near == 1 and side < 0 else edge + side * outward * row.near
        if 0 < wanted < row.least:
            wanted = 0.0 if side < 0 else row.least
        value = measured(c.quantity, row.make(wanted), row.rate)
        assert value is not None
        assert value == pytest.approx(wanted, abs=row.near), f"made for {wanted}"
        states.append(found({c.quantity: value}, criterion, judge).state)
    assert states == ["pass", "fail" if c.requirement == "required" else "advisory"]


def test_what_is_made_and_what_is_judged_are_the_same() -> None:
    used = {load(Profile, name).criteria[key].quantity for name, key, *_ in limits()}
    assert used == set(TABLE)
