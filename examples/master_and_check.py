"""Master a take and look at what was found: python examples/master_and_check.py [FOLDER]"""

from __future__ import annotations

import sys
from pathlib import Path

import asmrmaster
from asmrmaster.demo import make_take


def main(folder: Path) -> str:
    """Make a take in ``folder``, master it, check the master again; the verdict."""
    take = make_take(folder)
    report = asmrmaster.master(
        take, folder / "master.wav", preset="whisper", settings={"hum": "on"}, force=True
    )
    assert report.ride is not None
    for dip in report.ride.dips:
        print(f"{dip.start_s:6.1f} s  -{dip.depth_db:.1f} dB  {dip.reason}")
    report.save(folder / "master.report.json")

    with (folder / "master.wav").open("rb") as file:  # a path would do as well
        again = asmrmaster.check(file)
    for finding in again.findings:
        print(f"{finding.criterion:>4} {finding.state:<12} {finding.why}")
    assert again.verdict == asmrmaster.Report.load(folder / "master.report.json").verdict
    print(again)
    return again.verdict


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo")))
