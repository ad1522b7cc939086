"""Media files for tests, made with the ffmpeg program; tests are skipped by name without it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.signals import Array


def ffmpeg(*args: object) -> bytes:
    """Runs ffmpeg with these arguments and gives back what it writes to standard output."""
    if not shutil.which("ffmpeg"):
        pytest.skip("needs the ffmpeg program")
    words = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, args)]
    return subprocess.run(words, check=True, capture_output=True, timeout=60).stdout


def ffprobe(path: Path, entries: str) -> str:
    """What ffprobe says about these entries, one line a section."""
    if not shutil.which("ffprobe"):
        pytest.skip("needs the ffprobe program")
    words = ["ffprobe", "-v", "error", "-of", "compact", "-show_entries", entries, str(path)]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def decoded_by_ffmpeg(path: Path, channels: int, stream: int = 0) -> Array:
    """The samples ffmpeg decodes from one sound stream, shape (frames, channels)."""
    raw = ffmpeg("-i", path, "-map", f"0:a:{stream}", "-f", "f64le", "-c:a", "pcm_f64le", "-")
    return np.frombuffer(raw).reshape(-1, channels)


def wav(path: Path, samples: Array, rate: int = 48_000, subtype: str = "FLOAT") -> Path:
    """Samples as a WAV."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def lag_frames(sound: Array, later: Array) -> int:
    """By how many frames ``later`` lags behind ``sound``: the peak of their cross-correlation."""
    size = 1 << (2 * max(len(sound), len(later))).bit_length()
    spectra = [np.fft.rfft(x[:, 0], size) for x in (sound, later)]
    peak = int(np.argmax(np.fft.irfft(spectra[1] * spectra[0].conj(), size)))
    return peak if peak < size // 2 else peak - size


def error_db(sound: Array, other: Array) -> float:
    """Power of the difference against that of ``sound``, over their common length."""
    frames = min(len(sound), len(other))
    sound, other = sound[:frames], other[:frames]
    return float(10 * np.log10(np.mean((other - sound) ** 2) / np.mean(sound**2) + 1e-30))


def right_left_mov(folder: Path, samples: Array) -> Path:
    """A MOV whose first channel is the right one: a channel description put in by hand.

    Source: Apple, QuickTime File Format, channel layout atom.
    """
    ffmpeg("-i", wav(folder / "plain.wav", samples), "-af", "channelmap=0|1:FL+LFE",
           "-c:a", "pcm_s16le", folder / "mask.mov")  # fmt: skip
    mov = (folder / "mask.mov").read_bytes()
    at = mov.index(b"chan") - 4
    labels = b"".join(label.to_bytes(4, "big") + bytes(16) for label in (2, 1))  # right, left
    chan = b"chan" + bytes(12) + (2).to_bytes(4, "big") + labels
    grown = bytearray(mov[:at] + (4 + len(chan)).to_bytes(4, "big") + chan + mov[at + 24 :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"sowt"):
        start = mov.index(box, mov.index(b"moov")) - 4
        size = int.from_bytes(mov[start : start + 4], "big") + len(labels)
        grown[start : start + 4] = size.to_bytes(4, "big")
    path = folder / "swapped.mov"
    path.write_bytes(grown)
    return path
