"""A whole library: 2 000 short files of mixed formats, 3 % of them broken in ten ways.

    python -m benchmarks.library [--files 2000] [--seconds 2] [--folder FOLDER]

Prints: is every broken file named, and none lost; how long a second run takes; how much faster two
cores are than one; what the ledger costs; how quick a ledger of 100 000 rows answers.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster import mastering
from asmrmaster.demo import RATE_HZ, take
from asmrmaster.library.batch import batch
from asmrmaster.library.crew import Local
from asmrmaster.library.entries import Entry
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.loop import Loop
from benchmarks.peers import BIN

ASMRMASTER = str(BIN / "asmrmaster")
FORMATS = (
    (".wav", "PCM_16"), (".wav", "PCM_24"), (".wav", "FLOAT"), (".flac", "PCM_16"),
    (".flac", "PCM_24"), (".aiff", "PCM_24"), (".mp3", None), (".ogg", None), (".rf64", "PCM_24"),
    (".w64", "PCM_16"), (".caf", "PCM_24"), (".au", "PCM_16"),
)  # fmt: skip
BROKEN_SHARE = 0.03
ROWS = 100_000


# --- the library ----------------------------------------------------------------------------------


def _cut(path: Path, sound: np.ndarray) -> None:
    soundfile.write(path, sound, RATE_HZ, "PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _not_a_number(path: Path, sound: np.ndarray) -> None:
    spoiled = sound.copy()
    spoiled[len(spoiled) // 2] = np.nan
    soundfile.write(path, spoiled, RATE_HZ, "FLOAT", format="WAV")


BROKEN: dict[str, Callable[[Path, np.ndarray], None]] = {
    "empty.wav": lambda path, sound: path.touch(),
    "words.wav": lambda path, sound: (path.write_text("this is no sound\n" * 100), None)[1],
    "bytes.mp3": lambda path, sound: (path.write_bytes(random.Random(1).randbytes(9999)), None)[1],
    "cut.wav": _cut,
    "cut.flac": _cut,
    "header.wav": lambda path, sound: soundfile.write(path, sound[:0], RATE_HZ),
    "blink.wav": lambda path, sound: soundfile.write(path, sound[: RATE_HZ // 5], RATE_HZ),
    "silent.wav": lambda path, sound: soundfile.write(path, 0 * sound, RATE_HZ),
    "nan.wav": _not_a_number,
    "wide.wav": lambda path, sound: soundfile.write(path, np.tile(sound, 5), RATE_HZ),
}
"""Ten ways to be broken, by the end of the name."""


def make_library(folder: Path, files: int, seconds: float) -> set[str]:
    """Write the takes; names of the broken ones."""
    dice = random.Random(7)
    sound = take(30.0)
    frames = round(seconds * RATE_HZ)
    broken: dict[int, str] = {}
    for number in dice.sample(range(files), round(files * BROKEN_SHARE)):
        broken[number] = list(BROKEN)[len(broken) % len(BROKEN)]
    for number in range(files):
        where = folder / f"{number % 20:02d}"
        where.mkdir(parents=True, exist_ok=True)
        first = dice.randrange(len(sound) - frames)
        piece = sound[first : first + frames]
        if number in broken:
            BROKEN[broken[number]](where / f"{number:04d}-{broken[number]}", piece)
            continue
        suffix, subtype = FORMATS[number % len(FORMATS)]
        soundfile.write(where / f"{number:04d}{suffix}", piece, RATE_HZ, subtype)
    return {f"{number % 20:02d}/{number:04d}-{end}" for number, end in broken.items()}


# --- what is measured -----------------------------------------------------------------------------


def run(*words: object, cores: str = "") -> tuple[float, str]:
    """Seconds and output of one command, on these cores."""
    command = [ASMRMASTER, *map(str, words)]
    if cores:
        command = ["taskset", "-c", cores, *command]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return time.perf_counter() - began, done.stdout


def whole(takes: Path, out: Path, broken: set[str], files: int) -> None:
    """First and second run over everything."""
    seconds, printed = run("batch", takes, out, "--json")
    found = json.loads(printed)
    named = {one["name"] for one in found["without"]}
    masters = [p for p in out.rglob("*") if p.is_file() and ".asmrmaster" not in p.parts]
    print(f"first run: {seconds:.0f} s, {files / seconds:.1f} files a second")
    print(f"broken files named: {len(broken & named)} of {len(broken)};"
          f" named without being broken: {len(named - broken)}")  # fmt: skip
    print(f"masters: {len(masters)} of {files - len(broken)};"
          f" not tried: {found['not_tried']}")  # fmt: skip
    seconds, printed = run("batch", takes, out, "--json")
    again = json.loads(printed)
    print(f"second run: {seconds:.2f} s, {again['made']} made, {again['unchanged']} as they were")


def cores(takes: list[Path], folder: Path, runs: int) -> None:
    """Two cores beside one, in turns, the best of each."""
    listed = folder / "some.txt"
    listed.write_text("\n".join(map(str, takes)))
    best = {"0": 1e9, "0,1": 1e9}
    for turn in range(runs):
        for which in best:
            out = folder / f"cores{turn}{which}"
            seconds, _ = run("batch", listed, out, "--jobs", which.count(",") + 1, cores=which)
            best[which] = min(best[which], seconds)
            shutil.rmtree(out)
    one, two = best.values()
    print(f"{len(takes)} files: one core {one:.1f} s, two cores {two:.1f} s: {one / two:.2f} times")


def overhead(takes: list[Path], folder: Path) -> None:
    """The share of a run that the asking process spends on entering and publishing."""
    spent = 0.0
    settle = Loop._settle

    def timed(self: Loop, done: list[object]) -> None:
        nonlocal spent
        began = time.perf_counter()
        settle(self, done)  # type: ignore[arg-type]
        spent += time.perf_counter() - began

    Loop._settle = timed  # type: ignore[method-assign, assignment]
    with Local() as crew:
        out = folder / "overhead"
        found = batch(map(str, takes), str(out), mastering.recipe(), crew=crew)
        share = spent / (found.seconds * crew.width)
    Loop._settle = settle  # type: ignore[method-assign]
    print(f"ledger and publishing: {spent / len(takes) * 1000:.1f} ms a file,"
          f" {share:.2%} of the time of the cores")  # fmt: skip


def large(folder: Path, out: Path) -> None:
    """List, filter and export a ledger of many rows, copied from a real one."""
    path = folder / "large.db"
    shutil.copy(default_ledger(str(out)), path)
    with Ledger(path) as ledger:
        real = list(ledger.select("state = 'done'"))[:200]
        figures = [ledger.figures(entry.take, entry.settings) for entry in real]
        with ledger.transaction():
            for number in range(ROWS):
                entry: Entry = real[number % len(real)]
                name = f"{number % 100:02d}/{number}.wav"
                ledger.save(entry._replace(take=f"/large/{name}", name=name),
                            figures[number % len(real)])  # fmt: skip
    for words in (
        ("list", path), ("list", path, "--verdict", "does not meet", "--name", "*7.wav"),
        ("export", path), ("export", path, "-o", folder / "large.csv"),
        ("export", path, "-o", folder / "large.parquet"),
    ):  # fmt: skip
        best = (1e9, "")
        for _ in range(3):
            for written in folder.glob("large.[cp]*"):
                written.unlink()
            best = min(best, run("library", *words))
        seconds, printed = best
        shown = " ".join(str(word).replace(str(folder) + "/", "") for word in words)
        print(f"{ROWS} rows: library {shown}: {seconds:.2f} s, {printed.count(chr(10))} lines")
    with (folder / "large.csv").open(newline="") as file:
        assert sum(1 for _ in csv.reader(file)) > ROWS


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--some", type=int, default=150, help="files for cores and overhead")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work; a temporary one by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        broken = make_library(folder / "takes", given.files, given.seconds)
        good = sorted(p for p in (folder / "takes").rglob("*.*")
                      if str(p.relative_to(folder / "takes")) not in broken)  # fmt: skip
        print(f"{given.files} files of {given.seconds:g} s, {len(broken)} broken;"
              f" {os.cpu_count()} cores\n")  # fmt: skip
        whole(folder / "takes", folder / "masters", broken, given.files)
        cores(good[: given.some], folder, given.runs)
        overhead(good[: given.some], folder)
        large(folder, folder / "masters")


if __name__ == "__main__":
    main()
