"""Films whose sound keeps another time than its samples: does the master keep the film's?

Part of ``benchmarks.sync``. Every 10 s a frame of the take, as FFmpeg decodes it, is looked for in
the new film, around the time its stamp gives it, by cross-correlation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from asmrmaster.audio.container import open_source, remux
from benchmarks.film import ffmpeg

RATE, EVERY_S, REACH_S = 48_000, 10.0, 0.2
CLOCKS = {
    **{f"{ppm} ppm": f"setts=ts=round(TS*{1 + ppm * 1e-6})" for ppm in (0, 30, 100, 400, 3000)},
    "1 of 30 packets lost": r"noise=drop='eq(mod(n\,30)\,20)'",
    "back 30 ms every 4 s": r"setts=ts=TS-round(0.03/TB)*floor(max(TS\,0)*TB/4)",
    "10 ms jumps": r"setts=ts=TS+round(0.01/TB)*floor(max(TS\,0)*TB/3)",
}
"""FFmpeg's filter on the packets of the sound, by what it does."""
CONTAINERS = {"mp4": "aac", "mov": "aac", "mkv": "aac", "webm": "libopus", "ts": "aac"}
_PICTURES = {"webm": ("-c:v", "libvpx", "-b:v", "50k")}

Samples = NDArray[np.float32]


def rows(folder: Path, seconds: float) -> Iterator[tuple[str, str, int, float]]:
    """Container, clock, moments compared, and by how much the worst is off, ms."""
    for end, codec in CONTAINERS.items():
        plain = folder / f"plain.{end}"
        noise = f"anoisesrc=c=pink:a=0.3:d={seconds}:r={RATE}:seed=5"
        picture = _PICTURES.get(end, ("-c:v", "libx264", "-preset", "ultrafast"))
        bars = f"testsrc2=s=64x64:r=25:d={seconds}"
        ffmpeg("-f", "lavfi", "-i", bars, "-f", "lavfi", "-i", noise,
               *picture, "-pix_fmt", "yuv420p", "-c:a", codec, "-b:a", "128k", plain)  # fmt: skip
        for name, change in CLOCKS.items():
            take, new = folder / f"take.{end}", folder / f"new.{end}"
            ffmpeg("-i", plain, "-c", "copy", "-bsf:a", change, take)
            remux(take, open_source(take).audio, new)
            lags = list(_lags_ms(take, new))
            yield end.upper(), name, len(lags), max(map(abs, lags))


def _lags_ms(take: Path, new: Path) -> Iterator[float]:
    sound, start_s = _decoded(new)
    zero_s = _picture_s(new) - _picture_s(take)
    for time_s, frame in _moments(take):
        first = round((time_s + zero_s - start_s - REACH_S) * RATE)
        if first < 0 or first + round(2 * REACH_S * RATE) + len(frame) > len(sound):
            continue
        around = sound[first : first + round(2 * REACH_S * RATE) + len(frame)]
        found = np.correlate(around, frame, "valid")
        exact = first + int(np.argmax(found)) - (time_s + zero_s - start_s) * RATE
        yield 1000 * exact / RATE


def _moments(take: Path) -> Iterator[tuple[float, Samples]]:
    """(time by its stamp, samples of the first channel) of a frame every 10 s."""
    due_s = 1.0
    with av.open(str(take)) as container:
        for frame in container.decode(container.streams.audio[0]):
            assert isinstance(frame, AudioFrame)
            if frame.time is not None and frame.time >= due_s and frame.samples > RATE // 60:
                yield frame.time, np.asarray(frame.to_ndarray()[0], np.float32)
                due_s += EVERY_S


def _decoded(path: Path) -> tuple[Samples, float]:
    """The first channel as FFmpeg decodes it, sample after sample, and the time of its first."""
    parts: list[Samples] = []
    start_s = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[0]):
            assert isinstance(frame, AudioFrame)
            start_s = start_s if parts else float(frame.time or 0)
            parts.append(np.asarray(frame.to_ndarray()[0], np.float32))
    return np.concatenate(parts), start_s


def _picture_s(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(next(container.decode(container.streams.video[0])).time or 0)
