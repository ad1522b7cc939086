"""Dips: where the ride goes down because a moment is an intrusion, how far, and why.

The moments are found by ``ride.rules``. The sound inside windows that are over is lowered from the
top: a level is sought such that cutting only what stands above it brings every window of the event
inside (water filling), so that a dip is no deeper or longer than needed.

Look-ahead and release follow Giannoulis, Massberg, Reiss, "Digital dynamic range compressor
design", JAES 60(6), 2012, in dB: a running maximum that falls at a set speed, a centred sliding
maximum, and a Hann average no wider than it, which together never undercut what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.level import db, moving_mean, power
from asmrmaster.dsp.smoothing import falling_at_most, hann, sliding_max
from asmrmaster.meters.base import HOP_S
from asmrmaster.ride.rules import FREEZE_HOPS, Levels, Rule, Stretch, pairs
from asmrmaster.streams.curves import drop_pages, empty, piecewise

Array = NDArray[np.float64]
Spans = Sequence[tuple[float, float]]

DIP_MARGIN_LU = 0.3
"""Planned distance below a limit: the forecast is that good, and rounding is never the judge."""
GAP_HOPS = 60
"""Violations closer than this are one event."""
CHUNK_HOPS = 6000
HISTORY_HOPS = 3200
"""All rules look back less than this: 31 s of history and a window."""
ATTEMPTS = 30
"""A stretch is looked at again this often before what is left is handed to the report."""


@dataclass(frozen=True)
class Dip:
    """A stretch of the ride below 0 dB. Seconds, dB (positive is deeper), plain words."""

    start_s: float
    end_s: float
    depth_db: float
    reason: str


@dataclass(frozen=True)
class Shape:
    """How a dip may move: width of its descent and speed of its recovery."""

    lookahead_hops: int
    release_db_per_s: float

    @property
    def reach_hops(self) -> int:
        """No dip changes the gain further than this before it starts."""
        return self.lookahead_hops + 8

    def __call__(self, wanted_db: Array) -> Array:
        """The reduction in dB that is at least ``wanted_db`` everywhere and moves as allowed."""
        held = falling_at_most(wanted_db, self.release_db_per_s * HOP_S)
        width = self.lookahead_hops | 1
        wide = sliding_max(np.pad(held, width // 2 + 3, mode="edge"), width + 6)
        shaped: Array = np.convolve(np.pad(wide, width // 2, mode="edge"), hann(width), "valid")
        return np.maximum(shaped, 0.0)


class Planner:
    """Finds what each rule forbids and lowers it, stretch by stretch, from the start to the end."""

    def __init__(
        self,
        energy: Levels,
        bands: Levels | None,
        shape: Shape,
        max_dip_db: float,
        kept: Spans = (),
    ) -> None:
        """kept: spans in seconds in which what is over its limit stays as it is."""
        self._kept = kept
        self.update(energy, bands)
        self._shape, self._max_dip_db = shape, max_dip_db
        self._wanted, self.reduction_db = empty(energy.shape), empty(energy.shape)
        self._wanted[:] = self.reduction_db[:] = 0.0
        self._causes: list[tuple[int, int, float, str]] = []

    def update(self, energy: Levels, bands: Levels | None, gain: Levels | None = None) -> None:
        """The curves to plan on, without dips; planned dips stay when they are replaced.

        gain: in power per hop, to be applied to both where they are looked at; None is 1.
        """
        self._energy, self._bands, self._gain = energy, bands, gain

    @property
    def hops(self) -> int:
        """Length of the plan on the 10 ms grid."""
        return len(self._energy)

    def apply(self, rules: list[Rule], programme_lufs: float) -> None:
        """Lower everything the rules forbid, given the programme loudness.

        The rules take turns until each has found nothing since the last cut.
        """
        for start in range(0, len(self._energy), CHUNK_HOPS):
            stretch, satisfied = None, 0
            for rule in islice(cycle(rules), ATTEMPTS * len(rules)):
                if stretch is None:
                    stretch = self._around(start, programme_lufs)
                if self._sweep(rule, stretch, start):
                    stretch, satisfied = None, 0
                else:
                    satisfied += 1
                if satisfied == len(rules):
                    break
            drop_pages()

    def dips(self) -> tuple[Dip, ...]:
        """The planned dips in order of time, each with its largest cause."""
        down = np.flatnonzero(np.diff(self.reduction_db > 0.05, prepend=False, append=False))
        found = []
        for first, last in down.reshape(-1, 2):
            inside = [c for c in self._causes if c[0] < last and c[1] > first]
            reason = max(inside, key=lambda c: c[2])[3] if inside else ""
            depth = float(self.reduction_db[first:last].max())
            found.append(Dip(first * HOP_S, last * HOP_S, depth, reason))
        return tuple(found)

    def lowered_energy(self, first: int, last: int) -> Levels:
        """The energy between two hops with the dips in it."""
        return piecewise(np.multiply, self._energy[first:last], self._power(first, last))

    def _power(self, first: int, last: int) -> Levels:
        """Gain and dips between two hops, in power."""
        reduction_db = self.reduction_db[first:last]
        if self._gain is None:
            return piecewise(lambda one_db: power(-one_db), reduction_db)
        return piecewise(
            lambda one_db, gain: power(-one_db) * gain, reduction_db, self._gain[first:last]
        )

    def lowered(self, first: int, last: int, programme_lufs: float) -> Stretch:
        """The curves between two hops with the dips in them."""
        bands = None
        if self._bands is not None:
            slow = pairs(self._power(first, last))
            bands = self._bands[first // 2 : first // 2 + len(slow)]
            bands = bands * slow[: len(bands), None]
        return Stretch(first, self.lowered_energy(first, last), bands, programme_lufs)

    def _around(self, start: int, programme_lufs: float) -> Stretch:
        """The chunk from hop ``start`` on, with what came before it and some of what follows."""
        first = max(0, start - HISTORY_HOPS)
        last = min(len(self._energy), start + CHUNK_HOPS + FREEZE_HOPS)
        return self.lowered(first, last, programme_lufs)

    def _sweep(self, rule: Rule, stretch: Stretch, start: int) -> bool:
        """Cut every event of one rule that starts in the chunk; whether anything changed."""
        first = stretch.start
        value, reference = rule.levels(stretch)
        changed = False
        for event in _events(rule, value, reference, start - first):
            if first + event.first * rule.step < start + CHUNK_HOPS:
                changed |= self._cut(rule, stretch, event, reference[event.first])
        return changed

    def _cut(self, rule: Rule, stretch: Stretch, event: _Event, reference: Array) -> bool:
        """Lower one event from the top until every window of it is inside its limit."""
        first = max(0, event.first - rule.window + 1)
        last = event.last + 1
        hops = (stretch.start + row * rule.step for row in (first, last))
        start_s, stop_s = (hop * HOP_S for hop in hops)
        if any(start_s < stop and stop_s > start for start, stop in self._kept):
            return False
        weight = rule.weight(stretch, reference)[first:last]
        fast = max(1, rule.window // 4) | 1
        padded = np.pad(weight, fast // 2, mode="edge")
        level_db = db(moving_mean(padded, fast)) * (rule.decade_db / 10)
        rows = slice(stretch.start + first * rule.step, stretch.start + last * rule.step)
        now_db = self.reduction_db[rows].astype(np.float64)
        now_db = now_db[: len(weight) * rule.step].reshape(-1, rule.step).max(axis=1)
        room_db = np.maximum(0.0, self._max_dip_db - now_db)
        means = moving_mean(weight, rule.window)
        over = event.over[-len(means) :]
        allowed = means * np.power(10.0, -np.maximum(over, 0.0) / rule.decade_db)
        judged = over > 0
        low, high = float(level_db.min()) - 1.0, float(level_db.max())
        for _ in range(16):
            middle = (low + high) / 2
            cut_db = np.minimum(np.maximum(level_db - middle, 0.0), room_db)
            left = moving_mean(weight * np.power(10.0, -cut_db / rule.decade_db), rule.window)
            if np.all(left[judged] <= allowed[judged]):
                low = middle
            else:
                high = middle
        cut_db = np.minimum(np.maximum(level_db - low, 0.0), room_db)
        if cut_db.max() < 0.01:
            return False
        wanted = np.where(cut_db > 0, now_db + cut_db, 0.0)
        self._want(rows.start, np.repeat(wanted, rule.step))
        size = float(over.max())
        self._causes.append((rows.start, rows.stop, size, rule.reason(size)))
        return True

    def _want(self, start: int, wanted_db: Array) -> None:
        """Ask for a reduction and reshape the curve around it."""
        stop = min(start + len(wanted_db), len(self._wanted))
        asked = self._wanted[start:stop]
        np.maximum(asked, wanted_db[: stop - start], out=asked, casting="unsafe")
        release = round(self._max_dip_db / self._shape.release_db_per_s / HOP_S)
        margin = release + 2 * self._shape.reach_hops
        first = max(0, start - self._shape.reach_hops)
        last = min(len(self._wanted), stop + margin)
        near = slice(max(0, first - margin), min(len(self._wanted), last + margin))
        shaped = self._shape(self._wanted[near].astype(np.float64))
        self.reduction_db[first:last] = shaped[first - near.start : last - near.start]


@dataclass(frozen=True)
class _Event:
    """Steps first … last of a stretch (window ends), and the excess at each in dB."""

    first: int
    last: int
    over: Levels


def _events(rule: Rule, value: Array, reference: Array, start: int) -> Iterator[_Event]:
    """Events from hop ``start`` of the stretch on, each against what came before it."""
    freeze, gap = FREEZE_HOPS // rule.step, GAP_HOPS // rule.step
    over = rule.excess(value, reference)
    here = start // rule.step
    while True:
        hot = np.flatnonzero(over[here:] > 0)
        if not len(hot):
            return
        first = here + int(hot[0])
        held = np.minimum(reference[first : first + freeze], reference[first])
        excess = rule.excess(value[first : first + freeze], held)
        inside = np.flatnonzero(excess > 0)
        breaks = np.flatnonzero(np.diff(inside) > gap)
        last = int(inside[breaks[0]]) if len(breaks) else int(inside[-1])
        yield _Event(first, first + last, excess[: last + 1])
        here = first + last + 1
