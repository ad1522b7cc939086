"""A long video: is its picture untouched, its sound in step, and what does the video cost?

    python -m benchmarks.film [--minutes 30] [--keep FOLDER]

A 1080p H.264 film with AAC sound is made with the ffmpeg program: a minute of its moving test
picture with B frames, over and over, and the gentle recordings beside the checkout, or else a take
of our own making, over and over. It is mastered, and so is the same sound as a WAV. What the codec
costs by itself is measured with ffmpeg: decoding the film's sound and the master's, encoding once.

ffprobe compares every packet of the picture (hash of its bytes, its two times, its flags), and
the sound is compared with the take at the start, in the middle and at the end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import soundfile

from asmrmaster.audio.container import prove_sync
from asmrmaster.demo import RATE_HZ, take
from benchmarks.mutations import RECORDINGS
from benchmarks.peers import BIN, Run, run, table

GENTLE = RECORDINGS.parent / "gentle"
MOST_TIMES = 1.5
"""As many times the WAV's time the film may take, besides the codec's own."""

FFMPEG = ("ffmpeg", "-v", "error", "-nostdin", "-y")


def ffmpeg(*args: object) -> None:
    """Runs ffmpeg; CalledProcessError where it fails."""
    subprocess.run([*FFMPEG, *map(str, args)], check=True)


def make_film(path: Path, minutes: float) -> None:
    """Write the film."""
    minute, sound = path.with_name("minute.mp4"), path.with_name("sound.wav")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=60", "-c:v", "libx264", "-preset",
           "superfast", "-bf", 2, "-pix_fmt", "yuv420p", minute)  # fmt: skip
    recorded = sorted(GENTLE.glob("*"))
    if recorded:
        inputs = [word for one in recorded for word in ("-i", one)]
        even = ";".join(
            f"[{k}:a]aresample={RATE_HZ},aformat=channel_layouts=stereo[{k}]"
            for k in range(len(recorded))
        )
        ends = "".join(f"[{k}]" for k in range(len(recorded)))
        graph = f"{even};{ends}concat=n={len(recorded)}:v=0:a=1"
        ffmpeg(*inputs, "-filter_complex", graph, "-c:a", "pcm_s24le", sound)
    else:
        soundfile.write(sound, take(), RATE_HZ, "PCM_24")
    ffmpeg("-stream_loop", -1, "-i", minute, "-stream_loop", -1, "-i", sound, "-map", "0:v",
           "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "256k", "-t", 60 * minutes,
           "-metadata:s:a:0", "language=eng", path)  # fmt: skip
    minute.unlink()
    sound.unlink()


def picture(path: Path) -> list[str]:
    """A line for each packet of the picture: its times, flags, size and hash."""
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_data_hash", "sha256",
             "-show_entries", "packet=pts_time,dts_time,duration_time,flags,size,data_hash",
             "-of", "csv", str(path)]  # fmt: skip
    told: str = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return told.splitlines()


def codec_alone(film: Path, wav: Path, work: Path) -> list[Run]:
    """What the codec costs without us."""
    aac = work / "alone.m4a"
    encoded = run([*FFMPEG, "-i", wav, "-c:a", "aac", "-b:a", "256k", aac])
    return [encoded, *(run([*FFMPEG, "-i", one, "-map", "0:a", "-f", "null", "-"])
                       for one in (film, aac))]  # fmt: skip


def main() -> None:
    """Make, master, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = given.keep or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        film, wav = work / "film.mp4", work / "film.wav"
        if not film.exists():
            make_film(film, given.minutes)
        ffmpeg("-i", film, "-map", "0:a", "-c:a", "pcm_s24le", wav)
        done, done_wav = work / "master.mp4", work / "master.wav"
        master: list[str | Path] = [BIN / "asmrmaster", "master", "--force"]
        as_wav = run([*master, wav, "-o", done_wav])
        as_film = run([*master, film, "-o", done])
        alone = codec_alone(film, wav, work)
        named = [p for p in (done, done.with_name("master.does-not-meet.mp4")) if p.exists()][-1]
        before, after = picture(film), picture(named)
        same = before == after
        sync = prove_sync(film, named)
        rows = [
            [name, f"{one.wall_s:.1f}", f"{one.cpu_s:.1f}", f"{one.peak_mb:.0f}"]
            for name, one in (
                ("master, as WAV", as_wav), ("master, as film", as_film),
                ("ffmpeg, encode", alone[0]),
                ("ffmpeg, decode take", alone[1]), ("ffmpeg, decode master", alone[2]),
            )
        ]  # fmt: skip
        codec_s = sum(one.cpu_s for one in alone)
        most_s = MOST_TIMES * as_wav.cpu_s + codec_s
        print(table(["", "s", "CPU s", "MB"], rows))
        print(f"\npicture: {len(before)} packets, {'identical' if same else 'NOT identical'}")
        lags = ", ".join(f"{p.lag_ms:+.3f} ms at {p.time_s:.0f} s" for p in sync.points
                         if p.lag_ms is not None)  # fmt: skip
        print(f"sound: {lags}; ends {sync.end_ms:+.2f} ms; {sync.problem or 'in step'}")
        print(
            f"processor time of the film {as_film.cpu_s:.1f} s, at most {most_s:.1f} s"
            f" ({MOST_TIMES} x {as_wav.cpu_s:.1f} + {codec_s:.1f})"
        )
    sys.exit(not (same and sync.in_step and as_film.cpu_s <= most_s))


if __name__ == "__main__":
    main()
