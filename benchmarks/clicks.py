"""Tables on clicks: planted ones, the aligned pair, sound without any, and spans marked by hand.

Found: a repair touches the click; for a peer, which changes every sample a little, at least 6 dB of
it are gone. Taken away: energy of what is left of a click, within the repaired stretch, under its
own. Error: what is left there over the sound around; above 0 dB in at most one of twenty is wanted.
The floor of either: the same where interpolation is told exactly where the defect lies, which is
what noise sets, because nothing announces it. A soft click in a marked span is told from the sound
rather than interpolated, and so can do better.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from asmrmaster.dsp.gaps import fill
from asmrmaster.dsp.level import db
from asmrmaster.stages.base import Edit
from asmrmaster.stages.declick import Declick
from asmrmaster.stages.mouth_declick import MouthDeclick
from benchmarks.material import Sound, load
from benchmarks.peers import table
from benchmarks.planted import CLICKS, HOSTS, Planted, excerpt, plant
from benchmarks.restorers import Tool, energy_db, ffmpeg, repaired

Array = NDArray[np.float64]


LOUD_DB = 20
"""From this level on, targets are set for all clicks together."""


def clicks() -> None:
    """Planted clicks by kind and level, then the aligned pair."""
    sounds = [sound for sound in load("gentle") if sound.name in HOSTS]
    tools: dict[str, Tool | None] = {"declick": None}
    if shutil.which("ffmpeg"):
        tools["adeclick t=10"] = ffmpeg("adeclick=t=10")
    rows = []
    for name, tool in tools.items():
        loud: list[float] = []
        loud_floor: list[float] = []
        for kind in CLICKS:
            for level_db in (6, 12, 20, 30, 40):
                found, away, error, floor = [], [], [], []
                for sound in sounds:
                    planted = plant(excerpt(sound, 12), sound.rate, kind, level_db)
                    one, two, three = _score(planted, tool)
                    found += one
                    away += two
                    error += three
                    floor += _floors(planted) if tool is None else []
                loud_floor += floor if level_db >= LOUD_DB else []
                loud += error if level_db >= LOUD_DB else []
                rows.append(
                    [name, kind, f"{level_db}", f"{100 * np.mean(found):.1f} %",
                     f"{np.median(away):.1f}", f"{np.percentile(error, 95):.1f}",
                     f"{np.mean(np.array(error) < 0):.1%}", _share_below(floor)]
                )  # fmt: skip
        figures = f"{np.percentile(loud, 95):.1f}", f"{np.mean(np.array(loud) < 0):.1%}"
        rows.append([name, "all", f"{LOUD_DB} and more", "", "", *figures,
                     _share_below(loud_floor)])  # fmt: skip
    print(f"\nPlanted clicks in {len(sounds)} recordings\n")
    head = ["tool", "click", "peak over local, dB", "found", "taken away, dB (median)",
            "error over local, dB (95th percentile)", "error below local", "its floor"]  # fmt: skip
    print(table(head, rows))
    _pair(tools)


def _score(planted: Planted, tool: Tool | None) -> tuple[list[bool], list[float], list[float]]:
    """Per click: found; per click found: energy taken away, and error over the local level."""
    samples = planted.damaged[:, None]
    if tool is None:
        result, edits = repaired(samples, planted.rate, Declick())
        touched = [(e.first_frame or 0, round(e.end_s * planted.rate)) for e in edits]
    else:
        result = tool(samples, planted.rate)
        touched = []
    found, away, error = [], [], []
    for first, last, level in planted.spots:
        near = [(a, b) for a, b in touched if a < last + 2 and b > first - 2]
        low = min([first, *(a for a, _ in near)])
        high = max([last, *(b for _, b in near)])
        left = result[low:high, 0] - planted.clean[low:high]
        was = planted.damaged[first:last] - planted.clean[first:last]
        gone_db = float(db(float(np.sum(was**2)) / max(float(np.sum(left**2)), 1e-30)))
        hit = bool(near) if tool is None else gone_db > 6
        found.append(hit)
        if hit:
            away.append(gone_db)
            error.append(energy_db(left, level**2))
    return found, away, error


def _floors(planted: Planted) -> list[float]:
    """Error over the local level, per click, of a gap that is known exactly."""
    return [
        energy_db(
            fill(planted.damaged, first, last, planted.rate).values - planted.clean[first:last],
            level**2,
        )
        for first, last, level in planted.spots
    ]


def _share_below(errors_db: list[float]) -> str:
    return f"{np.mean(np.array(errors_db) < 0):.1%}" if errors_db else ""


def _pair(tools: dict[str, Tool | None]) -> None:
    """The aligned pair: how near each comes to the clean one, and what it does to that."""
    pair = {sound.name: sound for sound in load("clicks")}
    clean, damaged = pair["clicks_new_clean"], pair["clicks_new_degraded"]
    rows = [
        ["damaged", f"{-energy_db(damaged.samples - clean.samples, clean.samples):.1f}", "", ""]
    ]
    for name, tool in tools.items():
        if tool is None:
            result, edits = repaired(damaged.samples, clean.rate, Declick())
            same, none = repaired(clean.samples, clean.rate, Declick())
            count = f"{len(edits)}, {len(none)}"
        else:
            result, same = (tool(x.samples, clean.rate) for x in (damaged, clean))
            count = ""
        snr_db = -energy_db(result - clean.samples, clean.samples)
        rows.append([name, f"{snr_db:.1f}", count, f"{np.mean(same != clean.samples):.2%}"])
    print("\nAligned pair, 56 clicks\n")
    head = ["", "SNR, dB", "repairs: damaged, clean", "samples of the clean file changed"]
    print(table(head, rows))


MATERIALS = {
    "taps, typing": ("tap", "typing", "keyboard", "friction"),
    "brushing, paper, pencil": ("hairbrush", "paper", "pencil", "chalk", "leaves_"),
    "steps, watch, projector": ("gravel", "watch", "projector"),
    "water, rain": ("rain", "droplets", "beach", "waves"),
    "wind, purring": ("wind", "purring"),
    "fire": ("fire",),
    "voices": ("speech", "whisper"),
    "vinyl (should act)": ("vinyl",),
}


def untouched() -> None:
    """What is repaired in sound that needs none, by material."""
    peer = ffmpeg("adeclick=t=10") if shutil.which("ffmpeg") else None
    rows = []
    for material, words in MATERIALS.items():
        sounds = [s for s in load("gentle") if any(word in s.name for word in words)]
        minutes = sum(sound.duration_s for sound in sounds) / 60
        counts, outside, changed = [0, 0, 0], 0, []
        for sound in sounds:
            for k, sensitivity in enumerate((0.5, 1.0, 2.0)):
                result, edits = repaired(
                    sound.samples, sound.rate, Declick(sensitivity=sensitivity)
                )
                counts[k] += len(edits)
                outside += _outside(sound, result, edits)
            if peer is not None:
                short = sound.samples[: 20 * sound.rate]
                changed.append(float(np.mean(np.abs(peer(short, sound.rate) - short) > 2e-5)))
        rows.append(
            [material, f"{len(sounds)}", f"{minutes:.1f}",
             *(f"{count} ({count / minutes:.2f})" for count in counts), f"{outside}",
             f"{np.mean(changed):.1%}" if changed else ""]
        )  # fmt: skip
    print("\nUntouched recordings: repairs (per minute) by sensitivity\n")
    head = ["material", "files", "min", "0.5", "1", "2", "samples changed outside the log",
            "adeclick t=10: samples changed"]  # fmt: skip
    print(table(head, rows))


SPOKEN = Path(os.environ.get("ASMRMASTER_SPOKEN") or "/usr/share/klettres")
"""A folder of folders of spoken words; by default what Debian's klettres-data installs."""


