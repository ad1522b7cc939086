"""Blocks handed from one process to another, through memory that both see."""

from __future__ import annotations

import mmap
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from asmrmaster.streams.audio import Audio, Block, block_frames

_AHEAD = 2
"""Blocks that may wait to be taken."""
_FRAMES = struct.Struct("<q")
"""Of a block that was handed over; 0 is the end."""


class SharedBlocks:
    """Made before a process is split off, which then gives the blocks that are taken here.

    source: what the other one is to read, in blocks no longer than ``block_frames``.
    """

    def __init__(self, audio: Audio) -> None:
        """Raises OSError where the system has no room for it."""
        self.source = Audio(audio.rate, audio.channels, audio.frames, audio.single or audio.open)
        longest = block_frames(audio.rate, audio.channels)
        kind = np.dtype(np.float32 if audio.single else np.float64)
        room = mmap.mmap(-1, _AHEAD * audio.channels * longest * kind.itemsize)
        self._slots = np.frombuffer(room, kind).reshape(_AHEAD, audio.channels, longest)
        self._here, self._there = socket.socketpair()

    @property
    def audio(self) -> Audio:
        """The same sound here, once; where the other one ends too early, the rest is read here."""
        return replace(self.source, open=self._blocks)

    def give(self, blocks: Iterable[Block]) -> None:
        """In the other process: hand over the blocks as they come; wait where many are waiting."""
        self._here.close()
        for number, block in enumerate(blocks):
            if number >= _AHEAD:
                self._there.recv(1)
            self._slots[number % _AHEAD, :, : len(block)] = block.T
            self._there.sendall(_FRAMES.pack(len(block)))
        self._there.sendall(_FRAMES.pack(0))

    def _blocks(self) -> Iterator[Block]:
        self._there.close()  # so that it is seen when the other process ends
        done = frames = 0
        with self._here:
            while size := self._told():
                block = self._slots[done % _AHEAD, :, :size].copy()
                with suppress(OSError):  # it has no more to make
                    self._here.sendall(b".")
                done, frames = done + 1, frames + size
                yield block.T
        if size is None:
            for rest in self.source.open():
                passed = min(frames, len(rest))
                frames -= passed
                yield rest[passed:]

    def _told(self) -> int | None:
        """Frames of the next block; None where the other process has ended."""
        word = b""
        with suppress(OSError):
            word = self._here.recv(_FRAMES.size, socket.MSG_WAITALL)
        return int(_FRAMES.unpack(word)[0]) if len(word) == _FRAMES.size else None
