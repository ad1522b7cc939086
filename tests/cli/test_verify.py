"""``verify``: a report agrees with its file, in each form it is handed on in, and with no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asmrmaster import engine
from asmrmaster.report import Report, rescore
from asmrmaster.views import files
from tests.cli.test_commands import complaint, run
from tests.signals import pink


def sound(path: Path, level_db: float = -38.0) -> Path:
    x = pink(level_db, 12)
    soundfile.write(path, np.repeat(x[:, :1], 2, axis=1), 48_000, "PCM_24")
    return path


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report, Path]:
    """A file, the report on it, and the folder it is saved in."""
    folder = tmp_path_factory.mktemp("verify")
    path = sound(folder / "rain.wav")
    report = engine.check(path)
    files.save(report, folder / "reports", audio=False)
    return path, report, folder / "reports"


@pytest.mark.parametrize("ending", [".report.json", ".report.html", ".sheet.html"])
def test_each_form_of_a_report_agrees_with_its_file(
    checked: tuple[Path, Report, Path], ending: str
) -> None:
    path, report, saved = checked
    result = run("verify", saved / f"rain.wav{ending}", path)
    assert result.exit_code == 0, result.output
    (said,) = result.stdout.splitlines()
    assert said.startswith(f"AGREES: rain.wav, sha256 {report.input.sha256[:12]}: ")
    assert f"verdict again {report.verdict!r}; two meters agree within 0.0" in said
    assert "who made the report and when" in said


def test_forged_values_that_hang_together_differ_from_the_file(
    checked: tuple[Path, Report, Path], tmp_path: Path
) -> None:
    path, report, _ = checked
    profile = report.profile.whole
    assert profile is not None
    values = {**report.after.values, "integrated_lufs": -23.0, "true_peak_dbtp": -9.0}
    after = report.after.model_copy(update={"values": values})
    forged = tmp_path / "forged.json"
    forged.write_text(rescore(report.model_copy(update={"after": after}), profile).to_json())
    result = run("verify", forged, path, "--full")
    assert result.exit_code == 1
    first, *rest = result.stdout.splitlines()
    assert first.startswith("DIFFERS: rain.wav: ")
    assert any("-23.00 LUFS in the report" in line for line in rest)
    assert any("-9.00 dBTP in the report" in line for line in rest)


def test_an_altered_report_differs_without_a_look_at_the_file(
    checked: tuple[Path, Report, Path], tmp_path: Path
) -> None:
    path, report, _ = checked
    altered = tmp_path / "altered.json"
    other = "meets" if report.verdict != "meets" else "does not meet"
    altered.write_text(json.dumps({**report.to_dict(), "verdict": other}))
    result = run("verify", altered, path)
    assert result.exit_code == 1
    assert f"was altered: it says {other!r}" in result.stdout
    for command in (("view", altered), ("rescore", altered, "--profile", "sleep")):
        assert "was altered" in complaint(run(*command))


def test_the_report_of_another_file_differs(
    checked: tuple[Path, Report, Path], tmp_path: Path
) -> None:
    _, _, saved = checked
    other = sound(tmp_path / "other.wav", -37.99)
    result = run("verify", saved / "rain.wav.report.json", other)
    assert result.exit_code == 1
    assert result.stdout.startswith("DIFFERS: other.wav: another file: sha256 ")


def test_the_take_of_a_master_is_told_from_the_master(tmp_path: Path) -> None:
    take, target = sound(tmp_path / "take.wav"), tmp_path / "master.wav"
    report = engine.master(take, target)
    assert report.output is not None
    written, saved = Path(report.output.path), tmp_path / "master.json"
    saved.write_text(report.to_json())
    agreed, told = run("verify", saved, written), run("verify", saved, take)
    assert agreed.exit_code == 0, agreed.output
    assert "what was done to the take" in agreed.stdout
    assert told.exit_code == 1
    assert "this is the take" in told.stdout


def test_what_cannot_be_told_is_no_answer(
    checked: tuple[Path, Report, Path], tmp_path: Path
) -> None:
    path, _, saved = checked
    complaint(run("verify", tmp_path / "gone.json", path))
    complaint(run("verify", saved / "rain.wav.report.json", tmp_path / "gone.wav"))
    complaint(run("verify", path, path))
