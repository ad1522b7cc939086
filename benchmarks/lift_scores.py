"""How near a sound is to the bed that was there before an event was mixed in.

All figures compare a candidate with the clean bed around the event; 0.5 s before to 1 s after it
unless said otherwise. Distance alone praises what still rings, and two draws of one texture are
3 dB apart: read it together with what is left of the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from asmrmaster.dsp.level import loudness, moving_mean
from asmrmaster.dsp.lift_bands import Grid
from benchmarks.lift_mixes import Mix
from benchmarks.material import Array, energy

BEFORE_S, AFTER_S, AROUND_S = 0.5, 1.0, 6.0
FLOOR = 1e-6
"""Levels are told apart down to 60 dB below the bed's median."""
STOOD_DB, HEARD_DB = 6.0, -4.0


@dataclass(frozen=True)
class Score:
    """Figures of one candidate, by name in ``TITLES``."""

    lsd_db: float
    core_db: float
    si_sdr_db: float
    level_lu: float
    hole_db: float
    before_db: float
    sone: float
    ild_db: float
    itd_us: float
    elsewhere_db: float


TITLES = {
    "lsd_db": "distance, dB",
    "core_db": "in the event",
    "si_sdr_db": "SI-SDR, dB",
    "level_lu": "level off, LU",
    "hole_db": "hole, dB",
    "before_db": "50 ms before, dB",
    "sone": "sone / bed's",
    "ild_db": "ILD error, dB",
    "itd_us": "ITD error, µs",
    "elsewhere_db": "elsewhere, dB",
}


def score(candidate: Array, mix: Mix) -> Score:
    """All figures of a candidate of the bed's shape and level; of the 6 s on either side of it."""
    rate = mix.rate
    first_s = float(max(0, int(mix.span_s[0] - AROUND_S)))
    cut = slice(round(first_s * rate), round((mix.span_s[1] + AROUND_S) * rate))
    mix = replace(
        mix,
        bed=mix.bed[cut],
        event=mix.event[cut],
        span_s=(mix.span_s[0] - first_s, mix.span_s[1] - first_s),
    )
    candidate, bed = candidate[cut], mix.bed
    start, stop = mix.span_s
    wide = _span(start - BEFORE_S, stop + AFTER_S, mix)
    core = _span(start, stop, mix)
    before = _span(start - 0.05, start, mix)
    grid = Grid.of(rate)
    distance = _distance(candidate, bed, grid)
    at = np.arange(len(distance)) * grid.hop + grid.size / 2
    near = (at >= wide.start) & (at < wide.stop)
    inside = (at >= core.start) & (at < core.stop)
    far = (at < wide.start - 2 * rate) | (at >= wide.stop + 2 * rate)
    there, was = candidate[core], bed[core]
    levels = _levels(candidate, rate), _levels(bed, rate)
    hops = slice(
        core.start * 100 // rate, max(core.start * 100 // rate + 1, core.stop * 100 // rate)
    )
    tenths = [moving_mean(10 ** (x / 10), 10) for x in levels]
    loud = [10 * np.log10(x + 1e-20) for x in tenths]
    hole = (loud[0] - loud[1])[max(0, hops.start - 50) : hops.stop + 100]
    audible = loud[1][max(0, hops.start - 50) : hops.stop + 100] > np.median(loud[1]) - 20
    return Score(
        float(distance[near].mean()),
        float(distance[inside].mean()) if inside.any() else float(distance[near].mean()),
        si_sdr_db(candidate[wide], bed[wide]),
        float(loudness(_mean_power(there, rate)) - loudness(_mean_power(was, rate))),
        float(hole[audible].min(initial=0.0)) if audible.any() else 0.0,
        _short_db(candidate[before], bed[before], rate),
        _sones(candidate[wide], rate) / max(_sones(bed[wide], rate), 1e-12),
        *_image(there, was, rate),
        float(distance[far].mean()) if far.any() else 0.0,
    )


def si_sdr_db(candidate: Array, bed: Array) -> float:
    """Scale-invariant signal-to-distortion ratio (J. Le Roux and others, ICASSP 2019)."""
    x, s = candidate.ravel(), bed.ravel()
    target = s * float(x @ s) / max(float(s @ s), 1e-30)
    return float(
        10 * np.log10(float(target @ target) / max(float(np.sum((x - target) ** 2)), 1e-30))
    )


