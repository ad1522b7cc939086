"""Is an intrusion gone, and is the bed still there? Take, dip, lift, peers against the clean bed.

    python -m benchmarks.lift [--mixes 66] [--half apart|chosen] [--every 1] [--peers 8] [--clean]
    python -m benchmarks.lift --sound FOLDER [--pictures FOLDER] [--only 4 13 …]

Ten kinds of events are mixed into gentle beds (``benchmarks.lift_mixes``); beds and events of the
half held apart were not tuned on. What is lifted is planned with the novelty limits of the profile
``trauma`` (3 and 2.5 LU), and so are the dips. Printed: medians of ``benchmarks.lift_scores`` for
each candidate, the same for lifts by kind, place, level and bed, and every mix by name. ``peers``
are FFmpeg's filters on every so many-th mix. ``--clean`` lifts clean beds by force at their own
newest moment instead, and plans lifts in them as they are. ``--sound`` writes bed, take, dip and
lift of some mixes, to listen to; ``--pictures`` draws them.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster.dsp import novelty
from asmrmaster.dsp.gains import edges_from_db
from asmrmaster.dsp.lift import analyse, context
from asmrmaster.dsp.lift_bands import BANDS, Grid
from asmrmaster.mend.lifts import LiftPlan, curves_of, plan_lifts
from asmrmaster.meters.base import HOP_S
from asmrmaster.meters.loudness import integrated
from asmrmaster.ride import rules
from asmrmaster.ride.dips import Planner, Shape
from asmrmaster.stages.gain import apply_gain
from asmrmaster.stages.lift import Lift
from asmrmaster.streams.audio import Audio
from benchmarks.beds import APART, CHOSEN, beds
from benchmarks.lift_mixes import STRUCTURED, Mix, mixes
from benchmarks.lift_pictures import draw
from benchmarks.lift_scores import TITLES, left_db, score
from benchmarks.material import Array
from benchmarks.peers import table

LIMITS = {"max_level_novelty_lu": 3.0, "max_band_novelty_lu": 2.5}
SHAPE, MAX_DIP_DB = Shape(25, 30.0), 24.0
LEFT = ("event left, dB", "heard")
PEERS = {
    "compressor 8:1": "acompressor=threshold=-30dB:ratio=8:attack=5:release=250",
    "speechnorm": "speechnorm",
    "adeclick": "adeclick",
    "dynaudnorm": "dynaudnorm",
    "afftdn": "afftdn",
    "anlmdn": "anlmdn",
}
PICTURED = (2, 4, 11, 16, 20, 25, 32, 37, 46, 55)


def main() -> None:
    """Print the tables, or write sounds and pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mixes", type=int, default=66)
    parser.add_argument("--half", choices=("apart", "chosen"), default="apart")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--peers", type=int, default=8)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--sound", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", type=int, nargs="*", default=list(PICTURED))
    given = parser.parse_args()
    half = APART if given.half == "apart" else CHOSEN
    if given.clean:
        clean(half)
    elif given.sound or given.pictures:
        show(half, given.mixes, given.only, given.sound, given.pictures)
    else:
        compare(half, given.mixes, given.every, given.peers)


def compare(half: str, count: int, every: int, peers: int) -> None:
    """Score every candidate on every mix, and print medians and all."""
    figures: dict[str, list[list[float]]] = {}
    groups: dict[str, list[list[float]]] = {}
    inside = over = 0
    spent: list[float] = []
    for number, mix in enumerate(mixes(half, count)):
        if number % every:
            continue
        began = time.process_time()
        plan = planned(mix.take, mix.rate)
        spent.append(time.process_time() - began)
        lifted, left = replayed(mix, plan)
        candidates = {"take": mix.take, "dip": dipped(mix), "percentile": percentile(mix)}
        for name, samples in candidates.items():
            figures.setdefault(name, []).append([*astuple(score(samples, mix)), np.nan, np.nan])
        row = [*astuple(score(lifted, mix)), *left_db(left, mix)]
        figures.setdefault("lift", []).append(row)
        bed = "structured" if any(word in mix.name for word in STRUCTURED) else "even"
        for group in (mix.kind, mix.place, f"{mix.above_lu:+.0f} LU", f"{bed} bed"):
            groups.setdefault(group, []).append(row)
        if peers and number % peers == 0:
            for name, filters in PEERS.items():
                samples = filtered(mix.take, mix.rate, filters)
                figures.setdefault(name, []).append([*astuple(score(samples, mix)), np.nan, np.nan])
        was, now = (worst(x, mix.rate) > 0 for x in (mix.take, lifted))
        over += was
        inside += was and not now
        why = "; ".join(one.why for one in plan.left)
        print(f"{number} {mix.name}: " + ", ".join(f"{x:.2f}" for x in row) + f" {why}", flush=True)
    titles = [*TITLES.values(), *LEFT]
    print(table(["candidate", "mixes", *titles], [line(k, v) for k, v in figures.items()]))
    print(table(["lifts by", "mixes", *titles], [line(k, v) for k, v in groups.items()]))
    print(f"inside the limits by lifts alone: {inside} of {over}")
    print(f"processor time to plan a mix: {np.median(spent):.2f} s at the median")


