"""Does the detector find intrusions in gentle beds, and does it leave the beds alone?

    python -m benchmarks.detection [--pairs 6] [--seed 1] [--profile general …] [--limits 6 12 4 4]

Jarring events, 1.5 s from their onset, are mixed into gentle beds from 16 s on, so that their
loudest 0.4 s stands 0, 3, 6, 10 or 15 LU above the bed's programme. Beds and events come in two
halves: definitions and limits were chosen on one and are to be quoted from the other. Printed for
each half: what share of intrusions each definition finds at the threshold where no bed, or one, is
flagged; the same for the level and novelty criteria of profiles, with the beds they flag by name
and the share of gentle programmes (three beds in a row, crossfaded) they flag; how often the most
novel moment is the intrusion; and how many intrusions of each event each profile finds.

Sound is mixed in the meters' curves, exactly: energy is a quadratic of the event's gain, so bed,
bed + event and bed − event give it at every gain.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asmrmaster import presets
from asmrmaster.dsp import novelty
from asmrmaster.dsp.filters import k_weighting, response
from asmrmaster.dsp.fourier import power_complementary_window, rfft
from asmrmaster.dsp.level import channel_weights
from asmrmaster.meters import read_curves
from asmrmaster.meters.base import Curve, Measurement
from asmrmaster.meters.energy import KEnergy
from asmrmaster.meters.loudness import Loudness
from asmrmaster.meters.novelty import Novelty
from asmrmaster.meters.passes import run_meters
from asmrmaster.meters.spectrum import Spectrum
from asmrmaster.streams.audio import Audio
from benchmarks.beds import CHOSEN, beds, programmes
from benchmarks.material import Sound, load, mixed
from benchmarks.peers import table

ABOVE_LU = (0.0, 3.0, 6.0, 10.0, 15.0)
SUSTAINED, MOMENTARY = "max_short_term_above_programme_lu", "max_momentary_above_programme_lu"
LEVEL, BAND, DRAFT = "max_level_novelty_lu", "max_band_novelty_lu", "draft_band_novelty_lu"
JUDGED = (SUSTAINED, MOMENTARY, LEVEL, BAND)
TITLES = {
    SUSTAINED: "S − I",
    MOMENTARY: "M − I",
    LEVEL: "level novelty",
    DRAFT: "draft band novelty",
    BAND: "band novelty",
}
FOUND_WITHIN_S = 2.0
EQUAL_LU = 0.01
"""A bed's own maximum is no detection when rounding moves it by less than this."""
DRAFT_EDGES_HZ = ((60, 300), (300, 800), (800, 2000), (2000, 4000), (4000, 8000), (8000, 15000))


@dataclass(frozen=True)
class Judged:
    """What was read of one sound: values, and where the most novel moment is."""

    name: str
    values: Mapping[str, float]
    newest_s: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=6, help="events per bed")
    parser.add_argument("--programmes", type=int, default=25, help="gentle programmes per half")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", nargs="*", default=["general", "sensory", "trauma"])
    parser.add_argument("--limits", nargs=4, type=float, action="append", default=[])
    given = parser.parse_args()
    sets = {name: profile_limits(name) for name in given.profile}
    for number, limits in enumerate(given.limits, 1):
        sets[f"tried {number}"] = dict(zip(JUDGED, limits, strict=True))
    events = load("jarring")
    for half, sounds in beds().items():
        chosen = events[::2] if half == CHOSEN else events[1::2]
        alone = [judge(bed.name, measured(bed)) for bed in sounds]
        found = intrusions(sounds, chosen, given.pairs, given.seed)
        calm = [bed for bed, one in zip(sounds, alone, strict=True) if one.values[MOMENTARY] <= 12]
        gentle = {
            fade_s: [
                judge(one.name, measured(one))
                for one in programmes(calm, given.programmes, fade_s, given.seed)
            ]
            for fade_s in (1.0, 3.0)
        }
        print(f"\n## {half}: {len(sounds)} beds, {len(chosen)} events, "
              f"{len(found[0.0])} intrusions at each level\n")  # fmt: skip
        print(definitions(alone, found), "\n")
        print(profiles(sets, alone, gentle, found), "\n")
        print(ranking(found), "\n")
        print(by_event(sets, found))


# --- sounds ---------------------------------------------------------------------------------------


def measured(sound: Sound) -> dict[str, Curve]:
    """The energy curves of a sound."""
    audio = Audio.from_array(sound.samples, sound.rate)
    curves = dict(run_meters(audio, [KEnergy, Spectrum]).curves)
    return {
        "k_energy": curves["k_energy"],
        "novelty_band_energy": curves["novelty_band_energy"],
        "draft_band_energy": draft_bands(sound),
    }