def left_db(left: Array, mix: Mix) -> tuple[float, float]:
    """What a mask leaves of the event alone: median against the bed, and the share still heard.

    left: the event alone after the mask. Over the cells of bands and frames where the event stood
    more than 6 dB above the bed; heard is what stays above −4 dB of it.
    """
    grid = Grid.of(mix.rate)
    event, bed, now = (grid.levels(x)[0].astype(np.float64) for x in (mix.event, mix.bed, left))
    floor = FLOOR * float(np.median(bed.sum(axis=1))) + 1e-20
    cells = event > (bed + floor) * 10 ** (STOOD_DB / 10)
    if not cells.any():
        return -99.0, 0.0
    apart = 10 * np.log10((now[cells] + 1e-12 * floor) / (bed[cells] + floor))
    return float(np.median(apart)), float(np.mean(apart > HEARD_DB))


def _span(start_s: float, stop_s: float, mix: Mix) -> slice:
    frames = len(mix.bed)
    return slice(max(0, round(start_s * mix.rate)), min(frames, round(stop_s * mix.rate)))


def _distance(candidate: Array, bed: Array, grid: Grid) -> Array:
    """Root mean square over 48 bands and all channels of the difference in dB, per frame."""
    was, now = (grid.levels(x)[1].astype(np.float64) for x in (bed, candidate))
    floor = FLOOR * np.median(was.sum(axis=(1, 2))) + 1e-20
    apart = 10 * np.log10((now + floor) / (was + floor))
    result: Array = np.sqrt(np.mean(apart**2, axis=(1, 2)))
    return result


def _levels(samples: Array, rate: int) -> Array:
    """K-weighted level in dB on the 10 ms grid."""
    result: Array = 10 * np.log10(energy(samples, rate) + 1e-20)
    return result


def _mean_power(samples: Array, rate: int) -> float:
    """K-weighted; short ones are put into silence, which energies add up over."""
    if len(samples) < rate // 50:
        return 1e-20
    return float(energy(samples, rate).mean())


def _short_db(candidate: Array, bed: Array, rate: int) -> float:
    if len(bed) < rate // 50:
        return 0.0
    return float(10 * np.log10((np.mean(candidate**2) + 1e-20) / (np.mean(bed**2) + 1e-20)))


def _sones(samples: Array, rate: int) -> float:
    """Loudest moment after Stevens' power law over 48 bands: power to 0.3, bands added."""
    grid = Grid.of(rate)
    power = grid.levels(samples)[0]
    if not len(power):
        return 0.0
    return float(np.sum(power**0.3, axis=1).max())


def _image(candidate: Array, bed: Array, rate: int) -> tuple[float, float]:
    """Error of the interaural level in dB, and of the time in µs; 0 for mono."""
    if bed.shape[1] != 2 or len(bed) < rate // 20:
        return 0.0, 0.0
    sides = [10 * np.log10(np.mean(x**2, axis=0) + 1e-20) for x in (candidate, bed)]
    ild = abs(float((sides[0][0] - sides[0][1]) - (sides[1][0] - sides[1][1])))
    return ild, abs(_delay_us(candidate, rate) - _delay_us(bed, rate))


def _delay_us(samples: Array, rate: int) -> float:
    """Lag of the interaural cross-correlation's maximum within ±1 ms, to a fraction of a sample."""
    size = 1 << (2 * len(samples) - 1).bit_length()
    left, right = (np.fft.rfft(x, size) for x in samples.T)
    reach = round(0.001 * rate)
    lags = np.fft.irfft(left * right.conj(), size)
    near = np.concatenate([lags[-reach:], lags[: reach + 1]])
    k = int(np.argmax(near))
    if 0 < k < len(near) - 1:
        a, b, c = near[k - 1 : k + 2]
        bend = a - 2 * b + c
        shift = 0.5 * (a - c) / bend if abs(bend) > 1e-30 else 0.0
    else:
        shift = 0.0
    return float((k + shift - reach) / rate * 1e6)