def spoken() -> None:
    """What is repaired in spoken words, which have lips and tongues in them, by folder."""
    print("\nSpoken words: repairs at sensitivity 1\n")
    if not SPOKEN.is_dir():
        print(f"{SPOKEN} is not there: apt-get install klettres-data, or set ASMRMASTER_SPOKEN")
        return
    rows = []
    for folder in sorted(part for part in SPOKEN.iterdir() if part.is_dir()):
        found: list[Edit] = []
        seconds, outside = 0.0, 0
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".ogg", ".wav", ".flac")):
            samples, rate = soundfile.read(path, always_2d=True)
            result, edits = repaired(samples, rate, Declick())
            found += edits
            seconds += len(samples) / rate
            outside += _outside(Sound(path.stem, samples, rate), result, edits)
        if seconds:
            longest_ms = 1000 * max((e.end_s - e.start_s for e in found), default=0.0)
            rows.append([folder.name, f"{seconds / 60:.1f}", f"{len(found)}",
                         f"{60 * len(found) / seconds:.2f}", f"{longest_ms:.2f}",
                         f"{outside}"])  # fmt: skip
    head = ["folder", "min", "repairs", "per minute", "longest, ms", "samples changed outside"]
    print(table(head, rows))
    print("\nIn the English words (en) most lie whole buffers of 512 samples apart: a fault there.")


