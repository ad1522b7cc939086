"""Help, completion and quietness: what a person reads before anything is measured."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import soundfile
from click.testing import CliRunner, Result

from asmrmaster import presets
from asmrmaster.cli import help as help_pages
from asmrmaster.cli import main
from asmrmaster.cli.help import COMMAND_GROUPS, MOST_UNGROUPED, OPTION_GROUPS, OTHER, group_of
from asmrmaster.views import registry
from tests.signals import noise

LIGHT = ("presets", "eq", "profiles show", "profiles diff", "deliveries", "completion", "content")
"""Commands whose examples run here for real; of the others, other tests run the work."""
HEAVY = ("numpy", "scipy", "pydantic", "soundfile", "av", "jinja2", "starlette", "click.testing")


def commands(
    group: click.Group = main, before: str = "asmrmaster"
) -> Iterator[tuple[str, click.Command]]:
    """Every command and group below this one, with its words."""
    yield before, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


EVERY = dict(commands())
EXAMPLES = [line for command in EVERY.values() for line, _ in getattr(command, "examples", ())]


def run(line: str) -> Result:
    words = shlex.split(re.split(r" >+ ", line)[0])
    return CliRunner().invoke(main, words[1:], prog_name="asmrmaster")


def shown(command: str) -> str:
    return run(f"{command} --help").output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the files of the examples lie, and where it may write."""
    monkeypatch.chdir(tmp_path)
    for name in ("takes", "masters", "album", "inbox", "good", "reports"):
        (tmp_path / name).mkdir()
    for name in ("take.wav", "any.wav", "film.mov", "clinic.toml", "take.wav.report.json"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize("command", EVERY)
def test_every_help_has_an_example_of_its_own(command: str) -> None:
    examples = getattr(EVERY[command], "examples", ())
    assert examples
    text = shown(command)
    for line, meaning in examples:
        assert line.startswith(command)
        assert f"  {line}\n" in text, "an example stands in one line, to be copied"
        assert meaning.endswith(".")


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_can_be_typed(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = []
    monkeypatch.setattr(
        help_pages.Command, "invoke", lambda self, ctx: parsed.append(ctx.command_path)
    )
    result = run(line)
    assert result.exit_code == 0, result.output
    assert len(parsed) == 1 or not isinstance(EVERY[" ".join(line.split()[:2])], help_pages.Command)


@pytest.mark.parametrize("line", [one for one in EXAMPLES if one[11:].startswith(LIGHT)])
def test_light_examples_work(line: str, folder: Path) -> None:
    result = run(line)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("command", EVERY)
def test_no_summary_is_cut_off(command: str) -> None:
    found = EVERY[command]
    if not isinstance(found, click.Group):
        return
    text = " ".join(shown(command).split())
    assert "..." not in text.partition("COMMAND [ARGS]...")[2]
    for name, below in found.commands.items():
        summary = (below.help or "").split("\n\n")[0].partition(". ")[0]
        assert f"{name} {' '.join(summary.split()).removesuffix('.')}" in text


@pytest.mark.parametrize("command", EVERY)
def test_many_options_stand_in_groups(command: str) -> None:
    found = EVERY[command]
    options = [p for p in found.get_params(click.Context(found)) if isinstance(p, click.Option)]
    if isinstance(found, click.Group) or len(options) <= MOST_UNGROUPED:
        return
    loose = {option.name for option in options if group_of(option.name or "") == OTHER}
    assert {name for name in loose if not str(name).endswith("help")} == {"quiet"}, (
        "name their group in OPTION_GROUPS"
    )


def test_groups_name_only_what_there_is() -> None:
    names = {p.name for command in EVERY.values() for p in command.params}
    assert {name for group in OPTION_GROUPS.values() for name in group} <= names
    assert {name for group in COMMAND_GROUPS.values() for name in group} <= set(main.commands)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from asmrmaster.cli import main;"
        "main(['master', '--help'], standalone_mode=False);"
        f"sys.exit(', '.join(m for m in {HEAVY!r} if m in sys.modules) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("take.wav", ["master take.wav", "check take.wav"]),
        ("gone.flac -p sleep", ["master gone.flac -p sleep", "check gone.flac -p sleep"]),
        ("takes", ["batch takes masters", "serve takes"]),
        ("take.wav.report.json", ["view take.wav.report.json"]),
    ],
)
def test_a_file_in_place_of_a_command_is_understood(
    typed: str, meant: list[str], folder: Path
) -> None:
    result = run(f"asmrmaster {typed}")
    assert result.exit_code == 2
    told = result.stderr.partition("Did you mean one of these?\n")[2]
    assert told.splitlines() == [f"  asmrmaster {line}" for line in meant]


def test_a_misspelt_command_is_not_taken_for_a_file(folder: Path) -> None:
    assert "No such command 'mastr'" in run("asmrmaster mastr").stderr


def complete(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    environment = {
        **os.environ, "_ASMRMASTER_COMPLETE": "bash_complete",
        "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1),
    }  # fmt: skip
    code = "from asmrmaster.cli import main; main(prog_name='asmrmaster')"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return [one.partition(",")[2] for one in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("asmrmaster master --preset ", presets.shipped(presets.Preset)),
        ("asmrmaster check --profile ", presets.shipped(presets.Profile)),
        ("asmrmaster batch --eq ", presets.shipped(presets.EqCurve)),
        ("asmrmaster master --deliver ", presets.shipped(presets.DeliveryTarget)),
        ("asmrmaster master --deliver youtube,pod", ["youtube,podcast"]),
        ("asmrmaster presets show ta", ["tactile"]),
        ("asmrmaster deliveries diff y", ["youtube"]),
        ("asmrmaster view --as ", [*registry.ONE, *registry.MANY]),
        ("asmrmaster mas", ["master"]),
    ],
)
def test_completion_offers_what_is_shipped(line: str, offered: list[str]) -> None:
    assert complete(line) == offered


def test_completion_of_another_name_offers_files() -> None:
    assert complete("asmrmaster check --profile ./cli") == ["./cli"]


@pytest.mark.parametrize("line", ["asmrmaster -q check {}", "asmrmaster check {} --quiet"])
def test_quiet_is_a_line_for_each_file(line: str, tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, noise(-30, 1), 48_000)
    result = run(line.format(shlex.quote(str(path))))
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.startswith(str(path))
    assert result.stderr == ""


def test_quiet_still_prints_errors(tmp_path: Path) -> None:
    result = run(f"asmrmaster check -q {tmp_path / 'gone.wav'}")
    assert result.exit_code == 2
    assert "gone.wav" in result.stderr


def test_quiet_leaves_out_messages(folder: Path) -> None:
    assert "Wrote" in run("asmrmaster content new take.wav").stderr
    assert run("asmrmaster eq new -q mine --from warm").output == ""
    assert (folder / "mine.toml").is_file()
