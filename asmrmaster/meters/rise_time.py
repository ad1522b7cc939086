"""Rise time: how many milliseconds something new takes to arrive."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.steps import Steps, step_frames
from asmrmaster.dsp.windows import Windows
from asmrmaster.meters.base import Curve, Event, Measurement, Meter, Quantity, Reading
from asmrmaster.meters.novelty import LEVEL
from asmrmaster.meters.onsets import novel_stretches
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

LEVEL_MS = 5
CELL_MS = 100
BEFORE_MS, SETTLED_MS = 600, 100
"""What was there before a peak: from this long to this long before it."""
LOW, HIGH = 0.1, 0.9
NEARLY = 10 ** (-1 / 10)
"""An event has arrived with the first peak no more than 1 dB below its highest, or the next."""
BATCH_CELLS = 100


class Rises(Meter):
    """The highest peak of every 100 ms and how long the sound took to rise to it.

    The envelope is the RMS of 5 ms, renewed every millisecond, of what changes within a
    millisecond: the variance of each millisecond around its own mean, channels added. Taking the
    mean away is a high-pass within 5 dB of A-weighting from 100 Hz to 12.5 kHz, at the price of two
    sums; a K-weighted envelope would ripple with every low tone, and an A-weighted one costs three
    filters.

    Curves on a grid of about 100 ms (whole steps of whole frames): ``rise_peak_energy``, the mean
    square of the envelope's peak, and ``rise_ms``, the time from its last point below 10 % to its
    last point below 90 % of the way up, in amplitude, from the median of the 600 to 100 ms before
    it. A rise of more than half a second reads less than it took, since its own beginning is part
    of what was before; where nothing rises it reads 600.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = ()

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._step = step_frames(rate)
        self._steps = Steps(channels, self._step)
        self._windows = Windows(1, BATCH_CELLS * CELL_MS, BEFORE_MS + LEVEL_MS - 1, 0)
        self._ones = np.ones(self._step)
        self._parts: list[NDArray[np.float32]] = [np.empty((0, 2), dtype=np.float32)]

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        for steps in self._steps.cut(block):
            sums = np.vecdot(steps, self._ones)
            varying = np.vecdot(steps, steps) - sums * sums / self._step
            energy = np.maximum(varying, 0.0).sum(axis=0) / self._step
            for window in self._windows.feed(energy[:, None]):
                self._parts.append(_rises(window[0]))

    def result(self) -> Measurement:
        """The curves; a last cell that the sound does not fill is left out."""
        for window, count in self._windows.finish():
            self._parts.append(_rises(window[0])[: count // CELL_MS])
        peaks, times = np.concatenate(self._parts).T
        hop_s = CELL_MS * self._step / self.rate
        return Measurement(
            curves={
                "rise_peak_energy": Curve(peaks, hop_s, "mean square"),
                "rise_ms": Curve(times * np.float32(1000 * self._step / self.rate), hop_s, "ms"),
            }
        )


def _rises(energy: Array) -> NDArray[np.float32]:
    """Peak mean square and rise time in steps of each cell, shape (cells, 2).

    energy: mean squares by millisecond, from before the first cell to the end of the last one.
    """
    windows = np.lib.stride_tricks.sliding_window_view(energy, LEVEL_MS)
    level = np.sqrt(windows.mean(axis=1))
    cells = level[BEFORE_MS:].reshape(-1, CELL_MS)
    starts = CELL_MS * np.arange(len(cells))
    ways = np.lib.stride_tricks.sliding_window_view(level, BEFORE_MS + 1)
    ways = ways[starts + cells.argmax(axis=1)]  # from 600 ms before each peak up to it
    peak = ways[:, -1]
    base = np.median(ways[:, : BEFORE_MS - SETTLED_MS + 1 : LEVEL_MS], axis=1)
    low, high = (_last_below(ways, base + share * (peak - base)) for share in (LOW, HIGH))
    rise = np.where((low >= 0) & (peak > base), high - low, BEFORE_MS)
    return np.column_stack([peak**2, rise]).astype(np.float32)


def _last_below(ways: Array, level: Array) -> NDArray[np.intp]:
    """Place of the last point of each way that lies below its level; -1 without one."""
    below = ways < level[:, None]
    last = ways.shape[1] - 1 - below[:, ::-1].argmax(axis=1)
    result: NDArray[Any] = np.where(below.any(axis=1), last, -1)
    return result


class RiseTime(Reading):
    """Rise times of novel events, at the first high peak of each."""

    needs = ("rise_ms", "rise_peak_energy")
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "min_novel_rise_time_ms", "ms", "fastest rise of something new",
            "Shortest time in which the 5 ms envelope rises from 10 to 90 % of the way from its "
            "median of 600 to 100 ms before to the first high peak of a novel event; no value "
            "without novel events. Real taps and real slams read alike.",
            "asmrmaster; after studies of startle (Blumenthal 1988)",
            0,
        ),
    )  # fmt: skip

    @classmethod
    def read(cls, measured: Measurement) -> Measurement:
        """The value, and an event for each novel event, its size the rise time in ms."""
        name = cls.quantities[0].name
        curve, peaks = measured.curves["rise_ms"], measured.curves["rise_peak_energy"].values
        events = []
        if measured.values.get(LEVEL.name) is not None:
            for start_s, end_s in novel_stretches(measured):
                first, last = int(start_s / curve.hop_s), int(end_s / curve.hop_s)
                cells = peaks[first : last + 1]
                if not len(cells):
                    continue
                early = int(np.argmax(cells >= NEARLY * cells.max()))
                at = first + early + int(np.argmax(cells[early : early + 2]))
                peak_s = float(at * curve.hop_s)
                events.append(Event(name, peak_s, peak_s + curve.hop_s, float(curve.values[at])))
        least = min((event.size for event in events), default=None)
        return Measurement({name: least}, events=tuple(events))
