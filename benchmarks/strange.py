"""Strange files: each must be checked, or refused in one plain line.

    python -m benchmarks.strange [--keep FOLDER] [--recorded] [--master]

What unseen files look like is guessed by making them with the ffmpeg program: odd channel layouts,
layouts and rates that change midway, films without sound or with much beside it, cut and
fragmented MP4, wrong names, huge durations in headers. Each is checked in a child process under a
limit on time and memory, and a table says what came of it. With --recorded the recorded formats
beside the checkout are taken instead; with --master each is mastered.
"""

from __future__ import annotations

import argparse
import resource
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.delivery.output import default_output
from asmrmaster.errors import AsmrmasterError
from benchmarks.mutations import MEMORY_BYTES, RECORDINGS, campaign

SECONDS = 30.0
CHILD = (sys.executable, "-m", "benchmarks.strange", "--work")
_NOISE = "anoisesrc=c=pink:a=0.05:r={rate}:d={seconds}:seed={seed}"
_FILM = "testsrc2=s=160x120:r=25:d=2"


def ffmpeg(*args: object) -> None:
    """Runs ffmpeg; RuntimeError with what it said where it fails."""
    words = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, args)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())


def noise(
    channels: int = 2, rate: int = 48_000, seconds: float = 2.0, layout: str = ""
) -> list[str]:
    """Arguments that make noise, different in each channel; layout: FFmpeg's name of one."""
    inputs = [_NOISE.format(rate=rate, seconds=seconds, seed=k) for k in range(channels)]
    if channels == 1:
        return ["-f", "lavfi", "-i", inputs[0]]
    names = "".join(f"[{k}]" for k in range(channels))
    graph = ";".join(f"{text}[{k}]" for k, text in enumerate(inputs))
    wanted = layout or {2: "stereo"}.get(channels, f"{channels}c")
    return ["-f", "lavfi", "-i", f"{graph};{names}amerge=inputs={channels},"
            f"aformat=channel_layouts={wanted}" if not wanted.endswith("c") else
            f"{graph};{names}amerge=inputs={channels}"]  # fmt: skip


LAYOUTS = {
    "2.1": 3, "3.0": 3, "3.0(back)": 3, "3.1": 4, "4.0": 4, "quad": 4, "quad(side)": 4, "4.1": 5,
    "5.0": 5, "5.0(side)": 5, "5.1": 6, "5.1(side)": 6, "6.0": 6, "6.0(front)": 6, "hexagonal": 6,
    "6.1": 7, "6.1(back)": 7, "6.1(front)": 7, "7.0": 7, "7.0(front)": 7, "7.1": 8,
    "7.1(wide)": 8, "7.1(wide-side)": 8, "octagonal": 8, "downmix": 2,
}  # fmt: skip
HOLDERS = {
    "wav": ["-c:a", "pcm_s24le"], "flac": ["-c:a", "flac"], "m4a": ["-c:a", "aac"],
    "opus": ["-c:a", "libopus", "-mapping_family", "1"], "mkv": ["-c:a", "pcm_s16le"],
    "caf": ["-c:a", "pcm_s24le"], "mov": ["-c:a", "pcm_s24le"], "ogg": ["-c:a", "libvorbis"],
    "ac3": ["-c:a", "ac3"], "eac3": ["-c:a", "eac3"], "wv": ["-c:a", "wavpack"],
}  # fmt: skip


def layouts(folder: Path) -> None:
    """Every layout FFmpeg names, in every container that takes it."""
    for layout, channels in LAYOUTS.items():
        for suffix, codec in HOLDERS.items():
            name = layout.replace("(", "-").replace(")", "")
            path = folder / f"layout-{name}.{suffix}"
            try:
                ffmpeg(*noise(channels, layout=layout), *codec, path)
            except RuntimeError:  # this container does not take it
                path.unlink(missing_ok=True)


def many_channels(folder: Path) -> None:
    """More channels than are read, and layouts without a name."""
    for channels in (3, 5, 9, 10, 12, 16, 24):
        for suffix, codec in (("wav", "pcm_s16le"), ("mkv", "pcm_s16le"), ("caf", "pcm_s16le"),
                              ("mov", "pcm_s16le"), ("wv", "wavpack")):  # fmt: skip
            path = folder / f"channels-{channels}.{suffix}"
            try:
                ffmpeg(*noise(channels), "-c:a", codec, path)
            except RuntimeError:
                path.unlink(missing_ok=True)
    for family, channels in ((255, 4), (255, 11), (2, 4), (2, 9)):
        path = folder / f"opus-family{family}-{channels}.opus"
        try:
            extra = ["-af", "aformat=channel_layouts=ambisonic " + str(round(channels**0.5) - 1)]
            ffmpeg(*noise(channels), *(extra if family == 2 else []), "-c:a", "libopus",
                   "-mapping_family", family, path)  # fmt: skip
        except RuntimeError:
            path.unlink(missing_ok=True)


