"""How long the sound of an Ogg file is: by the position of its last page, and by its packets.

Decoders that believe the position stop there; others play every packet.

Sources: RFC 3533 section 6 (pages); RFC 7845 sections 4.2 and 5.1 (Opus: pre-skip, position of a
page); RFC 6716 section 3.1 (Opus packets); Vorbis I sections 4.2.2, 4.2.4 and 4.3.8 (block sizes,
modes, samples that a packet returns).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from asmrmaster.audio.ogg import HEAD, pages

_TOLD = 2  # so many first bytes of a packet tell how much sound it makes
_NO_PACKET = -1  # position of a page on which none ends


class OggLength(NamedTuple):
    """streams: in the file, beside one another (a film) or in a row (joined files).

    whole: whether the last page is complete and marked as the end of its stream.
    surplus: frames in packets beyond the stated end, at the codec's own rate (48 kHz for Opus), of
    the only stream; 0 where they are no more than the end of a packet.
    """

    streams: int
    whole: bool
    surplus: int


class _Codec(Protocol):
    def frames(self, packet: bytes) -> int:
        """Frames that the next packet returns."""
        ...


def ogg_length(path: Path) -> OggLength:
    """What the pages of a file tell. Raises OSError."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = list(pages(data))
        while found and (behind := data.find(b"OggS", found[-1][1])) >= 0:
            more = list(pages(data, behind))  # behind bytes that are none
            if not more:
                break
            found += more
        streams = sum(data[start + 5] >> 1 & 1 for start, _ in found)
        start, end = found[-1] if found else (0, 0)
        whole = bool(found) and bool(data[start + 5] & 4) and end <= len(data)
        return OggLength(streams, whole, _surplus(data, found) if streams == 1 else 0)


def _surplus(data: mmap.mmap, found: Sequence[tuple[int, int]]) -> int:
    codec: _Codec | None = None
    heads: list[bytes] = []
    begin: int | None = None
    made = on_page = longest = last = 0
    for packet, position in _packets(data, found):
        if codec is None:
            heads.append(packet)
            codec = _codec(heads)
            if len(heads) == 3 and codec is None:
                return 0
            continue
        if packet:
            frames = codec.frames(packet)
            made, on_page, longest = made + frames, on_page + frames, max(longest, frames)
        if position is not None:
            if begin is None:
                begin = position - on_page if on_page < made or position > made else 0
            last, on_page = position, 0
    surplus = made - (last - (begin or 0))
    return surplus if surplus > longest else 0


def _packets(
    data: mmap.mmap, found: Sequence[tuple[int, int]]
) -> Iterator[tuple[bytes, int | None]]:
    """Packets in their order, each with the position of its page if it is the last there.

    Of those with sound only the first bytes. An empty one stands for a page where none ends.
    """
    begun, count = b"", 0
    for start, end in found:
        position = int.from_bytes(data[start + 6 : start + 14], "little", signed=True)
        at = start + HEAD + data[start + 26]
        ends: list[bytes] = []
        size = 0
        for segment in data[start + HEAD : at]:
            size += segment
            if segment == 255:
                continue
            part = data[at : min(end, at + (size if count < 3 else _TOLD))]
            ends.append(begun + part)
            at, size, begun, count = at + size, 0, b"", count + 1
        if size:
            begun += data[at : at + (size if count < 3 else _TOLD)]
        for packet in ends[:-1]:
            yield packet, None
        if ends:
            yield ends[-1], None if position == _NO_PACKET else position


def _codec(heads: Sequence[bytes]) -> _Codec | None:
    """How the codec of these first packets counts; None where they do not tell yet, or at all."""
    if len(heads) == 2 and heads[0][:8] == b"OpusHead":
        return _Opus()
    if len(heads) == 3 and heads[0][:7] == b"\1vorbis" and len(heads[0]) >= 30:
        long_blocks = _long_modes(heads[2])
        return _Vorbis(heads[0][28], long_blocks) if long_blocks else None
    return None


class _Opus:
    def frames(self, packet: bytes) -> int:
        return opus_frames(packet)


def opus_frames(head: bytes) -> int:
    """What an Opus packet that starts like that makes at 48 kHz, to which it is decoded."""
    config, code = head[0] >> 3, head[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    return frame * (1, 2, 2, head[1] & 63 if len(head) > 1 else 0)[code]


class _Vorbis:
    """sizes: of short and long blocks, each as a power of two. long_modes: whether each mode has
    long ones."""

    def __init__(self, sizes: int, long_modes: Sequence[bool]) -> None:
        self._sizes = [1 << (sizes >> 4 if mode else sizes & 15) for mode in long_modes]
        self._mask = (1 << (len(long_modes) - 1).bit_length()) - 1
        self._before = 0

    def frames(self, packet: bytes) -> int:
        """A quarter of the block before and of this one; the first returns nothing."""
        mode = packet[0] >> 1 & self._mask
        if packet[0] & 1 or mode >= len(self._sizes):
            return 0
        block = self._sizes[mode]
        frames = (self._before + block) // 4 if self._before else 0
        self._before = block
        return frames


def _long_modes(setup: bytes) -> tuple[bool, ...]:
    """Whether each mode has long blocks, read from the end of the set-up, as FFmpeg does.

    Bits are packed from the lowest on. Before the last one, which is set, lie the modes: one bit
    for the size, 16 and 16 that are zero, eight for the mapping; before them their count in six.
    """
    bits = int.from_bytes(setup, "little")
    top = bits.bit_length() - 1
    modes: list[bool] = []
    best: tuple[bool, ...] = ()
    while top >= 47 and len(modes) < 64:
        mode = bits >> (top - 41) & (1 << 41) - 1
        if mode >> 33 > 63 or mode >> 1 & 0xFFFF_FFFF:
            break
        modes.insert(0, bool(mode & 1))
        top -= 41
        if (bits >> (top - 6) & 63) + 1 == len(modes):
            best = tuple(modes)
    return best
