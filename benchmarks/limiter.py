"""The limiter beside others: how fast, how far over the ceiling, how much distortion.

    python -m benchmarks.limiter [--seconds 120]

Peers: pedalboard's BrickwallLimiter (true peak) where that package is installed, and ffmpeg's
alimiter where that command is. Speed is sound time over wall time, in blocks of one second;
alimiter runs as a process of its own, fed raw samples.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from asmrmaster.meters.peaks import Peaks
from asmrmaster.stages.limiter import Limiter
from asmrmaster.streams.audio import Audio
from benchmarks.peers import table

Array = NDArray[np.float64]
Limiting = Callable[[Array, float], Iterator[Array]]
"""Samples of shape (frames, 2) at 48 kHz and a ceiling in dB to blocks of limited samples."""

RATE = 48_000


def ours(samples: Array, ceiling_db: float, hold_ms: float = 10.0) -> Iterator[Array]:
    """This project's limiter."""
    limit = Limiter(ceiling_dbtp=ceiling_db, hold_ms=hold_ms)
    return limit(Audio.from_array(samples, RATE)).open()


def brickwall(samples: Array, ceiling_db: float) -> Iterator[Array]:
    """pedalboard's BrickwallLimiter, flushed with silence; it hands out nothing while it fills."""
    import pedalboard

    plugin = pedalboard.BrickwallLimiter(ceiling_db=ceiling_db, true_peak=True)
    left = len(samples)
    for start in range(0, len(samples) + RATE, RATE):
        block = samples[start : start + RATE].T.astype(np.float32)
        if block.shape[1] < RATE:  # it keeps its place only in blocks of one size
            block = np.pad(block, ((0, 0), (0, RATE - block.shape[1])))
        out = plugin(block, RATE, reset=False).T[:left]
        left -= len(out)
        yield out.astype(np.float64)


def alimiter(samples: Array, ceiling_db: float) -> Iterator[Array]:
    """ffmpeg's alimiter without its automatic gain."""
    options = f"limit={10 ** (ceiling_db / 20)}:level=0:attack=5:release=50:latency=1"
    raw = ["-f", "f64le", "-ar", str(RATE), "-ac", "2"]
    done = subprocess.run(
        ["ffmpeg", "-v", "error", *raw, "-i", "-", "-af", f"alimiter={options}", *raw, "-"],
        input=samples.tobytes(),
        capture_output=True,
        check=True,
    )
    yield np.frombuffer(done.stdout).reshape(-1, 2)


def peers() -> dict[str, Limiting]:
    """The limiters at hand, by name."""
    found: dict[str, Limiting] = {"asmrmaster": ours}
    if importlib.util.find_spec("pedalboard"):
        found["pedalboard BrickwallLimiter"] = brickwall
    if shutil.which("ffmpeg"):
        found["ffmpeg alimiter"] = alimiter
    return found


# --- material -------------------------------------------------------------------------------------


def bed(seconds: float, seed: int = 0) -> Array:
    """Noise falling 3 dB per octave, peaks near −12 dBFS."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal((frames, 2)), axis=0)
    freq = np.fft.rfftfreq(frames, 1 / RATE)
    spectrum[1:] /= np.sqrt(np.maximum(freq[1:], 20))[:, None]
    wave = np.fft.irfft(spectrum, frames, axis=0)
    result: Array = wave * (0.25 / np.abs(wave).max())
    return result


def tapping(seconds: float, per_s: float = 2.0) -> Array:
    """A quiet bed with a tap of 5 ms, 18 dB above its peaks, a few times each second."""
    samples = bed(seconds) * 0.5
    rng = np.random.default_rng(1)
    decay = np.exp(-np.arange(1200) / 240)[:, None]
    for start in rng.integers(0, len(samples) - 1200, round(seconds * per_s)):
        samples[start : start + 1200] += decay * rng.standard_normal((1200, 2)) * 0.25
    return samples


# --- figures --------------------------------------------------------------------------------------


def true_peak_dbtp(samples: Array) -> float:
    """True peak by the project's own meter, which reads eight times a sample."""
    meter = Peaks(RATE, samples.shape[1])
    meter.add(samples)
    return meter.result().values["true_peak_dbtp"] or -200.0


def thd_n_db(limiter: Limiting, freq_hz: float, over_db: float = 6.0) -> float:
    """What is not the tone, relative to it, where a steady tone is limited by ``over_db``."""
    seconds = 8
    phase = 2 * np.pi * freq_hz * np.arange(seconds * RATE) / RATE
    tone = 10 ** ((over_db - 6) / 20) * np.sin(phase)
    out = np.concatenate(list(limiter(np.repeat(tone[:, None], 2, axis=1), -6.0)))[:, 0]
    part = slice(3 * RATE, 7 * RATE)
    basis = np.stack([np.sin(phase[part]), np.cos(phase[part])], axis=1)
    fit = basis @ np.linalg.lstsq(basis, out[part])[0]
    return float(10 * np.log10(np.sum((out[part] - fit) ** 2) / np.sum(fit**2) + 1e-17))


def speed(limiter: Limiting, samples: Array, ceiling_db: float) -> float:
    """Sound time over the shortest of three wall times."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        for _ in limiter(samples, ceiling_db):
            pass
        times.append(time.perf_counter() - began)
    return len(samples) / RATE / min(times)


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=120, help="length of the speed material")
    seconds = options.parse_args().seconds
    dense, sparse, idle = bed(seconds) * 8, tapping(seconds), bed(seconds) * 0.9
    material = {
        "dense, 12 dB": (dense, 20 * np.log10(np.abs(dense).max()) - 12),
        "sparse taps, 6 dB": (sparse, true_peak_dbtp(sparse) - 6),
        "idle, 8 dB below": (idle, true_peak_dbtp(idle) + 8),
    }
    rows = []
    for kind, (samples, ceiling_db) in material.items():
        samples = np.asfortranarray(samples)
        for name, limiter in peers().items():
            times = speed(limiter, samples, ceiling_db)
            out = np.concatenate(list(limiter(samples, ceiling_db)))[: len(samples)]
            over = true_peak_dbtp(out) - ceiling_db
            gain = 10 * np.log10(np.mean(out**2) / np.mean(samples**2))
            same = "yes" if np.array_equal(out, samples) else "no"
            rows.append([kind, name, f"{times:.0f}×", f"{over:+.3f}", f"{gain:+.2f}", same])
    head = ["material", "limiter", "speed", "true peak over ceiling, dB", "level, dB", "bit-exact"]
    print(table(head, rows), end="\n\n")
    freqs = (20, 30, 50, 100, 997, 997.3, 5000)
    entries: dict[str, Limiting] = {
        "asmrmaster": ours,
        "asmrmaster, hold 20 ms": partial(ours, hold_ms=20),
        **dict(list(peers().items())[1:]),
    }
    print(
        table(
            ["THD+N at 6 dB reduction, dB", *(f"{freq:g} Hz" for freq in freqs)],
            [
                [name, *(f"{thd_n_db(limiter, freq):.0f}" for freq in freqs)]
                for name, limiter in entries.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
