"""Dips in a band of the spectrum, only while it is in excess, the same for all channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from asmrmaster.dsp.level import db
from asmrmaster.dsp.stft import Spectra, mean_squares
from asmrmaster.stages.base import Edit, EditLog
from asmrmaster.stages.repair import RAMP_S, Repair
from asmrmaster.streams.audio import Audio

Array = NDArray[np.float64]

SLOPE = 0.08
"""A dip fades out over this share of a band's edges, outside of it."""
SMOOTHING = np.array([0.25, 0.5, 0.25])
WIDEN = 1
"""Frames a dip is deep before and after it has to be, so that smoothing cannot make it shallow."""


@dataclass(frozen=True)
class Band:
    """Where a dip works: low_hz to high_hz. what: the excess in a few plain words."""

    what: str
    low_hz: float
    high_hz: float

    def bins(self, size: int, rate_hz: int) -> Array:
        """Depth of the dip per bin, 0 … 1."""
        freq = np.arange(size // 2 + 1) * rate_hz / size
        knees = (self.low_hz * (1 - SLOPE), self.low_hz, self.high_hz, self.high_hz * (1 + SLOPE))
        result: Array = np.interp(freq, knees, (0, 1, 1, 0))
        return result


Need = Callable[[Array, Array], Array]
"""From the levels of the next frames in dB, per band, shape (frames, bands), and of all, shape
(frames,): how many dB each band is in excess, shape (frames, bands). Called in order, every frame
once; may remember."""


class DipMask:
    """A mask (``stages.masked``) that takes away what a band has in excess, and logs each dip."""

    before = after = WIDEN + len(SMOOTHING) // 2

    def __init__(
        self,
        repair: Repair,
        bands: tuple[Band, ...],
        need: Need,
        size: int,
        audio: Audio,
        log: EditLog,
    ) -> None:
        self._repair, self._bands, self._need, self._log = repair, bands, need, log
        self._size, self._rate, self._end = size, audio.rate, audio.frames
        self._depth = np.array([band.bins(size, audio.rate) for band in bands])
        self._share = (self._depth == 1).astype(np.float64).T
        self._excess = np.zeros((0, len(bands)))  # excess per frame, from frame _base on
        self._base = 0
        self._last = np.zeros(len(bands))  # reduction of the last frame decided on
        self._decided: int | None = None  # its number
        self._open: tuple[int, bool] | None = None  # first frame of the running dip, and if made
        self._deepest = np.zeros(len(bands))

    def __call__(self, frames: Spectra, first: int) -> Array | None:
        self._hear(frames, first - self.before)
        count = frames.shape[1] - self.before - self.after
        part = self._excess[first - self.before - self._base :][: count + 2 * self.before]
        widest = sliding_window_view(part, 2 * WIDEN + 1, axis=0).max(axis=2)
        smooth: Array = sliding_window_view(widest, len(SMOOTHING), axis=0) @ SMOOTHING
        reduction = smooth.copy()
        again = 0 if self._decided is None else self._decided - first + 1
        reduction[:again] = self._last
        self._keep(reduction[again:], first + again)
        self._decided, self._last = first + count - 1, reduction[-1].copy()
        self._excess = self._excess[first + count - 1 - self.before - self._base :]
        self._base = first + count - 1 - self.before
        if not reduction.any():
            return None
        depth_db = (reduction[:, :, None] * self._depth).max(axis=1)
        removed: Array = 1 - 10 ** (-depth_db / 20)
        return removed

    def finish(self) -> None:
        """End the dip that still runs at the end of the sound."""
        if self._decided is not None:
            self._close(self._decided)

    def _hear(self, frames: Spectra, start: int) -> None:
        """Excess of the frames not measured yet; none in what must not be touched."""
        if not len(self._excess):
            self._base = start
        known = self._base + len(self._excess) - start
        power = mean_squares(frames[:, known:], self._size)
        excess = self._need(db(power @ self._share), db(power.sum(axis=1)))
        at = (np.arange(len(excess)) + start + known) * (self._size // 2)
        ramp = RAMP_S * self._rate
        for low, high in self._repair.protected(self._rate):
            excess[(at < high + ramp) & (at + self._size > low - ramp)] = 0
        self._excess = np.concatenate([self._excess, excess])

    def _keep(self, reduction: Array, first: int) -> None:
        """Follow the dips through the next frames; those taken back are set to nothing."""
        active = reduction.max(axis=1, initial=0.0) > 0
        changes = np.flatnonzero(np.diff(np.concatenate([[self._open is not None], active])))
        for start, end in pairwise([0, *changes.tolist(), len(active)]):
            if start == end:
                continue
            if not active[start]:
                self._close(first + start - 1)
                continue
            if self._open is None:
                frame = max(0, first + start) * (self._size // 2)
                self._open = frame, not self._repair.taken_back(None, frame)
            if not self._open[1]:
                reduction[start:end] = 0
            self._deepest = np.maximum(self._deepest, reduction[start:end].max(axis=0))

    def _close(self, last: int) -> None:
        """Log the dip that ends with this frame."""
        if self._open is None:
            return
        (start, made), deepest = self._open, self._deepest
        self._open, self._deepest = None, np.zeros_like(deepest)
        if not made:
            return
        named = [(band, float(depth)) for band, depth in zip(self._bands, deepest, strict=True)]
        self._log(
            Edit(
                self._repair.name,
                start / self._rate,
                min((last + 2) * (self._size // 2), self._end) / self._rate,
                -float(deepest.max()),
                " and ".join(band.what for band, depth in named if depth > 0) + " lowered",
                evidence=tuple(
                    (f"{band.low_hz:g}_to_{band.high_hz:g}_hz_db", -depth)
                    for band, depth in named
                    if depth > 0
                ),
                first_frame=start,
            )
        )
