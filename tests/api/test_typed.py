"""A program outside of the package, typed strictly, against what is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CALLER = '''
"""Uses every function, with names, paths and objects, and says what it thinks the types are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

import asmrmaster
from asmrmaster import AsmrmasterError, Report


def on_files(take: Path, output: str, file: BinaryIO, told: list[float]) -> list[str]:
    preset = asmrmaster.Preset.load("whisper", {"target.integrated_lufs": -26})
    content = asmrmaster.Content(tags=("whisper",), review=asmrmaster.Review(by="N. N."))
    reports: list[Report] = [
        asmrmaster.master(take, output, preset=preset, profile=Path("own.toml"), eq="warm",
                          settings={"hum": "on"}, length=asmrmaster.Length(duration_s=60.0),
                          corrections=asmrmaster.Corrections(protect=((1.0, 2.0),)),
                          content=content, progress=told.append, threads=1),
        asmrmaster.master(file, Path(output), dry_run=True),
        asmrmaster.check(str(take), profile=asmrmaster.Profile.load("sleep"), codec="aac:160k",
                         listening=asmrmaster.Listening(level_dba=45.0)),
        asmrmaster.check(file, content="take.content.toml", reviewed_by="N. N."),
    ]
    reports[0].save(take.with_suffix(".json"))
    reports.append(asmrmaster.rescore(take.with_suffix(".json"), "trauma"))
    reports.append(asmrmaster.rescore(Report.load(str(take)), asmrmaster.Profile.load("trauma")))
    return [f"{report!r} {report.verdict} {report.findings[0].why}" for report in reports]


def on_arrays(x: NDArray[np.float32], rate: float) -> float:
    y, report = asmrmaster.master_array(x, rate, preset="gentle", profile=None)
    single: NDArray[np.float32] = asmrmaster.limit(y, rate, ceiling_dbtp=-2.0)
    double: NDArray[np.float64] = asmrmaster.limit(x.astype(np.float64), 48_000)
    value: float | None = asmrmaster.measure(double, rate).values["integrated_lufs"]
    curve: NDArray[np.floating[Any]] = asmrmaster.measure(x, 1).curves["momentary_lufs"].values
    one: asmrmaster.Intrusion
    for one in asmrmaster.intrusions(x, rate, "sleep"):
        value = one.excess_lu + sum(band.excess_lu for band in one.bands)
    planned: asmrmaster.Plan = asmrmaster.plan(x, rate, eq=asmrmaster.EqCurve.load("warm"))
    checked: Report = asmrmaster.check(single, rate)
    assert checked.profile == report.profile == planned.report.profile
    return float(curve.max()) + float(planned.gain_db.max()) + (value or 0.0)


def with_stages(x: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    edits: list[asmrmaster.Edit] = []
    stages: tuple[asmrmaster.Stage, ...] = (
        asmrmaster.Declick(sensitivity=0.5),
        asmrmaster.Hum(),
        asmrmaster.Plugin(effect=object()),
        asmrmaster.Equalize(bands=(asmrmaster.Band(kind="bell", freq_hz=900, gain_db=-1),)),
        asmrmaster.Limiter(ceiling_dbtp=-3),
    )
    for stage in stages:
        x = stage(x, rate, edits.append)
    stream: asmrmaster.Audio = stages[0](asmrmaster.read("take.wav").audio)
    return x + np.float32(len(edits) + stream.frames)


def carefully(take: str) -> str:
    try:
        return asmrmaster.check(take).verdict
    except asmrmaster.InputError as error:
        return error.hint
    except AsmrmasterError as error:
        return f"{error.subject} {error.message}"
'''

WRONG = (
    ('asmrmaster.master("take.wav", preset=3)', "arg-type"),
    ("asmrmaster.check([0.0, 0.1], 48_000)", "arg-type"),
    ('asmrmaster.limit("take.wav", 48_000)', "arg-type"),
    ("asmrmaster.Limiter()(np.zeros(9))", "call-overload"),
    ("asmrmaster.recipe", "attr-defined"),
)
"""What a type checker has to find, line by line."""


def checked(program: str, folder: Path) -> str:
    path = folder / "caller.py"
    path.write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary",
         "--cache-dir", folder / "cache", path],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_strictly_typed_caller_is_clean_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    assert checked(CALLER, tmp_path) == ""
    wrong = "\n".join(line for line, _ in WRONG)
    told = checked(f"import asmrmaster\nimport numpy as np\n{wrong}\n", tmp_path)
    found = {int(line.split(":")[1]): line for line in told.splitlines() if ": error:" in line}
    assert set(found) == set(range(3, 3 + len(WRONG))), told
    for place, (_, code) in enumerate(WRONG, 3):
        assert f"[{code}]" in found[place]