def changes(folder: Path) -> None:
    """Rate, channels or codec change midway."""
    for name, args in {"a": noise(2, 48_000), "b": noise(1, 48_000), "c": noise(2, 44_100)}.items():
        ffmpeg(*args, "-c:a", "libmp3lame", folder / f"{name}.mp3")
        ffmpeg(*args, "-c:a", "aac", folder / f"{name}.aac")
        ffmpeg(*args, "-c:a", "ac3", folder / f"{name}.ac3")
        ffmpeg(*args, "-c:a", "aac", folder / f"{name}.ts")
        ffmpeg(*args, "-c:a", "libvorbis", folder / f"{name}.ogg")
        ffmpeg(*args, "-c:a", "libopus", folder / f"{name}.opus")
        ffmpeg(*args, "-c:a", "flac", folder / f"{name}.flac")
    for suffix in ("mp3", "aac", "ac3", "ts", "ogg", "opus", "flac"):
        parts = {name: (folder / f"{name}.{suffix}").read_bytes() for name in "abc"}
        (folder / f"joined-same.{suffix}").write_bytes(parts["a"] * 2)
        (folder / f"joined-mono.{suffix}").write_bytes(parts["a"] + parts["b"])
        (folder / f"joined-rate.{suffix}").write_bytes(parts["a"] + parts["c"])
        for name in "abc":
            (folder / f"{name}.{suffix}").unlink()


def films(folder: Path) -> None:
    """Films with everything but what a film usually has."""
    video = ["-f", "lavfi", "-i", _FILM]
    small = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    for suffix in ("mp4", "mov", "mkv", "avi", "ts"):
        ffmpeg(*video, *small, "-an", folder / f"film-no-sound.{suffix}")
    sound = ["-shortest", "-c:a", "aac"]
    ffmpeg(
        *video, *noise(), *small, *sound, "-timecode", "01:00:00:00", folder / "film-timecode.mov"
    )
    ffmpeg(*video, *noise(), *small, *sound, "-movflags", "frag_keyframe+empty_moov",
           folder / "film-fragmented.mp4")  # fmt: skip
    ffmpeg(*video, *noise(), *small, *sound, "-movflags", "+dash+delay_moov+frag_every_frame",
           folder / "film-fragments-every-frame.mp4")  # fmt: skip
    ffmpeg(*video, "-itsoffset", "0.5", *noise(), *small, *sound, folder / "film-late-sound.mp4")
    ffmpeg("-itsoffset", "0.5", *video, *noise(), *small, *sound, folder / "film-late-picture.mkv")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:r=1:d=1", "-frames:v", 1, folder / "still.png")
    ffmpeg("-loop", 1, "-r", 1, "-i", folder / "still.png", *noise(seconds=4), *small, "-tune",
           "stillimage", *sound, folder / "film-still.mp4")  # fmt: skip
    ffmpeg("-i", folder / "still.png", *noise(), "-c:v", "png", *sound[1:],
           folder / "film-one-frame.mkv")  # fmt: skip
    ffmpeg("-i", folder / "still.png", *noise(), "-c:v", "mjpeg", "-c:a", "aac", "-disposition:v",
           "attached_pic", folder / "cover.m4a")  # fmt: skip
    ffmpeg(*video, *noise(), "-c:v", "mpeg4", "-vf", "setpts='PTS+0.3*random(0)/TB/25'",
           "-fps_mode", "vfr", *sound, folder / "film-vfr.mkv")  # fmt: skip
    ffmpeg(*video, *noise(), "-c:v", "wmv2", "-c:a", "wmav2", folder / "film.wmv")
    ffmpeg(*noise(), "-c:a", "wmav2", folder / "sound.wma")
    ffmpeg(*video, *noise(), "-c:v", "flv", "-ar", 44100, "-c:a", "libmp3lame", folder / "film.flv")
    ffmpeg(*video, *noise(), "-c:v", "mpeg2video", "-c:a", "mp2", folder / "film.mpg")
    ffmpeg(*video, *noise(), "-c:v", "libtheora", "-c:a", "libvorbis", folder / "film.ogv")
    ffmpeg(*video, *noise(), "-c:v", "mjpeg", "-c:a", "pcm_s16le", folder / "film.avi")
    ffmpeg(*video, *noise(), "-c:v", "dvvideo", "-s", "720x576", "-pix_fmt", "yuv420p", "-ar",
           48000, "-c:a", "pcm_s16le", folder / "film.dv")  # fmt: skip
    ffmpeg(*video, *noise(), "-c:v", "mpeg2video", "-c:a", "pcm_s16le", folder / "film.mxf")
    (folder / "gif.gif").write_bytes(b"")
    ffmpeg(*video, folder / "gif.gif")