def line(name: str, rows: Sequence[Sequence[float]]) -> list[str]:
    """Medians of one candidate; of what has a sign and should be 0, medians of its size."""
    figures = np.array(rows)
    for column, title in enumerate(TITLES):
        if title == "level_lu":
            figures[:, column] = np.abs(figures[:, column])
    medians = np.median(figures, axis=0)
    return [name, str(len(figures)), *("-" if np.isnan(x) else f"{x:.2f}" for x in medians)]


def planned(samples: Array, rate: int) -> LiftPlan:
    """The lifts of a sound by the limits of this benchmark."""
    audio = Audio.from_array(samples, rate)
    return plan_lifts(audio, *curves_of(samples, rate), LIMITS, Lift())


def replayed(mix: Mix, plan: LiftPlan) -> tuple[Array, Array]:
    """The take with its lifts in it, and what the same masks leave of the event alone."""
    sound, left = mix.take.copy(), mix.event.copy()
    spans: list[tuple[int, int]] = []
    for _, over in plan.stage.in_frames(Audio.from_array(sound, mix.rate)):
        first, stop = context(over, mix.rate, len(sound))
        earlier = tuple((a - first, b - first) for a, b in spans if b <= over[0])
        found = analyse(sound[first:stop], mix.rate, (over[0] - first, over[1] - first), earlier)
        spans.append(over)
        if found is None:
            continue
        lifted = found.lifted().moved(first, stop - first)
        rows = slice(lifted.first, lifted.first + len(lifted.change))
        left[rows] += found.taken_of(left[first:stop])[: len(lifted.change)]
        sound[rows] += lifted.change
    return sound, left


def worst(samples: Array, rate: int) -> float:
    """How far a sound is over the limits at its worst, in LU."""
    energy, bands = curves_of(samples, rate)
    programme = integrated(energy)
    if programme is None:
        return 0.0
    momentary = novelty.window_levels(rules.pairs(energy))[: len(bands)]
    level, band = novelty.novelty_curves(bands, momentary, programme)
    return max(float(level.max()) - 3.0, float(band.max()) - 2.5)


def dipped(mix: Mix) -> Array:
    """The take with dips planned by the ride's own planner, and nothing else of the ride."""
    energy, bands = curves_of(mix.take, mix.rate)
    planner = Planner(energy, bands, SHAPE, MAX_DIP_DB)
    programme = integrated(energy)
    assert programme is not None
    planner.apply(rules.rules_for(LIMITS), programme)
    gain = edges_from_db(-planner.reduction_db)
    missing = round(len(mix.take) / mix.rate / HOP_S) + 2 - len(gain)
    gain = np.pad(gain, (0, max(0, missing)), "edge")
    return apply_gain(Audio.from_array(mix.take, mix.rate), gain).to_array()


