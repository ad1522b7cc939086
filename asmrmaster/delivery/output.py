"""Where a master goes: into a file of its own, or back beside the picture it was taken from.

What comes out follows from the take and the name of the master alone. A video stays a video when
its master is named as one: everything but the sound is copied, untouched, and the sound has to be
in step with the take before anything is published.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asmrmaster.audio import master_format, read, write
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.names import beside
from asmrmaster.audio.source import Format, Source
from asmrmaster.audio.tags import Metadata
from asmrmaster.errors import OutputError
from asmrmaster.streams.audio import Audio

if TYPE_CHECKING:
    from asmrmaster.audio.container import Proof

FILMS = frozenset({"MP4", "MOV", "MKV", "WEBM", "TS", "FLV", "AVI"})
"""Containers a master that is named so brings its picture along in."""

Stream = int | str | None
"""One of several sound streams, by number or by language; None for the default one."""


@dataclass(frozen=True)
class Delivery:
    """How one master is written, read back and compared with its take.

    format: what is stored. write: the sound to exactly this path; plain sentences on what could
    not be kept, OutputError. stream: where the written file holds it. proof: of a film, that its
    sound is in step.
    """

    format: Format
    write: Callable[[Audio, Path], tuple[str, ...]]
    take: Path
    stream: Stream = None
    proof: Proof | None = None

    @property
    def loses(self) -> bool:
        """Whether the encoder makes sound quieter: AAC does, Opus and MP3 do not."""
        return self.format.codec == "AAC"

    @property
    def overshoot_db(self) -> float:
        """By how much an encoder raises the peaks of limited sound: what the ceiling is lowered by.

        AAC and Opus raised them by up to 0.07 dB in minutes of sound, 0.05 of which every ceiling
        keeps free. MP3 now and then, and AAC over ten hours, raised them by 0.3 dB, and then there
        is another render.
        """
        return 0.0 if self.format.lossless else 0.15

    @property
    def aside_db(self) -> float:
        """What to aim below a ceiling that was overshot: an encoder never errs twice alike."""
        return 0.005 if self.format.lossless else 0.1

    def watched(self, take: Audio) -> Audio:
        """The sound of the take; of a film, what ``prove`` needs is kept while it is measured."""
        return take if self.proof is None else self.proof.of_take(take)

    def read(self, path: Path) -> Source:
        """The master as it was written."""
        return read(path, stream=self.stream)

    def watched_new(self, new: Audio, path: Path) -> Audio:
        """The sound of the written master, overheard like the take."""
        return new if self.proof is None else self.proof.of_new(new, path)

    def prove(self, draft: Path) -> tuple[str, ...]:
        """What was found, in a sentence, of a film; nothing of other files.

        OutputError unless its new sound is in step with the old within 1 ms, start to end. Where
        they were not watched, both are read again.
        """
        if self.proof is None:
            return ()
        from asmrmaster.audio.container import prove_sync  # only here: it loads FFmpeg

        result = self.proof.result() or prove_sync(self.take, draft, stream=self.stream)
        problem = self.proof.problem or result.problem
        if problem:
            raise OutputError(
                "the new sound is not in step with the picture, so nothing was written",
                subject=self.take,
                hint=f"{problem} Write the sound alone, to a name ending in .wav",
            )
        return (result.summary,)


def delivery(
    source: Source,
    target: Path,
    *,
    stream: Stream = None,
    format: Format | None = None,
    same_length: bool = True,
    keeping: Keeping = "all",
) -> Delivery:
    """How the master of this take is written under this name. Raises OutputError.

    stream: the one of the take that was mastered. format: container and codec, where the usual
    ones for the name are not wanted. same_length: whether the master is as long as the take, which
    a picture asks for, and the marks in a take's chunks. keeping: which tags of the take travel.
    """
    stored = format or master_format(source.format, target)
    if not same_length:
        if source.picture and stored.container in FILMS:
            raise OutputError(
                "a video keeps its length", subject=target,
                hint="Write the sound alone, to a name ending in .wav",
            )  # fmt: skip
        return Delivery(
            stored,
            lambda audio, path: write(
                audio, path, stored, like=source, moments=False, keeping=keeping
            ),
            source.path,
        )
    if source.picture and stored.container in FILMS:
        from asmrmaster.audio.container import Proof  # only here: it loads FFmpeg

        return Delivery(
            stored,
            lambda audio, path: _write_film(source, audio, path, stored, stream, keeping),
            source.path,
            stream,
            Proof(source.path, stream=stream),
        )
    left = ("The picture of the take was left out.",) if source.picture else ()
    return Delivery(
        stored,
        lambda audio, path: (*left, *write(audio, path, stored, like=source, keeping=keeping)),
        source.path,
    )


def _write_film(
    source: Source, audio: Audio, path: Path, stored: Format, stream: Stream, keeping: Keeping
) -> tuple[str, ...]:
    from asmrmaster.audio.container import remux  # only here: it loads FFmpeg

    notes = remux(source.path, audio, path, stored, stream=stream, keeping=keeping)
    own = Metadata.of(source, {}, keeping=keeping)
    own.put_into(path)
    header = read(path, stream=stream).tags
    return (*notes, *own.notes(path, stored.container, header, attached=True))


def default_output(source: Source) -> Path:
    """NAME.master.EXT beside the take, with an extension the master can be written to.

    A video stays one; other lossy takes become WAV, so that they are not encoded twice.
    """
    named = beside(source.path, f".master{source.path.suffix}")
    if not source.format.lossless and not source.picture:
        return named.with_suffix(".wav")
    try:
        master_format(source.format, named)
    except OutputError:
        return named.with_suffix(".mkv" if source.picture else ".wav")
    return named
