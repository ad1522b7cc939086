"""As a library: it works wherever a program works, and leaves that program as it was.

Each in a process of its own, with the calling thread alone and with more.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.api.host import MANNERS
from tests.signals import pink

ROOT = Path(__file__).resolve().parents[2]
RATE = 48_000
SECONDS = 7.0
"""Longer than a block, so that our own command shares the work with a second process."""
THREADS = pytest.mark.parametrize("threads", [1, 2], ids=["without threads", "with threads"])


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("host") / "take.wav"
    soundfile.write(path, pink(-35, SECONDS, RATE), RATE, "PCM_24")
    return path


@pytest.fixture(scope="module")
def usual(take: Path) -> dict[str, Any]:
    """What comes of this take in a plain program."""
    return outcome("plainly", 1, take)


def outcome(manner: str, threads: int, take: Path) -> dict[str, Any]:
    told = ran([sys.executable, "-m", "tests.api.host", manner, str(threads), take, take.parent])
    found: dict[str, Any] = json.loads(told)
    return found


def ran(command: list[Any], *, code: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGCHLD and forkserver are POSIX")
@THREADS
@pytest.mark.parametrize("manner", MANNERS)
def test_it_works_the_same_in(manner: str, threads: int, take: Path, usual: dict[str, Any]) -> None:
    assert outcome(manner, threads, take) == usual


UNCHANGED = """
import os, signal, sys, threading, warnings
import numpy, scipy.signal, scipy.ndimage, soundfile, threadpoolctl  # as a host has them
from pathlib import Path

def state():
    libraries = threadpoolctl.threadpool_info()
    with open("/proc/self/status") as file:
        masks = [line for line in file if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    return {
        "signals of the system": masks,
        "handlers": {one: signal.getsignal(one) for one in signal.valid_signals()},
        "environment": dict(os.environ),
        "threads of libraries": [(one["filepath"], one["num_threads"]) for one in libraries],
        "threads": [thread.name for thread in threading.enumerate()],
        "warnings": (list(warnings.filters), warnings.showwarning),
        "errors of numpy": numpy.geterr(),
        "hooks": (sys.excepthook, sys.displayhook, threading.excepthook, sys.unraisablehook),
        "streams": (sys.stdout, sys.stderr, os.fstat(1), os.fstat(2)),
        "here": (os.getcwd(), os.umask(os.umask(0o22))),
        "recursion": sys.getrecursionlimit(),
    }

FORBIDDEN = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "os.putenv",
             "os.unsetenv", "subprocess.Popen", "os.register_at_fork")
done = []
sys.addaudithook(lambda event, given: done.append((event, given)) if event in FORBIDDEN else None)
threading.Thread(target=int).start()  # the first one has the C library catch a signal of its own
before = state()
import asmrmaster
from tests.api.host import work
work(sys.argv[1], str(Path(sys.argv[1]).parent), int(sys.argv[2]))
after = state()
changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
for name in ("streams",):  # times of access aside
    changed.pop(name, None)
    assert [x.st_ino for x in before[name][2:]] == [x.st_ino for x in after[name][2:]]
    assert before[name][:2] == after[name][:2]
assert not changed, changed
print(done)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@THREADS
def test_the_program_is_left_as_it_was(threads: int, take: Path) -> None:
    assert ran([sys.executable, "-c", UNCHANGED, take, str(threads)]).strip() == "[]"


CELL = """
import json
from tests.api.host import work
print(json.dumps(work({take!r}, {folder!r}, {threads})))
"""


@THREADS
def test_it_works_the_same_in_a_notebook(
    threads: int, take: Path, usual: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel of its own, with its event loop; the report is shown as a card."""
    for package in ("nbclient", "nbformat", "ipykernel"):
        pytest.importorskip(package, reason=f"a notebook needs {package}")
    told = json.loads(
        ran([sys.executable, "-W", "ignore", "-c", NOTEBOOK, str(ROOT),
             CELL.format(take=str(take), folder=str(take.parent), threads=threads), take])
    )  # fmt: skip
    assert json.loads(told["text"]) == usual
    assert "text/html" in told["shown"]
    assert "take.wav" in told["shown"]["text/html"]
    assert told["shown"]["text/plain"].startswith("<Report ")


NOTEBOOK = """
import json, sys
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

show = f"import asmrmaster; asmrmaster.check({sys.argv[3]!r})"
cells = [new_code_cell(sys.argv[2]), new_code_cell(show)]
book = new_notebook(cells=cells)
NotebookClient(book, kernel_name="python3", timeout=600,
               resources={"metadata": {"path": sys.argv[1]}}).execute()
text = "".join(one["text"] for one in book.cells[0].outputs if one.get("name") == "stdout")
print(json.dumps({"text": text, "shown": book.cells[1].outputs[-1]["data"]}))
"""

ALONE = (
    "import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs a command on one core, where ours does without threads and without a second process."""


@pytest.mark.skipif(sys.platform != "linux", reason="it is about a second process")
@THREADS
def test_our_command_works_where_sigchld_is_ignored(
    threads: int, take: Path, tmp_path: Path
) -> None:
    perl = shutil.which("perl")
    if perl is None:
        pytest.skip("needs perl")
    command = Path(sys.executable).with_name("asmrmaster")
    ignoring = [perl, "-e", '$SIG{CHLD}="IGNORE"; exec @ARGV', command]
    before = [] if threads > 1 else [sys.executable, "-c", ALONE]
    made = tmp_path / "master.wav"
    for asked in (["check", take], ["master", take, "-o", made]):
        plain = json.loads(ran([*before, command, *asked, "--json"], code=1))
        for path in tmp_path.glob("master*"):
            path.unlink()
        ignored = json.loads(ran([*before, *ignoring, *asked, "--json"], code=1))
        assert ignored == plain
