"""Damaged files, by the hundred: each must be read, or refused in plain words.

    python -m benchmarks.mutations [--count 500] [--first 0] [--keep FOLDER]

Files of many formats are damaged in seeded ways (bits flipped, headers swapped, ends cut, spans
zeroed, doubled, removed), and each is opened and streamed to its end, as a take and through FFmpeg
alone. This happens in child processes with a limit on memory and time, because a decoder that
crashes takes its process with it. A crash, a hang and anything but an error of ours are reported
with the number that makes the same file again; --keep saves it. Besides files made here, those in
the folder ASMRMASTER_FORMATS are damaged, or else the recorded formats beside the checkout.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import numpy as np

from asmrmaster.audio import Audio, Format, container, read, write
from asmrmaster.errors import AsmrmasterError

MEMORY_BYTES = 3 << 30
SECONDS = 10.0
RECORDINGS = Path(
    os.environ.get("ASMRMASTER_FORMATS")
    or Path(__file__).resolve().parents[2] / "shared" / "recordings" / "formats"
)
ROOT = Path(__file__).resolve().parents[1]

MADE = {
    "made.wav": Format("WAV", "PCM_16", 16),
    "made.flac": Format("FLAC", "PCM_16", 16),
    "made.ogg": Format("OGG", "VORBIS", lossless=False),
    "made.m4a": Format("M4A", "AAC", lossless=False),
    "alac.m4a": Format("M4A", "ALAC_16", 16),
    "made.mov": Format("MOV", "PCM_24", 24),
    "made.webm": Format("WEBM", "OPUS", lossless=False),
    "made.mkv": Format("MKV", "FLAC_16", 16),
    "aac.mkv": Format("MKV", "AAC", lossless=False),
    "made.ts": Format("TS", "AAC", lossless=False),
    "made.flv": Format("FLV", "AAC", lossless=False),
    "made.avi": Format("AVI", "PCM_16", 16),
    "made.mp3": Format("MP3", "MPEG_LAYER_III", lossless=False),
}


def originals(folder: Path) -> list[Path]:
    """Files to damage: some made here, and the recorded ones where they are there."""
    noise = 0.1 * np.random.default_rng(0).standard_normal((48_000, 2))
    sound = Audio.from_array(noise, 48_000)
    paths = []
    for name, format in MADE.items():
        path = folder / name
        paths.append(path)
        if not path.exists():
            if format.container in ("WAV", "FLAC", "OGG"):
                write(sound, path, format)
            else:
                container.encode(sound, path, format)
    recorded = [p for p in sorted(RECORDINGS.glob("*")) if p.stat().st_size < 1_500_000]
    return paths + recorded


def _flip(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    for place in rng.integers(0, len(data), int(rng.integers(1, 100))):
        data[place] ^= 1 << int(rng.integers(0, 8))


def _flip_head(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    for place in rng.integers(0, min(len(data), 600), int(rng.integers(1, 20))):
        data[place] ^= 1 << int(rng.integers(0, 8))


def _flip_tail(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    for place in rng.integers(max(0, len(data) - 2_000), len(data), int(rng.integers(1, 20))):
        data[place] ^= 1 << int(rng.integers(0, 8))


def _cut(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    del data[int(rng.integers(0, len(data))) :]


def _swap_head(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    size = int(rng.integers(4, 2_000))
    data[:size] = others[:size]


def _zero(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    start, size = int(rng.integers(0, len(data))), int(rng.integers(1, 5_000))
    data[start : start + size] = bytes(len(data[start : start + size]))


def _double(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    start, size = int(rng.integers(0, len(data))), int(rng.integers(1, 5_000))
    data[start:start] = data[start : start + size]


def _remove(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    start, size = int(rng.integers(0, len(data))), int(rng.integers(1, 5_000))
    del data[start : start + size]


def _extremes(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    for place in rng.integers(0, min(len(data), 2_000), 3):
        data[place : place + 4] = [b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4)][rng.integers(0, 3)]


def _splice(data: bytearray, others: bytes, rng: np.random.Generator) -> None:
    start = int(rng.integers(0, len(data)))
    data[start:] = others[int(rng.integers(0, len(others))) :]


KINDS: tuple[Callable[[bytearray, bytes, np.random.Generator], None], ...] = (
    _flip, _flip_head, _flip_tail, _cut, _swap_head, _zero, _double, _remove, _extremes, _splice,
)  # fmt: skip


def damaged(number: int, files: list[Path]) -> tuple[str, bytes]:
    """The name and bytes of damaged file ``number``, the same every time."""
    rng = np.random.default_rng(number)
    path = files[number % len(files)]
    data = bytearray(path.read_bytes() or b"\0")
    others = files[int(rng.integers(0, len(files)))].read_bytes() or b"\0"
    kind = KINDS[int(rng.integers(0, len(KINDS)))]
    kind(data, others, rng)
    return f"{number}{kind.__name__}-{path.name}", bytes(data)


def measured(path: Path) -> str:
    """What came of reading a file: "read", "refused", or the fault that was raised."""
    outcome = "refused"
    for opened in (read, container.open_source):
        try:
            for _ in opened(path).audio.open():
                pass
            outcome = "read"
        except AsmrmasterError as error:
            if not str(error) or "\n" in str(error):
                return f"no plain words: {error!r}"
        except Exception:
            return "fault: " + " | ".join(traceback.format_exc().splitlines()[-3:])
    return outcome


def work(first: int, last: int, folder: Path) -> None:
    """What the child does: number and outcome of each file, a line each, before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = originals(folder)
    for number in range(first, last):
        name, data = damaged(number, files)
        path = folder / name
        path.write_bytes(data)
        print(name, flush=True)
        print(measured(path), flush=True)
        path.unlink()


