"""The command line: exit codes, what goes where, and one clear line for everything wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from asmrmaster import __version__
from asmrmaster.cli import exit_code, main
from asmrmaster.report import Report
from tests.signals import noise, silence


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def complaint(result: Result) -> str:
    """The one line on standard error of a command that gave no verdict."""
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("asmrmaster: ")
    assert result.stdout == ""
    assert "Traceback" not in result.output
    return lines[0]


@pytest.fixture
def take(demo_take: Path) -> Path:
    return demo_take


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calm") / "calm.wav"
    x = noise(-30, 40)
    fade = np.minimum(1, np.arange(len(x)) / 200_000)
    soundfile.write(path, x * (fade * fade[::-1])[:, None], 48_000, "PCM_24")
    return path


def test_help_and_version_answer() -> None:
    assert run("--version").output == f"asmrmaster {__version__}\n"
    assert "not a medical device" in run("--help").output.lower()
    for command in main.commands:
        shown = run(command, "--help")
        assert shown.exit_code == 0
        assert "Usage:" in shown.output


def test_help_needs_no_numerical_library() -> None:
    code = "import sys; from asmrmaster.cli import main; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_check_exit_codes_follow_the_verdict(take: Path, calm: Path, tmp_path: Path) -> None:
    assert run("check", calm).exit_code == 0
    assert run("check", take).exit_code == 1
    assert run("check", calm, take).exit_code == 1
    assert run("check", tmp_path / "gone.wav").exit_code == 2
    assert run("check", calm, take, tmp_path / "gone.wav").exit_code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("asked", ["--help", "check", "check --json", "profiles list"])
def test_a_result_that_cannot_be_printed_is_no_verdict(asked: str, take: Path) -> None:
    given: list[str | Path] = [*asked.split(), *([take] if asked.startswith("check") else [])]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "asmrmaster", *given],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr == "asmrmaster: the result cannot be printed: No space left on device\n"


def test_the_program_leaves_at_once_with_its_code_and_all_it_printed(take: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "asmrmaster", "check", "--json", take],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert Report.from_dict(json.loads(ran.stdout)).verdict == "does not meet"


def test_one_bad_file_does_not_stop_the_others(calm: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF nonsense")
    result = run("check", tmp_path / "bad.wav", calm)
    assert result.exit_code == 2
    assert "bad.wav" in result.stderr
    assert "MEETS THE PROFILE: " in result.stdout


def test_json_is_one_object_or_a_list(take: Path, calm: Path) -> None:
    one = json.loads(run("check", calm, "--json").stdout)
    assert Report.from_dict(one).verdict == "meets"
    many = json.loads(run("check", calm, take, "--json").stdout)
    assert [entry["verdict"] for entry in many] == ["meets", "does not meet"]


def test_master_writes_and_reports(take: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "m.wav"
    assert "out" in complaint(run("master", take, "-o", target))
    target.parent.mkdir()
    result = run("master", take, "-o", target, "--preset", "whisper", "--report", tmp_path / "r",
                 "--eq", "warm", "--set", "highpass.cutoff_hz=30", "--target", "-25")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert target.exists()
    saved = Report.load(tmp_path / "r" / "m.wav.report.json")
    assert saved.after.values["integrated_lufs"] == pytest.approx(-25, abs=0.1)
    chain = {stage.stage: stage.parameters for stage in saved.chain}
    assert chain["highpass"]["cutoff_hz"] == 30
    assert len(chain["equalize"]["bands"]) == 2
    assert (tmp_path / "r" / "m.wav.report.txt").exists()
    assert "exists" in complaint(run("master", take, "-o", target))
    assert run("master", take, "-o", target, "--force").exit_code == 0


def test_the_master_lies_beside_the_take_by_default(calm: Path, tmp_path: Path) -> None:
    own = tmp_path / "calm.wav"
    own.write_bytes(calm.read_bytes())
    assert run("master", own).exit_code == 0
    assert (tmp_path / "calm.master.wav").exists()


def test_several_takes_need_no_output_name(calm: Path, take: Path, tmp_path: Path) -> None:
    result = run("master", calm, take, "-o", tmp_path / "m.wav")
    assert result.exit_code == 2
    assert "one take" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--preset", "wisper"), "did you mean 'whisper'"),
        (("--profile", "slep"), "did you mean 'sleep'"),
        (("--eq", "wram"), "did you mean 'warm'"),
        (("--set", "limiter.hold=3"), "did you mean 'hold_ms'"),
        (("--set", "limiter.hold_ms=3000"), "less than or equal to 100"),
        (("--set", "highpass.cutoff_hz=low"), "cutoff_hz"),
        (("--target", "5"), "less than or equal to -14"),
    ],
)
def test_wrong_options_are_explained_before_any_audio(
    words: tuple[str, ...], said: str, calm: Path
) -> None:
    assert said in complaint(run("master", calm, "--dry-run", *words))


def test_set_without_a_value_is_a_usage_error(calm: Path) -> None:
    result = run("master", calm, "--set", "limiter.hold_ms")
    assert result.exit_code == 2
    assert "stage.param=value" in result.stderr


@pytest.mark.parametrize(
    ("name", "samples", "said"),
    [
        ("silent.wav", silence(1), "silent"),
        ("short.wav", noise(-20, 0.3), "too short"),
        ("empty.wav", silence(0), ""),
    ],
)
def test_bad_input_is_one_line(name: str, samples: np.ndarray, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    soundfile.write(path, samples, 48_000)
    for command in ("check", "master"):
        line = complaint(run(command, path))
        assert name in line
        assert said in line
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_rescore_needs_no_audio(calm: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    report.write_text(run("check", calm, "--json").stdout)
    result = run("rescore", report, "--profile", "sleep", "--json")
    fresh = run("check", calm, "--profile", "sleep", "--json")
    assert result.stdout == fresh.stdout
    assert result.exit_code == fresh.exit_code
    assert "not JSON" in complaint(run("rescore", calm))


@pytest.mark.parametrize("kind", ["presets", "eq", "profiles"])
def test_data_commands(kind: str, tmp_path: Path) -> None:
    listed = run(kind, "list")
    assert listed.output == run(kind).output
    names = [line.split()[0] for line in listed.output.splitlines() if not line.startswith(" ")]
    for name in names:
        assert run(kind, "show", name).exit_code == 0
        assert json.loads(run(kind, "show", name, "--json").stdout)["id"] == name
    own = tmp_path / "own.toml"
    assert run(kind, "new", "own", "--from", names[0], "-o", own).exit_code == 0
    assert "exists" in complaint(run(kind, "new", "own", "--from", names[0], "-o", own))
    assert "id: " in run(kind, "diff", names[0], own).output
    assert json.loads(run(kind, "schema").stdout)["type"] == "object"
    assert "did you mean" in complaint(run(kind, "show", names[0] + "x"))


def test_profiles_differ_in_words() -> None:
    lines = run("profiles", "diff", "general", "sleep").output.splitlines()
    at = lines.index("E1 Start: at most -12 LU (required) | at most -20 LU (required)")
    assert lines[at + 1] == "    Here: a softer beginning"
    assert "L8 Voice over background: at least 20 dB (advisory) | none" in lines
    assert "O8 Density of triggers: reported only | at most 120 per min (advisory)" in lines
    assert not [line for line in lines if line.startswith("E4a")]


def test_the_profile_shows_its_evidence() -> None:
    shown = run("profiles", "show", "sleep").output
    assert "Evidence: method S, direction S, limit S" in shown
    assert "engineering draft" in shown


def test_demo(tmp_path: Path) -> None:
    result = run("demo", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "demo").iterdir()} == {"demo-take.wav", "demo-master.wav"}
    assert "Before: One sudden sound, at 0:32. After:" in result.stdout
    assert "No sudden sound found" in result.stdout
    assert "stops all at once" not in result.stdout, "its fade-out is none"
    assert run("demo", tmp_path / "demo").exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_ASMRMASTER_COMPLETE" in run("completion", shell).output


def test_no_verdict_weighs_more_than_a_verdict_against() -> None:
    class One:
        deliveries = ()

        def __init__(self, verdict: str) -> None:
            self.verdict = verdict

    def code(*verdicts: str, failed: bool = False) -> int:
        return exit_code([One(v) for v in verdicts], failed)  # type: ignore[misc]

    assert code("meets", "meets with advisories") == 0
    assert code("meets", "does not meet") == 1
    assert code("does not meet", "not assessed") == 2
    assert code("meets", failed=True) == 2


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "asmrmaster", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"asmrmaster {__version__}\n"
