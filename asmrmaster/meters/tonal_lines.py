"""Tones: whine and hum that never stop."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.filters import a_weighting_power
from asmrmaster.dsp.fourier import rfft
from asmrmaster.dsp.level import Hops, channel_weights
from asmrmaster.dsp.prominence import (
    HIGHEST_HZ,
    LOBE,
    LOWEST_HZ,
    critical_band,
    pr_criterion_db,
    prominence_ratio_db,
    tnr_criterion_db,
    tone_to_noise_db,
)
from asmrmaster.meters.base import Measurement, Meter, Quantity
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

EVERY_S = 5
"""One second of this many is looked at."""
TOGETHER = 2
"""So many are transformed at once: four rows, as stereo then has, take little longer than one."""
LEAST_FRAMES = 8
TOP_HZ = 20_000.0
HIGH_SIDE_HZ = 300.0
"""Above the range of the standard noise is taken from this far on either side: codecs and
converters cut off there, and a critical band would reach beyond."""
NEAR, STANDS_OUT = 20, 4.0
"""In each second a tone's lobe is 6 dB above the mean of the lines up to 20 Hz beside it …"""
LASTING = 0.8
"""… in this share of them."""
AUDIBLE_DB = -50.0
"""A tone this far below the A-weighted mean of all is not counted."""
SILENT = 1e-10
"""Seconds below −100 dBFS are not looked at."""


class TonalLines(Meter):
    """Lines of the spectrum that stand out of their surroundings most of the time.

    One second in five is looked at, with lines 1 Hz apart, channels added as in BS.1770. What is
    averaged is the level in dB, so that a whine heard in every pause is not masked by the taps in
    between; this reads noise 0.4 to 0.8 dB low.

    A lasting line is prominent if its tone-to-noise or its prominence ratio reaches the criterion
    of ECMA-418-1, from 89.1 Hz to 11.2 kHz; from there to 20 kHz, where the standard has none, if
    its tone-to-noise ratio reaches the same 8 dB. The standard asks a listener to confirm.
    """

    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "prominent_tones", "", "lasting tones",
            "Tones between 89 Hz and 20 kHz that stand out in four fifths of the time, are no more "
            "than 50 dB quieter than all, and are prominent; not for sound shorter than 36 s.",
            "ECMA-418-1 (2024) clauses 11 and 12; above 11.2 kHz asmrmaster",
            0,
        ),
        Quantity(
            "strongest_tone_hz", "Hz", "frequency of the strongest lasting tone",
            "Frequency of the prominent tone with the largest tone-to-noise ratio; none without "
            "one.",
            "ECMA-418-1 (2024) clause 11",
            0,
        ),
        Quantity(
            "strongest_tone_above_noise_db", "dB", "strongest lasting tone above its noise",
            "Largest tone-to-noise ratio of the prominent tones; none without one.",
            "ECMA-418-1 (2024) clause 11",
        ),
    )  # fmt: skip

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._seconds = Hops(rate, channels, 1.0)
        self._second = 0
        self._waiting: list[NDArray[np.float32]] = []  # seconds to be looked at, windowed
        window = np.sqrt(channel_weights(channels))[:, None] * np.hanning(rate + 1)[:-1]
        self._window = (window * np.sqrt(16 / 3) / rate).astype(np.float32)
        self._lines = min(int(TOP_HZ) + NEAR, rate // 2) + 1
        self._a_weights = a_weighting_power(np.arange(self._lines, dtype=np.float64))
        self._frames = 0
        self._level = np.zeros(self._lines)
        self._standing_out = np.zeros(self._lines, dtype=np.int64)
        self._energy = 0.0

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._seconds.cut(block.T)
        for start, stop in pairwise(edges):
            if self._second % EVERY_S == 0:
                second = samples[:, start:stop]
                self._waiting.append(np.multiply(second, self._window, dtype=np.float32))
            self._second += 1
            if len(self._waiting) == TOGETHER:
                self._look()

    def result(self) -> Measurement:
        """The values; those of the strongest tone are None without one."""
        self._look()
        values: dict[str, float | None] = {quantity.name: None for quantity in self.quantities}
        if self._frames < LEAST_FRAMES:
            return Measurement(values)
        power = np.exp(self._level / self._frames) / (2 * LOBE + 1)
        lasting = self._standing_out >= LASTING * self._frames
        audible = self._energy / self._frames * 10 ** (AUDIBLE_DB / 10)
        found = prominent_tones(power, lasting, audible)
        values["prominent_tones"] = len(found)
        if found:
            above, at = max((above, at) for at, above in found)
            values["strongest_tone_hz"] = at
            values["strongest_tone_above_noise_db"] = above
        return Measurement(values)

    def _look(self) -> None:
        """Take in the waiting seconds."""
        if not self._waiting:
            return
        spectra = rfft(np.stack(self._waiting))[..., : self._lines]
        self._waiting.clear()
        for spectrum in spectra:
            parts = np.ascontiguousarray(spectrum).view(np.float32)  # real, imaginary in turns
            parts = np.square(parts, out=parts).sum(axis=0)
            self._take(parts[::2] + parts[1::2])

    def _take(self, power: NDArray[np.float32]) -> None:
        """Take in the spectrum of one second, shape (lines,)."""
        energy = float((power * self._a_weights).sum())
        if energy < SILENT:
            return
        count = len(power)
        sums = np.zeros(count + 2 * NEAR + 1)
        np.cumsum(power, out=sums[NEAR + 1 : NEAR + 1 + count], dtype=np.float64)
        sums[NEAR + 1 + count :] = sums[NEAR + count]
        lobe = sums[NEAR + LOBE + 1 :][:count] - sums[NEAR - LOBE :][:count]
        near = sums[2 * NEAR + 1 :][:count] - sums[:count] - lobe
        width = 2 * LOBE + 1
        out = lobe > STANDS_OUT * width / (2 * NEAR + 1 - width) * near
        self._standing_out += out
        self._level += np.log(np.maximum(lobe, 1e-20))
        self._energy += energy
        self._frames += 1


def prominent_tones(
    density: Array, lasting: NDArray[np.bool_], audible: float
) -> list[tuple[int, float]]:
    """Frequency in Hz and tone-to-noise ratio in dB of each lasting tone that is prominent.

    density: mean power of each line and its two neighbours on either side, lines 1 Hz apart from
    0 Hz on; lasting: which of them stand out; both of shape (lines,). audible: least power.
    """
    lines = np.flatnonzero(lasting)
    runs = np.split(lines, np.flatnonzero(np.diff(lines) > 2 * LOBE) + 1) if len(lines) else []
    around = np.convolve(lasting, np.ones(4 * LOBE + 1), mode="same") > 0
    found = []
    for run in runs:
        peak = round(float(np.average(run, weights=density[run])))
        lobe = float(density[peak]) * (2 * LOBE + 1)
        if not LOWEST_HZ <= peak <= TOP_HZ or lobe < audible:
            continue
        high = peak > HIGHEST_HZ
        sides = (peak - HIGH_SIDE_HZ, peak + HIGH_SIDE_HZ) if high else critical_band(peak)
        first, last = (round(side) for side in sides)
        noise = density[first : last + 1][~around[first : last + 1]]
        if not len(noise):
            continue
        above = tone_to_noise_db(lobe, float(noise.mean()), min(peak, HIGHEST_HZ))
        if above >= tnr_criterion_db(peak) or (
            not high and prominence_ratio_db(density, peak) >= pr_criterion_db(peak)
        ):
            found.append((peak, above))
    return found
