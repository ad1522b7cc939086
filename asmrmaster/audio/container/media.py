"""Files as FFmpeg sees them: opened safely, read packet by packet, a sound stream chosen.

Everything FFmpeg can raise is turned into one plain sentence here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Disposition

from asmrmaster.audio.container.naming import describe_stream, has_picture
from asmrmaster.audio.container.structure import structure
from asmrmaster.audio.validation import readable, unreadable, unwritable
from asmrmaster.errors import AsmrmasterError, InputError, OutputError

_POINTERS = {
    "concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "vobsub",
    "webm_dash_manifest", "avisynth", "vapoursynth", "lavfi",
}  # fmt: skip
"""Formats that only point elsewhere: opening them would read other files or the network."""

_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(sorted(av.formats_available - _POINTERS)),
}

# Tags in another encoding than UTF-8 survive as surrogates; PyAV 19 always reads them so.
_TEXT: dict[str, Any] = (
    {"metadata_errors": "surrogateescape"} if int(av.__version__.split(".")[0]) < 19 else {}
)

P = TypeVar("P")

_CONVERT = "Convert it to WAV or FLAC with the program that made it"


@contextmanager
def plain_errors(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turns whatever FFmpeg raises inside into InputError, or OutputError when ``writing``."""
    try:
        yield
    except AsmrmasterError:
        raise
    except OSError as error:
        raise (unwritable if writing else unreadable)(error, path) from None
    except MemoryError:
        kind = OutputError if writing else InputError
        raise kind("it asks for more memory than there is", subject=path) from None
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        if writing:
            raise OutputError(f"it cannot be written ({reason})", subject=path) from error
        if isinstance(error, av.error.PatchWelcomeError):
            reason = "its sound changes on the way, or is of a kind that cannot be decoded"
        if isinstance(error, av.error.InvalidDataError | av.error.ArgumentError):
            reason = "damaged, or not a sound or video file that can be read"
        raise InputError(f"it cannot be read ({reason})", subject=path, hint=_CONVERT) from error


@contextmanager
def open_input(path: Path) -> Iterator[InputContainer]:
    """The container, open for reading; raises InputError where it cannot be."""
    readable(path)
    with plain_errors(path):
        layer = structure(path)
        if layer.missing:
            raise InputError(
                f"cut off: {layer.missing} bytes at its end are missing",
                subject=path,
                hint="Copy or export it again; an interrupted recording needs a repair tool",
            )
        if layer.kind == "iso" and "moov" not in layer.boxes:
            raise InputError(
                "the index is missing: the recording was interrupted",
                subject=path,
                hint="Repair it with a tool for broken MP4 files first",
            )
        # "file:" keeps FFmpeg from reading a name such as "take:1.mp4" as an address.
        container = av.open(f"file:{path}", "r", container_options=_OPTIONS, **_TEXT)
    try:
        yield container
    finally:
        container.close()


@contextmanager
def open_output(path: Path, muxer: str, options: Mapping[str, str]) -> Iterator[OutputContainer]:
    """A container to write; raises OutputError where it cannot be opened or finished.

    Without numbers drawn at random and without a date: the same sound makes the same bytes.
    """
    exact = {"fflags": "+bitexact", **options}
    with plain_errors(path, writing=True):
        output = av.open(f"file:{path}", "w", muxer, container_options=exact, **_TEXT)
    try:
        yield output
    except BaseException:
        with suppress(Exception):  # what is wrong already is what matters
            output.close()
        raise
    with plain_errors(path, writing=True):
        output.close()


def packets(demuxed: Iterator[P], path: Path) -> Iterator[P]:
    """Packets as they are read; raises InputError where reading fails."""
    with plain_errors(path), suppress(IndexError):  # PyAV trips over late streams, at the end
        yield from demuxed


def choose_stream(container: InputContainer, wanted: int | str | None, path: Path) -> AudioStream:
    """The sound stream asked for: by number among the sound streams, by language, or the default.

    The default is the first stream flagged so, or else the first. Raises InputError naming what
    there is.
    """
    streams = list(container.streams.audio)
    if not streams:
        raise InputError(_no_sound(container), subject=path, hint="Name a file with sound")
    if wanted is None:
        flagged = [s for s in streams if s.disposition & Disposition.default]
        return (flagged or streams)[0]
    if isinstance(wanted, str) and wanted.isdigit():
        wanted = int(wanted)
    if isinstance(wanted, int):
        if 0 <= wanted < len(streams):
            return streams[wanted]
    else:
        for stream in streams:
            if (stream.language or "").lower() == wanted.lower():
                return stream
    offers = ", ".join(f"{i} ({describe_stream(s)})" for i, s in enumerate(streams))
    raise InputError(
        f"there is no sound stream {wanted!r}", subject=path, hint=f"There is stream {offers}"
    )


def _no_sound(container: InputContainer) -> str:
    if container.format.name == "image2" or container.format.name.endswith("_pipe"):
        return "it is a picture"
    if has_picture(container):
        return "the video has no sound"
    if container.streams.video:
        return "it holds a picture and no sound"
    return "it holds no sound"
