"""Judge one measurement by every shipped profile, listening only once:

python examples/rescore_by_another_profile.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import asmrmaster
from asmrmaster.demo import make_take


def main(folder: Path) -> dict[str, str]:
    """Verdict by profile for the flawed take, as it came."""
    report = asmrmaster.check(make_take(folder))
    verdicts: dict[str, str] = {}
    for name in asmrmaster.Profile.names():
        again = asmrmaster.rescore(report, name)
        verdicts[name] = again.verdict
        failed = [finding.title for finding in again.findings if finding.state == "fail"]
        print(f"{name:<12}{again.verdict:<24}{', '.join(failed)}")
    return verdicts


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
