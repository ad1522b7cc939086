"""Sound into codecs: encoder delay marked, so that what is decoded starts and ends as it did."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet, PacketSideData, packet_sidedata_type_from_literal

from asmrmaster.audio.container.codecs import Codec, bitrate_bps, nearest_rate, parts
from asmrmaster.audio.container.decode import find_track
from asmrmaster.audio.container.frames import LAYOUTS, frame_of
from asmrmaster.audio.container.media import open_output, plain_errors
from asmrmaster.audio.container.naming import stored_tags
from asmrmaster.audio.container.resample import resampled
from asmrmaster.audio.quantize import Quantizer
from asmrmaster.audio.source import Format
from asmrmaster.audio.tags import Metadata
from asmrmaster.audio.tags.chapters import Chapter
from asmrmaster.errors import InputError, OutputError
from asmrmaster.streams.audio import Audio

_NOTHING = Metadata()
_ELSEWHERE = "Check the disk and its free space, or choose another format"
_PADDING = 2 * 1024  # one packet of delay and one filled up
_SIDE_DATA: Any = PacketSideData
_SKIP = packet_sidedata_type_from_literal("skip_samples")


def encode(audio: Audio, path: Path, format: Format, own: Metadata = _NOTHING) -> tuple[str, ...]:
    """Write the sound to exactly ``path``, over what is there, and count what can be read back.

    format: container and codec as in ``codecs``, with a bit rate if it shall not be the usual
    one. own: what travels with it. Integer codecs are quantised here, as elsewhere in this package.
    Returns plain sentences on what is not as it was. Raises OutputError and leaves behind what was
    written up to then.
    """
    container, codec = parts(format, path)
    ready = resampled(audio, nearest_rate(codec, audio.rate))
    iso = {"movflags": "+faststart", "movie_timescale": str(ready.rate)} if container.iso else {}
    with open_output(path, container.muxer, {**container.options, **iso}) as output:
        output.metadata.update(stored_tags(own.texts))
        if own.chapters and container.chapters:
            output.set_chapters([_chapter(k, one) for k, one in enumerate(own.chapters)])
        attached = container.muxer == "matroska"
        for number, one in enumerate(own.pictures if attached else ()):
            name = f"cover{number or ''}.{one.mime.rpartition('/')[2]}"
            output.add_attachment(name, one.mime, one.data)
        encoder = Encoder(output, ready, codec, format, path)
        for packet in encoder.packets():
            mux(output, packet, path)
    own.put_into(path)
    header = _read_back(ready, path, exactly=container.ends)
    return (
        *encoder.notes(audio.rate),
        *own.notes(path, format.container, header, attached=attached),
    )


def _chapter(number: int, one: Chapter) -> Any:
    """As PyAV takes it."""
    return {
        "id": number,
        "start": round(1000 * one.start_s),
        "end": round(1000 * one.end_s),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": one.title},
    }


def _read_back(audio: Audio, path: Path, *, exactly: bool) -> Mapping[str, str]:
    """The tags of the written file, if it holds the sound; else OutputError.

    exactly: whether the container can say where the sound begins and ends within its packets.
    """
    try:
        written = find_track(path)
    except InputError as error:
        raise OutputError(
            f"the written file is damaged ({error.message})", subject=path, hint=_ELSEWHERE
        ) from None
    surplus = written.frames - audio.frames
    if written.rate != audio.rate or not 0 <= surplus <= (0 if exactly else _PADDING):
        raise OutputError(
            f"{written.frames} frames can be read back, and {audio.frames} were written",
            subject=path,
            hint=_ELSEWHERE,
        )
    return written.tags


def mux(output: OutputContainer, packet: Packet[Any], path: Path) -> None:
    """Hand a packet to the container; OutputError where it cannot be written."""
    with plain_errors(path, writing=True):
        output.mux_one(packet)


class Encoder:
    """Sound into the packets of a new stream of ``output``.

    start: time of frame 0 in frames. layout: FFmpeg's name of a channel layout to try first.
    """

    def __init__(
        self,
        output: OutputContainer,
        audio: Audio,
        codec: Codec,
        format: Format,
        path: Path,
        *,
        start: int = 0,
        layout: str = "",
    ) -> None:
        self._audio, self._codec, self._path = audio, codec, path
        self._start = start
        self._layout = _fitting_layout(codec, audio, layout, format, path)
        self._quantize = Quantizer(codec.bits, audio.rate, audio.channels) if codec.bits else None
        with plain_errors(path, writing=True):
            stream = output.add_stream(codec.encoder, audio.rate, dict(codec.options))
            assert isinstance(stream, AudioStream)
            stream.codec_context.layout = self._layout
            stream.codec_context.format = codec.kind
            stream.codec_context.bit_rate = bitrate_bps(codec, format, audio.channels, audio.rate)
            stream.time_base = Fraction(1, audio.rate)
        self.stream = stream

    def packets(self) -> Iterator[Packet[AudioStream]]:
        """Encodes as packets are asked for. Raises OutputError."""
        held: Packet[AudioStream] | None = None
        last_dts = None
        for packet in self._encoded():
            packet.pts = packet.pts or 0
            packet.dts = packet.pts if last_dts is None else max(packet.pts, last_dts + 1)
            packet.pts = last_dts = packet.dts
            if held:
                yield held
            held = packet
        if held:
            yield self._trimmed(held)

    def notes(self, rate: int) -> list[str]:
        """Plain sentences on what was not stored as it came. rate: that it came with, Hz."""
        notes = []
        if rate != self._audio.rate:
            notes.append(f"This codec does not know {rate} Hz: stored at {self._audio.rate} Hz.")
        if self._quantize and self._quantize.over:
            over = self._quantize.over
            notes.append(f"{over} samples lay beyond full scale and were held at it.")
        return notes

    def _encoded(self) -> Iterator[Packet[AudioStream]]:
        done, rate, kind = 0, self._audio.rate, self._codec.kind
        for block in self._audio.open():
            if not math.isfinite(float(block.sum())):
                raise OutputError(
                    f"a sample near {done / rate:.0f} s became infinite or not a number",
                    subject=self._path,
                    hint="A stage is at fault: leave out one after the other, and report it",
                )
            if not len(block):
                continue
            samples: Any = self._quantize(block) if self._quantize else block
            if kind.startswith("s16"):
                samples = samples >> 16
            frame = frame_of(samples, kind, self._layout, rate, self._start + done)
            done += len(block)
            with plain_errors(self._path, writing=True):
                packets = self.stream.encode(frame)
            yield from packets
        with plain_errors(self._path, writing=True):
            packets = self.stream.encode(None)
        yield from packets

    def _trimmed(self, last: Packet[AudioStream]) -> Packet[AudioStream]:
        """The last packet, saying how much of it is padding, where the encoder does not."""
        rest = last.duration or 0
        if 0 < rest < self._codec.packet:
            mark = _SIDE_DATA(_SKIP, 10)
            mark.update(struct.pack("<IIBB", 0, self._codec.packet - rest, 0, 0))
            last.set_sidedata(mark)
        return last


def _fitting_layout(codec: Codec, audio: Audio, wanted: str, format: Format, path: Path) -> str:
    """The first of the wanted and the usual layout that the encoder takes; else OutputError."""
    for layout in dict.fromkeys((wanted, LAYOUTS[audio.channels - 1])):
        # A layout in brackets is none of the common ones; the sound is in WAV order by now.
        if not layout or "(" in layout or audio.channels not in codec.channels:
            continue
        context = av.CodecContext.create(codec.encoder, "w")
        assert isinstance(context, AudioCodecContext)
        try:
            context.layout = layout
            if context.layout.nb_channels != audio.channels:
                continue
            context.format, context.sample_rate = codec.kind, audio.rate
            context.bit_rate = bitrate_bps(codec, format, audio.channels, audio.rate)
            context.open()
        except (av.error.FFmpegError, ValueError):
            continue
        return layout
    raise OutputError(
        f"{format.codec} cannot hold {audio.channels} channels at {audio.rate} Hz",
        subject=path,
        hint="Choose another format, such as WAV or FLAC",
    )
