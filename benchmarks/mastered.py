"""Does mastering bring gentle sound inside a profile, and if not, is one cause named?

    python -m benchmarks.mastered [--profile general sleep] [--only NAME …]

Every gentle recording of a minute or more as it is, shorter ones looped by ``--loop``, and the made
beds of ``benchmarks.beds``, each with the fitting preset. Printed for each: the verdict, the
required criteria that fail though they need no declaration, and what the report says of them.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import soundfile

from asmrmaster import engine
from asmrmaster.delivery.length import Length
from asmrmaster.meters.declared import DECLARED
from asmrmaster.presets.recipe import load_recipe
from asmrmaster.report import Finding, Report
from benchmarks.beds import beds
from benchmarks.material import RECORDINGS, Sound, load
from benchmarks.peers import table

MINUTE_S, LOOPED_S = 60.0, 90.0
DECLARATIONS = frozenset(quantity.name for quantity in DECLARED)


def main() -> None:
    """Print the table, a row for each sound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", nargs="*", default=["general", "sleep"])
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    recorded = load("gentle", 38)
    names = {sound.name for sound in recorded}
    made = [bed for half in beds().values() for bed in half if bed.name not in names]
    rows, causes, met = [], [], dict.fromkeys(given.profile, 0)
    sounds = [one for one in [*recorded, *made] if not given.only or one.name in given.only]
    for sound in sounds:
        row = [sound.name, f"{sound.duration_s:.0f}", sound.preset]
        for profile in given.profile:
            report = mastered(sound, profile, sound.name in names)
            failed = missed(report)
            met[profile] += not failed
            row.append(", ".join(one.criterion for one in failed) or "inside")
            causes += [f"{sound.name}, {profile}: {one.criterion} {one.title}: {one.why}. "
                       f"{one.advice}" for one in failed]  # fmt: skip
            if report.ride is not None and report.ride.target_reason:
                causes.append(f"{sound.name}, {profile}: {report.ride.target_reason}")
        rows.append(row)
        print(" · ".join(row), flush=True)
    print(table(["sound", "s", "preset", *given.profile], rows))
    print("inside:", ", ".join(f"{name} {n} of {len(sounds)}" for name, n in met.items()))
    print("\n".join(causes))


def mastered(sound: Sound, profile: str, recorded: bool) -> Report:
    """The report of one master; a recording is read as it came, a made bed from 24 bit."""
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.wav"
        if recorded:
            take = next((RECORDINGS / "gentle").glob(f"{sound.name}.*"))
        else:
            soundfile.write(take, sound.samples, sound.rate, "PCM_24")
        length = Length(loop_s=LOOPED_S) if sound.duration_s < MINUTE_S else None
        recipe = load_recipe(sound.preset, profile)
        return engine.master(take, Path(folder) / "master.wav", recipe=recipe, length=length)


def missed(report: Report) -> list[Finding]:
    """Required criteria that are not met, apart from those a person has to declare."""
    return [
        one
        for one in report.findings
        if one.requirement == "required"
        and one.applies
        and one.state in ("fail", "not assessed")
        and one.quantity not in DECLARATIONS
    ]


if __name__ == "__main__":
    main()