def intrusions(
    sounds: Sequence[Sound], events: Sequence[Sound], pairs: int, seed: int
) -> dict[float, list[tuple[float, Judged]]]:
    """For each level: where the intrusion is, and what was read of the bed with it."""
    rng = np.random.default_rng(seed)
    found: dict[float, list[tuple[float, Judged]]] = {above_lu: [] for above_lu in ABOVE_LU}
    for bed in sounds:
        base = measured(bed)
        for number in rng.permutation(len(events))[:pairs]:
            event = events[number]
            at_s = float(rng.uniform(16, bed.duration_s - 3))
            with_event = mixed(bed, event, at_s, 0.0)
            plus = measured(with_event)
            minus = measured(Sound("", 2 * bed.samples - with_event.samples, bed.rate))
            for above_lu in ABOVE_LU:
                curves = at_gain(base, plus, minus, 10 ** (above_lu / 20))
                found[above_lu].append((at_s, judge(f"{bed.name} + {event.name}", curves)))
    return found


def at_gain(
    base: Mapping[str, Curve], plus: Mapping[str, Curve], minus: Mapping[str, Curve], gain: float
) -> dict[str, Curve]:
    """Energy curves of bed + gain · event, from those at gain 0, 1 and −1."""
    curves = {}
    for name, curve in base.items():
        still = curve.values.astype(np.float64)
        up, down = plus[name].values.astype(np.float64), minus[name].values.astype(np.float64)
        energy = still + gain * (up - down) / 2 + gain**2 * ((up + down) / 2 - still)
        curves[name] = Curve(np.maximum(energy, 0), curve.hop_s, curve.unit)
    return curves


def judge(name: str, curves: Mapping[str, Curve]) -> Judged:
    """Values of the product's readings, and of the draft's band novelty."""
    found = read_curves(Measurement(curves=curves), [Loudness, Novelty])
    values = {key: value for key, value in found.values.items() if value is not None}
    level, band = found.curves["level_novelty"].values, found.curves["band_novelty"].values
    values[DRAFT] = draft_novelty(curves, values["integrated_lufs"])
    return Judged(name, values, novelty.review_moments(level, band, 1)[0].end_s)


# --- the definition that was replaced -------------------------------------------------------------


