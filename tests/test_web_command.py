"""The command: prints where the page is, and leaves nothing when it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from asmrmaster.cli import main

RUN = "from asmrmaster.cli import main\nif __name__ == '__main__':\n    main()\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    script, private = tmp_path / "run.py", tmp_path / "private"
    script.write_text(RUN)
    private.mkdir()
    (tmp_path / "recordings").mkdir()
    root = Path(__file__).resolve().parents[1]
    given = {**os.environ, "TMPDIR": str(private), "PYTHONPATH": str(root)}
    command = [sys.executable, str(script), "serve", str(tmp_path / "recordings"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=given, text=True) as served:
        assert served.stdout is not None
        address = served.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(follow_redirects=True) as browser:
            answer = browser.get(address)
        assert answer.status_code == 200
        assert "Or pick one from the folder recordings" in answer.text
        assert len(list(private.glob("asmrmaster-page-*"))) == 1
        served.send_signal(how)
        served.wait(20)
    assert list(private.iterdir()) == []


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
