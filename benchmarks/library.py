"""A whole library: 2 000 short files of mixed formats, 3 % of them broken in ten ways.

    python -m benchmarks.library [--parts whole,cores,overhead,rows] [--files 2000]

Takes are cut from real recordings where there are some, else from the demo's. The parts:

    whole      is every broken file named, and none lost; how long does a second run take
    cores      how much faster are two cores than one (needs a quiet machine)
    overhead   what does the ledger cost, in seconds of the processors
    rows       how quick does a ledger of 100 000 rows answer
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster.audio import master_format, write
from asmrmaster.audio.source import Format
from asmrmaster.demo import RATE_HZ, take
from asmrmaster.library.batch import batch
from asmrmaster.library.ledger import Ledger, default_ledger
from asmrmaster.library.local_workers import LocalWorkers
from asmrmaster.library.scheduler import Scheduler
from asmrmaster.library.schema import Entry
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.streams.audio import Audio
from benchmarks.material import RECORDINGS, load
from benchmarks.peers import BIN

ASMRMASTER = str(BIN / "asmrmaster")
FORMATS = (
    (".wav", 16), (".wav", 24), (".flac", 16), (".flac", 24), (".aiff", 24), (".mp3", 24),
    (".ogg", 24), (".rf64", 24), (".w64", 16), (".caf", 24), (".m4a", 24), (".mka", 24),
)  # fmt: skip
"""Ends of names and bits; lossy ones are MP3 and Vorbis."""
SHORTEST_S, LONGEST_S = 2.0, 6.0
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


def sounds() -> list[tuple[np.ndarray, int]]:
    """What the takes are cut from, with rates."""
    if RECORDINGS.is_dir():
        return [(one.samples, one.rate) for one in load("gentle", 2 * LONGEST_S)]
    return [(take(60.0), RATE_HZ)]


def make_library(folder: Path, files: int) -> set[str]:
    """Write the takes; names of the broken ones."""
    dice = random.Random(7)
    material = sounds()
    broken: dict[int, str] = {}
    for number in dice.sample(range(files), round(files * BROKEN_SHARE)):
        broken[number] = list(BROKEN)[len(broken) % len(BROKEN)]
    for number in range(files):
        where = folder / f"{number % 20:02d}"
        where.mkdir(parents=True, exist_ok=True)
        sound, rate = material[number % len(material)]
        frames = round(dice.uniform(SHORTEST_S, LONGEST_S) * rate)
        first = dice.randrange(len(sound) - frames)
        piece = sound[first : first + frames]
        if number in broken:
            BROKEN[broken[number]](where / f"{number:04d}-{broken[number]}", piece)
            continue
        suffix, bits = FORMATS[number % len(FORMATS)]
        path = where / f"{number:04d}{suffix}"
        stored = master_format(Format("WAV", f"PCM_{bits}", bits=bits), path)
        write(Audio.from_array(piece, rate), path, stored)
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
    for one in found["without"]:
        if one["name"] not in broken:
            print(f"  {one['name']}: {one['cause']}")
    print(f"masters: {len(masters)} of {files - len(broken)};"
          f" not tried: {found['not_tried']}")  # fmt: skip
    seconds, printed = run("batch", takes, out, "--json")
    again = json.loads(printed)
    print(f"second run: {seconds:.2f} s, {again['made']} made, {again['unchanged']} as they were")


def cores(takes: list[Path], folder: Path, runs: int) -> None:
    """Two cores beside one, in turns, the best of each.

    One task on two cores is printed, too: a take alone has two threads. Seconds of the processor
    tell what working side by side costs, on a busy machine as well.
    """
    listed = folder / "some.txt"
    listed.write_text("\n".join(map(str, takes)))
    ways = {"one core, one task": ("0", 1), "two cores, one task": ("0,1", 1),
            "two cores, two jobs": ("0,1", 2)}  # fmt: skip
    best_s, cpu_s = dict.fromkeys(ways, 1e9), dict.fromkeys(ways, 1e9)
    for turn in range(runs):
        for way, (which, jobs) in ways.items():
            out, before_s = folder / f"cores{turn}", _children_s()
            seconds, _ = run("batch", listed, out, "--jobs", jobs, cores=which)
            best_s[way] = min(best_s[way], seconds)
            cpu_s[way] = min(cpu_s[way], _children_s() - before_s)
            shutil.rmtree(out)
    one_s = best_s["one core, one task"]
    for way in ways:
        print(f"{way}: {len(takes)} files in {best_s[way]:.1f} s, {one_s / best_s[way]:.2f} times;"
              f" {1000 * cpu_s[way] / len(takes):.0f} ms of the processor a file")  # fmt: skip


def overhead(takes: list[Path], folder: Path) -> None:
    """What entering and publishing take from the processors, beside what the takes take."""
    spent_s = 0.0
    settle = Scheduler._record

    def timed(self: Scheduler, done: list[object]) -> None:
        nonlocal spent_s
        began = time.process_time()
        settle(self, done)  # type: ignore[arg-type]
        spent_s += time.process_time() - began

    Scheduler._record = timed  # type: ignore[method-assign, assignment]
    before_s = _children_s()
    with LocalWorkers() as workers:
        batch(map(str, takes), str(folder / "overhead"), load_recipe(), workers=workers)
    Scheduler._record = settle  # type: ignore[method-assign]
    for child in multiprocessing.active_children():
        child.join(10)
    worked_s = _children_s() - before_s
    print(f"ledger and publishing: {spent_s / len(takes) * 1000:.1f} ms of the processor a file,"
          f" {spent_s / worked_s:.2%} of the {worked_s:.0f} s of the workers")  # fmt: skip


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
    csv_, parquet = folder / "large.csv", folder / "large.parquet"
    for words in (
        ("list", path), ("list", path, "--verdict", "does not meet", "--name", "*7.wav"),
        ("export", path), ("export", path, "--name", "*7.wav"), ("export", path, "-o", csv_),
        ("export", path, "-o", parquet),
    ):  # fmt: skip
        best, cpu_s = (1e9, ""), _children_s()
        for _ in range(3):
            for written in (csv_, parquet):
                if written in words:
                    written.unlink(missing_ok=True)
            best = min(best, run("library", *words))
        seconds, printed = best
        shown = " ".join(str(word).replace(str(folder) + "/", "") for word in words)
        print(f"{ROWS} rows: library {shown}: {seconds:.2f} s,"
              f" {(_children_s() - cpu_s) / 3:.2f} s of the processor,"
              f" {printed.count(chr(10))} lines")  # fmt: skip
    with csv_.open(newline="") as file:
        lines = sum(1 for _ in csv.reader(file)) - 1
    with Ledger(path) as ledger:
        (held,) = ledger.first_row("SELECT count(*) FROM masters") or (0,)
    print(f"rows in large.csv: {lines} of {held}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default="whole,cores,overhead,rows")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--some", type=int, default=400, help="files for cores and overhead")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work; a temporary one by default")
    given = parser.parse_args()
    parts = given.parts.split(",")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        files = given.files if "whole" in parts else given.some
        takes, out = folder / "takes", folder / "masters"
        broken = make_library(takes, files)
        found = (path for path in sorted(takes.rglob("*.*")))
        good = [path for path in found if str(path.relative_to(takes)) not in broken]
        print(f"{files} files of {SHORTEST_S:g} to {LONGEST_S:g} s, {len(broken)} broken;"
              f" {os.cpu_count()} cores", flush=True)  # fmt: skip
        if "whole" in parts:
            whole(takes, out, broken, files)
        if "cores" in parts:
            cores(good[: given.some], folder, given.runs)
        if "overhead" in parts:
            overhead(good[: given.some], folder)
        if "rows" in parts:
            if "whole" not in parts:
                run("batch", takes, out)
            large(folder, out)


if __name__ == "__main__":
    main()
