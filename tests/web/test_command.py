"""The command: prints where the page is, and leaves nothing when it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from asmrmaster.audio import Audio, Format, write
from asmrmaster.cli import main
from tests import signals

RUN = "from asmrmaster.cli import main\nif __name__ == '__main__':\n    main()\n"


@contextmanager
def served(folder: Path, private: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a person starts it, its temporary files in ``private``; and its address."""
    script = folder / "run.py"
    script.write_text(RUN)
    private.mkdir()
    (folder / "recordings").mkdir()
    root = Path(__file__).resolve().parents[2]
    given = {**os.environ, "TMPDIR": str(private), "PYTHONPATH": str(root)}
    command = [sys.executable, str(script), "serve", str(folder / "recordings"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=given, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        yield process, address


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    private = tmp_path / "private"
    with served(tmp_path, private) as (process, address):
        with httpx.Client(follow_redirects=True) as browser:
            answer = browser.get(address)
        assert answer.status_code == 200
        assert "Or pick one from the folder recordings" in answer.text
        assert len(list(private.glob("asmrmaster-page-*"))) == 1
        process.send_signal(how)
        process.wait(20)
    assert list(private.iterdir()) == []


def test_even_a_kill_leaves_nothing_behind(tmp_path: Path) -> None:
    """While a file is worked on: its sound goes, and so does the process that works on it."""
    private, take = tmp_path / "private", tmp_path / "long.wav"
    sound = signals.pink(-30, 60, 48_000, 2)
    write(Audio.from_array(sound, 48_000), take, Format("WAV", "PCM_16", bits=16))
    with served(tmp_path, private) as (process, address):
        base = address.partition("/?")[0]
        with httpx.Client(headers={"Origin": base}, follow_redirects=True) as browser:
            browser.get(address)
            files = {"file": ("long.wav", take.read_bytes())}
            browser.post(f"{base}/check", data={"profile": "general"}, files=files)
        assert list(private.glob("asmrmaster-page-*/*/*.wav"))
        process.kill()
        process.wait(20)
        until = time.monotonic() + 20
        while (list(private.iterdir()) or workers(private)) and time.monotonic() < until:
            time.sleep(0.05)
    assert list(private.iterdir()) == []
    assert workers(private) == []


def workers(private: Path) -> list[str]:
    """Processes that were given this place for their temporary files, where the system tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            given = (process / "environ").read_bytes().split(b"\0")
            if b"TMPDIR=" + os.fsencode(private) in given:
                found.append(process.name)
    return found


def test_a_weak_password_is_refused_before_anything_is_served() -> None:
    done = CliRunner().invoke(
        main, ["serve", "--host", "0.0.0.0", "--port", "0"], env={"ASMRMASTER_PASSWORD": "short"}
    )
    assert done.exit_code == 2
    assert "Others can reach 0.0.0.0" in done.output
    assert "password of at least 10 characters" in done.output


def test_a_wrong_profile_is_told_at_once(tmp_path: Path) -> None:
    wrong = tmp_path / "own.toml"
    wrong.write_text('id = "own"\nlimits = 3\n')
    done = CliRunner().invoke(main, ["serve", "--port", "0", "--profile", str(wrong)])
    assert done.exit_code == 2
    assert "own.toml" in done.output
