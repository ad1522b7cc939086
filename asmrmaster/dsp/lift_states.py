"""What lies under an event: the past as the states of a hidden Markov model.

Every frame of the bed that was heard in the clear is a state: a set of band levels that this bed is
known to take on. A state explains a frame under the event if it is *not louder* than what is heard
there; that it is quieter says little, because the event is there, too. States follow each other as
the frames did, with rare jumps. Forward and backward passes give the level each band is expected to
have (L. R. Rabiner, Proc. IEEE 77(2), 1989); the best path gives a stretch of real sound that would
fit. How far to trust the expectation, and how far what is heard just before and after, is tried on
the past itself, where the truth is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lift_bands import Levels

Array = NDArray[np.float64]
Frames = NDArray[np.intp]

SLACK_DB, LOUDER_MOST_DB = 1.5, 4.0
QUIETER_COST, QUIETER_MOST_DB = 1.5, 30.0
TEMPERATURE = 0.25
JUMP = 0.05
STEP = 2
"""Time and states go by two frames; the frame in between follows from the one before it."""
TRIED_FRAMES, TRIALS, LEAST_TRIALS = 360, 6, 2
"""An event is tried whole, in as many places as make so many frames: cut short, its ends would be
tied down by what is heard around it, and the trial would be too easy."""
LONGEST_TRIAL = 280
APART, MOST_TIED = 24, 2
"""What lies within so many frames of a trial may not explain it; and this much must remain."""
LEAST_SPREAD_DB = 1.5
NEAR = 24
"""Frames on each side that say how loud the bed is just then."""
RIDGE = 0.1
POOLED = 4
"""Bands on each side whose trials are taken together."""


@dataclass(frozen=True)
class Guess:
    """The bed as it is expected under each frame.

    level: dB, shape (frames, bands). spread_db: how far off the guess usually is, shape (bands,).
    path: a frame of the bed for each frame, indices into the levels given, shape (frames,).
    """

    level: Levels
    spread_db: Levels
    path: Frames


def guess(levels: Levels, bed: Frames, first: int, stop: int, anchors: int) -> Guess:
    """The bed under frames first … stop−1.

    levels: dB, shape (all frames, bands). bed: frames heard in the clear, ascending. anchors:
    frames on each side that are heard in the clear as well, and tie the ends down.
    """
    start, end = max(0, first - anchors), min(len(levels), stop + anchors)
    inside = slice(first - start, stop - start)
    expected, path = _walk(levels, bed, levels[start:end])
    clear = levels[bed]
    mean, most = clear.mean(axis=0), np.quantile(clear, 0.99, axis=0)
    own = np.maximum(clear.std(axis=0), LEAST_SPREAD_DB)
    expected = np.minimum(expected[inside], most)
    trend = _trend(levels, first, stop) - mean
    weights, spread_db = _rehearse(levels, bed, levels[first:stop], expected, mean, own)
    level = np.minimum(mean + weights[0] * (expected - mean) + weights[1] * trend, most)
    return Guess(level.astype(np.float32), spread_db.astype(np.float32), path[inside])


def _walk(levels: Levels, bed: Frames, heard: Levels) -> tuple[Levels, Frames]:
    """Expected levels and best path for consecutive heard frames, shape (frames, bands)."""
    last = len(levels) - 1
    states = bed[::STEP] if len(bed) > 2 * STEP else bed
    follows = np.flatnonzero(np.diff(states) == STEP)  # state k is followed by state k + 1
    cost = _costs(levels[states], heard[::STEP])
    count, size = cost.shape
    likely = np.exp(-(cost - cost.min(axis=1, keepdims=True)) / TEMPERATURE)
    keep, jump = 1 - JUMP, JUMP / size
    forward = np.empty((count, size))
    belief = np.full(size, 1 / size)
    for t in range(count):
        if t:
            moved = np.zeros(size)
            moved[follows + 1] = keep * belief[follows]
            belief = moved + jump
        belief = belief * likely[t]
        belief /= belief.sum()
        forward[t] = belief
    backward = np.ones(size)
    for t in reversed(range(count)):
        forward[t] *= backward
        forward[t] /= forward[t].sum()
        seen = backward * likely[t]
        backward = np.full(size, jump * seen.sum())
        backward[follows] += keep * seen[follows + 1]
        backward /= backward.max()
    expected = np.empty_like(heard)
    expected[::STEP] = forward @ levels[states]
    expected[1::STEP] = (forward @ levels[np.minimum(states + 1, last)])[: len(heard) // STEP]
    path = np.empty(len(heard), np.intp)
    even = states[_viterbi(cost / TEMPERATURE, follows)]
    path[::STEP] = even
    path[1::STEP] = np.minimum(even + 1, last)[: len(heard) // STEP]
    return expected, path


def _costs(states: Levels, heard: Levels) -> Array:
    """How badly each state explains each heard frame, shape (heard, states)."""
    result = np.empty((len(heard), len(states)))
    for t, row in enumerate(heard):
        apart = row - states
        louder = np.clip(apart - SLACK_DB, 0, LOUDER_MOST_DB)
        quieter = np.clip(-apart - SLACK_DB, 0, QUIETER_MOST_DB / QUIETER_COST)
        result[t] = np.mean(louder + QUIETER_COST * quieter, axis=1)
    return result


def _viterbi(cost: Array, follows: Frames) -> Frames:
    """The cheapest sequence of states; a jump costs what its probability says."""
    count, size = cost.shape
    price = -np.log(JUMP)
    total = cost[0]
    came = np.empty((count, size), np.int32)
    for t in range(1, count):
        best = int(np.argmin(total))
        came[t] = best
        reached = np.full(size, total[best] + price)
        along = total[follows] < reached[follows + 1]
        to = follows[along] + 1
        reached[to] = total[follows[along]]
        came[t, to] = follows[along]
        total = reached + cost[t]
    path = np.empty(count, np.intp)
    path[-1] = np.argmin(total)
    for t in range(count - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    return path


def _rehearse(
    levels: Levels, bed: Frames, heard: Levels, expected: Levels, mean: Array, own: Array
) -> tuple[Array, Array]:
    """Weights of guess and trend, and spread: put the event on known places, guess, and compare."""
    event = np.maximum(10 ** (heard / 10) - 10 ** (expected / 10), 0)
    event = event[:LONGEST_TRIAL]
    each = len(event)
    trials = int(np.clip(TRIED_FRAMES // each, LEAST_TRIALS, TRIALS))
    runs = np.flatnonzero(bed[each - 1 :] - bed[: len(bed) - each + 1] == each - 1)
    chosen = np.linspace(0, len(runs) - 1, trials + 2)[1:-1].astype(int) if len(runs) else runs
    places = [int(bed[runs[k]]) for k in chosen]
    guesses, trends, truths = [], [], []
    for place in places:
        truth = levels[place : place + each]
        mixed = 10 * np.log10(10 ** (truth / 10) + event)
        rest = bed[(bed < place - APART) | (bed >= place + each + APART)]
        if len(rest) < MOST_TIED * each:
            continue
        around = np.concatenate([levels[place - 16 : place], mixed, levels[place + each :][:16]])
        lead = len(levels[place - 16 : place])
        found, _ = _walk(levels, rest, around.astype(np.float32))
        guesses.append(found[lead : lead + each] - mean)
        trends.append(_trend(levels, place, place + each) - mean)
        truths.append(truth - mean)
    if not guesses:
        return np.zeros((2, len(mean))), own
    weights = _regress(np.concatenate(guesses), np.concatenate(trends), np.concatenate(truths))
    left = np.concatenate(truths) - weights[0] * np.concatenate(guesses)
    left -= weights[1] * np.concatenate(trends)
    return weights, np.clip(np.sqrt(_pooled((left**2).mean(axis=0))), LEAST_SPREAD_DB, own)


def _regress(guesses: Array, trends: Array, truths: Array) -> Array:
    """Weights, 0 to 1, of guess and trend that explain the truth best, shape (2, bands)."""

    def product(one: Array, other: Array) -> Array:
        return _pooled((one * other).mean(axis=0))

    gg, tt, gt = product(guesses, guesses), product(trends, trends), product(guesses, trends)
    gy, ty = product(guesses, truths), product(trends, truths)
    gg, tt = gg * (1 + RIDGE) + 1e-3, tt * (1 + RIDGE) + 1e-3
    common = np.maximum(gg * tt - gt * gt, 1e-9)
    both = np.stack([(tt * gy - gt * ty) / common, (gg * ty - gt * gy) / common])
    alone = np.stack([gy / gg, ty / tt])
    both[0] = np.where(both[1] < 0, alone[0], both[0])
    both[1] = np.where(both[0] < 0, alone[1], both[1])
    result: Array = np.clip(both, 0, 1)
    return result


def _trend(levels: Levels, first: int, stop: int) -> Array:
    """Levels from those just before to those just after, shape (stop − first, bands)."""
    before = levels[max(0, first - NEAR) : first]
    after = levels[stop : stop + NEAR]
    before, after = (before if len(before) else after), (after if len(after) else before)
    if not len(before):
        return np.zeros((stop - first, levels.shape[1]))
    share = (np.arange(stop - first)[:, None] + 0.5) / (stop - first)
    result: Array = (1 - share) * before.mean(axis=0) + share * after.mean(axis=0)
    return result


def _pooled(values: Array) -> Array:
    padded = np.pad(values, POOLED, mode="edge")
    return np.convolve(padded, np.full(2 * POOLED + 1, 1 / (2 * POOLED + 1)), "valid")
