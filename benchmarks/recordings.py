"""Every real recording of 20 s or more, mastered with the fitting preset, beside other meters.

    python -m benchmarks.recordings [--profile general]

For each: verdict, programme loudness by us, libebur128 and pyloudnorm against the target, the
forecast, true peak by us, libebur128, an 8 times oversampled reading and FFmpeg.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from asmrmaster import engine
from asmrmaster.presets.recipe import load_recipe
from benchmarks.material import RECORDINGS, Array, load
from benchmarks.peers import table
from tests import oracles
from tests.libebur128 import true_peak_dbtp


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="general")
    given = parser.parse_args()
    rows, notes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("gentle", "jarring"):
            for sound in load(kind, 20):
                take = next((RECORDINGS / kind).glob(f"{sound.name}.*"))
                row, why = measured(take, sound.preset, given.profile, Path(folder))
                rows.append(row)
                notes += why
    head = ["recording", "preset", "verdict", "target", "forecast", "I ours", "I libebur128",
            "I pyloudnorm", "ceiling", "TP ours", "TP libebur128", "TP 8x", "TP ffmpeg",
            "renders"]  # fmt: skip
    print(table(head, rows))
    print("\n".join(notes))


def measured(take: Path, preset: str, profile: str, folder: Path) -> tuple[list[str], list[str]]:
    """One row, and why a target or a criterion was missed."""
    recipe = load_recipe(preset, profile)
    report = engine.master(take, folder / "master.wav", recipe=recipe, force=True)
    assert report.output is not None
    assert report.ride is not None
    path = Path(report.output.path)
    samples, rate = soundfile.read(path, always_2d=True)
    values, ride = report.after.values, report.ride
    figures = [
        ride.target_lufs,
        ride.forecast["integrated_lufs"] or 0,
        values["integrated_lufs"] or 0,
        oracles.libebur128(samples, rate).integrated_lufs,
        oracles.pyloudnorm_lufs(samples, rate),
        ride.ceiling_dbtp,
        values["true_peak_dbtp"] or 0,
        true_peak_dbtp(samples, rate),
        eight_times(samples),
    ]
    row = [take.stem, preset, report.verdict, *[f"{x:.2f}" for x in figures], ffmpeg_peak(path)]
    notes = [f"{take.stem}: {f.criterion} {f.why}" for f in report.findings if f.state == "fail"]
    if ride.target_reason:
        notes.append(f"{take.stem}: {ride.target_reason}")
    path.unlink()
    return [*row, str(ride.renders)], notes


def eight_times(samples: Array) -> float:
    """Largest value of the sound oversampled eight times by scipy, in dB."""
    peak = 0.0
    for channel in samples.T:
        for start in range(0, len(channel), 480_000):
            piece = channel[max(0, start - 1000) : start + 481_000]
            fine = np.abs(resample_poly(np.pad(piece, 1000), 8, 1))[8000:-8000]
            edge = 0 if start == 0 else 4000
            peak = max(peak, float(fine[edge : len(fine) - 4000].max()))
    return float(20 * np.log10(peak))


def ffmpeg_peak(path: Path) -> str:
    """What FFmpeg's ebur128 filter prints as true peak."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true",
               "-f", "null", "-"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.findall(r"Peak: +(\S+) dBFS", said)
    return str(found[-1])


if __name__ == "__main__":
    main()