def damaged_mp4(folder: Path) -> None:
    """MP4 without an index, cut short, with boxes that lie, with encrypted sound."""
    whole = folder / "whole.mp4"
    ffmpeg(*noise(), "-c:a", "aac", whole)
    data = whole.read_bytes()
    moov = data.index(b"moov") - 4
    (folder / "mp4-no-moov.mp4").write_bytes(data[:moov])
    (folder / "mp4-cut.mp4").write_bytes(data[: moov + 300])
    (folder / "mp4-half.mp4").write_bytes(data[: len(data) // 2])
    fast = folder / "fast.mp4"
    ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", fast)
    cut = fast.read_bytes()
    (folder / "mp4-faststart-cut.mp4").write_bytes(cut[: len(cut) * 2 // 3])
    for box, name in ((b"mvhd", "movie"), (b"mdhd", "media")):
        lied = bytearray(data)
        at = lied.index(box) + 20
        lied[at : at + 4] = b"\x7f\xff\xff\xff"
        (folder / f"mp4-huge-{name}-duration.mp4").write_bytes(lied)
    lied = bytearray(data)
    at = lied.index(b"stts") + 12
    lied[at : at + 4] = b"\x7f\xff\xff\xff"
    (folder / "mp4-huge-sample-duration.mp4").write_bytes(lied)
    lied = bytearray(data)
    at = lied.index(b"stsz") + 12
    lied[at : at + 4] = b"\x7f\xff\xff\xff"
    (folder / "mp4-huge-sample-count.mp4").write_bytes(lied)
    ffmpeg("-i", whole, "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
           "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid",
           "a7e61c373e219033c21091fa607bf3b8", folder / "mp4-encrypted.mp4")  # fmt: skip
    (folder / "mp4-drm-name.m4p").write_bytes(data.replace(b"mp4a", b"drms"))
    (folder / "mp4-unknown-codec.mp4").write_bytes(data.replace(b"mp4a", b"zzzz"))
    whole.unlink()
    fast.unlink()


def names(folder: Path) -> None:
    """Right content under a wrong name, and other content under a right one."""
    kinds = {"wav": "pcm_s16le", "flac": "flac", "mp3": "libmp3lame", "m4a": "aac",
             "opus": "libopus", "ogg": "libvorbis", "mkv": "aac"}  # fmt: skip
    for suffix, codec in kinds.items():
        path = folder / f"x.{suffix}"
        ffmpeg(*noise(), "-c:a", codec, path)
        for wrong in ("wav", "mp3", "mp4", "txt"):
            if wrong != suffix:
                (folder / f"{suffix}-named.{wrong}").write_bytes(path.read_bytes())
        path.rename(folder / f"{suffix}-without-a-suffix")
    (folder / "text.wav").write_text("This is not sound.\n" * 100)
    (folder / "page.mp4").write_text("<!doctype html><title>404</title>\n" * 50)
    (folder / "zip.m4a").write_bytes(b"PK\3\4" + bytes(2_000))
    (folder / "zeros.mp3").write_bytes(bytes(100_000))
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "playlist.m3u8").write_text("#EXTM3U\n/etc/hostname\n")


def headers(folder: Path) -> None:
    """Headers that promise far too much, or nothing."""
    path = folder / "x.wav"
    ffmpeg(*noise(), "-c:a", "pcm_s16le", path)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    for name, size in (("zero", 0), ("huge", 0x7FFF_0000), ("open", 0xFFFF_FFFF)):
        (folder / f"wav-{name}-data.wav").write_bytes(
            data[:at] + struct.pack("<I", size) + data[at + 4 :]
        )
    for name, rate in (("0", 0), ("1", 1), ("4000000000", 4_000_000_000), ("384000", 384_000)):
        lied = bytearray(data)
        lied[24:28] = struct.pack("<I", rate)
        (folder / f"wav-rate-{name}.wav").write_bytes(lied)
    for count in (0, 9, 1000, 65_535):
        lied = bytearray(data)
        lied[22:24] = struct.pack("<H", count)
        (folder / f"wav-channels-{count}.wav").write_bytes(lied)
    path.unlink()
    ffmpeg(*noise(), "-c:a", "flac", folder / "x.flac")
    flac = bytearray((folder / "x.flac").read_bytes())
    (folder / "x.flac").unlink()
    flac[21:26] = bytes([flac[21] | 0x0F, *b"\xff\xff\xff\xff"])
    (folder / "flac-huge-count.flac").write_bytes(flac)
    flac[21:26] = bytes([flac[21] & 0xF0, 0, 0, 0, 0])
    (folder / "flac-unknown-count.flac").write_bytes(flac)
    for rate in (8_000, 11_025, 22_050, 32_000, 88_200, 96_000, 176_400, 192_000, 352_800):
        ffmpeg(*noise(rate=rate), "-c:a", "pcm_s24le", folder / f"rate-{rate}.mkv")
        ffmpeg(*noise(rate=rate), "-c:a", "pcm_s24le", folder / f"rate-{rate}.wav")
    for ms in (1, 10, 399, 401):
        ffmpeg(*noise(), "-t", f"{ms / 1000:.3f}", "-c:a", "aac", folder / f"short-{ms}ms.m4a")
        ffmpeg(*noise(), "-t", f"{ms / 1000:.3f}", "-c:a", "libopus", folder / f"short-{ms}ms.opus")
        ffmpeg(
            *noise(), "-t", f"{ms / 1000:.3f}", "-c:a", "libmp3lame", folder / f"short-{ms}ms.mp3"
        )
        ffmpeg(
            *noise(), "-t", f"{ms / 1000:.3f}", "-c:a", "pcm_s16le", folder / f"short-{ms}ms.wav"
        )
    ffmpeg("-f", "lavfi", "-i", "anullsrc=d=3", "-c:a", "aac", folder / "silence.m4a")


GROUPS: tuple[Callable[[Path], None], ...] = (
    layouts, many_channels, changes, films, damaged_mp4, names, headers,
)  # fmt: skip


def outcome(path: Path, render: Path | None = None) -> str:
    """What came of checking a file: "read …", "refused …", or the fault that was raised.

    render: a folder to master it into, instead of checking it.
    """
    try:
        if render is None:
            report = engine.check(path)
        else:
            target = render / default_output(read(path)).name
            report = engine.master(path, target, force=True)
            assert report.output is not None
            report = report.model_copy(update={"input": report.output})
    except AsmrmasterError as error:
        said = str(error).replace(str(path), "it")
        return f"refused: {said}" if said and "\n" not in said else f"no plain words: {error!r}"
    except Exception:
        return "fault: " + " | ".join(traceback.format_exc().splitlines()[-3:])
    given = report.input
    measured = f"{given.format}, {given.channels} ch, {given.rate_hz} Hz, {given.frames} frames"
    return " ".join([f"read: {measured}.", *given.notes])


def work(first: int, last: int, folder: Path, render: bool) -> None:
    """What the child does: name and outcome of each file, a line each, before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for path in sorted(folder.iterdir())[first:last]:
        print(path.name, flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            print(outcome(path, Path(scratch) if render else None), flush=True)


def main() -> None:
    """Make the files, check each, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--recorded", action="store_true")
    parser.add_argument("--master", action="store_true")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        first, last, folder = given.work
        work(int(first), int(last), Path(folder), given.master)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if given.recorded:
            folder = RECORDINGS
        elif not any(folder.iterdir()):
            for group in GROUPS:
                group(folder)
        files = len(list(folder.iterdir()))
        bad = 0
        child = CHILD[:-1] + (("--master",) if given.master else ()) + CHILD[-1:]
        for result in campaign(0, files, folder, SECONDS, child):
            bad += result.bad
            print(f"| {'**' * result.bad}{result.name} | {result.result} |", flush=True)
    print(f"\n{files} files, {bad} neither checked nor refused in plain words")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
