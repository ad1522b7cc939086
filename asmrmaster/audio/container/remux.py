"""A mastered sound back into its video: everything else is copied packet by packet, untouched.

The sound takes the place of the stream it was made from: same position, start, language, title and
flags. Chapters, tags and pictures go along. What the container makes anew by itself (a timecode
track, a chapter track) is left to it. What cannot be stored there raises OutputError before
anything is written if it is picture, sound or subtitles, and is named in a note if not.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from asmrmaster.audio.container.codecs import (
    CONTAINERS,
    Container,
    container_format,
    nearest_rate,
    parts,
)
from asmrmaster.audio.container.decode import Track, find_track, select
from asmrmaster.audio.container.encode import Encoder, mux
from asmrmaster.audio.container.media import open_input, open_output, packets, plain_errors
from asmrmaster.audio.container.naming import codec_name, describe_stream, is_cover
from asmrmaster.audio.container.resample import resampled
from asmrmaster.audio.container.structure import structure
from asmrmaster.audio.keeping import Keeping
from asmrmaster.audio.source import Format
from asmrmaster.audio.tags.gains import GAINS
from asmrmaster.audio.tags.personal import is_personal, without_exif
from asmrmaster.errors import OutputError
from asmrmaster.streams.audio import Audio

_PICTURES = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png")}
_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
_OF_THE_CODING = {"encoder", "duration", "bps", "number_of_frames", "number_of_bytes"}
AnyPacket: TypeAlias = "Packet[Any]"


def remux(
    take: Path,
    audio: Audio,
    path: Path,
    format: Format | None = None,
    *,
    stream: int | str | None = None,
    keeping: Keeping = "all",
) -> tuple[str, ...]:
    """Write ``take`` to exactly ``path`` with ``audio`` in place of one of its sound streams.

    format: container and codec, None for what ``codecs`` says. stream: which one, by number among
    the sound streams or by language. Returns plain sentences on what could not be kept. Raises
    InputError, OutputError, and leaves behind what was written up to then.
    """
    if path.exists() and path.samefile(take):
        raise OutputError("this is the take, which is never written over", subject=path)
    track = find_track(take, stream=stream)
    format = format or container_format(track.format, path)
    container, codec = parts(format, path)
    ready = resampled(audio, nearest_rate(codec, audio.rate))
    covers = _covers(take)
    with (
        open_input(take) as source,
        open_output(path, container.muxer, _options(source, take, container, ready)) as output,
    ):
        _keep_tags(source, output, keeping)
        copies: dict[int, Stream] = {}
        notes: list[str] = []
        encoder: Encoder | None = None
        for old in source.streams:
            if old.index == track.index:
                encoder = _encoder(output, ready, format, path, track)
                _keep_words(old, encoder.stream, keeping)
            elif track.right is not None and old.index == track.right.index:
                continue  # its sound is in the pair
            elif old.index in covers and container.muxer == "matroska":
                _attach(old, output, covers[old.index], keeping)
            elif keeping != "all" and old.type == "data":
                # Phones and cameras write where they are into such streams, second by second.
                notes.append(f"Stream {old.index}, data of the device, was left out.")
            elif _is_stored(old, container, path, format, notes):
                copies[old.index] = _copy(old, source, output, container, path)
                _keep_words(old, copies[old.index], keeping)
        assert encoder
        sound = encoder.packets()
        for packet in _in_step(_copied(source, take, copies), sound):
            mux(output, packet, path)
        return (*notes, *encoder.notes(audio.rate))


def _options(
    source: InputContainer, take: Path, container: Container, audio: Audio
) -> dict[str, str]:
    options = dict(container.options)
    if container.iso:
        options["movie_timescale"] = str(audio.rate)  # edit lists exact to the frame
        options["movflags"] = "+faststart" if structure(take).index_first else ""
        # Names such as com.apple.quicktime.location need the other of MP4's two kinds of tags.
        if any("." in name for name in source.metadata):
            options["movflags"] += "+use_metadata_tags"
    return {name: value for name, value in options.items() if value}


def _encoder(
    output: OutputContainer, audio: Audio, format: Format, path: Path, track: Track
) -> Encoder:
    _, codec = parts(format, path)
    return Encoder(
        output,
        audio,
        codec,
        format,
        path,
        start=round(track.start_s * audio.rate),
        layout=track.layout,
    )


def _is_stored(
    old: Stream, container: Container, path: Path, format: Format, notes: list[str]
) -> bool:
    """Whether a stream is copied; a note where it cannot be, OutputError where it has to be."""
    if old.discard == Discard.all:  # FFmpeg's word for a track of chapter titles or pictures
        return False
    remade = container.iso and not old.codec_context and "timecode" in old.metadata
    if remade:
        return False
    if _is_accepted(old, container):
        return True
    what = f"stream {old.index} ({old.type}: {describe_stream(old)})"
    undecodable = old.type == "audio" and old.codec_context is None
    if old.type in ("video", "audio", "subtitle") and not is_cover(old) and not undecodable:
        raise OutputError(
            f"{format.container} cannot hold {what} of the take",
            subject=path,
            hint=_holders(old),
        )
    notes.append(f"{format.container} cannot hold {what}: it was left out.")
    return False


def _holders(stream: Stream) -> str:
    """What to do about a stream that a container cannot hold."""
    ends = [c.suffixes[0] for c in CONTAINERS.values() if c.film and _is_accepted(stream, c)]
    if not ends:
        return "Write the sound alone, to a name ending in .wav"
    return f"End the name in {' or '.join(ends)}, or write the sound alone, to .wav"


def _is_accepted(old: Stream, container: Container) -> bool:
    """Whether the container takes a copy of this stream, tried on a file in memory."""
    muxer = container.muxer
    if container.copied and codec_name(old) not in container.copied:
        return False
    if is_cover(old) and muxer not in ("mp4", "mov", "mp3", "flac"):
        return False
    trial = av.open(io.BytesIO(), "w", muxer)
    try:
        trial.add_stream_from_template(old, opaque=True).disposition = old.disposition
        trial.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    finally:
        with suppress(Exception):
            trial.close()
    return True


def _copy(
    old: Stream, source: InputContainer, output: OutputContainer, container: Container, path: Path
) -> Stream:
    with plain_errors(path, writing=True):
        new = output.add_stream_from_template(old, opaque=True)
    if isinstance(new, VideoStream) and isinstance(old, VideoStream):
        if old.average_rate:
            new.codec_context.framerate = old.average_rate
        if container.iso and source.format.name.startswith("mov,"):
            with suppress(UnicodeDecodeError):  # hvc1 or hev1, which ProRes …
                new.codec_context.codec_tag = old.codec_context.codec_tag
    if container.muxer == "mpegts":
        new.id = old.id
    return new


def _keep_words(old: Stream, new: Stream, keeping: Keeping) -> None:
    """Language, title, flags: what is said about a stream."""
    gone = _OF_THE_CODING if isinstance(new, AudioStream) and new.codec_context.is_encoder else {}
    for name, text in old.metadata.items():
        if not _travels(name, text, keeping):
            continue
        if name.lower() not in gone and not (gone and name.lower().startswith("_statistics")):
            new.metadata[name] = text
    if "name" in old.metadata:  # MP4's word for the title of a stream
        new.metadata.setdefault("title", old.metadata["name"])
    new.disposition = old.disposition


def _travels(name: str, text: str, keeping: Keeping) -> bool:
    """Whether a text of a film or a stream goes along; languages and titles of streams always."""
    if name.lower().startswith(GAINS):
        return False
    return keeping == "all" or not is_personal(name, [text])


def _keep_tags(source: InputContainer, output: OutputContainer, keeping: Keeping) -> None:
    for name, text in source.metadata.items() if keeping != "none" else ():
        if name.lower() not in _OF_THE_FILE and _travels(name, text, keeping):
            output.metadata[name] = text
    if keeping != "none":
        output.set_chapters(source.chapters())


def _covers(take: Path) -> dict[int, bytes]:
    """The pictures that go with the sound, by stream."""
    with open_input(take) as source:
        wanted = [stream for stream in source.streams.video if is_cover(stream)]
        found: dict[int, bytes] = {}
        for stream in wanted:
            select(source, stream)
            stream.discard = Discard.default
            packet = next(packets(source.demux(stream), take), None)
            if packet is not None and packet.size:
                found[stream.index] = bytes(packet)
        return found


def _attach(old: Stream, output: OutputContainer, picture: bytes, keeping: Keeping) -> None:
    picture = picture if keeping == "all" else without_exif(picture)
    name, kind = _PICTURES.get(codec_name(old), ("cover", "image"))
    name = old.metadata.get("filename", name)
    output.add_attachment(name, old.metadata.get("mimetype", kind), picture)


def _copied(source: InputContainer, take: Path, copies: dict[int, Stream]) -> Iterator[AnyPacket]:
    """The packets of the streams that are copied, handed over to their new streams."""
    for packet in packets(source.demux(), take):
        new = copies.get(packet.stream_index)
        if new is not None and (packet.size or packet.dts is not None):
            packet.stream = new
            yield packet


def _in_step(copied: Iterator[AnyPacket], sound: Iterator[AnyPacket]) -> Iterator[AnyPacket]:
    """Both in the order of time, so that neither has to be held back for long."""
    waiting = next(sound, None)
    for packet in copied:
        while waiting is not None and _time_s(waiting) <= _time_s(packet):
            yield waiting
            waiting = next(sound, None)
        yield packet
    while waiting is not None:
        yield waiting
        waiting = next(sound, None)


def _time_s(packet: AnyPacket) -> float:
    """When a packet is due; at once, if it does not say."""
    time = packet.dts if packet.dts is not None else packet.pts
    tick = packet.time_base
    return float("-inf") if time is None else time * tick.numerator / tick.denominator
