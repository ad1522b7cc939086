"""What all repairs have in common: spans they may not touch and edits that were taken back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, PlainSerializer

from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import Edit, EditLog, Stage, edit_id, no_log
from asmrmaster.streams.audio import Audio, Block

Array = NDArray[np.float64]


def _span(span: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= span[0] < span[1] < np.inf:
        raise ValueError(f"a span runs from a time to a later one, in seconds, not {span}")
    return span


Span = Annotated[tuple[float, float], AfterValidator(_span)]
"""From, to, in seconds."""

Ids = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""Names of edits; written in order, so that equal stages are written equally."""


RAMP_S = 0.01
"""How long a repair that runs all the time takes to give way to a protected span."""


class Repair(Stage):
    """A stage that changes only what it logs, and nothing where it is told not to."""

    changes_balance: ClassVar[bool] = False
    """Whether what is measured for later stages has to be measured after this one. A click less
    does not move a median."""

    lowers: ClassVar[bool] = False
    """Whether an edit turns a part of the spectrum down for a while, rather than put other samples
    in."""

    protect: Annotated[
        tuple[Span, ...], Field(description="spans in seconds that must stay as they are")
    ] = ()
    skip_edits: Annotated[
        Ids, Field(description="names of edits of an earlier render that are not to be made again")
    ] = frozenset()

    def after(self, edits: Iterable[Edit]) -> Self:
        """This stage for another pass over a take in which it made these edits.

        It does the same again; one that has to search need not search elsewhere.
        """
        return self

    def may_edit(self, channel: int | None, start: int, end: int, rate_hz: int) -> bool:
        """Whether frames [start, end) may be changed."""
        free = all(end <= first or start >= last for first, last in self.protected(rate_hz))
        return free and not self.taken_back(channel, start)

    def taken_back(self, channel: int | None, start: int) -> bool:
        """Whether the edit that starts at this frame is not to be made."""
        return edit_id(self.name, channel, start) in self.skip_edits

    def protected(self, rate_hz: int) -> list[tuple[int, int]]:
        """The protected spans as frames, first and one past the last."""
        return [(round(first * rate_hz), round(last * rate_hz)) for first, last in self.protect]

    def share(self, start: int, frames: int, rate_hz: int) -> Array | None:
        """How much of the repair to let through, per frame from ``start`` on; None for all of it.

        0 in protected spans, rising to 1 within 10 ms outside of them.
        """
        ramp = RAMP_S * rate_hz
        near = [
            (first, last)
            for first, last in self.protected(rate_hz)
            if first - ramp < start + frames and last + ramp > start
        ]
        if not near:
            return None
        at = np.arange(start, start + frames, dtype=np.float64)
        away = [np.maximum(first - at, at - last) for first, last in near]
        share: Array = np.clip(np.min(away, axis=0) / ramp, 0.0, 1.0)
        return share


class Measured(Repair):
    """A repair that has to measure the whole take first.

    What it needs to know of the take is a parameter that is None until measured. ``fitted`` gives
    the stage with that filled in, so that a chain can be replayed without measuring again; called
    unfitted, a stage measures when its stream is first opened.
    """

    @abstractmethod
    def fitted(self, audio: Audio) -> Self:
        """This stage for this take; itself if everything is known. Reads the take once."""

    @abstractmethod
    def apply(self, audio: Audio, log: EditLog) -> Audio:
        """The sound after this stage, which has been fitted."""

    def __call__(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound after this stage."""
        fitted: Measured | None = None

        def blocks() -> Iterator[Block]:
            nonlocal fitted
            if fitted is None:
                fitted = self.fitted(audio)
            yield from fitted.apply(audio, log).open()

        return Audio(audio.rate, audio.channels, audio.frames, blocks)


def fit(audio: Audio, stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The same stages with all that has to be measured in this take measured.

    Each measures the take through the stages before it that change its balance, see
    ``Repair.changes_balance``; one pass for each that is not fitted yet.
    """
    fitted: list[Stage] = []
    for stage in stages:
        known = stage.fitted(audio) if isinstance(stage, Measured) else stage
        fitted.append(known)
        if not isinstance(known, Repair) or known.changes_balance:
            audio = known(audio)
    return tuple(fitted)


@dataclass(frozen=True)
class Patch:
    """New samples, shape (frames,), for one channel from frame ``edit.first_frame`` on."""

    values: Array
    edit: Edit


Find = Callable[[Array, int], list[Patch]]
"""Patches that start in the middle part of a window, shape (channels, frames), whose first sample
is that of the given frame of the file (negative at its start)."""


def patched(
    audio: Audio,
    length: int,
    context: int,
    find: Find,
    log: EditLog,
    places: Sequence[int] | None = None,
) -> Audio:
    """The sound with patches put in, everything else bit for bit.

    places: first frames of all the patches there are, where that is known from another pass.

    ``find`` sees windows of context, ``length`` and context frames, always the same ones whatever
    the blocks; a patch may reach out of the middle part by less than ``length``. What two windows
    see at their joint is mended once.
    """

    # What is found in a window starts in its middle part or a little beyond.
    near = None if places is None else {at // length + k for at in places for k in (-1, 0, 1)}

    def blocks() -> Iterator[Block]:
        windows = Windows(audio.channels, length, context, context)
        start = 0  # first frame of the middle part
        held: Array | None = None  # the middle part before, until it is known what reaches into it
        open_patches: list[Patch] = []

        def step(window: Array, count: int) -> Iterator[Block]:
            nonlocal start, held, open_patches
            seek = near is None or start // length in near
            for patch in sorted(find(window, start - context) if seek else (), key=_first):
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
