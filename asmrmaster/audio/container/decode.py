"""Sound out of any container FFmpeg reads, counted before it is streamed.

Before the first block is asked for, the frames are counted:

- MP4 and Matroska with a codec whose packets tell how many frames they make (AAC, AC-3, MP3,
  Opus, ALAC): the first packets are decoded, the others only looked at. The count is checked while
  the sound is streamed.
- Everything else is decoded once and counted, just as it is streamed later.

The padding an encoder adds at the end is left out where the container says so: by skip samples,
which FFmpeg honours, and in MP4 by a short last packet or an edit list that ends earlier.

Sources: ISO/IEC 14496-12:2022 clauses 8.6.1 and 8.6.6 (sample durations, edit list).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Stream
from numpy.typing import NDArray

from asmrmaster.audio.ambisonic import check_speakers
from asmrmaster.audio.channel_layout import layout_notes
from asmrmaster.audio.container.clock import Layout, laid, lay
from asmrmaster.audio.container.clock_notes import check_layout, layout_remarks
from asmrmaster.audio.container.frames import STEPS, rows_of, wave_order
from asmrmaster.audio.container.media import choose_stream, open_input
from asmrmaster.audio.container.naming import describe_stream, has_picture, stored_as, tidy_tags
from asmrmaster.audio.container.pair import LEFT, MOST_APART_S, PAIRED, RIGHT, side_by_side
from asmrmaster.audio.container.reading import ISO, Reading
from asmrmaster.audio.container.structure import structure
from asmrmaster.audio.lossy_length import JOINED, mp3_frames
from asmrmaster.audio.ogg_length import ogg_length
from asmrmaster.audio.source import STREAMED, Format, Source
from asmrmaster.audio.tags.gains import GAINS
from asmrmaster.audio.validation import check_floats, cut_off, unreadable
from asmrmaster.errors import InputError
from asmrmaster.streams.audio import Audio, Block, block_frames

NOTED_OFFSET_S = 0.04
"""A later start of the sound than this is noted: lip-sync tolerance, EBU R 37."""

_EXACT = {"flac", "tta", "wv", "ape", "tak", "wav", "w64", "aiff", "caf", "au"}
"""Formats whose header states the length of the sound itself."""


@dataclass(frozen=True)
class Track:
    """One sound stream of a file, counted.

    index: among all streams. rate, channels: as delivered. sounding: frames before they are laid
    on the clock; decoded: with the padding at the end, which is not delivered. kind: FFmpeg's
    sample format.
    layout: FFmpeg's name of the layout. order: which decoded channel comes where, in WAV order.
    layout_in_time: how it is laid on the clock of the container. packet_frames: frames of a usual
    packet.
    picture: whether moving picture goes with it. number, others: of its stream among the sound
    streams, and of those a player may choose besides. named: what the stream is, in a few words.
    right: the other side of a pair.
    """

    path: Path
    index: int
    rate: int
    channels: int
    sounding: int
    decoded: int
    kind: str
    layout: str
    order: tuple[int, ...]
    layout_in_time: Layout
    packet_frames: int
    format: Format
    tags: Mapping[str, str]
    notes: tuple[str, ...]
    picture: bool
    number: int
    others: tuple[int, ...]
    named: str
    right: Track | None = None

    @property
    def frames(self) -> int:
        """Frames as delivered, on the clock."""
        right = self.right.frames if self.right is not None else 0
        return max(self.layout_in_time.frames, right)

    @property
    def start_s(self) -> float:
        """Time of frame 0 on the clock of the container."""
        return self.layout_in_time.start_s

    @property
    def audio(self) -> Audio:
        """The sound on its clock, decoded anew on every pass."""
        if self.right is not None:
            left = replace(self, channels=1, right=None)
            return side_by_side(left.audio, self.right.audio)

        def blocks() -> Iterator[Block]:
            return laid(_blocks(self), self.layout_in_time, self.channels)

        return Audio(self.rate, self.channels, self.frames, blocks)


def open_source(path: Path, *, stream: int | str | None = None) -> Source:
    """The sound of one stream of a file: by number among the sound streams, or by language.

    None stands for the one flagged as default, or the first. Raises InputError; a file that is
    damaged further on than its index shows raises here or while it is streamed.
    """
    track = find_track(path, stream=stream)
    return Source(
        path,
        track.audio,
        track.format,
        track.tags,
        (*_which(track), *track.notes),
        track.picture,
        stream=track.number if track.others else None,
        others=track.others,
    )


def _which(track: Track) -> Iterator[str]:
    if track.others:
        count = len(track.others) + (1 if track.right is None else 2)
        yield f"It holds {count} sound streams; this is stream {track.number} ({track.named})."


def find_track(path: Path, *, stream: int | str | None = None) -> Track:
    """One sound stream of a file, its frames counted. Raises InputError.

    Counting reads every packet, so what is known of a file is remembered until it changes.
    """
    try:
        now = path.stat()
    except OSError as error:
        raise unreadable(error, path) from None
    state = (now.st_ino, now.st_size, now.st_mtime_ns)
    track = _found(path, stream, state)
    if stream is not None or track.layout != LEFT:
        return track
    sides: list[Track] = []
    for number in track.others:
        with suppress(InputError):  # one that cannot be decoded is no side
            sides.append(_found(path, number, state))
    return _paired(track, [side for side in sides if side.layout == RIGHT])


@lru_cache(maxsize=16)
def _found(path: Path, stream_wanted: int | str | None, state: tuple[int, ...]) -> Track:
    """The track with its frames counted."""
    with open_input(path) as container:
        stream = choose_stream(container, stream_wanted, path)
        select(container, stream)
        if stream.codec_context is None:
            raise InputError(
                "its sound is in a codec that cannot be decoded",
                subject=path,
                hint="Convert it to WAV or FLAC with the program that made it",
            )
        reading = Reading(container, stream, path)
        for _ in reading.decoded():
            if reading.predictable:
                reading.look()
                break
        return _track(container, stream, reading, path)


def _paired(left: Track, rights: Sequence[Track]) -> Track:
    """Both sides as one track in stereo, where there is one that runs beside the left."""
    beside = [
        right
        for right in rights
        if right.rate == left.rate and abs(right.start_s - left.start_s) < MOST_APART_S
    ]
    if len(beside) != 1:
        return left
    (right,) = beside
    return replace(
        left,
        channels=2,
        layout="stereo",
        notes=(PAIRED, *dict.fromkeys((*left.notes, *right.notes))),
        others=tuple(number for number in left.others if number != right.number),
        right=right,
    )


def select(container: InputContainer, stream: Stream) -> None:
    """Has FFmpeg pass over the packets of all other streams, which saves reading them."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def _track(container: InputContainer, stream: AudioStream, reading: Reading, path: Path) -> Track:
    sound = reading.sound
    if sound is None:
        raise InputError("it holds no sound (0 frames)", subject=path, hint="Record again")
    frames = reading.frames - _padding(container, stream, reading, path)
    promised = _promised(container, stream, sound.rate)
    if frames < promised - reading.packet_frames:
        raise cut_off(path, frames, promised, sound.rate)
    # In Ogg the tags belong to the stream; elsewhere its title is not that of the sound, and only
    # the gains are wanted.
    ogg = container.format.name == "ogg"
    own = {n: t for n, t in stream.metadata.items() if ogg or n.lower().startswith(GAINS)}
    tags = tidy_tags(container.metadata, own)
    check_speakers(path, reading.speakers)
    order = wave_order(reading.speakers)
    reading.stamps.end()
    layout = lay(reading.stamps, frames, sound.rate)
    check_layout(layout, path)
    return Track(
        path,
        stream.index,
        sound.rate,
        sound.channels,
        frames,
        reading.frames,
        sound.kind,
        sound.layout,
        order,
        layout,
        reading.packet_frames,
        _stored(container, stream, path, frames / sound.rate),
        MappingProxyType(tags),
        (
            *_remarks(container, stream, layout.start_s, path),
            *layout_notes(sound.channels, [reading.speakers[i] for i in order]),
            *layout_remarks(layout),
            *reading.notes,
        ),
        has_picture(container),
        *_number(container, stream),
        describe_stream(stream),
    )


