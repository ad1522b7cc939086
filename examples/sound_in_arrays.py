"""Everything on arrays, without a file: python examples/sound_in_arrays.py

The same calls take what soundfile, librosa or torchaudio read, whichever way their arrays lie.
"""

from __future__ import annotations

import asmrmaster
from asmrmaster.demo import take

RATE_HZ = 48_000


def main() -> str:
    """Look at a take, plan its master, make it; the verdict."""
    x = take(40.0, RATE_HZ)

    found = asmrmaster.measure(x, RATE_HZ)
    print(f"{found.values['integrated_lufs']:.1f} LUFS, {len(found.events)} events")
    loudest = found.curves["momentary_lufs"].values.max()
    print(f"loudest 0.4 s: {loudest:.1f} LUFS")

    for one in asmrmaster.intrusions(x, RATE_HZ, "trauma"):
        new = ", ".join(f"{band.low_hz:g}-{band.high_hz:g} Hz" for band in one.bands)
        print(f"{one.start_s:.1f} to {one.end_s:.1f} s, {one.excess_lu:.1f} LU over, new in {new}")

    lifted, edits = asmrmaster.lift(x, RATE_HZ, profile="trauma")
    assert lifted.shape == x.shape
    for edit in edits:
        print(f"{edit.start_s:.1f} s, {edit.amount_db:.0f} dB: {edit.reason}")

    settings = {"target.integrated_lufs": -26}
    planned = asmrmaster.plan(x, RATE_HZ, preset="whisper", eq="warm", settings=settings)
    print(f"gain {planned.gain_db.min():.1f} to {planned.gain_db.max():.1f} dB; {planned.report}")

    y, report = asmrmaster.master_array(x, RATE_HZ, preset="whisper", eq="warm", settings=settings)
    assert y.shape == x.shape
    quieter = asmrmaster.limit(y, RATE_HZ, ceiling_dbtp=-6.0)
    print(asmrmaster.check(quieter, RATE_HZ, profile="sleep"))
    print(report)
    return report.verdict


if __name__ == "__main__":
    main()
