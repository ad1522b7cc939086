"""What a headline says of gentle sound, and of the same sound with an intrusion in it.

    python -m benchmarks.verdicts [--pairs 2] [--seed 1] [--only NAME]

The beds of the detection benchmark that no limit was chosen on, each as it is, without its fades
and with fades, and with intrusions 6, 10 and 15 LU above its programme. Printed: the share of each
state by profile; every gentle bed that reads "Not as it is", with why; every +15 LU mix that does
not; whether fades change anything but what they cure.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import soundfile

from asmrmaster import engine
from asmrmaster.presets import Profile, load, shipped
from asmrmaster.report import Report, rescore
from asmrmaster.report.answered import ResultState
from benchmarks.beds import APART, beds
from benchmarks.material import Array, Sound, mixed
from benchmarks.material import load as recordings
from benchmarks.peers import table

ABOVE_LU = (6.0, 10.0, 15.0)
FADE_IN_S, FADE_OUT_S = 5.0, 12.0
STATES: tuple[ResultState, ...] = ("stop", "close", "unknown", "finish", "waiting", "meets")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2, help="intrusions mixed into each bed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="beds with this in their name")
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    profiles = {name: load(Profile, name) for name in shipped(Profile)}
    events = recordings("jarring")
    found: dict[str, list[tuple[str, Report]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        for bed in beds()[APART]:
            if given.only not in bed.name:
                continue
            _add(found, "clean", bed.name, checked(bed, path))
            _add(found, "with fades", bed.name, checked(faded(bed), path))
            for number in rng.permutation(len(events))[: given.pairs]:
                event = events[number]
                at_s = float(rng.uniform(16, bed.duration_s - 6))
                for above_lu in ABOVE_LU:
                    take = mixed(bed, event, at_s, above_lu)
                    _add(
                        found,
                        f"+{above_lu:g} LU",
                        f"{bed.name} + {event.name}",
                        checked(take, path),
                    )
    for name, profile in profiles.items():
        print(f"\n{name}\n{shares(found, profile)}")
    print("\n".join(["", *exceptions(found, profiles), *fades_cure_only_ends(found, profiles)]))


def _add(found: dict[str, list[tuple[str, Report]]], kind: str, name: str, report: Report) -> None:
    found.setdefault(kind, []).append((name, report))


def checked(sound: Sound, path: Path) -> Report:
    """The report on a sound, as a file of 24 bit."""
    peak = float(np.abs(sound.samples).max())
    soundfile.write(path, sound.samples / max(1.0, peak * 1.01), sound.rate, subtype="PCM_24")
    return engine.check(path)


def faded(sound: Sound) -> Sound:
    """The sound with a fade in of 5 s and a fade out of 12 s."""
    gain = np.ones(len(sound.samples))
    rise, fall = round(FADE_IN_S * sound.rate), round(FADE_OUT_S * sound.rate)
    gain[:rise] = np.linspace(0, 1, rise) ** 2
    gain[-fall:] *= np.linspace(1, 0, fall) ** 2
    samples: Array = sound.samples * gain[:, None]
    return Sound(sound.name, samples, sound.rate)


def shares(found: Mapping[str, list[tuple[str, Report]]], profile: Profile) -> str:
    """A row for each kind of sound: how many read each state, and the formal word before."""
    rows = []
    for kind, reports in found.items():
        judged = [rescore(report, profile) for _, report in reports]
        states = Counter(report.answered.state for report in judged)
        red = sum(report.verdict == "does not meet" for report in judged)
        rows.append([kind, str(len(judged)), str(red), *(str(states[s]) for s in STATES)])
    return table(["sound", "files", "does not meet", *STATES], rows)


def exceptions(
    found: Mapping[str, list[tuple[str, Report]]], profiles: Mapping[str, Profile]
) -> Iterable[str]:
    """Gentle beds that read stop, and +15 LU mixes that read neither stop nor close, with why."""
    for name, profile in profiles.items():
        for bed, report in found.get("clean", ()):
            judged = rescore(report, profile)
            if judged.answered.state == "stop":
                yield f"{name}: {bed}: {judged.answered.headline} ({_failing(judged)})"
        for mix, report in found.get("+15 LU", ()):
            judged = rescore(report, profile)
            if judged.answered.state not in ("stop", "close"):
                yield f"{name}: MISSED {mix}: {judged.answered.headline} ({_failing(judged)})"


def _failing(report: Report) -> str:
    return "; ".join(
        f"{f.criterion} {f.measured:.2f}"
        for f in report.findings
        if f.state == "fail" and f.measured is not None and f.role == "decides"
    )


def fades_cure_only_ends(
    found: Mapping[str, list[tuple[str, Report]]], profiles: Mapping[str, Profile]
) -> Iterable[str]:
    """Answers other than on start and end that differ between a bed and the bed with fades."""
    plain = dict(found.get("clean", ()))
    for name, profile in profiles.items():
        for bed, report in found.get("with fades", ()):
            pair = [rescore(one, profile).answered.answers for one in (plain[bed], report)]
            for before, after in zip(*pair, strict=True):
                if before.question != "finish" and before.state != after.state:
                    yield (
                        f"{name}: fades change {before.question} of {bed}: {before.state} to "
                        f"{after.state} ({before.sentence} | {after.sentence})"
                    )


if __name__ == "__main__":
    main()
