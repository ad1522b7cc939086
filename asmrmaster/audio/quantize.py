"""Samples to integers, decided here: rounding, dither, full scale.

Down to 16 bits or fewer, triangular dither of ±1 step makes the error of rounding independent of
the sound (S. P. Lipshitz, R. A. Wannamaker, J. Vanderkooy, "Quantization and dither: a theoretical
survey", JAES 40(5), 1992). Above, plain rounding: half a step at 24 bits is −144 dBFS.

The dither is addressed by frame and channel in a counter-based generator (Philox 4×64: J. K. Salmon
et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), so the same sound gives the same
bytes on every run and for every block size.

Digital silence stays digital silence: dither is off until the first sample that is not zero, and
again once every channel has been exactly zero for 100 ms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from asmrmaster.streams.audio import Block

DITHERED_BITS = 16
"""Dither is added at this word length and below."""

BLANK_S = 0.1
"""After this much exact zero in every channel the dither stops."""

_SEED = 0x41534D52


class Quantizer:
    """Blocks in, integers out, in one pass over a sound.

    bits: word length, 8 to 32. ``over`` counts the samples beyond full scale, which are held at
    it. The result is left-justified int32 of shape (frames, channels), C-contiguous.
    """

    def __init__(self, bits: int, rate: int, channels: int) -> None:
        self._bits = bits
        self._channels = channels
        self._blank_frames = round(BLANK_S * rate)
        self._frame = 0
        self._last_sound = -self._blank_frames - 1  # before the start there was silence
        self.over = 0

    def __call__(self, block: Block) -> NDArray[np.int32]:
        """Integers for the next block. Raises ValueError where a sample is not finite."""
        scale = 2.0 ** (self._bits - 1)
        if not block.size:
            return np.empty(block.shape, np.int32)
        scaled = np.multiply(block.T, scale, order="C")
        low, high = float(scaled.min()), float(scaled.max())
        if not math.isfinite(low + high):
            raise ValueError("samples must be finite")
        if max(-low, high) > scale:
            self.over += int(np.count_nonzero(np.abs(scaled) > scale))
        if self._bits <= DITHERED_BITS:
            scaled += self._dither(block).T * 2.0**-16
        np.rint(scaled, out=scaled)
        if low < 2 - scale or high > scale - 3:  # rounding and dither may reach the ends
            np.clip(scaled, -scale, scale - 1, out=scaled)
        result = np.empty(block.shape, np.int32)
        for channel, samples in zip(result.T, scaled, strict=True):  # at once it is slower
            channel[:] = samples
        self._frame += len(block)
        return np.left_shift(result, 32 - self._bits, out=result)

    def _dither(self, block: Block) -> NDArray[np.int32]:
        """Triangular noise, shape (frames, channels), in 2**-16 steps; zero in digital silence."""
        first = self._frame * self._channels  # 32 bits for each sample, 8 samples to a count
        words = np.random.Philox(key=_SEED, counter=first // 8).random_raw(block.size // 2 + 5)
        bits = words.view(np.int32)[first % 8 : first % 8 + block.size]
        noise = ((bits >> 16) + ((bits << 16) >> 16) + 1).reshape(block.shape)
        if block.T.all():  # no zero at all, as nearly always
            self._last_sound = self._frame + len(block) - 1
            return noise
        frames = np.arange(self._frame, self._frame + len(block))
        last = np.where(block.any(axis=1), frames, self._last_sound)
        np.maximum.accumulate(last, out=last)
        self._last_sound = int(last[-1])
        noise[frames - last > self._blank_frames] = 0
        return noise
