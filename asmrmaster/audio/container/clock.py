"""Sound laid on the clock of its time stamps: what is missing filled, what overlaps left out, drift
resampled.

A film's clock is its time stamps. Where a stamp jumps against the count of samples, packets were
lost or two parts were joined: a new run begins there. Within a run stamps may wander, because the
recorder had two clocks; a line through the stamps of some seconds around each point follows that
without following their rounding.

Source of the interpolation: C. W. Farrow, "A continuously variable digital delay element", ISCAS
1988, on a sinc in a Kaiser window.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from asmrmaster.streams.audio import Block

Array = NDArray[np.float64]

JUMP_S = 0.0015
"""A stamp further than this, and a tick, from the one before it begins a new run."""
UNTIDY_S = 0.25
"""A run shorter than this whose stamps then return to where they were is no run."""
_MANY, _SETTLED = 5, 20
_STEEP, _STEEP_S = 0.01, 2.0  # 10 000 ppm over less than this is no clock
"""So many of them in a row are untidy stamps."""
KEPT_S = 0.1
"""Stamps are kept so far apart."""
KNOT_S, AROUND_S = 5.0, 5.0
"""A knot stands every so often, on the line through the stamps so far around it."""
STEADY_S = 0.0003
"""Wander within this is rounding: the samples stay as they are."""
MAX_GAP_S, MAX_OVERLAP_S = 10.0, 0.5
"""Beyond these two recordings were joined."""
_TAPS, _POWERS, _KAISER = 32, 7, 8.0
_MOST_OUT = 1 << 15


class Stamps:
    """Time stamps as packets come: (frames before, seconds), thinned, and where runs begin.

    tick_s: unit they are counted in.
    """

    def __init__(self, tick_s: float) -> None:
        self.tick_s = tick_s
        self.frames, self.times = array("q"), array("d")
        self.runs = array("q")  # index of the first stamp of each
        self._last: tuple[int, float, float] | None = None

    def add(self, frame: int, time_s: float, rate: int) -> None:
        """The next stamp."""
        lead = time_s - frame / rate
        if self._last is None or abs(lead - self._last[2]) > JUMP_S + self.tick_s:
            if self._last is not None and self.frames[-1] != self._last[0]:
                self._keep(*self._last[:2])
            self.runs.append(len(self.frames))
            self._keep(frame, time_s)
        elif frame - self.frames[-1] >= KEPT_S * rate:
            self._keep(frame, time_s)
        self._last = frame, time_s, lead

    def end(self) -> None:
        """No more will come."""
        if self._last is not None and self.frames[-1] != self._last[0]:
            self._keep(*self._last[:2])

    def _keep(self, frame: int, time_s: float) -> None:
        self.frames.append(frame)
        self.times.append(time_s)


class Run(NamedTuple):
    """Samples from frame ``start`` on, up to the next run: at ``frames`` they come to lie at
    ``places``, both counted in frames and rising; between them on straight lines."""

    start: int
    frames: Array
    places: Array

    @property
    def steady(self) -> bool:
        """Whether the samples stay as they are, only moved."""
        return len(self.frames) == 1

    def place(self, frame: float) -> float:
        """Where a frame comes to lie; beyond the knots on the nearest line."""
        return _line(frame, self.frames, self.places)

    def frame(self, places: Array) -> Array:
        """The reverse."""
        inside = np.interp(places, self.places, self.frames)
        for edge, side in ((slice(0, 2), places < self.places[0]),
                           (slice(-2, None), places > self.places[-1])):  # fmt: skip
            (f0, f1), (p0, p1) = self.frames[edge], self.places[edge]
            inside = np.where(side, f0 + (places - p0) * (f1 - f0) / (p1 - p0), inside)
        return inside


class Layout(NamedTuple):
    """How sound comes to lie on its clock.

    start_s: time of its first frame. frames: of all of it. filled, trimmed: (seconds from the
    start, seconds) of what is missing, and of what overlaps. drift_ppm: the most by which sound
    comes slower than its rate (negative: faster) over a minute or the whole. error_s: the most a
    stamp is off after all.
    """

    runs: tuple[Run, ...]
    start_s: float
    frames: int
    filled: tuple[tuple[float, float], ...] = ()
    trimmed: tuple[tuple[float, float], ...] = ()
    drift_ppm: float = 0.0
    error_s: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether the sound is as it was decoded."""
        return len(self.runs) == 1 and self.runs[0].steady


