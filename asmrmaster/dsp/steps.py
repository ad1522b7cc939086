"""Cutting a stream into equal short steps, whatever blocks it arrives in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def step_frames(rate_hz: int) -> int:
    """Frames in a step of a millisecond, as near as whole frames allow."""
    return max(1, round(rate_hz / 1000))


class Steps:
    """Cuts a stream into steps of ``length`` frames, each seen with ``before`` frames before it.

    Unlike the hops of ``dsp.level`` all steps are equally long, so that sums over them are fast at
    any rate; only samples at the joins of blocks are copied. Before the stream lies silence.
    """

    def __init__(self, rows: int, length: int, before: int = 0) -> None:
        self._length, self._before = length, before
        self._rest = np.zeros((rows, before))

    def cut(self, block: Array) -> Iterator[Array]:
        """The steps that this block, shape (frames, rows), completes.

        Arrays of shape (rows, steps, before + length), views that must not be written into.
        """
        samples = block.T
        partial = self._rest.shape[1] - self._before  # frames of the next step that are here
        join = -partial % self._length
        while join < self._before:
            join += self._length
        if samples.shape[1] < join:
            samples = np.concatenate([self._rest, samples], axis=1)
        elif self._rest.shape[1]:
            # Whole steps across the join, then on in the block itself.
            yield from self._whole(np.concatenate([self._rest, samples[:, :join]], axis=1))
            samples = samples[:, join - self._before :]
        yield from self._whole(samples)
        done = max(0, samples.shape[1] - self._before) // self._length * self._length
        self._rest = samples[:, done:].copy()

    def _whole(self, samples: Array) -> Iterator[Array]:
        steps = (samples.shape[1] - self._before) // self._length
        if steps > 0:
            row, frame = samples.strides
            yield np.lib.stride_tricks.as_strided(
                samples,
                (len(samples), steps, self._before + self._length),
                (row, self._length * frame, frame),
                writeable=False,
            )