@dataclass(frozen=True)
class Outcome:
    """What came of one damaged file. bad: whether it is a fault of ours or of a decoder."""

    name: str
    result: str

    @property
    def bad(self) -> bool:
        return not self.result.startswith(("read", "refused"))


CHILD = (sys.executable, "-m", "benchmarks.mutations", "--work")


def campaign(
    first: int,
    count: int,
    folder: Path,
    seconds: float = SECONDS,
    command: Sequence[str] = CHILD,
) -> Iterator[Outcome]:
    """Outcomes of ``count`` damaged files; a child that dies is replaced for those after it.

    command: starts a child, with the first and last number and the folder added.
    """
    number, last = first, first + count
    while number < last:
        words = [*command, str(number), str(last), str(folder)]
        with subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            text=True,
        ) as child:
            lines: SimpleQueue[str] = SimpleQueue()
            Thread(target=_listen, args=(child, lines), daemon=True).start()
            why = ""
            while number < last and not why:
                name = _next(lines, seconds + 30)  # starting takes a while
                result = _next(lines, seconds) if name else ""
                if not result:
                    hung = child.poll() is None
                    child.kill()
                    why = f"longer than {seconds:g} s" if hung else f"died with {child.wait()}"
                yield Outcome(name or f"{number}?", result or why)
                number += 1
            child.kill()


def _listen(child: subprocess.Popen[str], lines: SimpleQueue[str]) -> None:
    assert child.stdout
    for line in child.stdout:
        lines.put(line.strip())
    child.wait()
    lines.put("")


def _next(lines: SimpleQueue[str], seconds: float) -> str:
    """The child's next line, "" if it has ended or says nothing in time."""
    try:
        return lines.get(timeout=seconds)
    except Empty:
        return ""


def main() -> None:
    """Run a campaign and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(int(given.work[0]), int(given.work[1]), Path(given.work[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        tally: Counter[str] = Counter()
        for outcome in campaign(given.first, given.count, Path(folder)):
            tally["bad" if outcome.bad else outcome.result] += 1
            if outcome.bad:
                print(outcome.name, outcome.result)
                if given.keep:
                    number = int("".join(c for c in outcome.name.split("_")[0] if c.isdigit()))
                    name, data = damaged(number, originals(Path(folder)))
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / name).write_bytes(data)
        print(", ".join(f"{count} {what}" for what, count in sorted(tally.items())))
    sys.exit(bool(tally["bad"]))


if __name__ == "__main__":
    main()
