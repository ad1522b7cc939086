"""Time and memory of master and check beside the tools people use now, at several lengths.

    python -m benchmarks [--minutes 1,10,60,600] [--cores 1,2] [--runs 1] [--only NAMES]

One table for each number of cores and length, all in whole processes on the same machine, and one
on how our cost grows with length. Tools that hold the whole file in memory are left out above an
hour. What is missing is said: pip install '.[peers]' and apt-get install ffmpeg libebur128-1 bring
it. Other benchmarks: python -m benchmarks.NAME --help with detection, gentle, intrusions, mastered,
verdicts, quality, limiter, mutations, fuzzing, faults, library, cluster, film or sync.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.adapters import NOT_INSTALLED
from benchmarks.peers import BIN, Run, median, table
from benchmarks.speed import make_take

Words = list[str | Path]

WHOLE_IN_MEMORY = {"pyloudnorm", "matchering", "noisereduce"}
LONGEST_IN_MEMORY_MIN = 60.0
MEASURES = {"asmrmaster check", "ffmpeg ebur128=peak=true", "libebur128", "pyloudnorm"}
"""These only measure, and are compared with our check; the others with our master."""


def commands(source: Path, folder: Path) -> dict[str, Words]:
    """Every tool by name, and how it is called on a take."""
    adapter: Words = [sys.executable, "-m", "benchmarks.adapters"]
    quiet: Words = ["ffmpeg", "-y", "-hide_banner", "-loglevel", "error", "-nostats", "-i", source]
    out = folder / "out.wav"
    return {
        "asmrmaster check": [BIN / "asmrmaster", "check", source],
        "ffmpeg ebur128=peak=true": [*quiet, "-af", "ebur128=peak=true", "-f", "null", "-"],
        "libebur128": [*adapter, "libebur128", source, out],
        "pyloudnorm": [*adapter, "pyloudnorm", source, out],
        "asmrmaster master": [BIN / "asmrmaster", "master", source, "-o", out, "--force"],
        "ffmpeg-normalize": [
            BIN / "ffmpeg-normalize", source, "-nt", "ebu", "-t", "-24", "-tp", "-2",
            "-c:a", "pcm_s24le", "-ar", "48000", "-o", out, "-f", "-q"],
        "ffmpeg loudnorm, one pass": [
            *quiet, "-af", "loudnorm=I=-24:TP=-2", "-ar", "48000", "-c:a", "pcm_s24le",
            "-rf64", "auto", out],
        "matchering": [*adapter, "matchering", source, out],
        "noisereduce": [*adapter, "noisereduce", source, out],
        "pedalboard": [*adapter, "pedalboard", source, out],
        "bare copy (ffmpeg)": [*quiet, "-c:a", "pcm_s24le", "-rf64", "auto", out],
        "bare copy (soundfile)": [sys.executable, "-m", "benchmarks.copying", source, out],
    }  # fmt: skip


def pinned(words: Words, cores: int) -> Words:
    """The command on the first so many cores only."""
    most = len(os.sched_getaffinity(0))
    if cores >= most:
        return words
    return ["taskset", "-c", f"0-{cores - 1}", *words]


def measured(minutes: float, cores: int, runs: int, only: Sequence[str]) -> dict[str, Run]:
    """Every tool on a take of this length; what is not installed has exit code 3."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "take.wav"
        make_take(source, minutes, None)
        for name, words in commands(source, work).items():
            if only and not any(part in name for part in only):
                continue
            if name in WHOLE_IN_MEMORY and minutes > LONGEST_IN_MEMORY_MIN:
                continue
            if shutil.which(words[0]) is None:
                found[name] = Run(0, 0, 0, NOT_INSTALLED)
                continue
            found[name] = median(pinned(words, cores), runs)
    return found


def render(found: dict[str, Run], minutes: float) -> str:
    """One table: every tool, and how many times as long it takes as we do."""
    rows = []
    for name, run in found.items():
        if run.exit_code == NOT_INSTALLED:
            rows.append([name, "not installed", "", "", "", ""])
            continue
        ours = found.get("asmrmaster check" if name in MEASURES else "asmrmaster master")
        ratio = f"{run.wall_s / ours.wall_s:.2f}" if ours else ""
        speed = f"{60 * minutes / run.wall_s:.0f}"
        failed = f" (exit {run.exit_code})" if run.exit_code not in (0, 1) else ""
        rows.append([name + failed, f"{run.wall_s:.2f}", f"{run.cpu_s:.2f}",
                     f"{run.peak_mb:.0f}", speed, ratio])  # fmt: skip
    return table(["", "wall s", "cpu s", "peak MB", "× real time", "÷ ours"], rows)


def growth(by_length: dict[float, dict[str, Run]]) -> str:
    """How our cost grows: seconds for a minute of sound, and peak memory, by length."""
    rows = []
    for name in ("asmrmaster check", "asmrmaster master"):
        for minutes, found in by_length.items():
            if name in found:
                run = found[name]
                rows.append([name, f"{minutes:g}", f"{run.wall_s / minutes:.4f}",
                             f"{run.cpu_s / minutes:.4f}", f"{run.peak_mb:.0f}"])  # fmt: skip
    return table(["", "minutes", "wall s a minute", "cpu s a minute", "peak MB"], rows)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--minutes", default="1,10,60,600", help="lengths, with commas")
    parser.add_argument("--cores", default="1,2", help="numbers of cores, with commas")
    parser.add_argument("--runs", type=int, default=1, help="the median of so many runs counts")
    parser.add_argument("--only", default="", help="parts of names of tools, with commas")
    given = parser.parse_args()
    only = [part for part in given.only.split(",") if part]
    for cores in map(int, given.cores.split(",")):
        by_length = {}
        for minutes in map(float, given.minutes.split(",")):
            by_length[minutes] = measured(minutes, cores, given.runs, only)
            print(f"\n{minutes:g} min, stereo, 48 kHz, 24 bit; {cores} core(s);"
                  f" median of {given.runs}\n")  # fmt: skip
            print(render(by_length[minutes], minutes), flush=True)
        print(f"\nHow it grows, {cores} core(s)\n\n{growth(by_length)}", flush=True)


if __name__ == "__main__":
    main()
