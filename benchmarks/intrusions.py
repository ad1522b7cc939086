"""Intrusions mixed into gentle beds: does mastering bring them inside, and leave the rest alone?

    python -m benchmarks.intrusions [--pairs 300] [--profile general] [--seed 1]

Each pair is a bed of up to 60 s and a jarring event whose loudest moment stands 10 to 25 LU above
the bed's programme. Printed: limits met after mastering, worst novelty, how local and how fast the
dips were, how good the forecast was; every miss by name.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster import engine
from asmrmaster.audio import read
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Report
from asmrmaster.stages.chain import through
from benchmarks.material import EVENT_S, Array, Sound, load, mixed
from benchmarks.peers import table

JUDGED = (
    "max_level_novelty_lu",
    "max_band_novelty_lu",
    "max_momentary_above_programme_lu",
    "max_short_term_above_programme_lu",
)
AROUND_S = 1.5
"""A dip may change the sound this far on either side of its event."""
QUIET_DBFS = -70.0
"""Below this a 24 bit file is too coarse to tell 0.05 dB."""


@dataclass(frozen=True)
class Outcome:
    """One pair: the report, dips elsewhere, and how far the rest is from a constant gain."""

    name: str
    report: Report
    elsewhere: int
    deviation_db: float

    @property
    def missed(self) -> list[str]:
        """The level and novelty criteria that still fail."""
        failed = (f for f in self.report.findings if f.quantity in JUDGED and f.state == "fail")
        return [f"{f.criterion} {f.measured}" for f in failed]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--profile", default="general")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    beds = [Sound(b.name, b.samples[: 60 * b.rate], b.rate) for b in load("gentle", 38)]
    events = load("jarring")
    with tempfile.TemporaryDirectory() as folder:
        clean = {bed.name: run(bed, None, Path(folder), given.profile) for bed in beds}
        print("dips in the beds by themselves:")
        for name, one in clean.items():
            print(f"  {name}: {one.elsewhere}, {one.report.verdict}")
        calm = [bed for bed in beds if not clean[bed.name].elsewhere]
        outcomes = []
        for number in range(given.pairs):
            bed = beds[number % len(beds)]
            event = events[int(rng.integers(len(events)))]
            at_s = float(rng.uniform(16, bed.duration_s - 12))
            take = mixed(bed, event, at_s, float(rng.uniform(10, 25)))
            outcomes.append(run(take, at_s, Path(folder), given.profile))
    calm_names = tuple(bed.name for bed in calm)
    print(render(outcomes, calm_names))


def run(take: Sound, at_s: float | None, folder: Path, profile: str) -> Outcome:
    """Master one take and compare what came out with what went in."""
    source, target = folder / "take.wav", folder / "master.wav"
    peak = np.abs(take.samples).max()
    samples = take.samples / max(1.0, peak / 0.99)  # a louder mix than full scale is scaled whole
    soundfile.write(source, samples, take.rate, "PCM_24")
    recipe = load_recipe(take.preset, profile)
    report = engine.master(source, target, recipe=recipe, force=True)
    assert report.ride is not None
    assert report.output is not None
    near = (np.inf, -np.inf) if at_s is None else (at_s - AROUND_S, at_s + EVENT_S + AROUND_S)
    dips = [d for d in report.ride.dips if d.end_s < near[0] or d.start_s > near[1]]
    toned = through(read(source).audio, recipe.stages).to_array()
    master, _ = soundfile.read(report.output.path, always_2d=True)
    deviation_db = deviation(toned, master, take.rate, report, near)
    Path(report.output.path).unlink()
    return Outcome(take.name, report, len(dips), deviation_db)


def deviation(
    toned: Array, master: Array, rate: int, report: Report, near: tuple[float, float]
) -> float:
    """Largest difference in dB from one constant gain, per 100 ms, outside what is logged."""
    ride = report.ride
    assert ride is not None
    hop = rate // 10
    count = len(toned) // hop
    levels = [
        10 * np.log10(np.mean(x[: count * hop].reshape(count, -1) ** 2, axis=1) + 1e-20)
        for x in (toned, master)
    ]
    starts = np.arange(count) / 10
    kept = (levels[0] > QUIET_DBFS) & (levels[1] > QUIET_DBFS)
    kept &= (starts > ride.fade_in_s) & (starts < len(toned) / rate - ride.fade_out_s - 0.2)
    spans = [near, *((d.start_s, d.end_s) for d in ride.dips)]
    spans += [(e.start_s, e.end_s) for e in report.edits if e.stage == "limiter"]
    for first, last in spans:
        kept &= (starts + 0.1 < first) | (starts > last)
    change = (levels[1] - levels[0])[kept]
    return float(np.abs(change - ride.static_gain_db).max()) if len(change) else 0.0


def render(outcomes: list[Outcome], calm: tuple[str, ...]) -> str:
    """The table and the misses."""
    missed = [one for one in outcomes if one.missed]
    on_calm = [one for one in outcomes if one.name.startswith(calm)]
    rides = [one.report.ride for one in outcomes if one.report.ride is not None]
    forecast = [
        abs((r.forecast["integrated_lufs"] or 0) - (o.report.after.values["integrated_lufs"] or 0))
        for o, r in zip(outcomes, rides, strict=True)
    ]
    depth = [d.depth_db for r in rides for d in r.dips]
    rows = [
        ["pairs", str(len(outcomes))],
        ["level and novelty criteria met", f"{len(outcomes) - len(missed)}"],
        *[[f"worst {q}", f"{max(o.report.after.values[q] or 0 for o in outcomes):.2f}"]
          for q in JUDGED],
        ["pairs on beds that need no dip", str(len(on_calm))],
        ["of those with a dip elsewhere", str(sum(o.elsewhere > 0 for o in on_calm))],
        ["worst deviation from a constant gain, dB",
         f"{max(o.deviation_db for o in outcomes):.3f}"],
        ["steepest fall, dB/s", f"{max(r.max_fall_db_per_s for r in rides):.0f}"],
        ["steepest recovery, dB/s", f"{max(r.max_rise_db_per_s for r in rides):.1f}"],
        ["dip depth median / max, dB", f"{np.median(depth):.1f} / {max(depth):.1f}"],
        ["worst forecast of programme loudness, LU", f"{max(forecast):.3f}"],
        ["rendered more than once", str(sum(r.renders > 1 for r in rides))],
    ]  # fmt: skip
    lines = [table(["", ""], rows), ""]
    lines += [f"miss: {one.name}: {', '.join(one.missed)}" for one in missed]
    lines += [f"elsewhere: {one.name}: {one.elsewhere}" for one in on_calm if one.elsewhere]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
