"""Is a planted stop found, and is a fade-out taken for one?

    python -m benchmarks.stops [--limits 6 8]

Each gentle bed is muted for 3 s and for 1 s and lowered by 20 dB for 4 s; then it is faded out as a
master is, with raised cosines of 5, 12 and 24 s. Printed for each: the largest sudden stop in LU,
and how many of each kind exceed each limit.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from asmrmaster.meters import measure
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.meters.startle import STOP, Startle
from asmrmaster.streams.audio import Audio
from benchmarks.beds import beds
from benchmarks.material import Array, Sound
from benchmarks.peers import table

DROPS = (("muted 3 s", 3.0, 0.0), ("muted 1 s", 1.0, 0.0), ("-20 dB 4 s", 4.0, 0.1))
FADES_S = (5.0, 12.0, 24.0)
KINDS = ("clean", *(name for name, _, _ in DROPS), *(f"fade {s:g} s" for s in FADES_S))
AT_S = 28.0
RAMP_S = 0.005


def main() -> None:
    """Print the table and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limits", nargs="*", type=float, default=[6.0, 8.0])
    limits: list[float] = parser.parse_args().limits
    rows: list[list[str]] = []
    found: list[list[float]] = []
    for half, sounds in beds().items():
        for sound in sounds:
            sizes = [stop_lu(samples, sound.rate) for samples in versions(sound)]
            found.append(sizes)
            rows.append([sound.name, half, *(f"{size:.1f}" for size in sizes)])
    print(table(["bed", "half", *KINDS], rows))
    counts = np.array(found)
    for limit in limits:
        over = (counts > limit).sum(axis=0)
        said = ", ".join(f"{kind} {n}" for kind, n in zip(KINDS, over, strict=True))
        print(f"over {limit:g} LU of {len(counts)}: {said}")


def versions(sound: Sound) -> Iterator[Array]:
    """The bed as it is, with each drop, and with each fade-out; in the order of ``KINDS``."""
    yield sound.samples
    time_s = np.arange(len(sound.samples)) / sound.rate
    for _, length_s, gain in DROPS:
        inside = np.minimum(time_s - AT_S, AT_S + length_s - time_s) / RAMP_S
        yield sound.samples * (1 - (1 - gain) * np.clip(inside, 0, 1))[:, None]
    for fade_s in FADES_S:
        left = np.clip((time_s[-1] - time_s) / fade_s, 0, 1)
        yield sound.samples * ((1 - np.cos(np.pi * left)) / 2)[:, None]


def stop_lu(samples: Array, rate: int) -> float:
    """The largest sudden stop."""
    audio = Audio.from_array(samples, rate)
    value = measure(audio, (KEnergy, Spectrum), (Loudness, Startle)).values[STOP.name]
    return -1.0 if value is None else value


if __name__ == "__main__":
    main()
