"""Speed and memory of master and check beside the tools people use now.

    python -m benchmarks.speed [--minutes 10] [--runs 3] [--take FILE]

Everything runs in the same minutes on the same machine, as whole processes; the ratio is what to
look at. The take is FILE, repeated to the length, or one of our own making.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster.demo import RATE_HZ, take
from benchmarks.peers import BIN, Run, median, table


def make_take(path: Path, minutes: float, source: Path | None) -> None:
    """Write a stereo 48 kHz 24 bit take of this length."""
    if source is None:
        piece = take()
    else:
        piece, rate = soundfile.read(source, always_2d=True)
        piece = np.repeat(piece[:, :1], 2, axis=1) if piece.shape[1] == 1 else piece[:, :2]
        if rate != RATE_HZ:
            from scipy.signal import resample_poly

            piece = resample_poly(piece, RATE_HZ // 100, rate // 100, axis=0)
    left = round(minutes * 60 * RATE_HZ)
    kind = "RF64" if left * 6 > 4_000_000_000 else "WAV"
    with soundfile.SoundFile(path, "w", RATE_HZ, 2, "PCM_24", format=kind) as out:
        while left > 0:
            out.write(piece[:left])
            left -= len(piece)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--take", type=Path)
    parser.add_argument("--only", choices=["ours", "all"], default="all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "take.wav"
        make_take(source, given.minutes, given.take)
        print(f"{given.minutes:g} min, stereo, 48 kHz, 24 bit; median of {given.runs} runs\n")
        ours: dict[str, list[str | Path]] = {
            "asmrmaster master": [BIN / "asmrmaster", "master", source, "-o", work / "out.wav",
                                  "--force", "--target", "-24"],
            "asmrmaster check": [BIN / "asmrmaster", "check", source],
            "asmrmaster --help": [BIN / "asmrmaster", "--help"],
        }  # fmt: skip
        theirs: dict[str, list[str | Path]] = {
            "ffmpeg-normalize (two passes, EBU)": [
                BIN / "ffmpeg-normalize", source, "-nt", "ebu", "-t", "-24", "-tp", "-2",
                "-c:a", "pcm_s24le", "-ar", "48000", "-o", work / "fn.wav", "-f", "-q"],
            "ffmpeg ebur128=peak=true": [
                "ffmpeg", "-hide_banner", "-nostats", "-i", source, "-af", "ebur128=peak=true",
                "-f", "null", "-"],
            "bare copy (ffmpeg)": [
                "ffmpeg", "-y", "-loglevel", "error", "-i", source, "-c:a", "pcm_s24le",
                "-rf64", "auto", work / "copy.wav"],
            "bare copy (soundfile)": [BIN / "python", "-m", "benchmarks.copying", source,
                                      work / "copy.wav"],
        }  # fmt: skip
        if shutil.which("ffmpeg") is None:
            theirs = {}
        commands: dict[str, list[str | Path]] = ours if given.only == "ours" else {**ours, **theirs}
        found = {name: median(command, given.runs) for name, command in commands.items()}
        print(render(found))


def render(found: dict[str, Run]) -> str:
    """The table: every run, and how the others compare with our master and check."""
    rows = []
    for name, one in found.items():
        ratios = [
            f"{one.wall_s / found[mine].wall_s:.2f}"
            for mine in ("asmrmaster master", "asmrmaster check")
        ]
        figures = [f"{one.wall_s:.2f}", f"{one.cpu_s:.2f}", f"{one.peak_mb:.0f}"]
        rows.append([name, *figures, *ratios, str(one.exit_code)])
    head = ["", "wall s", "cpu s", "peak MB", "÷ our master", "÷ our check", "exit"]
    return table(head, rows)


if __name__ == "__main__":
    main()
