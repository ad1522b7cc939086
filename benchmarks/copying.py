"""Decode and encode without doing anything: the floor under every tool that writes a file."""

from __future__ import annotations

import sys

import numpy as np
import soundfile


def main(source: str, target: str) -> None:
    """Copy ``source`` to ``target`` through floats, as 24 bit."""
    with (
        soundfile.SoundFile(source) as given,
        soundfile.SoundFile(
            target, "w", given.samplerate, given.channels, "PCM_24", format=given.format
        ) as out,
    ):
        for block in given.blocks(48_000, dtype="float64", always_2d=True):
            out.write((np.rint(block * 8388608)).astype(np.int32) * 256)


if __name__ == "__main__":
    main(*sys.argv[1:3])
