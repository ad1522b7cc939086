"""Our stages among the effects of pedalboard, and a board of those inside a master:

python examples/beside_pedalboard.py
"""

from __future__ import annotations

import numpy as np
import pedalboard

import asmrmaster
from asmrmaster.demo import take

RATE_HZ = 48_000


def main() -> str:
    """Run both kinds in one chain, then master through a board; the verdict."""
    x = take(40.0, RATE_HZ).T.astype(np.float32)  # (channels, frames), as pedalboard has it
    edits: list[asmrmaster.Edit] = []
    sound = asmrmaster.Hum()(x, RATE_HZ, edits.append)
    for effect in (
        asmrmaster.Declick(sensitivity=0.5),
        pedalboard.HighShelfFilter(8_000, -2),
        asmrmaster.Limiter(ceiling_dbtp=-3),
    ):
        sound = effect(sound, RATE_HZ)
    print(f"{sound.shape} in {sound.dtype}, {len(edits)} edits by the first stage")

    board = pedalboard.Chain([pedalboard.Compressor(-40, 2), pedalboard.Gain(3)])
    preset = asmrmaster.Preset.load("gentle", {"plugin.effect": board})
    y, report = asmrmaster.master_array(x, RATE_HZ, preset=preset)
    assert y.shape == x.shape
    print(next(edit.reason for edit in report.edits if edit.stage == "plugin"))
    print(report)
    return report.verdict


if __name__ == "__main__":
    main()
