"""The table on clipping: real sound driven over full scale, rebuilt, beside what can be reached.

For what can be hoped for: least-squares interpolation by the model of the sound as it was before it
was clipped, every clipped sample known. A model learned from the damage seldom does better.
"""

from __future__ import annotations

import shutil

import numpy as np
from numpy.typing import NDArray

from asmrmaster.dsp.autoregression import autocorrelation, hann, interpolate, levinson
from asmrmaster.dsp.rebuild import runs
from asmrmaster.stages.declip import ORDER, Declip
from benchmarks.material import load
from benchmarks.peers import table
from benchmarks.restorers import Tool, energy_db, ffmpeg, repaired

Array = NDArray[np.float64]

VOICES = ("softspeech_vctk_p286_011", "binaural_speech_brir_-40deg", "whisper_wesper_sample")
NAMES = (*VOICES, "moodist_animals_cat-purring", "ambienzzz_purring", "modsounds_wind")
AROUND_S = 0.02


def clipping() -> None:
    """SDR gained by each tool at 0 to 6 dB over range."""
    tools: dict[str, Tool] = {"declip": lambda x, rate: repaired(x, rate, Declip())[0]}
    if shutil.which("ffmpeg"):
        tools["adeclip"] = ffmpeg("adeclip")
    sounds = {sound.name: sound for sound in load("gentle")}
    rows = []
    for sound in (sounds[name] for name in NAMES if name in sounds):
        whole = sound.samples[: 10 * sound.rate, :1]
        whole = whole / np.abs(whole).max()
        for over_db in (0, 1, 3, 6):
            clean = whole * 10 ** (over_db / 20)
            damaged = np.clip(clean, -1, 1)
            row = [sound.name, f"{over_db}", f"{np.mean(np.abs(clean) > 1):.2%}"]
            for tool in tools.values():
                result = tool(damaged, sound.rate)
                if over_db:
                    row.append(f"{_gained_db(clean, damaged, result):+.1f}")
                else:
                    row.append(f"{np.mean(result != damaged):.1%} changed")
            best = _by_clean_model(clean[:, 0], sound.rate)[:, None]
            row.append(f"{_gained_db(clean, damaged, best):+.1f}" if over_db else "")
            rows.append(row)
    print("\nClipping: SDR gained, dB; the voices first\n")
    print(
        table(
            ["sound", "over range, dB", "samples clipped", *tools, "by the clean sound's model"],
            rows,
        )
    )


def _gained_db(clean: Array, damaged: Array, result: Array) -> float:
    return energy_db(damaged - clean, clean) - energy_db(result - clean, clean)


def _by_clean_model(clean: Array, rate_hz: int) -> Array:
    """The clean sound, clipped at full scale and rebuilt by its own models."""
    missing = np.abs(clean) > 1
    result, around = clean.copy(), round(AROUND_S * rate_hz)
    for first, last in runs(missing):
        low, high = first - around, last + around
        if low < 0 or high > len(clean):
            continue
        gaps = missing[low:high].copy()
        gaps[:ORDER] = gaps[-ORDER:] = False
        part = clean[low:high]
        model = levinson(autocorrelation((part * hann(len(part)))[None], ORDER))[0]
        filled = np.zeros(len(part))
        filled[gaps] = interpolate(part, gaps, model)
        result[first:last] = filled[around : around + last - first]
    beyond: Array = np.sign(clean) * np.maximum(1, np.sign(clean) * result)
    return np.where(missing, beyond, clean)
