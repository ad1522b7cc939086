"""Hum: the mains and its harmonics, found in the take and notched as deep as they stand out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from asmrmaster.dsp.autoregression import hann
from asmrmaster.dsp.filters import Filter, Sos, bell
from asmrmaster.dsp.level import db
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog
from asmrmaster.stages.repair import Measured
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]

MAINS_HZ = (50.0, 60.0)
WANDER = 0.004
"""How far the mains may be off, as a share: 0.2 Hz of 50."""
AGREED_HZ = 0.03, 0.15
"""How far a line may be off its multiple of the surest one: per multiple, and by measurement."""
LOW_MULTIPLE = 4
"""One line this low must be sure: bells and alarms have their lowest partials higher."""
WINDOW_S = 4.0
LEAST_WINDOWS, MOST_WINDOWS = 3, 120
"""Windows that are needed, and windows looked at, spread over the take."""
PRESENT = 25
"""Percentile over the windows: a hum is there nearly all the time, a voice is not."""
HIGHEST_HZ = 1000.0
AROUND_HZ = (1.5, 8.0)
"""The usual level beside a line is the median between these distances."""
SURE_DB, LEAST_DB = 15.0, 8.0
"""The strongest line must stand out this far for there to be a hum; then each one this far."""
WIDTH_HZ, WIDTH_SHARE = 3.0, 0.004
"""Width of a notch where it cuts 3 dB: this much, and this share of its frequency for its drift."""


class HumLine(NamedTuple):
    """One tone of a hum: where it is, its level, and how far it stands out of what is beside it."""

    freq_hz: Annotated[float, Field(ge=20, le=20_000)]
    level_dbfs: float
    excess_db: Annotated[float, Field(ge=0)]


class Hum(Measured):
    """Narrow notches where the mains hums, the same for every channel; elsewhere nothing."""

    name: ClassVar[str] = "hum"
    title: ClassVar[str] = "Remove hum"
    done: ClassVar[str] = "hum removed"
    changes_balance: ClassVar[bool] = True

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lines": [[50, -60, 20], [100, -66, 12.5]], "protect": [[0.1, 0.2]]}]
        }
    )

    lines: Annotated[
        tuple[HumLine, ...] | None,
        Field(description="tones to notch: Hz, dBFS, dB above their surroundings; none: measure"),
    ] = None
    max_depth_db: Annotated[float, Field(ge=3, le=60, description="deepest a notch may be")] = 36.0

    def fitted(self, audio: Audio) -> Self:
        """This stage with the lines of this take."""
        if self.lines is not None:
            return self
        return self.model_copy(update={"lines": find_hum(audio)})

    def apply(self, audio: Audio, log: EditLog) -> Audio:
        """The sound without its hum."""
        lines = [line for line in self.lines or () if line.freq_hz < 0.45 * audio.rate]
        if not lines or self.taken_back(None, 0):
            return audio
        sos = np.concatenate([self._notch(line, audio.rate) for line in lines])

        def blocks() -> Iterator[Block]:
            log(self._edit(audio, lines))
            run, start = Filter(sos, audio.channels), 0
            for block in audio.open():
                wet = run(block)
                share = self.share(start, len(block), audio.rate)
                yield wet if share is None else (block.T + share * (wet - block).T).T
                start += len(block)

        return Audio(audio.rate, audio.channels, audio.frames, blocks)

    def _notch(self, line: HumLine, rate_hz: int) -> Sos:
        """A dip as deep as the line stands out."""
        depth_db = min(line.excess_db, self.max_depth_db)
        width_hz = WIDTH_HZ + WIDTH_SHARE * line.freq_hz
        # The denominator of a cut by g dB is 10^(g/40) times as wide as its nominal width.
        q = line.freq_hz / width_hz * 10 ** (depth_db / 40)
        return bell(line.freq_hz, -depth_db, q, rate_hz)

    def _edit(self, audio: Audio, lines: list[HumLine]) -> Edit:
        deepest_db = min(self.max_depth_db, max(line.excess_db for line in lines))
        return Edit(
            self.name,
            0.0,
            audio.duration_s,
            -deepest_db,
            f"mains hum notched at {', '.join(f'{line.freq_hz:.1f} Hz' for line in lines)}",
            evidence=tuple((f"{line.freq_hz:.2f}_hz_dbfs", line.level_dbfs) for line in lines),
            first_frame=0,
        )


def find_hum(audio: Audio) -> tuple[HumLine, ...]:
    """The tones of a mains hum in a take, lowest first; none where there is no hum.

    The level of a line is that of a sine (0 dBFS for full scale), over all channels. In less than
    12 s nothing can be said to be there all the time. Reads the take once.
    """
    size = round(WINDOW_S * audio.rate)
    step = max(1, -(-(audio.frames // size) // MOST_WINDOWS))
    bins = int(min(HIGHEST_HZ + AROUND_HZ[1], 0.45 * audio.rate) * WINDOW_S)
    spectra: list[NDArray[np.float32]] = []
    windows, number = Windows(audio.channels, size, 0, 0), 0
    for block in audio.open():
        for window in windows.feed(block):
            if number % step == 0:
                spectrum = np.fft.rfft(window * hann(size), axis=1)[:, :bins]
                energy = np.mean(spectrum.real**2 + spectrum.imag**2, axis=0)
                spectra.append(energy.astype(np.float32))
            number += 1
    if len(spectra) < LEAST_WINDOWS:
        return ()
    present = np.percentile(spectra, PRESENT, axis=0).astype(np.float64)
    # A Hann window turns a sine of amplitude A into a bin of A · size / 4.
    level_db = db(present * (4 / size) ** 2)
    families = (_family(level_db, mains_hz) for mains_hz in MAINS_HZ)
    return max(families, key=lambda lines: sum(line.excess_db for line in lines))


def _family(level_db: Array, mains_hz: float) -> tuple[HumLine, ...]:
    """The lines near the multiples of one mains frequency that agree with one another."""
    last = int((len(level_db) / WINDOW_S - AROUND_HZ[1]) / mains_hz / (1 + WANDER))
    found = {k: line for k in range(1, last + 1) if (line := _line(level_db, k * mains_hz))}
    sure = [k for k, line in found.items() if line.excess_db >= SURE_DB and k <= LOW_MULTIPLE]
    if not sure:
        return ()
    surest = max(sure, key=lambda k: found[k].excess_db)
    base_hz = found[surest].freq_hz / surest
    return tuple(
        line
        for k, line in found.items()
        if abs(line.freq_hz - k * base_hz) <= AGREED_HZ[0] * k + AGREED_HZ[1]
    )


def _line(level_db: Array, near_hz: float) -> HumLine | None:
    """The tone at the largest bin about this frequency, None where nothing stands out."""
    low, high = (round(near_hz * (1 + side * WANDER) * WINDOW_S) for side in (-1, 1))
    peak = low + int(np.argmax(level_db[low : high + 1]))
    near, far = (round(hz * WINDOW_S) for hz in AROUND_HZ)
    below, above = level_db[peak - far : peak - near], level_db[peak + near + 1 : peak + far + 1]
    excess_db = float(level_db[peak] - np.median(np.concatenate([below, above])))
    before, at, after = level_db[peak - 1 : peak + 2].tolist()
    if excess_db < LEAST_DB or not before < at >= after:
        return None
    off = 0.5 * (before - after) / (before - 2 * at + after)  # top of the parabola through three
    return HumLine((peak + off) / WINDOW_S, at - 0.25 * (before - after) * off, excess_db)