def _number(container: InputContainer, stream: AudioStream) -> tuple[int, tuple[int, ...]]:
    """The number of a stream among the sound streams, and those of the others."""
    indices = [other.index for other in container.streams.audio]
    own = indices.index(stream.index)
    return own, tuple(number for number in range(len(indices)) if number != own)


def _stored(
    container: InputContainer, stream: AudioStream, path: Path, duration_s: float
) -> Format:
    """With the bit rate of the whole where a file is nothing but sound: a header may be wrong."""
    format = stored_as(container, stream, path)
    if container.format.name != "mp3" or duration_s <= 0:
        return format
    return replace(format, bitrate_bps=round(8 * path.stat().st_size / duration_s))


def _padding(container: InputContainer, stream: AudioStream, reading: Reading, path: Path) -> int:
    """Frames at the end that MP4 marks as padding and FFmpeg decodes all the same."""
    if container.format.name != ISO:
        return 0
    assert reading.sound
    rate, padding = reading.sound.rate, reading.surplus
    if stream.duration and stream.frames:
        # An edit list is rounded to its unit, 1 ms in most files: up to one more may be sound.
        unit = -(-rate // structure(path).timescale)
        stated = round(stream.duration * float(stream.time_base or 0) * rate)
        over = reading.frames - padding - stated - (unit if unit > 1 else 0)
        if 0 < over <= 3 * reading.packet_frames:
            padding += over
    return padding


def _promised(container: InputContainer, stream: AudioStream, rate: int) -> int:
    """Frames the header states, 0 where it does not."""
    if container.format.name not in _EXACT or not stream.duration:
        return 0
    return round(stream.duration * float(stream.time_base or 0) * rate)


def _remarks(
    container: InputContainer, stream: AudioStream, start_s: float, path: Path
) -> Iterator[str]:
    streams = list(container.streams.audio)
    kind = container.format.name
    if kind == "mp3":
        yield from mp3_frames(path).notes
    if kind == "ogg" and len(streams) == 1 and (joined := ogg_length(path).streams) > 1:
        yield JOINED.format(joined)
    if kind == "flac" and not stream.duration:
        yield STREAMED
    if has_picture(container) and container.start_time is not None:
        offset_s = start_s - container.start_time / 1e6
        if offset_s > NOTED_OFFSET_S:
            yield f"The sound starts {offset_s:.3f} s after the picture."


def _blocks(track: Track) -> Iterator[Block]:
    """Blocks of some seconds, of exactly the frames counted."""
    done = filled = 0
    length = block_frames(track.rate, track.channels)
    wanted = min(length, track.sounding)
    pieces: list[list[NDArray[Any]]] = []
    with open_input(track.path) as container:
        stream = container.streams[track.index]
        if not isinstance(stream, AudioStream):
            raise cut_off(track.path, 0, track.sounding, track.rate)
        select(container, stream)
        reading = Reading(container, stream, track.path)
        for piece in reading.decoded():
            if not wanted:
                continue  # padding
            rows = _rows(piece, track)
            pieces.append(rows)
            filled += len(rows[0])
            while filled >= wanted > 0:
                used = len(rows[0]) - (filled - wanted)
                pieces[-1] = [row[:used] for row in rows]
                yield _joined(pieces, track, done)
                done, filled = done + wanted, filled - wanted
                wanted = min(length, track.sounding - done)
                rows = [row[used:] for row in rows]
                pieces = [rows]
    if reading.frames < track.decoded:
        raise cut_off(track.path, done + filled, track.sounding, track.rate)
    # Matroska rounds what of Opus is padding to its own units, and FFmpeg rounds it again.
    rounded = track.packet_frames if track.format.codec == "OPUS" else 1
    if reading.frames - track.decoded >= rounded:
        raise InputError(
            f"its packets hold {reading.frames - track.decoded} frames more than they say",
            subject=track.path,
            hint="Convert it to WAV or FLAC with ffmpeg first",
        )


def _joined(pieces: list[list[NDArray[Any]]], track: Track, start: int) -> Block:
    """A block from pieces with one array for each channel. start: its first frame."""
    kind = track.kind.removesuffix("p")
    step = STEPS[kind][1]
    block = np.empty((track.channels, sum(len(rows[0]) for rows in pieces)))
    with np.errstate(invalid="ignore"):  # a NaN is told of below
        for channel, parts in zip(block, zip(*pieces, strict=True), strict=True):
            np.concatenate(parts, out=channel)
    if step is None:
        check_floats(block.T, start, track.rate, track.path)
    else:
        block *= step
        block -= 1.0 if kind == "u8" else 0.0
    return block.T


def _rows(piece: AudioFrame, track: Track) -> list[NDArray[Any]]:
    """One array for each channel, in WAV order, in the type they were decoded to."""
    rows = rows_of(piece, track.kind, track.channels)
    return [rows[i] for i in track.order]