def draft_bands(sound: Sound) -> Curve:
    """Energies of six K-weighted Butterworth bands of order 3 per edge, from a spectrum."""
    length = 2 * round(sound.rate * novelty.NOVELTY_HOP_S)
    freq = np.arange(length // 2 + 1) * sound.rate / length
    detune = [(freq**2 - a * b) / ((b - a) * np.maximum(freq, 1e-3)) for a, b in DRAFT_EDGES_HZ]
    shares = response(k_weighting(sound.rate), sound.rate, freq) / (1 + np.array(detune) ** 6)
    weights = np.repeat(shares, 2, axis=1).T.astype(np.float32)  # for real and imaginary parts
    window = power_complementary_window(length).astype(np.float32)
    hops = len(sound.samples) * 50 // sound.rate
    starts = np.arange(hops) * sound.rate // 50
    pad = ((length // 4, 2 * length), (0, 0))
    total = np.zeros((hops, len(shares)))
    for column, gain in zip(sound.samples.T, channel_weights(sound.samples.shape[1]), strict=True):
        samples = np.pad(column[:, None], pad)[:, 0].astype(np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(samples, length)
        for first in range(0, hops, 500):
            parts = np.square(rfft(frames[starts[first : first + 500]] * window).view(np.float32))
            total[first : first + 500] += gain * (parts @ weights)
    return Curve(
        total * 2 / (length * sound.rate * novelty.NOVELTY_HOP_S),
        novelty.NOVELTY_HOP_S,
        "mean square",
    )


def draft_novelty(curves: Mapping[str, Curve], programme_lufs: float) -> float:
    """The most of 40·log10(Σ 10^(max(L, R)/40) / Σ 10^(R/40)) over bands, from 15 s on."""
    bands = curves["draft_band_energy"].values
    k_energy = curves["k_energy"].values
    points = min(len(bands), len(k_energy) // 2)
    pairs = (k_energy[: 2 * points] @ channel_weights(k_energy.shape[1])).reshape(points, 2)
    momentary = novelty.window_levels(pairs.mean(axis=1))
    accustomed = np.maximum(novelty.history_percentile(momentary), programme_lufs - 6)
    above, reference = np.zeros(points), np.zeros(points)
    for energy in bands[:points].T:
        level = novelty.window_levels(energy)
        history = np.roll(novelty.history_maximum(level), 30)  # the draft left out 1 s, not 0.4 s
        floor = np.maximum(history, accustomed - 20)
        above += 10 ** (np.maximum(level, floor) / 40)
        reference += 10 ** (floor / 40)
    return float((40 * np.log10(above / reference))[750:].max())


# --- tables ---------------------------------------------------------------------------------------

Found = Mapping[float, Sequence[tuple[float, Judged]]]


def share(found: Found, flagged: Callable[[Judged], bool]) -> list[str]:
    """What share of the intrusions at each level is flagged."""
    return [f"{np.mean([flagged(one) for _, one in found[above]]):.2f}" for above in ABOVE_LU]


def definitions(alone: Sequence[Judged], found: Found) -> str:
    """Detection where none and where one of the beds below 12 LU M − I is flagged."""
    calm = [one for one in alone if one.values[MOMENTARY] <= 12]
    head = ["definition", "false", "threshold", *(f"+{above:g}" for above in ABOVE_LU)]
    rows = []
    for key, title in TITLES.items():
        worst = sorted((one.values[key] for one in calm), reverse=True)
        for false in (0, 1):
            limit = worst[false]
            rows.append([title, f"{false} of {len(calm)}", f"{limit:.1f}",
                         *share(found, lambda one, k=key, x=limit: one.values[k] > x + EQUAL_LU)])  # type: ignore[misc]  # fmt: skip
    return table(head, rows)


def profile_limits(name: str) -> dict[str, float]:
    """The level and novelty limits of a shipped profile."""
    profile = presets.load(presets.Profile, name)
    criteria = {quantity: profile.required(quantity) for quantity in JUDGED}
    return {quantity: one.max for quantity, one in criteria.items() if one and one.max is not None}


def profiles(
    sets: Mapping[str, Mapping[str, float]],
    alone: Sequence[Judged],
    gentle: Mapping[float, Sequence[Judged]],
    found: Found,
) -> str:
    """Detection by sets of level and novelty limits, and what they flag falsely."""
    fades = [f"programmes, {fade_s:g} s fades" for fade_s in gentle]
    head = ["limits", "beds flagged", *fades, *(f"+{above:g}" for above in ABOVE_LU)]
    rows = []
    for name, limits in sets.items():
        for key in (DRAFT, BAND):
            held = {(key if quantity == BAND else quantity): x for quantity, x in limits.items()}

            def over(one: Judged, held: Mapping[str, float] = held) -> list[str]:
                return [TITLES[k] for k, x in held.items() if one.values[k] > x]

            flagged = [f"{one.name} ({', '.join(over(one))})" for one in alone if over(one)]
            rows.append([
                f"{name}: {' '.join(f'{x:g}' for x in held.values())}, {TITLES[key]}",
                f"{len(flagged)} of {len(alone)} {'; '.join(flagged)}".strip(),
                *(f"{np.mean([bool(over(one)) for one in ones]):.2f}" for ones in gentle.values()),
                *share(found, lambda one, over=over: bool(over(one))),  # type: ignore[misc]
            ])  # fmt: skip
    return table(head, rows)


def by_event(sets: Mapping[str, Mapping[str, float]], found: Found) -> str:
    """Of each event at each level, how many of its intrusions each profile finds."""
    rows = []
    for event in sorted({one.name.rpartition(" + ")[2] for _, one in found[0.0]}):
        cells = []
        for above in ABOVE_LU:
            ones = [one for _, one in found[above] if one.name.endswith(f" + {event}")]
            counts = [sum(any(one.values[k] > x for k, x in limits.items()) for one in ones)
                      for limits in sets.values()]  # fmt: skip
            cells.append(f"{' '.join(map(str, counts))} of {len(ones)}")
        rows.append([event, *cells])
    head = [f"found by {', '.join(sets)}", *(f"+{above:g}" for above in ABOVE_LU)]
    return table(head, rows)


def ranking(found: Found) -> str:
    """How often the most novel moment is the intrusion."""
    hits = [
        f"{np.mean([abs(one.newest_s - at_s - 1) < FOUND_WITHIN_S for at_s, one in found[x]]):.2f}"
        for x in ABOVE_LU
    ]
    head = ["", *(f"+{above:g}" for above in ABOVE_LU)]
    return table(head, [["most novel moment is the intrusion", *hits]])


if __name__ == "__main__":
    main()
