"""Clipping: flat tops with a sharp edge, near the ceiling of their surroundings."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import Hops, grid_edges
from asmrmaster.meters.base import Measurement, Meter, Quantity
from asmrmaster.meters.stretches import Stretches
from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

QUIETEST = 10 ** (-20 / 20)
"""A clipped take may have been turned down since; 0 false in 97 recordings at -20 dBFS."""
SURE, MANY = 10 ** (-6 / 20), 20
"""Below this level a channel has many such runs, or none that count: one is a coincidence."""
FLATNESS = 10 ** (-0.01 / 20)
SHORTEST = 3
EDGE_RATIO, EDGE_MIN = 8.0, 2e-4
BELOW_PEAK = 10 ** (-1 / 20)
"""Clipping has one ceiling: a flat top 1 dB or more below the highest sample is a coincidence."""
AROUND_HOPS = 2
"""The ceiling is the maximum of a sample's 10 ms hop and this many on either side: 50 ms."""
BEFORE_HOPS = AROUND_HOPS + 1
AFTER_HOPS = AROUND_HOPS + 10
"""A run is followed for 100 ms beyond the second it starts in."""


class Clipping(Meter):
    """Runs of equal samples at the local ceiling, told from smooth tops by their edges.

    The top of a loud clean sine also stays within 0.01 dB for some samples, but it bends away
    gently; a clipped top ends in a step far larger than any inside it. Seconds without a peak
    above −20 dBFS are passed over.
    """

    double = True
    quantities: ClassVar[tuple[Quantity, ...]] = (
        Quantity(
            "clipped_runs", "", "clipped peaks",
            "Runs of 3 or more samples above -20 dBFS, within 0.01 dB of the maximum of the 50 ms "
            "around and 1 dB of the maximum of the file, with a step into or out of the run "
            "larger than 8 times the largest inside it and than 0.0002 of full scale; fewer than "
            "20 in a channel count only above -6 dBFS.",
            "asmrmaster",
            0,
        ),
    )  # fmt: skip

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self._seconds = Hops(rate, channels, 1.0)
        self._before = np.empty((channels, 0))  # the end of the second before the waiting one
        self._waiting = np.empty((channels, 0))  # judged when it is known what follows
        self._start = 0  # its first frame
        self._runs = np.zeros(channels, dtype=np.int64)
        self._peaks = np.zeros(channels)  # highest sample of each channel so far
        self._tops = np.zeros(channels)  # highest clipped run of each channel so far
        self._events = [Stretches("clipped_runs", channel) for channel in range(channels)]

    def add(self, block: Block) -> None:
        """Hear the next block, shape (frames, channels)."""
        samples, edges = self._seconds.cut(block.T)
        for start, stop in pairwise(edges):
            self._follow(samples[:, start:stop])

    def result(self) -> Measurement:
        """The count, and an event per stretch and channel: its size is the runs in it."""
        self._follow(self._seconds.rest)
        self._follow(self._seconds.rest[:, :0])
        few = (self._runs < MANY) & (self._tops < SURE)
        self._runs[few] = 0
        events = [
            event
            for channel, is_few in zip(self._events, few, strict=True)
            if not is_few
            for event in channel.events
        ]
        return Measurement({"clipped_runs": int(self._runs.sum())}, events=tuple(events))

    def _follow(self, second: Array) -> None:
        """Judge the waiting second, now that the next one is there."""
        waiting = self._waiting
        if waiting.size and max(waiting.max(), -waiting.min()) > QUIETEST:
            hop = self._start * 100 // self.rate
            first = max(0, hop - BEFORE_HOPS)
            last = hop + waiting.shape[1] * 100 // self.rate + 1 + AFTER_HOPS
            edges = grid_edges(first, last, self.rate) - self._start
            head = self._before[:, self._before.shape[1] + int(edges[0]) :]
            near = np.concatenate([head, waiting, second[:, : edges[-1]]], axis=1)
            edges -= edges[0]
            highest = np.maximum(waiting.max(axis=1), -waiting.min(axis=1))
            self._raise(highest)
            for channel, samples in enumerate(near[:, : edges[-1]]):
                if highest[channel] < BELOW_PEAK * self._peaks[channel]:
                    continue  # too low for a run that counts
                starts, stops = clipped_runs(samples, edges[edges < len(samples)])
                own = (starts >= head.shape[1]) & (starts < head.shape[1] + waiting.shape[1])
                own &= np.abs(samples[starts]) >= BELOW_PEAK * self._peaks[channel]
                if own.any():
                    self._tops[channel] = max(
                        self._tops[channel], np.abs(samples[starts[own]]).max()
                    )
                offset = self._start - head.shape[1]
                times = (starts[own] + offset) / self.rate, (stops[own] + offset) / self.rate
                self._events[channel].extend(*times, np.ones(len(times[0])))
                self._runs[channel] += len(times[0])
        if waiting.size:
            self._before = waiting[:, -(self.rate // 20) :].copy()
        self._start += waiting.shape[1]
        self._waiting = second

    def _raise(self, peaks: Array) -> None:
        """Take in the highest samples of a second; runs that are now too low were none."""
        self._peaks = np.maximum(self._peaks, peaks)
        for channel in np.flatnonzero(self._tops < BELOW_PEAK * self._peaks):
            self._runs[channel] = 0
            self._events[channel] = Stretches("clipped_runs", int(channel))


def clipped_runs(
    samples: Array, hops: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and one-past-last frames of the clipped runs in one channel.

    samples: shape (frames,). hops: the frames in it where 10 ms hops start, the first being 0.
    """
    size = np.abs(samples)
    padded = np.pad(np.maximum.reduceat(size, hops), AROUND_HOPS)
    ceiling = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND_HOPS + 1).max(axis=1)
    least = np.maximum(ceiling * FLATNESS, QUIETEST)
    hot = np.flatnonzero(size >= least.min())
    hot = hot[size[hot] >= least[np.searchsorted(hops, hot, side="right") - 1]]
    first = np.flatnonzero(np.diff(hot, prepend=-2) > 1)  # of each run, as places in ``hot``
    length = np.diff(first, append=len(hot))
    long = length >= SHORTEST
    if not long.any():
        return hot[:0], hot[:0]
    hot, length = hot[np.repeat(long, length)], length[long]
    first = np.cumsum(length) - length
    last = first + length - 1
    starts, stops = hot[first], hot[last] + 1
    steps = np.abs(samples[np.minimum(hot + 1, len(samples) - 1)] - samples[hot])
    edge = np.maximum(steps[last], np.abs(samples[starts] - samples[np.maximum(starts - 1, 0)]))
    steps[last] = 0.0  # the step out of a run is not inside it
    flat = (edge > EDGE_RATIO * np.maximum.reduceat(steps, first)) & (edge > EDGE_MIN)
    return starts[flat], stops[flat]