def lay(stamps: Stamps, frames: int, rate: int) -> Layout:
    """The layout of so many frames of sound with these stamps."""
    if not stamps.frames:
        return Layout((Run(0, np.zeros(1), np.zeros(1)),), 0.0, frames)
    at = np.array(stamps.frames, np.float64)
    times = np.array(stamps.times)
    firsts = _runs(at, times - at / rate, list(stamps.runs), stamps.tick_s, rate)
    zero = 0.0
    runs: list[Run] = []
    error = drift = 0.0
    for first, last in zip(firsts, [*firsts[1:], len(at)], strict=True):
        lead = times[first:last] - at[first:last] / rate
        knots, leads = _knots(at[first:last], lead, rate, stamps.tick_s)
        if not runs:
            zero = (
                float(leads[0])
                if len(knots) == 1
                else float(leads[0] - knots[0] * (leads[1] - leads[0]) / (knots[1] - knots[0]))
            )
        fit = np.interp(at[first:last], knots, leads)
        error = max(error, _settled(lead - fit) - stamps.tick_s)
        if len(knots) > 1:
            slopes = np.diff(leads) / np.diff(knots) * rate * 1e6
            drift = max([drift, *map(float, slopes)], key=abs)
        places = knots + (leads - zero) * rate
        runs.append(Run(int(at[first]) if runs else 0, knots, places))
    return _joined(runs, zero, frames, rate, drift, max(0.0, error))


def _runs(at: Array, lead: Array, firsts: Sequence[int], tick_s: float, rate: int) -> list[int]:
    """Beginnings of runs. A few stamps that go astray take the lead of their neighbours, and a
    stretch of untidy ones, as some recorders write, is one run, for a line to go through."""
    jump = JUMP_S + tick_s
    ends = [*firsts[1:], len(at)]
    astray = [_astray(at, lead, first, end, rate)
              for first, end in zip(firsts, ends, strict=True)]  # fmt: skip
    kept: list[int] = []
    number = 0
    while number < len(firsts):
        first, last = firsts[number], number
        while last < len(firsts) and astray[last]:
            last += 1
        if last - number >= _MANY:
            kept.append(first)
            tail = last == len(firsts) - 1 and at[-1] - at[firsts[last]] < UNTIDY_S * rate
            number = last + tail
            continue
        level = lead[firsts[last]] if last < len(firsts) else lead[max(0, first - 1)]
        lead[first : firsts[last] if last < len(firsts) else len(at)] = level
        if not kept or abs(level - lead[first - 1]) > jump:
            kept.append(first)
        number = last + 1
    return kept


def _astray(at: Array, lead: Array, first: int, end: int, rate: int) -> bool:
    """Whether a run is too short to be one, or runs as fast as no clock does."""
    span_s = (at[end - 1] - at[first]) / rate
    if end < len(at) and (at[end] - at[first]) / rate < UNTIDY_S:
        return True
    return bool(0 < span_s < _STEEP_S and abs(lead[end - 1] - lead[first]) > _STEEP * span_s)


def _knots(at: Array, lead: Array, rate: int, tick_s: float) -> tuple[Array, Array]:
    """Frames and their leads in seconds: one of each where the run does not wander."""
    span_s = (at[-1] - at[0]) / rate
    if len(at) < 3 or (span_s < 2.0 and tick_s > 1e-4):
        return at[:1], np.array([np.median(lead)])
    count = max(2, round(span_s / KNOT_S) + 1)
    knots = np.linspace(at[0], at[-1], count)
    reach = AROUND_S * rate
    leads = np.empty(count)
    for k, knot in enumerate(knots):
        near = slice(int(np.searchsorted(at, knot - reach)),
                     int(np.searchsorted(at, knot + reach, "right")))  # fmt: skip
        x = at[near] - knot
        middle = x.mean()
        spread = float(((x - middle) ** 2).sum())
        slope = float(((x - middle) * lead[near]).sum()) / spread if spread else 0.0
        leads[k] = lead[near].mean() - slope * middle
    scatter = float((lead - np.interp(at, knots, leads)).std())
    if np.ptp(leads) < max(2 * STEADY_S, scatter):  # no more than untidy stamps make of none
        return at[:1], np.array([lead.mean()])
    return knots, leads


def _settled(off: Array) -> float:
    """The most that stamps are off in the mean of some, s: single ones may be untidy."""
    few = max(1, min(_SETTLED, len(off)))
    means = np.convolve(off, np.full(few, 1 / few), "valid")
    return float(np.abs(means).max())


def _joined(
    runs: Sequence[Run], start_s: float, frames: int, rate: int, drift: float, error: float
) -> Layout:
    """Runs in their places: where one begins behind or before the end of the one before it."""
    filled, trimmed = [], []
    end = 0.0
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        begin = run.place(run.start)
        gap = round(begin - end) if run is not runs[0] else 0
        if gap > 0:
            filled.append((end / rate, gap / rate))
        elif gap < 0:
            trimmed.append((end / rate, -gap / rate))
        end = max(end, run.place(following.start if following else frames))
    return Layout(tuple(runs), start_s, round(end), tuple(filled), tuple(trimmed), drift, error)


