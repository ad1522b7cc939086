"""How far the waveform reaches: sample peak and true peak."""

from __future__ import annotations

from math import log10

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import Hops
from asmrmaster.dsp.oversample import CELL, CONTEXT, interpolator
from asmrmaster.dsp.windows import Windows
from asmrmaster.meters.base import HOP_S, Curve, Event, Measurement, Meter, Quantity
from asmrmaster.streams.audio import Block
from asmrmaster.streams.curves import Store

_WINDOW = 1 << 16  # frames read at a time: large enough for speed, small enough for the cache


class Peaks(Meter):
    """Sample peak, true peak and where it lies; curve ``peak``: largest sample of each hop.

    The file is taken to stand in silence: before its first and after its last sample there are
    zeros, so a sound cut off at full level rings as it would when played. Only stretches that can
    hold a higher peak than the highest so far are oversampled; that changes nothing, because the
    bound is exact.
    """

    quantities = (
        Quantity(
            "sample_peak_dbfs",
            "dBFS",
            "sample peak",
            "Largest absolute sample of any channel; full scale is 0.",
            "AES17-2020, 3.12",
            2,
        ),
        Quantity(
            "true_peak_dbtp",
            "dBTP",
            "true peak",
            "Largest absolute value of any channel at four or more times the sampling rate and at"
            " least 320 kHz, estimating the analogue waveform between the samples.",
            "ITU-R BS.1770-5, Annex 2",
            2,
        ),
    )

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._interpolator = interpolator(rate)
        self._windows = Windows(channels, _WINDOW, CONTEXT, CONTEXT, np.float32)
        self._window = 0
        self._true = self._sample = 0.0
        self._channel = self._frame = 0  # where the true peak lies
        self._hops = Hops(rate, channels)
        self._curve = Store(1)

    def add(self, block: Block) -> None:
        if not len(block):
            return
        whole, edges = self._hops.cut(block.T)
        if len(edges) > 1:
            highest = np.maximum.reduceat(whole, edges[:-1], axis=1).max(axis=0)
            lowest = np.minimum.reduceat(whole, edges[:-1], axis=1).min(axis=0)
            largest = np.maximum(highest, -lowest)
            self._sample = max(self._sample, float(largest.max()))
            self._curve.extend(largest[:, None])
        for window in self._windows.feed(block):
            self._read(window)

    def _read(self, window: NDArray[np.float32]) -> None:
        for channel, cells in enumerate(self._interpolator.cell_peaks(window, self._true)):
            highest = int(cells.argmax())
            if cells[highest] > self._true:
                self._true = float(cells[highest])
                self._channel = channel
                self._frame = self._window * _WINDOW + highest * CELL
        self._window += 1

    def result(self) -> Measurement:
        for window, _ in self._windows.finish():
            self._read(window)
        self._sample = max(self._sample, float(np.abs(self._hops.rest).max(initial=0.0)))
        curves = {"peak": Curve(self._curve.array()[:, 0], HOP_S, "linear")}
        if not self._sample:
            return Measurement(dict.fromkeys((q.name for q in self.quantities), None), curves)
        true_peak_dbtp = 20 * log10(max(self._true, self._sample))
        at_s = self._frame / self.rate
        return Measurement(
            {"sample_peak_dbfs": 20 * log10(self._sample), "true_peak_dbtp": true_peak_dbtp},
            curves,
            (Event("true_peak_dbtp", at_s, at_s, true_peak_dbtp, self._channel),),
        )
