"""Lifting an intrusion out of its bed: what intrudes goes, and the bed goes on.

A dip turns the rain down together with the door. A lift draws *one bed that could have been there,
given what is heard*:

1. ``find_support``: where the bands exceed what the past accustoms to, the event is.
2. ``guess``: what the bed does under it, from the past as states of a hidden Markov model; how far
   to trust that is rehearsed on the past, where the truth is known.
3. ``presence``: how surely the event is in each band and frame, for each channel.
4. ``mask``: what exceeds the guessed bed is taken out, direction by direction between the
   channels, and what it hid is put back from a real stretch of the same bed.

Lowering to the accustomed level is not enough: what then remains is still the event, a ghost some
3 dB above the bed. Outside of the event, give or take two frames, samples stay bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lift_bands import FLOOR, FRAME_S, Array, Grid, Levels, Spectra, in_db
from asmrmaster.dsp.lift_filter import (
    TEXTURE_DB,
    TEXTURE_FRAMES,
    Mask,
    covariance,
    mask,
    presence,
    smooth_frames,
)
from asmrmaster.dsp.lift_states import Frames, guess
from asmrmaster.dsp.lift_support import WINDOW_S, Flags, Support, excess_over, find_support

BEFORE_S, AFTER_S = 30.0, 8.0
"""What is heard of the sound on either side of an event."""
EARLY_S = 15.0
"""With less past than this, what follows stands in for it, up to ``BEFORE_S`` in all."""
APART_S, UNLIKE_S = 0.256, 0.27
"""Bed is learnt from this far from the event, and from what follows not near what exceeds, too."""
AROUND_S = 8.0
LEAST_BED_S = 2.0
SHORT_S = 0.2
"""An event shorter than this is lifted in frames half as long."""
ANCHORS = 16
LEAST_FRAMES = 2
AUDIBLE_DB = 3.0


@dataclass(frozen=True)
class Lifted:
    """What a lift changes.

    first: frame of the sound from which on ``change``, shape (frames, channels), is to be added.
    start, stop: the event, in frames of the sound. deepest_db: the most any band goes down, ≤ 0,
    and the bands, in Hz, that go down by 3 dB or more somewhere (None if none does).
    """

    first: int
    change: Array
    start: int
    stop: int
    deepest_db: float
    bands_hz: tuple[float, float] | None

    def moved(self, frames: int, length: int) -> Lifted:
        """The same counted from so many frames earlier, cut to samples of this length."""
        return replace(
            self,
            first=self.first + frames,
            change=self.change[: length - self.first],
            start=self.start + frames,
            stop=min(self.stop, length) + frames,
        )


def context(over: tuple[int, int], rate_hz: int, frames: int) -> tuple[int, int]:
    """The frames of a sound of so many that a lift of these windows looks at."""
    early = over[0] < (EARLY_S + 1) * rate_hz
    after_s = BEFORE_S if early else AFTER_S
    first = max(0, over[0] - round((BEFORE_S + 1) * rate_hz))
    return first, min(frames, over[1] + round((after_s + 2) * rate_hz))


def analyse(
    samples: Array,
    rate_hz: int,
    over: tuple[int, int],
    ignored: tuple[tuple[int, int], ...] = (),
) -> Event | None:
    """The event behind ``over``, and the bed under it; None where none can be told from it.

    samples: shape (frames, channels), the sound of the ``context``. over: first frame and one past
    the last frame of the windows that are over a limit. ignored: spans of frames to learn nothing
    from. All count from the first of the samples.
    """
    scene = _Scene.of(samples, Grid.of(rate_hz), over, ignored)
    if scene is None:
        return None
    if (scene.support.stop - scene.support.first) * scene.grid.hop < SHORT_S * rate_hz:
        scene = _Scene.of(samples, Grid.of(rate_hz, FRAME_S / 2), over, ignored) or scene
    return Event.of(scene)


@dataclass(frozen=True)
class _Scene:
    """The sound around one event, in bands: what is bed, and where the event is."""

    samples: Array
    grid: Grid
    floor: float
    levels: Levels
    each: Levels
    past: Flags
    support: Support

    @classmethod
    def of(
        cls,
        samples: Array,
        grid: Grid,
        over: tuple[int, int],
        ignored: tuple[tuple[int, int], ...],
    ) -> _Scene | None:
        if grid.frames(len(samples)) < 4:
            return None
        power, each = grid.levels(samples)
        total = float(np.median(power.sum(axis=1)))
        floor = max(FLOOR * total, FLOOR * float(power.sum(axis=1).mean()) * 1e-3, 1e-20)
        levels = in_db(power, floor)
        free = np.ones(len(levels), bool)
        for first, stop in ignored:
            free[_touching(first, stop, grid)] = False
        begin = (over[0] - round((WINDOW_S - 0.4) * grid.rate_hz)) // grid.hop
        window = max(0, begin), -(-over[1] // grid.hop)
        past = free.copy()
        past[max(0, window[0]) :] = False
        if past.sum() < grid.count(EARLY_S):  # too early for a past: what follows has to do
            later = free.copy()
            later[: window[1] + grid.count(APART_S)] = False
            past |= later
        if past.sum() < grid.count(LEAST_BED_S):
            return None
        support = find_support(levels, past, window, grid)
        if support is None:
            return None
        return cls(samples, grid, floor, levels, each, past & free, support)

    def bed(self) -> Frames:
        """Frames to learn the bed from: none near the event, and of later ones no second event."""
        apart = self.grid.count(APART_S)
        first, stop = self.support.first - apart, self.support.stop + apart
        clear = self.past.copy()
        clear[max(0, first) :] = False
        unlike = self.support.excess_db > max(self.support.usual_db, 1.0)
        width = 2 * self.grid.count(UNLIKE_S) + 1
        unlike = np.convolve(unlike, np.ones(width), "same") > 0.5
        later = np.arange(len(clear)) >= stop
        if self.past[stop:].any():  # the future stood in for the past
            later &= self.past
        return np.flatnonzero(clear | (later & ~unlike))


def _touching(first: int, stop: int, grid: Grid) -> slice:
    return slice(max(0, (first - grid.size) // grid.hop + 1), max(0, -(-stop // grid.hop)))


@dataclass(frozen=True)
class Event:
    """An event and the bed under it: what there is to lift, and how.

    reached: channels in which the event is heard at all; the others are left alone. lowered_db:
    what bands are brought down by; above_db: how far they stand above the bed that is guessed;
    unsure_db: how far that may be off where it counts; each of shape (frames, bands).
    """

    scene: _Scene
    heard: Spectra
    texture: Spectra
    mask: Mask
    reached: tuple[bool, ...]
    lowered_db: Array
    above_db: Array
    unsure_db: Array

    @classmethod
    def of(cls, scene: _Scene) -> Event | None:
        """None where there is too little bed to learn from."""
        grid, support = scene.grid, scene.support
        first, stop = support.first, support.stop
        bed = scene.bed()
        if len(bed) < grid.count(LEAST_BED_S) // 2:
            return None
        levels = scene.levels[first:stop]
        under = guess(scene.levels, bed, first, stop, ANCHORS)
        present = presence(levels, under)
        target = (1 - present) * levels + present * np.minimum(levels, under.level)
        reach = grid.count(AROUND_S) + (stop - first) / 2
        around = bed[np.abs(bed - (first + stop) / 2) < reach]
        own, mean_power = covariance(scene.samples, grid, around if len(around) else bed)
        level = _in_bins(target - in_db(mean_power, scene.floor), grid)
        apart = (under.level - scene.levels[under.path]).astype(np.float64)
        texture_db = np.clip(smooth_frames(apart, TEXTURE_FRAMES), *TEXTURE_DB)
        heard = grid.spectra(scene.samples, slice(first, stop))
        texture = grid.spectra(scene.samples, under.path) * _in_bins(texture_db, grid)[:, None]
        made = mask(heard, own, level, np.clip(present @ grid.spread, 0, 1))
        return cls(
            scene,
            heard,
            texture,
            made,
            _reached(scene),
            target - levels,
            (levels - under.level).astype(np.float64),
            present * under.spread_db,
        )

    @property
    def first(self) -> int:
        """Frame of the samples from which on something changes."""
        return self.scene.support.first * self.scene.grid.hop

    @property
    def stop(self) -> int:
        """The frame from which on everything stays again."""
        return (self.scene.support.stop - 1) * self.scene.grid.hop + self.scene.grid.size

    def distance_db(self, dip_db: float | None = None) -> float:
        """How far from the bed the sound is predicted to be after the lift, or a dip so deep.

        The log-spectral distance: root mean square over bands, mean over frames.
        """
        off = self.unsure_db if dip_db is None else self.above_db - dip_db
        return float(np.sqrt(np.mean(off**2, axis=1)).mean())

    def lifted(self) -> Lifted:
        """What to add to the samples."""
        made = self.mask.leaves(self.heard) + self.mask.fills(self.texture)
        change = made - self.heard
        change[:, ~np.array(self.reached)] = 0
        deepest = smooth_frames(self.lowered_db, 3)
        low = np.flatnonzero((deepest < -AUDIBLE_DB).any(axis=0))
        return Lifted(
            self.first,
            self.scene.grid.joined(change),
            self.first,
            self.stop,
            float(min(0.0, deepest.min())),
            _edges_hz(low, self.scene.grid) if len(low) else None,
        )

    def taken_of(self, other: Array) -> Array:
        """What the mask takes away of another sound, to be added to it from ``first`` on.

        other: as long as the samples, shape (frames, channels). Laid on the event alone it tells
        how much of that is left.
        """
        support = self.scene.support
        spectra = self.scene.grid.spectra(other, slice(support.first, support.stop))
        taken = self.mask.leaves(spectra) - spectra
        taken[:, ~np.array(self.reached)] = 0
        return self.scene.grid.joined(taken)


def _reached(scene: _Scene) -> tuple[bool, ...]:
    """Which channels the event has reached: those it exceeds what is usual in, by themselves."""
    first, stop = scene.support.first, scene.support.stop
    result = []
    for channel in range(scene.each.shape[1]):
        own = in_db(scene.each[:, channel], scene.floor)
        accustomed = np.quantile(own[scene.past], 0.95, axis=0).astype(np.float32)
        usual = float(np.quantile(excess_over(own[scene.past], accustomed), 0.99))
        over = excess_over(own[first:stop], accustomed) > max(1.0, usual)
        result.append(int(over.sum()) >= LEAST_FRAMES)
    return tuple(result) if any(result) else (True,) * len(result)


def _in_bins(level_db: NDArray[np.floating], grid: Grid) -> Array:
    """Amplitudes per bin of levels in dB per band."""
    result: Array = 10 ** ((level_db @ grid.spread).astype(np.float64) / 20)
    return result


def _edges_hz(bands: NDArray[np.intp], grid: Grid) -> tuple[float, float]:
    freq = np.arange(grid.spread.shape[1]) * grid.rate_hz / grid.size
    shares = grid.spread[[bands[0], bands[-1]]]
    low, high = (float(np.sum(freq * s) / s.sum()) if s.sum() else 0.0 for s in shares)
    return round(low, 1), round(high, 1)
