"""Take away rumble below the sound: a gentle high-pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from asmrmaster.audio.stream import Audio, Block
from asmrmaster.dsp.filters import Filter, highpass
from asmrmaster.stages.base import EditLog, Stage, no_log


class HighPass(Stage):
    """Butterworth high-pass, the same for every channel; rings in from rest."""

    name: ClassVar[str] = "highpass"
    title: ClassVar[str] = "High-pass"

    cutoff_hz: Annotated[
        float, Field(ge=10, le=120, description="frequency that comes out 3 dB quieter")
    ] = 25.0
    order: Annotated[
        Literal[2, 4], Field(description="steepness: 2 falls 12 dB per octave, 4 falls 24")
    ] = 2

    def __call__(self, audio: Audio, log: EditLog = no_log) -> Audio:
        sos = highpass(self.cutoff_hz, audio.rate, self.order)

        def blocks() -> Iterator[Block]:
            run = Filter(sos, audio.channels)
            for block in audio.open():
                yield run(block)

        return Audio(audio.rate, audio.channels, audio.frames, blocks)
