"""Hold true peaks below a ceiling: a look-ahead limiter that leaves everything else alone."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from asmrmaster.dsp.oversample import CELL, CONTEXT, interpolator
from asmrmaster.dsp.smoothing import falling_at_most, sliding_max, staircase_hann
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog, Stage, no_log
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]

_WINDOW = 1 << 17  # frames worked on at a time: large enough for speed, small enough for the cache
_CELLS = _WINDOW // CELL
GUARD_DB = 0.05
"""Peaks above the ceiling are brought this far below it: true-peak meters with other interpolators
read up to about this much more, and the file should pass by theirs too."""
MERGED_S = 0.5
"""Limited moments closer than this are one edit."""
MOST_EDITS = 1000
"""Where there would be more edits than this, moments further apart are taken together too."""


class Limiter(Stage):
    """Look-ahead limiter on the true peak, one gain for all channels, no make-up gain.

    The sound is read at 320 kHz or more in cells of eight samples. A cell whose peak exceeds the
    ceiling asks for its reduction; the gain goes down to it along a raised cosine that ends where
    the cell begins, holds, and comes back at a constant speed in dB. Where nothing asks, the gain
    is exactly 1 and samples pass bit for bit. The file is taken to stand in silence.

    A hold of half a period or more of the lowest tone keeps that tone clean: 10 ms do so from
    50 Hz, 20 ms from 25 Hz.
    """

    name: ClassVar[str] = "limiter"
    title: ClassVar[str] = "True-peak limiter"
    done: ClassVar[str] = "peaks limited"

    ceiling_dbtp: Annotated[
        float, Field(ge=-40, le=0, description="true peak that is not exceeded")
    ] = -1.0
    lookahead_ms: Annotated[
        float, Field(ge=0.5, le=20, description="time the gain takes to go down, before a peak")
    ] = 2.0
    hold_ms: Annotated[
        float, Field(ge=1, le=100, description="time the gain stays down after a peak")
    ] = 10.0
    release_db_per_s: Annotated[
        float, Field(ge=10, le=1000, description="speed at which the gain comes back")
    ] = 200.0

    def stream(self, audio: Audio, log: EditLog = no_log) -> Audio:
        return Audio(audio.rate, audio.channels, audio.frames, lambda: self._blocks(audio, log))

    def _blocks(self, audio: Audio, log: EditLog) -> Iterator[Block]:
        gain = _Gain(self, audio.rate)
        windows = Windows(audio.channels, _WINDOW, CONTEXT, gain.after)
        for block in audio.open():
            for window in windows.feed(block):
                yield gain.applied(window)
        for window, count in windows.finish():
            yield gain.applied(window)[:count]
        for start, end, deepest_db, cells in gain.activity.spans:
            log(
                Edit(
                    stage=self.name,
                    start_s=start * CELL / audio.rate,
                    end_s=min(end * CELL, audio.frames) / audio.rate,
                    amount_db=-deepest_db,
                    reason=f"peaks held at {self.ceiling_dbtp:.1f} dBTP",
                    evidence=(("limited_s", cells * CELL / audio.rate),),
                )
            )


class _Gain:
    """The gain as it runs: decided for cells of eight samples, smoothed to samples.

    A window is decided from a look-ahead before it, because the smoothing reaches back that far;
    so a sound may begin at full level, and what the last window left is decided once more, alike.
    """

    def __init__(self, limiter: Limiter, rate: int) -> None:
        cells_per_s = rate / CELL
        self._ceiling = 10 ** (limiter.ceiling_dbtp / 20)
        self._interpolator = interpolator(rate)
        self._lookahead = max(1, ceil(limiter.lookahead_ms / 1000 * cells_per_s))
        self._hold = max(1, ceil(limiter.hold_ms / 1000 * cells_per_s))
        self._release_db = limiter.release_db_per_s / cells_per_s
        self._smooth = staircase_hann(self._lookahead, CELL)
        self.after = -(-self._lookahead * CELL // CONTEXT) * CONTEXT + CONTEXT
        self._asked = np.zeros(self._hold + self._lookahead)  # by the cells before the window, dB
        self._reduction_db = 0.0  # of the cell before those to be decided
        self._window = 0
        self.activity = _Activity(cells_per_s, self._lookahead)

    def applied(self, window: NDArray[np.float64]) -> Block:
        """The limited frames of one window, shape (_WINDOW, channels)."""
        out = window[:, CONTEXT : CONTEXT + _WINDOW].copy()
        asked = np.concatenate([self._asked, self._ask(window)])
        self._asked = asked[_CELLS : _CELLS + len(self._asked)]
        if self._reduction_db or asked.any():
            needed = sliding_max(asked, self._hold + self._lookahead + 1)
            reduction = falling_at_most(needed, self._release_db, self._reduction_db)
            self._reduction_db = float(reduction[_CELLS - 1])
            self._lower(out, reduction)
            self.activity.add(self._window * _CELLS, reduction[self._lookahead :])
        self._window += 1
        return out.T

    def _ask(self, window: NDArray[np.float64]) -> Array:
        """Reduction each cell asks for, in dB, to the end of the look-ahead."""
        asked = np.zeros(_CELLS + self._lookahead)
        loudest = max(window.max(), -window.min())
        if loudest * self._interpolator.samples_to_any > self._ceiling:
            channels = self._interpolator.cell_peaks(window.astype(np.float32), self._ceiling)
            peaks = channels.max(axis=0)[: len(asked)]
            over = np.flatnonzero(peaks > self._ceiling)
            asked[over] = GUARD_DB + 20 * np.log10(peaks[over].astype(np.float64) / self._ceiling)
        return asked

    def _lower(self, out: Array, reduction_db: Array) -> None:
        """Apply these reductions, from a look-ahead before the window on, to the window."""
        acting = np.flatnonzero(reduction_db)
        if not acting.size:
            return
        depth = -np.expm1(reduction_db * (-np.log(10) / 20))  # 1 − gain: exactly 0 where idle
        first = max(0, int(acting[0]) - self._lookahead)
        last = min(_CELLS, int(acting[-1]) + 1)
        spans = np.lib.stride_tricks.sliding_window_view(depth, self._lookahead + 1)[first:last]
        out[:, first * CELL : last * CELL] *= 1 - (spans @ self._smooth).reshape(-1)


class _Activity:
    """When the limiter acted: spans of (first cell, end cell, deepest dB, cells limited)."""

    def __init__(self, cells_per_s: float, tail: int) -> None:
        self._gap, self._tail = MERGED_S * cells_per_s, tail
        self.spans: list[tuple[int, int, float, int]] = []

    def add(self, first_cell: int, reduction_db: NDArray[np.floating[Any]]) -> None:
        """Note the reductions of cells from ``first_cell`` on."""
        acting = np.flatnonzero(reduction_db)
        if not acting.size:
            return
        for run in np.split(acting, np.flatnonzero(np.diff(acting) > self._gap) + 1):
            start, end = int(run[0]) + first_cell, int(run[-1]) + first_cell + 1 + self._tail
            self._join(start, end, float(reduction_db[run].max()), len(run))
        while len(self.spans) > MOST_EDITS:
            self._gap *= 2
            spans, self.spans = self.spans, []
            for span in spans:
                self._join(*span)

    def _join(self, start: int, end: int, deepest_db: float, cells: int) -> None:
        if self.spans and start - self.spans[-1][1] <= self._gap:
            before = self.spans.pop()
            start, deepest_db = before[0], max(deepest_db, before[2])
            cells += before[3]
        self.spans.append((start, end, deepest_db, cells))
