"""One pass over one sound stream: its decoded frames in order, and what was met on the way.

Frame 0 is the first sample after what the container marks as encoder delay (edit list, skip
samples, codec delay), which FFmpeg drops.

Time stamps are written down; ``clock`` lays the sound on them.

A packet that cannot be decoded is an error that says where. Only at the very start or end of a
bare stream (MP3, ADTS, transport stream …), where tags and half a frame are common, it is a note.

Sources: ISO/IEC 14496-12:2022 clauses 8.6.1 and 8.6.6 (sample durations, edit list); FFmpeg,
libavcodec/packet.h (AV_PKT_DATA_SKIP_SAMPLES).
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from asmrmaster.audio.container.clock import Stamps
from asmrmaster.audio.container.lengths import HEAD_BYTES, Length, length_of
from asmrmaster.audio.container.media import packets
from asmrmaster.audio.container.naming import codec_name
from asmrmaster.errors import InputError

MAX_JUNK_PACKETS = 32
"""As many packets may be undecodable before, and after, the sound of a bare stream."""

ISO = "mov,mp4,m4a,3gp,3g2,mj2"
MATROSKA = "matroska,webm"

_STAMPED = {ISO, MATROSKA, "mpegts", "flv"}  # their packets have times of their own
_BARE = {"mp3", "aac", "ac3", "eac3", "dts", "loas", "mpegts", "mpeg", "mpegvideo"}
_PROBE = 8  # packets decoded before the others are only looked at

_REPAIR = "Export or copy it again; to keep what can be decoded, convert it with ffmpeg first"


class Sound(NamedTuple):
    """What decoding makes: a change of it within a file is an error.

    kind: FFmpeg's sample format (``fltp``, ``s16`` …). layout: FFmpeg's name of the channel layout.
    """

    rate: int
    channels: int
    kind: str
    layout: str


class Reading:
    """A pass in progress.

    sound: what is decoded, None before the first frame. speakers: names of its channels, in their
    order. frames: how many so far. stamps: their times. packet_frames: the most frames
    a packet made. notes: plain sentences.
    """

    def __init__(self, container: InputContainer, stream: AudioStream, path: Path) -> None:
        self.sound: Sound | None = None
        self.speakers: tuple[str, ...] = ()
        self.frames = 0
        self.stamps = Stamps(float(stream.time_base or 0))
        self.packet_frames = 0
        self.notes: list[str] = []
        self._path = path
        self._stream = stream
        self._packets = packets(container.demux(stream), path)
        self._tick_s = float(stream.time_base or 0)
        self._stamped = container.format.name in _STAMPED
        self._bare = container.format.name in _BARE
        self._iso = container.format.name == ISO
        self._length: Length | None = None
        if container.format.name in (ISO, MATROSKA):
            setup = stream.codec_context.extradata or b""
            self._length = length_of(codec_name(stream), setup)
        self._told: tuple[object, ...] = ()  # what ``sound`` was made of
        self._last = (0, 0)  # frames of the last packet, and the duration it states
        self._seen = self._as_told = self._junk = 0

    @property
    def predictable(self) -> bool:
        """Whether the packets so far made as many frames as could be told without decoding."""
        return self._seen >= _PROBE and self._as_told >= _PROBE // 2

    @property
    def surplus(self) -> int:
        """Frames the last packet made beyond the duration it states (MP4)."""
        made, duration = self._last
        stated = round(duration * self._tick_s * self.sound.rate) if self.sound else 0
        return max(0, made - stated) if stated else 0

    def decoded(self) -> Iterator[AudioFrame]:
        """Decoded frames.

        May be left and followed by ``look``, which takes over at the next packet.
        """
        for packet in self._packets:
            if not packet.size and packet.pts is not None:
                continue  # an empty one in the middle would end decoding
            made = self._decode(packet)
            for frame in made:
                self._arrive(frame)
                self.frames += frame.samples
                yield frame
            lengths = [frame.samples for frame in made]
            self._judge(packet, lengths)
            if self._length and not self.predictable:
                self._compare(packet, lengths)
        if self._junk:
            self._leave_out("end")

    def look(self) -> None:
        """Counts the rest by its packets, without decoding; for ``predictable`` streams."""
        assert self._length
        for packet in self._packets:
            if not packet.size or packet.is_discard:
                continue
            if packet.is_corrupt:
                raise self._damaged()
            dropped = 0
            if packet.has_sidedata("skip_samples"):
                dropped = sum(struct.unpack("<II", bytes(packet.get_sidedata("skip_samples"))[:8]))
            made = max(0, self._length(bytes(packet)[:HEAD_BYTES], self.packet_frames) - dropped)
            if packet.pts is not None and made:
                self._stamp(packet.pts)
            self.frames += made
            self._judge(packet, [made])

    def _decode(self, packet: Packet[AudioStream]) -> list[AudioFrame]:
        """What a packet makes; nothing, with junk counted, where it cannot be decoded."""
        if not self._seen and packet.size:
            self._check_open_to_all(packet)
        self._seen += 1
        if not packet.is_corrupt:
            try:
                return packet.decode()
            except av.error.MemoryError:
                raise InputError(
                    "it asks for more memory than there is", subject=self._path
                ) from None
            except av.error.FFmpegError:
                pass
        if self._bare and self.frames and bytes(packet)[:3] == b"ID3":
            self.notes.append(f"Files were joined at {self._now_s:.2f} s; a tag there is left out.")
            return []
        self._junk += 1
        if not self._bare or self._junk > MAX_JUNK_PACKETS:
            raise self._damaged()
        return []

    def _check_open_to_all(self, packet: Packet[AudioStream]) -> None:
        if packet.has_sidedata("encryption_init_info") or packet.has_sidedata("encryption_info"):
            raise InputError(
                "the sound is encrypted", subject=self._path, hint="Name a copy without DRM"
            )

    def _arrive(self, frame: AudioFrame) -> None:
        """Holds a frame against what came before."""
        layout = frame.layout
        told = (frame.sample_rate, frame.format.name, layout.name)
        if "(" in told[2]:
            _outlive(layout)
        if told != self._told:
            self._told = told
            self._settle(Sound(told[0], layout.nb_channels, told[1], told[2]), layout)
        if self._junk:
            if self.frames:
                raise self._damaged()
            self._leave_out("start")
        if frame.pts is not None:
            self._stamp(frame.pts)

    def _stamp(self, pts: int) -> None:
        if self.sound and (self._stamped or not self.stamps.frames):
            self.stamps.add(self.frames, pts * self._tick_s, self.sound.rate)

    def _settle(self, sound: Sound, layout: AudioLayout) -> None:
        """What is decoded is known; InputError where it was something else before."""
        if self.sound is not None:
            raise self._changed(sound)
        self.sound = sound
        self.speakers = tuple(channel.name for channel in layout.channels)

    def _judge(self, packet: Packet[AudioStream], made: list[int]) -> None:
        """Learns from what a packet made: the usual length, and MP4's short last packet."""
        frames = sum(made)
        self.packet_frames = max(self.packet_frames, frames)
        if self._iso and made and packet.duration:
            self._last = frames, packet.duration

    def _compare(self, packet: Packet[AudioStream], made: list[int]) -> None:
        """Keeps score of the packets in a row whose frames could be told."""
        if self._length and packet.size:
            told = self._length(bytes(packet)[:HEAD_BYTES], self.packet_frames)
            self._as_told = self._as_told + 1 if made == [told] else 0

    @property
    def _now_s(self) -> float:
        return self.frames / self.sound.rate if self.sound else 0.0

    def _leave_out(self, where: str) -> None:
        packets = "1 packet" if self._junk == 1 else f"{self._junk} packets"
        self.notes.append(f"At the {where} {packets} could not be decoded and are left out.")
        self._junk = 0

    def _damaged(self) -> InputError:
        return InputError(
            f"damaged at {self._now_s:.2f} s: the sound there cannot be decoded",
            subject=self._path,
            hint=_REPAIR,
        )

    def _changed(self, new: Sound) -> InputError:
        old = self.sound
        assert old
        what, before, after = next(
            (name, a, b) for name, a, b in zip(Sound._fields, old, new, strict=True) if a != b
        )
        what = {"rate": "sampling rate", "channels": "channel count"}.get(what, what)
        return InputError(
            f"its {what} changes from {before} to {after} at {self._now_s:.2f} s",
            subject=self._path,
            hint="Cut it there into two files, or export it again",
        )


def _outlive(layout: AudioLayout) -> None:
    """Keeps PyAV from freeing an uncommon channel layout twice, which ends the process.

    PyAV 18 and 19.0 free the table of a layout in custom order with the layout and with its frame.
    One more reference keeps the layout object, some fifty bytes, for good.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))
