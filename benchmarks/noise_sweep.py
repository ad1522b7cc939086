"""More noise is never judged better: verdict and gain over noise that rises by 1 dB.

    python -m benchmarks.noise_sweep [--step 1] [--seconds 60] [--profiles general sleep]
                                     [--noises hiss hum pink fan] [--takes whisper speech taps]

Each noise is laid under each clean take at A-weighted levels from −80 to −35 dBFS, mastered as far
as its plan with the fitting preset, and the forecast is read. Printed for each pair: the gain where
it is quietest and loudest, the verdicts with the level from which each holds, and every step at
which more noise came out better: a better verdict, more than 0.1 dB of gain, or no floor.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster import engine
from asmrmaster.errors import InputError
from asmrmaster.presets.recipe import load_recipe
from benchmarks.ordinary import RATE, at, coloured, hum, strung, white
from benchmarks.ordinary import whisper as whispered
from benchmarks.peers import table

Array = np.ndarray
LOWEST_DB, HIGHEST_DB = -80, -35
GAIN_DB = 0.1
ORDER = ("refused", "does not meet", "not assessed", "meets with advisories", "meets")


@dataclass(frozen=True)
class Step:
    """What came of one take: ``gain_db`` is None where it was refused."""

    noise_db: float
    verdict: str
    gain_db: float | None
    floor: float | None


def takes(frames: int) -> dict[str, tuple[str, Array]]:
    """Clean takes by name, with the preset each is mastered with."""
    return {
        "whisper": ("whisper", whispered()[:frames]),
        "speech": ("roleplay", strung("softspeech_vctk_p286_011", 0.5, 2.0)[:frames]),
        "taps": ("tactile", strung("audiomentations_tap", 0.1, 1.2)[:frames]),
    }


def noises(frames: int) -> dict[str, Array]:
    """Steady noises by name, each of any level."""
    return {
        "hiss": white(11, frames),
        "hum": hum(50.0, frames),
        "pink": coloured(0.5, seed=12, frames=frames),
        "fan": coloured(0.5, 400.0, seed=13, frames=frames),
    }


def steps(clean: Array, noise: Array, preset: str, profile: str, step_db: int) -> list[Step]:
    """The forecast at every level of the noise."""
    recipe = load_recipe(preset, profile)
    found = []
    with tempfile.TemporaryDirectory(prefix="asmrmaster-") as folder:
        path = Path(folder) / "take.wav"
        for level in range(LOWEST_DB, HIGHEST_DB + 1, step_db):
            soundfile.write(path, clean + at(noise, level), RATE, "FLOAT")
            try:
                report = engine.master(path, recipe=recipe, dry_run=True)
            except InputError:
                found.append(Step(level, "refused", None, 0.0))
                continue
            gain_db = report.ride.static_gain_db if report.ride else None
            floor = report.after.values["noise_floor_a_dbfs"]
            found.append(Step(level, report.verdict, gain_db, floor))
    return found


def faults(found: list[Step]) -> list[str]:
    """Where more noise came out better, or had no floor."""
    told = [f"{one.noise_db:g}: no floor" for one in found if one.floor is None]
    for before, now in pairwise(found):
        place = f"{before.noise_db:g} to {now.noise_db:g}"
        if ORDER.index(now.verdict) > ORDER.index(before.verdict):
            told.append(f"{place}: {before.verdict}, then {now.verdict}")
        if before.gain_db is None or now.gain_db is None:
            continue
        if now.gain_db > before.gain_db + GAIN_DB:
            told.append(f"{place}: {now.gain_db - before.gain_db:.1f} dB more gain")
    return told


def row(name: str, found: list[Step]) -> list[str]:
    """Gain at both ends, and from which level on each verdict holds."""
    gains = [one.gain_db for one in found if one.gain_db is not None]
    turns = [
        f"{now.verdict} from {now.noise_db:g}"
        for before, now in zip([None, *found], found, strict=False)
        if before is None or before.verdict != now.verdict
    ]
    return [name, f"{gains[0]:+.1f} → {gains[-1]:+.1f}", "; ".join(turns), "; ".join(faults(found))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--profiles", nargs="*", default=["general", "sleep"])
    parser.add_argument("--noises", nargs="*", default=["hiss", "hum", "pink", "fan"])
    parser.add_argument("--takes", nargs="*", default=["whisper", "speech", "taps"])
    given = parser.parse_args()
    frames = round(given.seconds * RATE)
    rows = []
    for take in given.takes:
        preset, clean = takes(frames)[take]
        for noise in given.noises:
            for profile in given.profiles:
                found = steps(clean, noises(frames)[noise], preset, profile, given.step)
                rows.append(row(f"{take}, {noise}, {profile}", found))
                print(" · ".join(rows[-1]), flush=True)
    print(table(["take, noise, profile", "gain, dB", "verdict", "better with more noise"], rows))


if __name__ == "__main__":
    main()
