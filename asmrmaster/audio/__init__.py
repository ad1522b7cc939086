"""Sound in and out.

read: a file as a ``Source``, which describes it and opens a stream of blocks.
write: a stream into a file, quantised here. master_format: which format a master gets.
Draft, check_target: a file appears under its name whole, or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from asmrmaster.audio import pcm
from asmrmaster.audio.ambisonic import check_speakers
from asmrmaster.audio.atomic import Draft, check_target
from asmrmaster.audio.formats import master_format
from asmrmaster.audio.source import Format, Source
from asmrmaster.audio.tags.gains import stated_gains
from asmrmaster.audio.validation import admitted, readable
from asmrmaster.audio.writing import write
from asmrmaster.streams.audio import Audio, Block

__all__ = [
    "Audio",
    "Block",
    "Draft",
    "Format",
    "Source",
    "check_target",
    "master_format",
    "read",
    "write",
]


def read(path: str | Path, *, stream: int | str | None = None) -> Source:
    """The sound in a file: its header is read, its samples when the stream is opened.

    stream: which of several sound streams, by number or language; None for the default one.
    libsndfile reads it where it can, FFmpeg else. Raises InputError, here where the header tells,
    and while streaming where only the samples do (cut off, damaged, not finite).
    """
    file = readable(path)
    check_speakers(file)
    source = pcm.open_source(file)
    if source is None or stream not in (None, 0):
        from asmrmaster.audio import container  # only here: FFmpeg takes a while to load

        source = container.open_source(file, stream=stream)
    return admitted(replace(source, gains=stated_gains(file, source.tags)))