def percentile(mix: Mix) -> Array:
    """Each band of the event brought to what 90 % of the half minute before stay below."""
    rate, samples = mix.rate, mix.take.copy()
    grid = Grid.of(rate)
    first = max(0, round((mix.span_s[0] - 0.05) * rate) // grid.hop)
    stop = min(grid.frames(len(samples)), round((mix.span_s[1] + 0.1) * rate) // grid.hop)
    power, _ = grid.levels(samples)
    past = power[max(0, first - grid.count(30)) : first]
    if len(past) < BANDS:
        past = power[stop:]
    usual = np.quantile(past, 0.9, axis=0)
    gain = np.sqrt(np.minimum(1.0, usual / np.maximum(power[first:stop], 1e-20)))
    heard = grid.spectra(samples, slice(first, stop))
    change = grid.joined(heard * ((gain @ grid.spread)[:, None] - 1))
    samples[first * grid.hop :][: len(change)] += change[: len(samples) - first * grid.hop]
    return samples


def filtered(samples: Array, rate: int, filters: str) -> Array:
    """What FFmpeg's filters make of a sound, as long as it."""
    raw = ["-f", "f64le", "-ar", str(rate), "-ac", str(samples.shape[1])]
    command = ["ffmpeg", "-v", "error", *raw, "-i", "-", "-af", filters, *raw, "-"]
    done = subprocess.run(command, input=samples.tobytes("C"), capture_output=True, check=True)
    out = np.frombuffer(done.stdout).reshape(-1, samples.shape[1])
    return np.pad(out[: len(samples)], ((0, max(0, len(samples) - len(out))), (0, 0)))


def clean(half: str) -> None:
    """Lift clean beds at their own newest moment, and see what is lifted in them unasked."""
    rows: list[list[str]] = []
    for bed in beds()[half]:
        samples, rate = bed.samples, bed.rate
        energy, bands = curves_of(samples, rate)
        programme = integrated(energy)
        assert programme is not None
        momentary = novelty.window_levels(rules.pairs(energy))[: len(bands)]
        level, band = novelty.novelty_curves(bands, momentary, programme)
        moment = novelty.review_moments(level, band, 1)[0]
        over = round(moment.start_s * rate), round(moment.end_s * rate)
        first, stop = context(over, rate, len(samples))
        found = analyse(samples[first:stop], rate, (over[0] - first, over[1] - first))
        changed = samples.copy()
        if found is not None:
            lifted = found.lifted().moved(first, stop - first)
            changed[lifted.first : lifted.first + len(lifted.change)] += lifted.change
        mix = Mix(bed.name, "", "", 0, samples, samples * 0, rate, (moment.start_s, moment.end_s))
        figures = score(changed, mix)
        asked = [f"{a:.1f}" for a, _ in planned(samples, rate).stage.events]
        new = max(moment.level_novelty_lu, moment.band_novelty_lu)
        rows.append([bed.name, f"{new:.1f}", f"{figures.lsd_db:.2f}", f"{figures.level_lu:.2f}",
                     ", ".join(asked) or "-"])  # fmt: skip
        print(" · ".join(rows[-1]), flush=True)
    print(table(["bed", "newest, LU", "distance, dB", "level, LU", "lifted unasked, s"], rows))


def show(
    half: str, count: int, only: Sequence[int], sounds: Path | None, pictures: Path | None
) -> None:
    """Write bed, take, dip and lift of some mixes as 16 bit files, and draw them."""
    for number, mix in enumerate(mixes(half, count)):
        if number not in only:
            continue
        lifted, _ = replayed(mix, planned(mix.take, mix.rate))
        versions = {"bed": mix.bed, "take": mix.take, "dip": dipped(mix), "lift": lifted}
        start = max(0, round((mix.span_s[0] - 4) * mix.rate))
        stop = round((mix.span_s[1] + 4) * mix.rate)
        cut = {name: samples[start:stop] for name, samples in versions.items()}
        loudest = max(float(np.abs(samples).max()) for samples in cut.values())
        print(number, mix.name, flush=True)
        if sounds:
            sounds.mkdir(parents=True, exist_ok=True)
            for name, samples in cut.items():
                path = sounds / f"{number:02d}-{name}.wav"
                soundfile.write(path, samples * (0.9 / loudest), mix.rate, "PCM_16")
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            near = slice(round(3.2 * mix.rate), -round(2.8 * mix.rate))
            parts = {name: samples[near] for name, samples in cut.items()}
            draw(pictures / f"lift-{number:02d}.png", parts, mix.rate)


if __name__ == "__main__":
    main()
