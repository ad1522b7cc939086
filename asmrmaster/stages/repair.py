"""What all repairs have in common: spans they may not touch and edits that were taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, PlainSerializer

from asmrmaster.audio.stream import Audio, Block
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog, Stage, edit_id

Array = NDArray[np.float64]


def _span(span: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= span[0] < span[1] < np.inf:
        raise ValueError(f"a span runs from a time to a later one, in seconds, not {span}")
    return span


Span = Annotated[tuple[float, float], AfterValidator(_span)]
"""From, to, in seconds."""

Ids = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""Names of edits; written in order, so that equal stages are written equally."""


class Repair(Stage):
    """A stage that changes only what it logs, and nothing where it is told not to."""

    protect: Annotated[
        tuple[Span, ...], Field(description="spans in seconds that must stay as they are")
    ] = ()
    skip_edits: Annotated[
        Ids, Field(description="names of edits of an earlier render that are not to be made again")
    ] = frozenset()

    def may_edit(self, channel: int | None, start: int, end: int, rate_hz: int) -> bool:
        """Whether frames [start, end) may be changed."""
        free = all(
            end <= first * rate_hz or start >= last * rate_hz for first, last in self.protect
        )
        return free and edit_id(self.name, channel, start) not in self.skip_edits


@dataclass(frozen=True)
class Patch:
    """New samples, shape (frames,), for one channel from frame ``edit.first_frame`` on."""

    values: Array
    edit: Edit


Find = Callable[[Array, int], list[Patch]]
"""Patches that start in the middle part of a window, shape (channels, frames), whose first sample
is that of the given frame of the file (negative at its start)."""


def patched(audio: Audio, length: int, context: int, find: Find, log: EditLog) -> Audio:
    """The sound with patches put in, everything else bit for bit.

    ``find`` sees windows of context, ``length`` and context frames, always the same ones whatever
    the blocks; a patch may reach out of the middle part by less than ``length``. What two windows
    see at their joint is mended once.
    """

    def blocks() -> Iterator[Block]:
        windows = Windows(audio.channels, length, context, context)
        start = 0  # first frame of the middle part
        held: Array | None = None  # the middle part before, until it is known what reaches into it
        open_patches: list[Patch] = []

        def step(window: Array, count: int) -> Iterator[Block]:
            nonlocal start, held, open_patches
            for patch in sorted(find(window, start - context), key=_first):
                if not any(_overlap(patch, other) for other in open_patches):
                    log(patch.edit)
                    open_patches.append(patch)
            if held is not None:
                yield _patch(held, start - length, open_patches).T
            open_patches = [p for p in open_patches if _first(p) + len(p.values) > start]
            held = window[:, context : context + count].copy()
            start += length

        for block in audio.open():
            for window in windows.feed(block):
                yield from step(window, length)
        for window, count in windows.finish():
            yield from step(window, count)
        if held is not None:
            yield _patch(held, start - length, open_patches).T

    return Audio(audio.rate, audio.channels, audio.frames, blocks)


def _first(patch: Patch) -> int:
    assert patch.edit.first_frame is not None
    return patch.edit.first_frame


def _overlap(one: Patch, other: Patch) -> bool:
    return (
        one.edit.channel == other.edit.channel
        and _first(one) < _first(other) + len(other.values)
        and _first(other) < _first(one) + len(one.values)
    )


def _patch(samples: Array, origin: int, patches: list[Patch]) -> Array:
    """``samples``, shape (channels, frames) from frame ``origin`` on, changed in place."""
    for patch in patches:
        assert patch.edit.channel is not None
        first = _first(patch) - origin
        low, high = max(0, first), min(samples.shape[1], first + len(patch.values))
        if low < high:
            samples[patch.edit.channel, low:high] = patch.values[low - first : high - first]
    return samples