def _outside(sound: Sound, result: Array, edits: list[Edit]) -> int:
    kept = np.ones(sound.samples.shape, dtype=bool)
    for edit in edits:
        kept[edit.first_frame : round(edit.end_s * sound.rate), edit.channel] = False
    return int(np.sum(result[kept] != sound.samples[kept]))


def marked() -> None:
    """Mouth clicks inside spans marked by hand, exactly and with 10 ms to spare."""
    sounds = [sound for sound in load("gentle") if sound.name in HOSTS]
    rows: list[list[str]] = []
    every: tuple[list[float], ...] = ([], [], [])
    for level_db in (6, 12, 20, 30):
        row = [f"{level_db}"]
        for spare_s, whole in zip((0.0, 0.01, None), every, strict=True):
            away = [one for sound in sounds for one in _mended(sound, level_db, spare_s)]
            whole += away
            row += [f"{np.median(away):.1f}", f"{np.percentile(away, 10):.1f}"]
        rows.append(row)
    total = [f"{value:.1f}" for x in every for value in (np.median(x), np.percentile(x, 10))]
    rows.append(["all", *total])
    print(f"\nMouth clicks of 0.5 to 2 ms in marked spans, {len(sounds)} recordings\n")
    head = ["peak over local, dB", "exact: taken away, dB (median)", "10th percentile",
            "10 ms to spare: median", "10th percentile", "interpolated: median",
            "10th percentile"]  # fmt: skip
    print(table(head, rows))


def _mended(sound: Sound, level_db: float, spare_s: float | None) -> list[float]:
    """How far, in dB, each planted mouth click is taken away where it was marked.

    spare_s: by how much the mark is too long; None for plain interpolation of the very click.
    """
    planted, rate = plant(excerpt(sound, 12), sound.rate, "mouth", level_db), sound.rate
    if spare_s is None:
        result = planted.damaged[:, None].copy()
        for a, b, _ in planted.spots:
            result[a:b, 0] = fill(planted.damaged, a, b, rate).values
    else:
        spans = [(a / rate - 0.6 * spare_s, b / rate + 0.4 * spare_s) for a, b, _ in planted.spots]
        result, _ = repaired(planted.damaged[:, None], rate, MouthDeclick(spans=tuple(spans)))
    away = []
    for first, last, _ in planted.spots:
        wide = slice(first - rate // 50, last + rate // 50)
        left = np.sum((result[wide, 0] - planted.clean[wide]) ** 2)
        was = np.sum((planted.damaged[wide] - planted.clean[wide]) ** 2)
        away.append(float(db(float(was) / max(float(left), 1e-30))))
    return away
