"""Hours of sound through codecs and films: does any of it drift?

    python -m benchmarks.sync [--hours 3] [--keep FOLDER] [--films SECONDS]

Quiet noise with a click every ten seconds is encoded alone (AAC in M4A) and put back into films
with a picture of one frame a second (AAC in MP4, Opus and AAC in MKV, the last at 44.1 kHz, where
no packet is a whole number of Matroska's milliseconds long). The ffmpeg program decodes what was
written, and every minute is held against what went in by cross-correlation, to a 48th of a
millisecond. What ``master`` asks before it publishes a film, ``prove_sync``, is printed beside it.

With ``--films``, short films whose stamps drift, jump or have gaps are tried instead, in every
container (``benchmarks.film_clocks``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asmrmaster.audio.container import encode, prove_sync, remux
from asmrmaster.audio.source import Format
from asmrmaster.streams.audio import Audio, Block
from benchmarks import film_clocks
from benchmarks.film import ffmpeg
from benchmarks.peers import table

MOST_MS = 1.0
"""The most a sound may be off anywhere."""
MINUTE_S = 60
HEARD_S = 2.0
"""So much of every minute is compared, round a click."""

Samples = NDArray[np.float32]


def minute(rate: int) -> Samples:
    """A minute of the sound: brown-ish noise at −50 dBFS, and a click of 1 ms every 10 s."""
    noise = np.random.default_rng(5).standard_normal(rate * MINUTE_S)
    soft = np.convolve(noise, np.ones(16) / 16, "same")
    sound = soft * 10 ** (-50 / 20) / soft.std()
    click = 0.3 * np.hanning(rate // 1000) * np.cos(np.arange(rate // 1000))
    for second in range(5, MINUTE_S, 10):
        sound[second * rate : second * rate + len(click)] += click
    return np.asarray(sound, np.float32)


def hours_of(rate: int, hours: float) -> Audio:
    """The minute again and again, mono."""
    block = minute(rate)[:, None].astype(np.float64)
    count = round(hours * 60)

    def blocks() -> Iterator[Block]:
        for _ in range(count):
            yield block

    return Audio(rate, 1, len(block) * count, blocks)


def lags_ms(path: Path, rate: int) -> tuple[list[float], int]:
    """By how much each minute of the written file is late, ms, and how many frames it has."""
    expected = minute(rate)
    start, size = round(4 * rate), round(HEARD_S * rate)
    wanted = np.fft.rfft(expected[start : start + size], 2 * size).conj()
    # Where a container cannot mark an encoder's delay, it lies before time 0 of the picture.
    words = ["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", str(path), "-map", "0:a",
             "-af", f"aresample={rate},atrim=start=0", "-f", "f32le", "-"]  # fmt: skip
    lags, frames = [], 0
    with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
        assert running.stdout
        while data := running.stdout.read(4 * len(expected)):
            sound = np.frombuffer(data, np.float32)
            frames += len(sound)
            if len(sound) < start + size:
                continue
            found = np.fft.irfft(np.fft.rfft(sound[start : start + size], 2 * size) * wanted)
            late = int(np.argmax(found))
            lags.append(1000 * (late if late < size else late - 2 * size) / rate)
    return lags, frames


def _films(seconds: float) -> None:
    """A table of films whose sound keeps another time; exit code 1 where one is out of step."""
    with tempfile.TemporaryDirectory() as scratch:
        found = list(film_clocks.rows(Path(scratch), seconds))
    told = [[end, name, f"{count}", f"{worst:.2f}"] for end, name, count, worst in found]
    print(table(["", "clock", "moments", "at most ms off"], told))
    sys.exit(any(worst > MOST_MS or not count for _, _, count, worst in found))


def main() -> None:
    """Make them all, print a table; exit code 1 where one drifts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--films", type=float, metavar="SECONDS")
    given = parser.parse_args()
    if given.films:
        _films(given.films)
    rows, all_well = [], True
    with tempfile.TemporaryDirectory() as scratch:
        work = given.keep or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        for rate, name, stored in (
            (48_000, "alone.m4a", Format("M4A", "AAC", bitrate_bps=64_000, lossless=False)),
            (48_000, "film.mp4", Format("MP4", "AAC", bitrate_bps=64_000, lossless=False)),
            (48_000, "film.mkv", Format("MKV", "OPUS", bitrate_bps=64_000, lossless=False)),
            (44_100, "film.44.mkv", Format("MKV", "AAC", bitrate_bps=64_000, lossless=False)),
        ):
            sound, path, take = hours_of(rate, given.hours), work / name, work / f"take{rate}.mkv"
            if not take.exists():
                alone = work / "alone.flac"
                encode(sound, alone, Format("FLAC", "FLAC_16", bits=16))
                ffmpeg("-f", "lavfi", "-i", "color=s=64x64:r=1", "-i", alone, "-c:v", "libx264",
                       "-preset", "ultrafast", "-c:a", "copy", "-shortest", take)  # fmt: skip
                alone.unlink()
            began = time.process_time()
            if "film" in name:
                remux(take, sound, path, stored)
            else:
                encode(sound, path, stored)
            spent_s = time.process_time() - began
            lags, frames = lags_ms(path, rate)
            proof = prove_sync(take, path)
            well = max(map(abs, lags)) <= MOST_MS and proof.in_step
            all_well = all_well and well
            rows.append([
                f"{stored.codec} in {name.rpartition('.')[2].upper()}, {rate} Hz",
                f"{frames - sound.frames:+d}", f"{lags[0]:+.3f}", f"{min(lags):+.3f}",
                f"{max(lags):+.3f}", f"{lags[-1] - lags[0]:+.3f}",
                proof.problem or f"in step, ends {proof.end_ms:+.2f} ms", f"{spent_s:.0f}",
            ])  # fmt: skip
            print(rows[-1], file=sys.stderr, flush=True)
    head = ["", "frames more", "first minute, ms late", "least", "most", "drift, ms",
            "before publishing", "CPU s"]  # fmt: skip
    print(f"{given.hours:g} h, every minute compared\n\n{table(head, rows)}")
    sys.exit(not all_well)


if __name__ == "__main__":
    main()
