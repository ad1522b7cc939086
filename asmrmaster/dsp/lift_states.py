"""What lies under an event: the past as the states of a hidden Markov model.

Every frame of the bed that was heard in the clear is a state: a set of band levels that this bed is
known to take on. A state explains a frame under the event if it is *not louder* than what is heard
there; that it is quieter says little, because the event is there, too. States follow each other as
the frames did, with rare jumps. Forward and backward passes give the level each band is expected to
have (L. R. Rabiner, Proc. IEEE 77(2), 1989); the best path gives a stretch of real sound that would
fit. How far to trust the expectation is tried on the past itself, where the truth is known.
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
TRIED_FRAMES, TRIALS = 240, 6
LEAST_SPREAD_DB = 1.5
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
    slope, spread_db = _rehearse(levels, bed, levels[first:stop], expected, mean, own)
    level = mean + slope * (expected - mean)
    return Guess(np.float32(level), np.float32(spread_db), path[inside])


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
    """Slope and spread per band: put the event on known places, guess there, and compare."""
    event = np.maximum(10 ** (heard / 10) - 10 ** (expected / 10), 0)
    each = max(1, min(TRIED_FRAMES // TRIALS, len(event)))
    places = [
        int(bed[k])
        for k in np.linspace(0, max(0, len(bed) - each - 1), TRIALS + 2)[1:-1].astype(int)
    ]
    places = [p for p in places if p + each <= len(levels)]
    guesses, truths = [], []
    for number, place in enumerate(places):
        at = number * max(0, len(event) - each) // max(1, len(places) - 1)
        truth = levels[place : place + each]
        known = np.isin(np.arange(place, place + each), bed)
        if not known.all():
            continue
        mixed = 10 * np.log10(10 ** (truth / 10) + event[at : at + each])
        rest = bed[(bed < place - each) | (bed >= place + 2 * each)]
        if len(rest) < 2 * each:
            continue
        around = np.concatenate([levels[place - 16 : place], mixed, levels[place + each :][:16]])
        lead = len(levels[place - 16 : place])
        found, _ = _walk(levels, rest, np.float32(around))
        guesses.append(found[lead : lead + each] - mean)
        truths.append(truth - mean)
    if not guesses:
        return np.zeros(len(mean)), own
    guessed, true = np.concatenate(guesses), np.concatenate(truths)
    cross, square = _pooled((guessed * true).mean(axis=0)), _pooled((guessed**2).mean(axis=0))
    slope = np.clip(cross / np.maximum(square, 1e-6), 0, 1)
    left = np.sqrt(_pooled(((true - slope * guessed) ** 2).mean(axis=0)))
    return slope, np.clip(left, LEAST_SPREAD_DB, own)


def _pooled(values: Array) -> Array:
    padded = np.pad(values, POOLED, mode="edge")
    return np.convolve(padded, np.full(2 * POOLED + 1, 1 / (2 * POOLED + 1)), "valid")
