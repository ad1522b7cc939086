"""Levels and energies, and the time grid they are kept on."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from asmrmaster.errors import InputError
from asmrmaster.streams.curves import empty

Array = NDArray[np.float64]
Float = TypeVar("Float", bound=np.floating[Any])

LOUDNESS_OFFSET_DB = -0.691
"""BS.1770-5 Annex 1, equation 2: makes a 997 Hz full-scale sine in one channel read −3.01."""

USUAL_LAYOUTS = {
    1: "FC",
    2: "FL FR",
    3: "FL FR FC",
    4: "FL FR BL BR",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    8: "FL FR FC LFE BL BR SL SR",
}
"""Where the channels of so many belong, in the order of a WAV (WAVEFORMATEXTENSIBLE)."""

_LFE_GAIN = 10.0
_TO_THE_SIDE = 1.41
"""Weight of a speaker from 60° to 120° to the side."""

HOP_S = 0.01
"""The grid of energy and peak curves, seconds. A hop starts at round(k · rate / 100)."""


def channel_weights(channels: int) -> Array:
    """Weight of each channel's energy in programme loudness, shape (channels,).

    BS.1770-5 Annex 1, Table 3, and Annex 3, for ``USUAL_LAYOUTS``: the low frequency channel is
    left out, and the pair to the side counts 1.41. That is SL SR; where there is no such pair BL BR
    are the surrounds, at 110°, and with one they stand at 135° and count 1. Mono counts as one
    channel, 3 dB below the same sound in two. Raises InputError for other counts.
    """
    if channels not in USUAL_LAYOUTS:
        allowed = ", ".join(str(count) for count in USUAL_LAYOUTS)
        raise InputError(f"{channels} channels have no loudness weights", hint=f"Use {allowed}")
    speakers = USUAL_LAYOUTS[channels].split()
    weights = dict.fromkeys(speakers, 1.0) | {"LFE": 0.0}
    weights |= dict.fromkeys(("SL", "SR") if "SL" in speakers else ("BL", "BR"), _TO_THE_SIDE)
    return np.array([weights[name] for name in speakers])


def audible_weights(channels: int) -> Array:
    """The same with the low frequency channel, which is heard though loudness leaves it out.

    It is played 10 dB louder than the others (ITU-R BS.775-3 Annex 7).
    """
    weights = channel_weights(channels)
    return np.where(weights == 0.0, _LFE_GAIN, weights)


def db(power: NDArray[np.floating[Any]] | float, floor_db: float = -200.0) -> Array:
    """10·log10 of a power; zero reads ``floor_db`` so that no infinity arises."""
    result: Array = np.asarray(np.maximum(power, 10 ** (floor_db / 10)))
    np.log10(result, out=result)
    result *= 10
    return result[()]  # a number stays one


def power(level_db: NDArray[np.floating[Any]] | float) -> Array:
    """Power of a level in dB, in the precision it is given in."""
    result: Array = np.power(10.0, np.asarray(level_db) / 10)
    return result


def loudness(energy: NDArray[np.floating[Any]] | float) -> Array:
    """Loudness in LUFS of a K-weighted, channel-weighted mean square; zero reads −200.691."""
    result = db(energy)
    result += LOUDNESS_OFFSET_DB
    return result


def moving_mean(
    values: NDArray[Float], width: int, out: NDArray[Float] | None = None
) -> NDArray[Float]:
    """Mean over each full window of ``width`` points along axis 0: len(values) − width + 1.

    out: where to put them, if not into a new array.

    The values are cut into segments as long as the window; a window is the end of one segment and
    the beginning of the next, both summed once for all windows. Nothing is ever subtracted, so a
    quiet minute after ten loud hours keeps its digits.
    """
    count, rest = max(0, len(values) - width + 1), values.shape[1:]
    means = empty((count, *rest), values.dtype) if out is None else out
    step = width * max(1, 65536 // width)  # in pieces, so that long curves need little memory
    for start in range(0, count, step):
        piece = values[start : start + step + width - 1]
        windows = len(piece) - width + 1
        segments = np.zeros((len(piece) // width + 1, width, *rest))
        segments.reshape(-1, *rest)[: len(piece)] = piece
        ends = np.cumsum(segments[:, ::-1], axis=1)[:, ::-1].reshape(-1, *rest)
        beginnings = np.zeros_like(segments)
        np.cumsum(segments[:, :-1], axis=1, out=beginnings[:, 1:])
        beginnings = beginnings.reshape(-1, *rest)[width:]
        means[start : start + step] = (ends[:windows] + beginnings[:windows]) / width
    return means


def grid_edges(first: int, last: int, rate_hz: int, hop_s: float = HOP_S) -> NDArray[np.int64]:
    """Frames where hops ``first`` … ``last`` start: round(k · hop · rate), halves upward."""
    steps = round(1 / hop_s)
    return (np.arange(first, last + 1, dtype=np.int64) * rate_hz * 2 + steps) // (2 * steps)


class Hops:
    """Cuts a stream into whole hops of the time grid, whatever its blocks."""

    def __init__(self, rate_hz: int, rows: int, hop_s: float = HOP_S) -> None:
        self._rate, self._hop_s = rate_hz, hop_s
        self._hop = 0  # index of the hop being filled
        self.rest: NDArray[Any] = np.empty((rows, 0))
        """Samples after the last whole hop."""

    def cut(self, samples: NDArray[Float]) -> tuple[NDArray[Float], NDArray[np.int64]]:
        """The next samples, shape (rows, frames), up to the last whole hop, and its edges.

        The edges have one more entry than there are hops: hop i of those returned is
        ``samples[:, edges[i]:edges[i + 1]]``. What is left over is kept for the next call.
        """
        if self.rest.size:
            samples = np.concatenate([self.rest, samples], axis=1)
        start = int(grid_edges(self._hop, self._hop, self._rate, self._hop_s)[0])
        enough = self._hop + int(samples.shape[1] / (self._rate * self._hop_s)) + 1
        edges = grid_edges(self._hop, enough, self._rate, self._hop_s) - start
        edges = edges[edges <= samples.shape[1]]
        self.rest = samples[:, edges[-1] :].copy()
        self._hop += len(edges) - 1
        return samples[:, : edges[-1]], edges


def hop_sums(x: NDArray[Float], y: NDArray[Float], edges: NDArray[np.int64]) -> NDArray[Float]:
    """Sum of x·y over each hop: (rows, frames) twice and edges from ``Hops`` → (rows, hops)."""
    sizes = np.diff(edges)
    if not sizes.size:
        return np.empty((len(x), 0), dtype=x.dtype)
    if np.all(sizes == sizes[0]):
        shape = (len(x), len(sizes), int(sizes[0]))
        result: NDArray[Float] = np.vecdot(x.reshape(shape), y.reshape(shape))
        return result
    return np.add.reduceat(x * y, edges[:-1], axis=1)
