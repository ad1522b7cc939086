"""Spectrograms side by side, as small PNG files: bed, take, dip and lift of one mix."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.lift_bands import Grid
from benchmarks.material import Array

RANGE_DB = 60.0
ROWS, COLUMNS, GAP = 3, 260, 4
STOPS = ((0, 0, 4), (60, 15, 110), (150, 40, 110), (225, 90, 50), (250, 170, 40), (252, 255, 200))
"""From the quietest to the loudest."""


def draw(path: Path, sounds: Mapping[str, Array], rate: int) -> None:
    """One picture of all the sounds, from the left to the right, low bands at the bottom.

    The loudest of the first sound, and 6 dB more, is the brightest.
    """
    grid = Grid.of(rate)
    panels, top = [], None
    for samples in sounds.values():
        level = 10 * np.log10(grid.levels(samples)[0].astype(np.float64) + 1e-14)
        top = float(np.quantile(level, 0.995)) + 6 if top is None else top
        share = np.clip((level - top) / RANGE_DB + 1, 0, 1)
        places = np.linspace(0, len(share) - 1, COLUMNS).astype(int)
        image = np.repeat(share[places].T[::-1], ROWS, axis=0)
        panels += [image, np.ones((len(image), GAP))]
    write_png(path, np.concatenate(panels[:-1], axis=1))


def write_png(path: Path, shares: Array) -> None:
    """An image of shares of the colour scale, 0 to 1, shape (rows, columns), in 64 colours."""
    index = np.round(shares * 63).astype(np.uint8)
    rows = np.concatenate([np.zeros((len(index), 1), np.uint8), index], axis=1)
    body = zlib.compress(rows.tobytes(), 9)
    header = struct.pack(">IIBBBBB", shares.shape[1], len(index), 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette().tobytes()), (b"IDAT", body), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def palette() -> NDArray[np.uint8]:
    """64 colours, shape (64, 3)."""
    stops = np.array(STOPS, float)
    places = np.linspace(0, len(stops) - 1, 64)
    columns = [np.interp(places, np.arange(len(stops)), stops[:, k]) for k in range(3)]
    return np.stack(columns, axis=1).astype(np.uint8)
