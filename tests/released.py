"""Try what is released: each file of a folder is installed into an environment of its own and used.

    python -m tests.released dist

From an empty folder, so that nothing of the checkout can help. Needs a package index, takes minutes
and is therefore no part of the suite; ``test_release.py`` looks into a wheel without installing it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Sequence
from pathlib import Path

BOARD = """
import numpy as np
from pedalboard import Gain, Pedalboard
from asmrmaster.stages.plugin import hosted
from asmrmaster.streams.audio import Audio
x = 0.1 * np.sin(np.arange(96_000)[:, None] * (0.05, 0.07))
y = hosted(Audio.from_array(x, 48_000), Pedalboard([Gain(gain_db=-6)]), "board").to_array()
assert y.shape == x.shape and np.allclose(y, x * 10 ** (-6 / 20), atol=1e-6)
"""
"""A board through the stage that hosts plugins, with nothing but the plain install."""


def try_out(package: Path, folder: Path) -> None:
    """Install one wheel or sdist and use it as a stranger would; raises where something fails."""
    home = folder / "environment"
    venv.create(home, with_pip=True)
    binary = home / ("Scripts" if os.name == "nt" else "bin")
    run([binary / "python", "-m", "pip", "install", "-q", package.resolve()], folder)
    ours = binary / "asmrmaster"
    demo = run([ours, "demo", "demo"], folder)
    assert demo.startswith("MEETS THE PROFILE: "), demo[:200]
    master = folder / "demo" / "demo-master.wav"
    assert "MEETS THE PROFILE: " in run([ours, "check", master], folder)
    run([ours, "check", folder / "demo" / "demo-take.wav", "--profile", "sleep"], folder, code=1)
    for kind, name in (("presets", "whisper"), ("profiles", "trauma"), ("eq", "warm")):
        assert name in run([ours, kind], folder)
    run([ours, "profiles", "new", "own", "--from", "sleep"], folder)
    run([ours, "master", master, "-o", "again.flac", "--profile", "own.toml"], folder, code=None)
    assert "page of this machine" in run([ours, "serve", "--help"], folder)
    run([binary / "python", "-c", BOARD], folder)
    serve(ours, folder)


def run(words: Sequence[str | Path], folder: Path, code: int | None = 0) -> str:
    """What a command prints; raises where its exit code is another one. None: any verdict's."""
    done = subprocess.run(list(map(str, words)), cwd=folder, env=clean(), capture_output=True,
                          text=True, check=False)  # fmt: skip
    if done.returncode not in ((0, 1) if code is None else (code,)):
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def serve(ours: Path, folder: Path) -> None:
    """The page answers, and ends when asked to."""
    words = [str(ours), "serve", str(folder / "demo"), "--port", "0"]
    with subprocess.Popen(words, cwd=folder, env=clean(), stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        address = run.stdout.readline().strip()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=30) as answer:
            assert b"demo-master.wav" in answer.read()
        run.send_signal(signal.SIGTERM)
        run.wait(30)


def clean() -> dict[str, str]:
    """The environment without what would lead back to the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def main(dist: Path) -> None:
    """Try every wheel and sdist of a folder."""
    packages = sorted([*dist.glob("*.whl"), *dist.glob("*.tar.gz")])
    assert len(packages) == 2, f"one wheel and one sdist belong into {dist}: {packages}"
    for package in packages:
        with tempfile.TemporaryDirectory() as folder:
            try_out(package, Path(folder))
        print(f"{package.name}: installed, demo, check, master and serve work")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
