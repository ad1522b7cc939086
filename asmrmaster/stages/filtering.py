"""Stages that are nothing but a filter, and the same for meters at a third of the cost."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import cast

import numpy as np

from asmrmaster.dsp.blocked import UNIT, Blocked
from asmrmaster.dsp.filters import Filter, Sos
from asmrmaster.dsp.windows import Windows
from asmrmaster.stages.base import EditLog, Stage, no_log
from asmrmaster.streams.audio import Audio, Block

_WINDOW = 300 * UNIT  # 6 s at 48 kHz: a block of stereo


class Filtering(Stage):
    """A filter, the same for every channel; rings in from rest."""

    @abstractmethod
    def sections(self, rate_hz: float) -> Sos:
        """The filter at this sampling rate, shape (sections, 6); none of them where it is idle."""

    def __call__(self, audio: Audio, log: EditLog = no_log) -> Audio:
        """The sound with this tone; the very same where nothing is filtered."""
        sos = self.sections(audio.rate)
        if not len(sos):
            return audio

        def blocks() -> Iterator[Block]:
            run = Filter(sos, audio.channels)
            for block in audio.open():
                yield run(block)

        return Audio(audio.rate, audio.channels, audio.frames, blocks)


def filtered_for_meters(audio: Audio, filters: tuple[Filtering, ...]) -> Audio:
    """The sound after these filters in single precision, 100 dB below its largest sample.

    For planning alone: what is written, and what is measured of it, is filtered by the stages.
    """
    sos = np.concatenate([np.empty((0, 6)), *(each.sections(audio.rate) for each in filters)])
    if not len(sos):
        return audio

    def blocks() -> Iterator[Block]:
        run = Blocked(sos, audio.channels)
        windows = Windows(audio.channels, _WINDOW, 0, 0, np.float32)
        for block in audio.open():
            for window in windows.feed(block):
                yield cast("Block", run(window).T)
        for window, frames in windows.finish():
            yield cast("Block", run(window)[:, :frames].T)

    return Audio(audio.rate, audio.channels, audio.frames, blocks)