def _line(x: float, xs: Array, ys: Array) -> float:
    if len(xs) == 1:
        return float(x - xs[0] + ys[0])
    k = min(max(int(np.searchsorted(xs, x)) - 1, 0), len(xs) - 2)
    return float(ys[k] + (x - xs[k]) * (ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k]))


def laid(blocks: Iterator[Block], layout: Layout, channels: int) -> Iterator[Block]:
    """The sound on its clock, from all of its blocks."""
    if layout.plain:
        yield from blocks
        return
    done = 0
    for begin, part in _in_runs(blocks, layout, channels):
        if begin > done:
            for size in _pieces(min(begin, layout.frames) - done):
                yield np.zeros((channels, size)).T
                done += size
        kept = part[max(0, done - begin) : max(0, layout.frames - begin)]
        if len(kept):
            yield kept
            done += len(kept)
    for size in _pieces(layout.frames - done):
        yield np.zeros((channels, size)).T


def _pieces(frames: int) -> Iterator[int]:
    while frames > 0:
        yield min(frames, _MOST_OUT)
        frames -= _MOST_OUT


def _in_runs(blocks: Iterator[Block], layout: Layout, channels: int) -> Iterator[tuple[int, Block]]:
    """Parts of the sound, each with the place its first frame comes to lie at."""
    starts = [run.start for run in layout.runs[1:]]
    number, done = 0, 0
    moving = _Moving(layout.runs[0], channels)
    for block in blocks:
        while len(block):
            stop = starts[number] if number < len(starts) else done + len(block)
            part, block = block[: stop - done], block[stop - done :]
            done += len(part)
            yield from moving.add(part)
            if number < len(starts) and done == starts[number]:
                yield from moving.rest()
                number += 1
                moving = _Moving(layout.runs[number], channels)
    yield from moving.rest()


class _Moving:
    """The samples of one run on their way to their places."""

    def __init__(self, run: Run, channels: int) -> None:
        self._run = run
        self._first = run.start  # of what is held
        self._held: Block = np.empty((channels, 0)).T
        self._next = (
            int(np.ceil(run.place(run.start) - 0.5))
            if run.steady
            else int(np.ceil(run.place(run.start)))
        )

    def add(self, part: Block) -> Iterator[tuple[int, Block]]:
        """The next samples of the run."""
        if self._run.steady:
            yield self._next, part
            self._next += len(part)
            return
        self._held = np.concatenate([self._held.T, part.T], axis=1).T
        yield from self._made(self._first + len(self._held) - _TAPS)

    def rest(self) -> Iterator[tuple[int, Block]]:
        """What is left at its end."""
        if not self._run.steady and len(self._held):
            yield from self._made(self._first + len(self._held))

    def _made(self, end: int) -> Iterator[tuple[int, Block]]:
        last = int(np.ceil(self._run.place(end)))
        while self._next < last:
            stop = min(last, self._next + _MOST_OUT)
            at = self._run.frame(np.arange(self._next, stop, dtype=np.float64))
            yield self._next, _interpolated(self._held, at - self._first)
            self._next = stop
        used = int(self._run.frame(np.array([float(self._next)]))[0]) - self._first - _TAPS
        if used > 0:
            self._held, self._first = self._held[used:], self._first + used


def _polynomials() -> Array:
    """Each tap of a windowed sinc as a polynomial of the phase between two samples, from the
    highest power on; shape (powers, taps). C. W. Farrow, ISCAS 1988."""
    taps = np.arange(_TAPS) - (_TAPS // 2 - 1)
    phases = (1 + np.cos(np.pi * (np.arange(64) + 0.5) / 64)) / 2
    x = taps[None, :] - phases[:, None]
    inside = np.clip(1 - (2 * x / _TAPS) ** 2, 0, None)
    rows = np.sinc(x) * np.i0(_KAISER * np.sqrt(inside)) / np.i0(_KAISER)
    rows /= rows.sum(axis=1, keepdims=True)
    result: Array = np.polyfit(phases - 0.5, rows, _POWERS)
    return result


_FARROW = _polynomials()


def _interpolated(samples: Block, at: Array) -> Block:
    """Samples between samples, at these rising places counted in frames; the edges are held."""
    before = _TAPS // 2 - 1
    whole = np.floor(at).astype(np.intp)
    phase = at - whole - 0.5
    first, last = int(whole[0]) - before, int(whole[-1]) + _TAPS - before
    near = samples[max(0, first) : max(1, last)]
    lack = (max(0, -first), max(0, last - len(samples)))
    made = np.empty((samples.shape[1], len(at)))
    for out, channel in zip(made, near.T, strict=True):
        padded = np.pad(channel, lack, mode="edge")
        index = whole - int(whole[0])
        out[:] = 0.0
        for row in _FARROW:
            out *= phase
            out += np.correlate(padded, row, "valid")[index]
    return made.T
