"""Sound at another sampling rate, for codecs that know only some.

FFmpeg's polyphase resampler with a long filter, computed in 64 bits; it adds no lag.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from asmrmaster.audio.container.frames import LAYOUTS, frame_of, rows_of
from asmrmaster.streams.audio import Audio, Block

_FILTER = "filter_size=128:phase_shift=10:cutoff=0.95:internal_sample_fmt=dblp"


def resampled(audio: Audio, rate: int) -> Audio:
    """The same sound at ``rate`` Hz, in as many frames as its duration asks for, rounded."""
    if rate == audio.rate:
        return audio
    frames = (audio.frames * rate + audio.rate // 2) // audio.rate

    def blocks() -> Iterator[Block]:
        left = frames
        for block in _converted(audio, rate):
            if kept := min(left, len(block)):
                yield block[:kept]
                left -= kept
        if left:
            yield np.zeros((audio.channels, left)).T

    return Audio(rate, audio.channels, frames, blocks)


def _converted(audio: Audio, rate: int) -> Iterator[Block]:
    layout = LAYOUTS[audio.channels - 1]
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=audio.rate, format="dblp", layout=layout, time_base=Fraction(1, audio.rate)
    )
    converter = graph.add("aresample", f"{rate}:{_FILTER}")
    sink = graph.add("abuffersink")
    source.link_to(converter)
    converter.link_to(sink)
    graph.configure()
    done = 0
    for block in audio.open():
        if len(block):
            source.push(frame_of(block, "dblp", layout, audio.rate, done))
            done += len(block)
            yield from _ready(sink, audio.channels)
    source.push(None)
    yield from _ready(sink, audio.channels)


def _ready(sink: FilterContext, channels: int) -> Iterator[Block]:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield np.array(rows_of(frame, "dblp", channels)).T
