"""What do the profiles flag in gentle recordings, unmixed and unmastered?

    python -m benchmarks.gentle [--profile general …]

All of them, whole and as they came; what is too short for novelty to be assessed is looped to a
minute and a half, as ``master --loop`` does. Printed for each: the level and novelty values, which
of them each profile flags, the largest step of the noise floor, and dropouts; then the rates.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from asmrmaster.audio import read
from asmrmaster.delivery.length import Length, prescribed
from asmrmaster.dsp.novelty import SHORTEST_S
from asmrmaster.meters import measure
from benchmarks.detection import JUDGED, profile_limits
from benchmarks.material import RECORDINGS
from benchmarks.peers import table

LOOPED_S = 90.0
STEP, DROPOUTS = "floor_step_lu", "dropouts"
TITLES = ("S − I", "M − I", "level novelty", "band novelty")


def main() -> None:
    """Print the table and the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", nargs="*", default=["general", "sensory", "sleep"])
    given = parser.parse_args()
    sets = {name: profile_limits(name) for name in given.profile}
    rows: list[list[str]] = []
    steps: list[float | None] = []
    flagged: dict[str, tuple[list[bool], list[bool]]] = {name: ([], []) for name in sets}
    for path in sorted((RECORDINGS / "gentle").iterdir()):
        audio = read(path).audio
        short = audio.duration_s < SHORTEST_S
        heard_of = prescribed(audio, Length(loop_s=LOOPED_S))[0] if short else audio
        values = measure(heard_of).values
        over = {name: [TITLES[JUDGED.index(q)] for q in exceeded(values, limits)]
                for name, limits in sets.items()}  # fmt: skip
        for name, found in over.items():
            flagged[name][short].append(bool(found))
        steps.append(values[STEP])
        rows.append([
            path.stem, f"{audio.duration_s:.0f}" + ", looped" * short,
            *(shown(values[quantity]) for quantity in (*JUDGED, STEP, DROPOUTS)),
            *(", ".join(found) or "-" for found in over.values()),
        ])  # fmt: skip
        print(" · ".join(rows[-1]), flush=True)
    print(table(["recording", "s", *TITLES, "floor step", "dropouts", *sets], rows))
    for name, (whole, looped) in flagged.items():
        print(f"{name}: flags {sum(whole)} of {len(whole)} as they came, "
              f"{sum(looped)} of {len(looped)} looped")  # fmt: skip
    told = [step for step in steps if step is not None]
    over_4, over_6 = (sum(step > most for step in told) for most in (4, 6))
    print(f"steps of the floor: measurable in {len(told)} of {len(steps)}, "
          f"over 4 LU in {over_4}, over 6 LU in {over_6}")  # fmt: skip


def exceeded(values: Mapping[str, float | None], limits: Mapping[str, float]) -> list[str]:
    """The limited quantities that are measured and too large."""
    return [q for q, most in limits.items() if (value := values[q]) is not None and value > most]


def shown(value: float | None) -> str:
    """A value with one decimal, or a dash."""
    return "-" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    main()
